//! What must be true of the topics in the end, whatever happened on the way. Each law takes the evidence and fails the test with
//! the records that break it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wiredesk::desk::sighting::{MatchedCode, VerdictCode};
use wiredesk::item::outcome::Outcome;
use wiredesk::item::published::{Matched, Verdict};

use crate::evidence::{Audited, Evidence, Output, Place};

/// How many offenders a failure shows.
const SHOWN: usize = 5;

/// All laws at once.
pub fn check_all(evidence: &Evidence, prefix: &str, max_lateness_records: u64) {
    conservation(evidence);
    outputs_match_the_audit(evidence, prefix);
    verdicts_are_the_logs(evidence, prefix, max_lateness_records);
    dead_letters_are_whole(evidence);
    dependents_come_after(evidence, prefix, max_lateness_records);
    news_is_never_lost(evidence);
}

/// Every input has exactly one outcome, and every outcome an input.
pub fn conservation(evidence: &Evidence) {
    let mut outcomes: HashMap<Place, u32> = HashMap::new();
    for audited in &evidence.audit {
        *outcomes.entry(audited.origin()).or_default() += 1;
    }
    let missing = evidence.inputs.keys().filter(|p| !outcomes.contains_key(*p));
    none("inputs without an outcome", missing);
    none("inputs with more than one outcome", outcomes.iter().filter(|(_, n)| **n > 1));
    none("outcomes of nothing that was put in", outcomes.keys().filter(|p| !evidence.inputs.contains_key(*p)));
    let wrong = evidence.audit.iter().filter(|a| {
        let tombstone = evidence.inputs.get(&a.origin()).is_some_and(|r| r.payload.is_none());
        tombstone != (a.line.outcome == Outcome::Skipped)
    });
    none("tombstones that are not skipped, or others that are", wrong);
}

/// What the audit says was published is in the streams, once in each, and nothing else is.
pub fn outputs_match_the_audit(evidence: &Evidence, prefix: &str) {
    let mut promised: BTreeSet<(String, Place)> = BTreeSet::new();
    for audited in &evidence.audit {
        let published = audited.line.outcome == Outcome::Published;
        assert_eq!(published, !audited.line.streams.is_empty(), "published means in a stream: {:?}", audited.line);
        for stream in &audited.line.streams {
            assert!(
                promised.insert((bare(stream, prefix).to_owned(), audited.origin())),
                "a stream twice: {:?}",
                audited.line
            );
        }
    }
    let mut found: BTreeMap<(String, Place), u32> = BTreeMap::new();
    for output in &evidence.outputs {
        *found.entry((stream_of(output, prefix), output.origin.clone())).or_default() += 1;
        assert_eq!(
            output.record.key_str(),
            Some(output.decision.root.as_str()),
            "the key is the chain's root: {}",
            output.record.place()
        );
    }
    none("items that a stream holds more than once", found.iter().filter(|(_, n)| **n > 1));
    none("items that a stream should hold and does not", promised.iter().filter(|p| !found.contains_key(p)));
    none("items in a stream that the audit knows nothing of", found.keys().filter(|f| !promised.contains(f)));
}

/// Each verdict that was published or audited is the first one that the log holds for its record.
pub fn verdicts_are_the_logs(evidence: &Evidence, prefix: &str, max_lateness_records: u64) {
    let remembered = evidence.remembered(max_lateness_records);
    let first = |origin: &Place| {
        let found = remembered.get(origin).unwrap_or_else(|| panic!("{origin:?} was decided but never sighted"));
        let decision = found.decision.as_ref().unwrap_or_else(|| panic!("{origin:?} was never decided in the log"));
        (found, decision.items.first().unwrap_or_else(|| panic!("the decision on {origin:?} names no item")))
    };
    for audited in evidence.audit.iter().filter(|a| a.line.verdict.is_some()) {
        let origin = audited.origin();
        let (sighted, decided) = first(&origin);
        assert_eq!(audited.line.verdict, Some(verdict(decided.verdict)), "{:?} against {decided:?}", audited.line);
        assert_eq!(audited.line.of, decided.of, "{:?} against {decided:?}", audited.line);
        assert_eq!(audited.line.uri.as_deref(), sighted.sighting.items.first().map(|i| i.uri.as_str()));
        let streams = |names: &[String]| names.iter().map(|s| bare(s, prefix).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(streams(&audited.line.streams), streams(&decided.streams), "{:?}", audited.line);
    }
    for output in &evidence.outputs {
        let (_, decided) = first(&output.origin);
        let said = &output.decision;
        assert_eq!(said.verdict, verdict(decided.verdict), "{} against {decided:?}", output.record.place());
        assert_eq!(said.of, decided.of, "{}", output.record.place());
        assert_eq!(said.root, decided.root, "{}", output.record.place());
        let matched = MatchedCode::try_from(decided.matched).map(Option::<Matched>::from);
        assert_eq!(Ok(said.matched), matched, "{}", output.record.place());
    }
    let undecided = evidence.audit.iter().filter(|a| {
        matches!(a.line.outcome, Outcome::Published | Outcome::Suppressed | Outcome::Held) && a.line.verdict.is_none()
    });
    none("items that ended without a verdict", undecided.map(|a| &a.line));
}

/// Each rejected record is in the dead-letter topic, once, with its bytes and its own headers.
pub fn dead_letters_are_whole(evidence: &Evidence) {
    let rejected: Vec<&Audited> = evidence.audit.iter().filter(|a| a.line.outcome == Outcome::Rejected).collect();
    assert_eq!(rejected.len(), evidence.dead_letters.len(), "one dead letter for each rejected record");
    // The tests number their records in a header, so each letter is known by it.
    let mut letters = HashMap::new();
    for letter in &evidence.dead_letters {
        let case = letter.header_str("case").unwrap_or_else(|| panic!("{} lost its headers", letter.place()));
        assert!(letters.insert(case, letter).is_none(), "{} is a dead letter twice", case);
    }
    for audited in rejected {
        let input = &evidence.inputs[&audited.origin()];
        let letter = letters.get(input.header_str("case").unwrap_or_default());
        let letter = letter.unwrap_or_else(|| panic!("{} is in no dead letter", input.place()));
        assert_eq!(letter.payload, input.payload, "the bytes of {}", input.place());
        for header in &input.headers {
            assert!(letter.headers.contains(header), "header {header:?} of {} is gone", input.place());
        }
        assert!(audited.line.reason.is_some(), "{:?} has no reason", audited.line);
    }
}

/// What an item updates, corrects, kills or duplicates was published before it: in the audit's order, and in each partition of
/// the streams.
pub fn dependents_come_after(evidence: &Evidence, prefix: &str, max_lateness_records: u64) {
    let position: HashMap<Place, (i32, i64)> =
        evidence.audit.iter().map(|a| (a.origin(), (a.partition, a.offset))).collect();
    let mut by_uri: HashMap<(String, i32, &str), Vec<i64>> = HashMap::new();
    for output in &evidence.outputs {
        let at = (stream_of(output, prefix), output.record.partition, output.uri.as_str());
        by_uri.entry(at).or_default().push(output.record.offset);
    }
    for (origin, remembered) in evidence.remembered(max_lateness_records) {
        let Some(own) = position.get(&origin) else { continue };
        for after in remembered.decision.iter().flat_map(|d| &d.items).flat_map(|i| &i.after) {
            let before = (after.topic.clone(), after.partition, after.offset);
            let earlier = position.get(&before).unwrap_or_else(|| panic!("{origin:?} waits for {before:?}, unknown"));
            assert!(own.0 != earlier.0 || own.1 > earlier.1, "{origin:?} came before {before:?}: {own:?}, {earlier:?}");
        }
    }
    for output in &evidence.outputs {
        let Some(of) = output.decision.of.as_deref().filter(|of| *of != output.uri) else { continue };
        let at = (stream_of(output, prefix), output.record.partition, of);
        if let Some(offsets) = by_uri.get(&at) {
            let first = offsets.iter().min().copied().unwrap_or(i64::MAX);
            assert!(first < output.record.offset, "{} stands before {of}, which it names", output.record.place());
        }
    }
}

/// Only duplicates, stale versions and what a kill stands against are ever suppressed.
pub fn news_is_never_lost(evidence: &Evidence) {
    let lost = evidence.audit.iter().filter(|a| {
        a.line.outcome == Outcome::Suppressed
            && !matches!(a.line.verdict, Some(Verdict::Duplicate | Verdict::Stale | Verdict::Killed))
    });
    none("suppressed items that are neither duplicate nor stale nor killed", lost.map(|a| &a.line));
}

/// The stream that an output stands in, without the desk's prefix.
pub fn stream_of(output: &Output, prefix: &str) -> String {
    bare(&output.record.topic, prefix).to_owned()
}

fn bare<'a>(topic: &'a str, prefix: &str) -> &'a str {
    topic.strip_prefix(prefix).unwrap_or(topic)
}

fn verdict(code: i32) -> Verdict {
    VerdictCode::try_from(code).unwrap_or(VerdictCode::Unknown).into()
}

fn none<T: std::fmt::Debug>(what: &str, offenders: impl Iterator<Item = T>) {
    let offenders: Vec<T> = offenders.collect();
    assert!(
        offenders.is_empty(),
        "{} {what}, such as {:#?}",
        offenders.len(),
        &offenders[..offenders.len().min(SHOWN)]
    );
}
