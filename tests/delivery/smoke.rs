//! One of each kind of record through one instance, step by step, so that each verdict is known beforehand; then a restart.

use std::collections::BTreeMap;
use std::time::Duration;

use wiredesk::item::outcome::{AuditRecord, Outcome, RejectReason};
use wiredesk::item::published::Verdict;

use crate::drive::Driver;
use crate::evidence::Place;
use crate::support::copy::Newsroom;
use crate::support::topics::{self, Record};
use crate::support::wait_for;
use crate::{MAX_ITEM_BYTES, shared_broker, test_seed};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const SHUTDOWN: Duration = Duration::from_secs(20);

/// The line of the only record at that place.
fn at<'a>(lines: &'a BTreeMap<Place, AuditRecord>, topic: &str, partition: i32, offset: i64) -> &'a AuditRecord {
    &lines[&(topic.to_owned(), partition, offset)]
}

#[test]
fn each_kind_of_record_ends_as_it_should() {
    let mut newsroom = Newsroom::new(test_seed("each_kind_of_record_ends_as_it_should"));
    let driver = Driver::new(&shared_broker(), "smoke", 2, &[]);
    let (alpha, beta) = (driver.alpha(), driver.beta());
    let mut first = driver.desk.start_ready("first");
    let mut audit = driver.audit();

    let story = newsroom.story();
    let other = newsroom.story();
    let chain = newsroom.story();
    let id = "tag:nwa.example,2026:chain";
    let records = [
        Record::to(alpha, 0, story.text()).header("case", "0").header("traceparent", TRACE),
        Record::to(beta, 0, other.text()).header("case", "1"),
        Record::to(alpha, 1, chain.text()).header("case", "2").key(id).header("version", "1"),
    ];
    let lines = driver.send_and_settle(&mut audit, &records);
    for (topic, partition) in [(alpha, 0), (beta, 0), (alpha, 1)] {
        let line = at(&lines, topic, partition, 0);
        assert_eq!((line.outcome, line.verdict), (Outcome::Published, Some(Verdict::New)), "{line:?}");
    }
    let original = at(&lines, alpha, 0, 0).uri.clone();

    let fuller = newsroom.fuller(&chain);
    let records = [
        // An exact copy under a feed that drops them; an edited one under a feed that flags them.
        Record::to(alpha, 0, story.text_resent()).header("case", "3"),
        Record::to(beta, 1, newsroom.edited_copy(&story).text()).header("case", "4"),
        Record::to(alpha, 1, fuller.text()).header("case", "5").key(id).header("version", "2"),
    ];
    let lines = driver.send_and_settle(&mut audit, &records);
    let (dropped, flagged, update) = (at(&lines, alpha, 0, 1), at(&lines, beta, 1, 0), at(&lines, alpha, 1, 1));
    assert_eq!((dropped.outcome, dropped.verdict), (Outcome::Suppressed, Some(Verdict::Duplicate)), "{dropped:?}");
    assert_eq!((flagged.outcome, flagged.verdict), (Outcome::Published, Some(Verdict::Duplicate)), "{flagged:?}");
    assert_eq!((&dropped.of, &flagged.of), (&original, &original));
    assert_eq!((update.outcome, update.verdict), (Outcome::Published, Some(Verdict::Update)), "{update:?}");
    assert_eq!(update.of.as_deref(), Some(id));

    let records = [
        Record::to(alpha, 0, " \n\t\n").header("case", "6").header("x-agency", "nwa"),
        Record::to(alpha, 0, [0_u8, 1, 2, 3, 0, 255, 254, 0, 17, 0].repeat(40)).header("case", "7").key("k"),
        Record::to(beta, 0, story.longer_than(MAX_ITEM_BYTES)).header("case", "8"),
        Record::to(beta, 0, "").header("case", "9").key("gone").tombstone(),
        Record::to(alpha, 1, chain.text()).header("case", "10").key(id).header("version", "1"),
    ];
    let lines = driver.send_and_settle(&mut audit, &records);
    let reasons =
        [(alpha, 2, RejectReason::Empty), (alpha, 3, RejectReason::Binary), (beta, 1, RejectReason::Oversized)];
    for (topic, offset, reason) in reasons {
        let line = at(&lines, topic, 0, offset);
        assert_eq!((line.outcome, line.reason), (Outcome::Rejected, Some(reason)), "{line:?}");
    }
    assert_eq!(at(&lines, beta, 0, 2).outcome, Outcome::Skipped);
    let stale = at(&lines, alpha, 1, 2);
    assert_eq!((stale.outcome, stale.verdict), (Outcome::Suppressed, Some(Verdict::Stale)), "{stale:?}");

    counters_follow_the_audit(&first, &lines);
    let exit = first.terminate(SHUTDOWN);
    assert_eq!(exit.code(), Some(0), "SIGTERM is a normal end:\n{}", first.log_tail());
    drop(first);

    // The memory is the log's: whoever comes next knows the same.
    let mut second = driver.desk.start_ready("second");
    let records = [
        Record::to(beta, 1, newsroom.edited_copy(&other).text()).header("case", "11"),
        Record::to(alpha, 0, newsroom.corrected(&fuller).text()).header("case", "12").key(id).header("version", "3"),
        Record::to(alpha, 0, newsroom.killed(&fuller).text()).header("case", "13").key(id).header("version", "4"),
    ];
    let lines = driver.send_and_settle(&mut audit, &records);
    let (duplicate, correction, kill) = (at(&lines, beta, 1, 1), at(&lines, alpha, 0, 4), at(&lines, alpha, 0, 5));
    assert_eq!(duplicate.verdict, Some(Verdict::Duplicate), "{duplicate:?}");
    assert_eq!(duplicate.of, at(&lines, beta, 0, 0).uri);
    assert_eq!(correction.verdict, Some(Verdict::Correction), "{correction:?}");
    assert_eq!(kill.verdict, Some(Verdict::Kill), "{kill:?}");

    positions_are_committed(&driver);
    assert_eq!(second.terminate(SHUTDOWN).code(), Some(0), "{}", second.log_tail());
    outputs_are_well_made(&driver);
}

fn counters_follow_the_audit(instance: &crate::support::instance::Instance, lines: &BTreeMap<Place, AuditRecord>) {
    let outcomes = [
        (Outcome::Published, "wiredesk_items_published_total"),
        (Outcome::Suppressed, "wiredesk_items_suppressed_total"),
        (Outcome::Rejected, "wiredesk_items_rejected_total"),
        (Outcome::Skipped, "wiredesk_items_skipped_total"),
    ];
    for (outcome, metric) in outcomes {
        let audited = lines.values().filter(|l| l.outcome == outcome).count() as f64;
        wait_for(&format!("{metric} to be {audited}"), Duration::from_secs(5), || {
            (instance.metric(metric, &[]) == Some(audited)).then_some(())
        });
    }
    let consumed = instance.metric("wiredesk_items_consumed_total", &[]);
    assert_eq!(consumed, Some(lines.len() as f64), "every record is an item here, tombstones included");
    let by_reason = instance.metric("wiredesk_items_rejected_total", &["reason=\"binary\"", "stage=\"decode\""]);
    assert_eq!(by_reason, Some(1.0));
}

/// The group's position stands after the last record of every partition: nothing is read again at the next start.
fn positions_are_committed(driver: &Driver) {
    for topic in &driver.raw_topics {
        wait_for("the group's positions at the topics' ends", Duration::from_secs(5), || {
            let committed = topics::committed(&driver.bootstrap_servers, driver.desk.group(), topic);
            (committed == topics::ends(&driver.bootstrap_servers, topic)).then_some(())
        });
    }
}

fn outputs_are_well_made(driver: &Driver) {
    let evidence = driver.evidence();
    assert!(!evidence.outputs.is_empty());
    for output in &evidence.outputs {
        let record = &output.record;
        assert_eq!(record.header_str("content-type"), Some("application/json"), "{}", record.place());
        for name in ["ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion"] {
            assert!(record.header_str(name).is_some_and(|v| !v.is_empty()), "{} has no {name}", record.place());
        }
        let body = &record.json()["bodies"][0]["value"];
        let body = body.as_str().unwrap_or_else(|| panic!("{} has no body", record.place()));
        assert!(!body.contains("\n\n--") && !body.contains("(NWA)"), "sign-off or dateline in the body: {body}");
        let input = &evidence.inputs[&output.origin];
        assert_eq!(record.header_str("traceparent"), input.header_str("traceparent"), "{}", record.place());
    }
    let ids: std::collections::BTreeSet<_> =
        evidence.outputs.iter().map(|o| (&o.record.topic, o.record.header_str("ce_id"))).collect();
    assert_eq!(ids.len(), evidence.outputs.len(), "event ids tell a stream's records apart");

    for letter in &evidence.dead_letters {
        let part = |name: &str| letter.header_str(name).unwrap_or_default().to_owned();
        let origin = ["wiredesk.topic", "wiredesk.partition", "wiredesk.offset"].map(part).join("/");
        let input = evidence.inputs.values().find(|r| r.place() == origin);
        assert_eq!(input.map(|r| &r.payload), Some(&letter.payload), "{} names {origin} as its origin", letter.place());
        for name in ["wiredesk.feed", "wiredesk.stage", "wiredesk.reason", "wiredesk.message"] {
            assert!(letter.header_str(name).is_some_and(|v| !v.is_empty()), "{} has no {name}", letter.place());
        }
    }
}
