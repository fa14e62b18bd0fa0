//! A stretch of wire traffic whose meaning is known: which records are copies of each other, which are versions of one item,
//! which cannot be read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wiredesk::item::outcome::Outcome;
use wiredesk::item::published::Verdict;

use crate::MAX_ITEM_BYTES;
use crate::evidence::{Audited, Evidence, Place};
use crate::support::copy::{Newsroom, Story};
use crate::support::topics::Record;

/// Names the case of a record, in a header of it.
const CASE: &str = "case";

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A story that nothing else tells.
    Lone,
    /// One of the copies of a story, exact or edited.
    Copy {
        group: usize,
    },
    /// A version of an item that has an id.
    Version {
        chain: usize,
        version: u64,
        corrects: bool,
    },
    /// The kill of an item that has an id; its version is above all others.
    Kill {
        chain: usize,
        version: u64,
    },
    /// A record that no decoder can read.
    Poison,
    Tombstone,
}

/// Records in the order in which they are to be sent, and what each is. A record's number is in its `case` header.
pub struct Traffic {
    pub records: Vec<Record>,
    pub parts: Vec<Part>,
}

/// Builds traffic over the raw partitions given.
pub struct Builder {
    pub newsroom: Newsroom,
    partitions: Vec<(String, i32)>,
    /// Place in the sending order, and what to send.
    planned: Vec<(usize, Record, Part)>,
    groups: usize,
    chains: usize,
}

impl Builder {
    pub fn new(seed: u64, partitions: Vec<(String, i32)>) -> Builder {
        Builder { newsroom: Newsroom::new(seed), partitions, planned: Vec::new(), groups: 0, chains: 0 }
    }

    /// Mixed traffic of about `count` records: lone stories, copies and versions within a few hundred records of each other,
    /// and some that cannot be read.
    pub fn mixed(mut self, count: usize) -> Traffic {
        while self.planned.len() < count {
            let at = self.planned.len();
            match self.newsroom.below(100) {
                0..=49 => self.lone(at),
                50..=71 => self.copies(at),
                72..=93 => self.chain(at),
                94..=97 => self.poison(at),
                _ => self.tombstone(at),
            }
        }
        self.finish()
    }

    pub fn lone(&mut self, at: usize) {
        let text = self.newsroom.story().text();
        let record = self.somewhere(text);
        self.planned.push((at, record, Part::Lone));
    }

    /// Two to five copies of a story, each in any partition, some word for word, some edited.
    pub fn copies(&mut self, at: usize) {
        let story = self.newsroom.story();
        let group = self.groups;
        self.groups += 1;
        for _ in 0..2 + self.newsroom.below(4) {
            let text = match self.newsroom.below(3) {
                0 => story.text(),
                1 => story.text_resent(),
                _ => self.newsroom.edited_copy(&story).text(),
            };
            let at = at + self.newsroom.below(400);
            let record = self.somewhere(text);
            self.planned.push((at, record, Part::Copy { group }));
        }
    }

    /// One to four versions of an item, half of the time a kill at the end; in one partition, or, for every third item, each
    /// in any.
    pub fn chain(&mut self, at: usize) {
        let chain = self.chains;
        self.chains += 1;
        let id = format!("tag:nwa.example,2026:item-{chain}");
        let mut story = self.newsroom.story();
        let home = self.newsroom.below(self.partitions.len());
        let wanders = self.newsroom.chance(0.33);
        let last = 1 + self.newsroom.below(4) as u64;
        let mut at = at;
        for version in 1..=last {
            let corrects = version > 1 && self.newsroom.chance(0.3);
            if corrects {
                story = self.newsroom.corrected(&story);
            } else if version > 1 {
                story = self.newsroom.fuller(&story);
            }
            let part = Part::Version { chain, version, corrects };
            self.plan_version(at, &id, version, &story, (home, wanders), part);
            at += 1 + self.newsroom.below(150);
        }
        if self.newsroom.chance(0.5) {
            let version = last + 1;
            let kill = self.newsroom.killed(&story);
            self.plan_version(at, &id, version, &kill, (home, wanders), Part::Kill { chain, version });
        }
    }

    fn plan_version(&mut self, at: usize, id: &str, version: u64, story: &Story, place: (usize, bool), part: Part) {
        let (home, wanders) = place;
        let partition = if wanders { self.newsroom.below(self.partitions.len()) } else { home };
        let (topic, partition) = &self.partitions[partition];
        let record = Record::to(topic, *partition, story.text()).key(id).header("version", version.to_string());
        self.planned.push((at, record, part));
    }

    pub fn poison(&mut self, at: usize) {
        let bytes = match self.newsroom.below(3) {
            0 => b" \n\t \n".to_vec(),
            1 => (0..700_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 & 0x1f).collect(),
            _ => self.newsroom.story().longer_than(MAX_ITEM_BYTES).into_bytes(),
        };
        let record = self.somewhere(bytes);
        self.planned.push((at, record, Part::Poison));
    }

    pub fn tombstone(&mut self, at: usize) {
        let record = self.somewhere("").key("tag:nwa.example,2026:gone").tombstone();
        self.planned.push((at, record, Part::Tombstone));
    }

    fn somewhere(&mut self, payload: impl Into<Vec<u8>>) -> Record {
        let (topic, partition) = &self.partitions[self.newsroom.below(self.partitions.len())];
        Record::to(topic, *partition, payload)
    }

    /// Puts everything in its order and numbers it.
    pub fn finish(mut self) -> Traffic {
        self.planned.sort_by_key(|(at, ..)| *at);
        let (records, parts) = self
            .planned
            .into_iter()
            .enumerate()
            .map(|(case, (_, record, part))| (record.header(CASE, case.to_string()), part))
            .unzip();
        Traffic { records, parts }
    }
}

impl Traffic {
    /// What an input record is.
    fn part(&self, input: &Record) -> Part {
        let case = input.header_str(CASE).and_then(|c| c.parse::<usize>().ok());
        self.parts[case.unwrap_or_else(|| panic!("{} has no case", input.place()))]
    }

    /// Checks what the desk made of the traffic against what the traffic is. The order in which the log saw the records decides
    /// what the verdicts must be.
    pub fn check(&self, evidence: &Evidence, max_lateness_records: u64) {
        assert_eq!(evidence.inputs.len(), self.records.len(), "every record reached its raw topic once");
        let audit = evidence.audit_by_origin();
        let sighted: HashMap<Place, u64> =
            evidence.remembered(max_lateness_records).into_iter().map(|(p, r)| (p, r.sighting_offset)).collect();
        let mut groups: BTreeMap<usize, Vec<&Audited>> = BTreeMap::new();
        let mut chains: BTreeMap<usize, Vec<(u64, Part, &Audited)>> = BTreeMap::new();
        for (place, input) in &evidence.inputs {
            let audited = audit[place];
            let (part, line) = (self.part(input), &audited.line);
            match part {
                Part::Lone => {
                    assert_eq!(line.verdict, Some(Verdict::New), "a story that nothing else tells: {line:?}");
                }
                Part::Copy { group } => groups.entry(group).or_default().push(audited),
                Part::Version { chain, .. } | Part::Kill { chain, .. } => {
                    chains.entry(chain).or_default().push((sighted[place], part, audited));
                }
                Part::Poison => assert_eq!(line.outcome, Outcome::Rejected, "{line:?}"),
                Part::Tombstone => assert_eq!(line.outcome, Outcome::Skipped, "{line:?}"),
            }
        }
        groups.iter().for_each(|(group, copies)| check_group(*group, copies));
        for (chain, versions) in &mut chains {
            versions.sort_by_key(|(sighted, ..)| *sighted);
            check_chain(*chain, versions);
        }
    }
}

/// Of the copies of one story, exactly one is new; all others are duplicates.
fn check_group(group: usize, copies: &[&Audited]) {
    let count = |verdict| copies.iter().filter(|a| a.line.verdict == Some(verdict)).count();
    let lines: Vec<_> = copies.iter().map(|a| &a.line).collect();
    assert_eq!(count(Verdict::New), 1, "copies {group}: exactly one is new: {lines:#?}");
    assert_eq!(count(Verdict::Duplicate), copies.len() - 1, "copies {group}: all others are duplicates: {lines:#?}");
}

/// The versions of one item, in the log's order: the first is new, a newer one an update or correction, an older one stale; the
/// kill goes wherever a version before it went, and what comes after it, all of it older, is killed.
fn check_chain(chain: usize, versions: &[(u64, Part, &Audited)]) {
    let (mut newest, mut before, mut killed) = (None, -1, false);
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for (_, part, audited) in versions {
        let line = &audited.line;
        let (version, corrects, is_kill) = match part {
            Part::Version { version, corrects, .. } => (*version, *corrects, false),
            Part::Kill { version, .. } => (*version, false, true),
            other => panic!("{other:?} is no version"),
        };
        let expected = match newest {
            _ if is_kill => Verdict::Kill,
            _ if killed => Verdict::Killed,
            None => Verdict::New,
            Some(newest) if version < newest => Verdict::Stale,
            Some(_) if corrects => Verdict::Correction,
            Some(_) => Verdict::Update,
        };
        assert_eq!(line.verdict, Some(expected), "chain {chain}, version {version} after {newest:?}: {line:?}");
        newest = newest.max(Some(version));
        killed |= is_kill;
        if !line.streams.is_empty() {
            // The audit topic has one partition in these tests.
            assert!(audited.offset > before, "chain {chain}, version {version} came before its predecessor: {line:?}");
            before = audited.offset;
        }
        let streams: BTreeSet<&str> = line.streams.iter().map(String::as_str).collect();
        if is_kill {
            assert!(streams.is_superset(&reached), "the kill of chain {chain} misses {reached:?}: {line:?}");
            assert!(!streams.is_empty(), "the kill of chain {chain} reaches nobody: {line:?}");
        }
        reached.extend(streams);
    }
}
