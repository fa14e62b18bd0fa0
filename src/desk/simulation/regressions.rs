//! Defects that the simulation found, each by its shortest story.

use super::super::index::{DeskIndex, Folded, Ignored, IndexConfig, replay_span};
use super::super::owner::{Action, Owner};
use super::super::sighting::{
    Begin, Body, Decision, Done, Gone, ItemSighting, KindCode, LogEntry, Sighting, Tick, VerdictCode,
};
use super::super::verdict::{Judgement, judge};
use super::wire;

const EPOCH: u64 = 1;

/// A log and the index of what it holds.
struct Log {
    index: DeskIndex,
    entries: Vec<(i64, LogEntry)>,
    time_ms: i64,
}

impl Log {
    fn new(window_ms: i64, max_lateness_records: u64) -> Self {
        let index = DeskIndex::new(IndexConfig { window_ms, max_lateness_records });
        Self { index, entries: Vec::new(), time_ms: 0 }
    }

    fn end(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Appends an entry whose writer had read up to `seen`.
    fn append(&mut self, seen: u64, body: Body) -> Folded {
        let entry = LogEntry {
            epoch: EPOCH,
            seen,
            low: self.index.low(),
            writer: "w".to_owned(),
            clock_ms: self.index.clock_ms().max(0),
            replaces: (seen == self.end()).then(|| self.index.replaces(&body)).flatten(),
            body: Some(body),
        };
        let offset = self.end();
        self.entries.push((self.time_ms, entry.clone()));
        self.index.fold(offset, self.time_ms, entry).unwrap()
    }

    /// Sights a record; gives the record's sequence number.
    fn sight(&mut self, sighting: Sighting) -> u64 {
        match self.append(self.end(), Body::Sighting(sighting)) {
            Folded::Sighted { seq, .. } => seq,
            other => panic!("{other:?}"),
        }
    }

    /// Judges a record and folds the decision.
    fn decide(&mut self, seq: u64) -> Decision {
        let Some(Judgement::Decided(items)) = judge(&self.index, seq) else { panic!("waits") };
        let decision = Decision { sighting: self.index.record(seq).unwrap().log_offset, items };
        self.append(self.end(), Body::Decision(decision.clone()));
        decision
    }

    /// The index of an instance that starts now.
    fn replayed(&self) -> DeskIndex {
        let config = self.index.config();
        let (last_ms, last) = self.entries.last().unwrap();
        let in_window = self.entries.iter().position(|(time_ms, _)| *time_ms >= last_ms - config.window_ms).unwrap();
        let span = replay_span(config, 0, self.end(), in_window as u64, last.low);
        let mut index = DeskIndex::replaying(config, span.keep_from);
        for (offset, (time_ms, entry)) in (0..).zip(&self.entries).skip(span.start as usize) {
            index.fold(offset, *time_ms, entry.clone()).unwrap();
        }
        index
    }

    fn done(&mut self, partition: i32, position: i64) -> Folded {
        self.append(self.end(), Body::Done(Done { topic: "raw".to_owned(), partition, position }))
    }
}

fn record(partition: i32, offset: i64, item: ItemSighting) -> Sighting {
    Sighting {
        topic: "raw".to_owned(),
        partition,
        offset,
        raw_hash: offset as u64,
        timestamp_ms: 7,
        feed: "feed".to_owned(),
        items: vec![item],
    }
}

fn item(uri: &str, text: &str) -> ItemSighting {
    wire::item(uri, text, 0, &["news.a"])
}

#[test]
fn a_copy_finds_its_original_however_many_copies_come_before_its_verdict() {
    let mut log = Log::new(1000, 1000);
    let seqs: Vec<u64> = (0..30).map(|n| log.sight(record(0, n, item(&format!("u:{n}"), "text")))).collect();
    let verdicts: Vec<VerdictCode> = seqs.iter().map(|seq| log.decide(*seq).items[0].verdict()).collect();
    assert_eq!(verdicts[0], VerdictCode::New);
    assert!(verdicts[1..].iter().all(|v| *v == VerdictCode::Duplicate), "{verdicts:?}");
}

#[test]
fn a_kill_waits_for_what_may_belong_to_the_story_that_it_kills() {
    let mut log = Log::new(1000, 1000);
    let original = log.sight(record(0, 0, item("u:1", "text")));
    log.decide(original);
    let mut update = wire::item("u:2", "more", 0, &["news.b"]);
    update.kind = KindCode::Update.into();
    update.refers_to = Some("u:1".to_owned());
    let update = log.sight(record(1, 0, update));
    let mut kill = item("u:1", "kill");
    kill.kind = KindCode::Kill.into();
    let kill = log.sight(record(0, 1, kill));
    assert_eq!(judge(&log.index, kill), Some(Judgement::Wait(vec![update])));
    log.decide(update);
    assert_eq!(log.decide(kill).items[0].streams, ["news.a", "news.b"]);
}

#[test]
fn what_is_sighted_out_of_turn_waits_for_nothing() {
    let mut log = Log::new(1000, 1000);
    // A program that refuses 0@0 sights 0@1; 1@0 is a copy of that; one that does not refuse 0@0 owns the partition next.
    let later = log.sight(record(0, 1, item("u:1", "text")));
    let copy = log.sight(record(1, 0, item("u:2", "text")));
    let first = log.sight(record(0, 0, item("u:3", "text")));
    log.decide(later);
    assert_eq!(log.decide(copy).items[0].after.len(), 1);
    // It leaves before 0@1, and that before 1@0.
    let verdict = &log.decide(first).items[0];
    assert_eq!((verdict.verdict(), verdict.after.len()), (VerdictCode::Duplicate, 0));
}

#[test]
fn a_fresh_instance_counts_the_sightings_that_an_old_one_counts() {
    let mut log = Log::new(10, 3);
    for offset in 0..3 {
        let seq = log.sight(record(0, offset, item(&format!("u:{offset}"), "a")));
        log.decide(seq);
    }
    log.done(0, 3);
    log.time_ms = 100;
    for _ in 0..10 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    // A zombie says what was done long ago.
    log.done(0, 1);
    log.sight(record(0, 3, item("u:3", "a")));
    assert_eq!(log.replayed().digest(), log.index.digest());
}

#[test]
fn a_sighting_that_follows_one_that_came_too_late_counts_once_its_writer_knew() {
    let mut log = Log::new(10, 3);
    for _ in 0..10 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    let sight = |offset| Body::Sighting(record(0, offset, item("u:1", "a")));
    assert_eq!(log.append(0, sight(5)), Folded::Ignored(Ignored::Late));
    assert_eq!(log.append(9, sight(6)), Folded::Ignored(Ignored::Gap));
    assert!(matches!(log.append(11, sight(5)), Folded::Sighted { .. }));
    assert!(matches!(log.append(11, sight(6)), Folded::Sighted { .. }));
}

#[test]
fn a_topic_that_is_made_again_takes_its_undecided_records_along() {
    let mut log = Log::new(1000, 1000);
    let old: Vec<u64> = (0..3).map(|n| log.sight(record(0, n, item(&format!("u:{n}"), "text")))).collect();
    log.decide(old[0]);
    let again = Sighting { raw_hash: 99, ..record(0, 0, item("u:9", "other")) };
    let folded = log.append(log.end(), Body::Sighting(again));
    let Folded::Sighted { seq, gone } = folded else { panic!("{folded:?}") };
    assert_eq!(gone, old);
    assert_eq!(log.index.pending().0, 1);
    log.decide(seq);
    log.done(0, 1);
    log.time_ms = 5000;
    for _ in 0..1002 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    assert_eq!(log.index.live_items(), 0);
}

#[test]
fn that_a_topic_was_made_again_is_known_to_who_never_read_of_its_first_record() {
    let mut log = Log::new(1000, 2);
    let first = log.sight(record(0, 0, item("u:1", "text")));
    log.decide(first);
    log.done(0, 1);
    let start = log.end();
    let second = log.sight(record(0, 1, item("u:2", "other")));
    log.decide(second);
    let again = log.sight(Sighting { raw_hash: 99, ..record(0, 0, item("u:3", "third")) });
    log.decide(again);
    log.time_ms = 5000;
    for _ in 0..5 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    let mut fresh = DeskIndex::replaying(log.index.config(), start);
    for (offset, (time_ms, entry)) in (0..).zip(&log.entries).skip(start as usize) {
        fresh.fold(offset, *time_ms, entry.clone()).unwrap();
    }
    assert_eq!(fresh.digest(), log.index.digest());
    assert_eq!(fresh.live_items(), 1, "the third, which is not out");
}

#[test]
fn what_an_older_record_at_an_offset_was_waited_for_a_newer_one_is_not() {
    let mut log = Log::new(1000, 1000);
    let original = log.sight(record(0, 5, item("u:1", "text")));
    let copy = log.sight(record(1, 0, item("u:2", "text")));
    log.decide(original);
    let after = log.decide(copy).items.remove(0).after.remove(0);
    let at = log.index.record(copy).unwrap().log_offset;
    assert!(!log.index.is_out(&after, at));
    // The topic is made again; its new record is a copy of the copy, and waits for that.
    let again = log.sight(Sighting { raw_hash: 99, ..record(0, 5, item("u:3", "text")) });
    assert_eq!(log.decide(again).items[0].after.len(), 1);
    assert!(log.index.is_out(&after, at), "else both wait for ever");
}

#[test]
fn a_writer_that_has_not_read_what_stands_at_an_offset_does_not_replace_it() {
    let mut log = Log::new(1000, 1000);
    let early = log.end();
    log.sight(Sighting { raw_hash: 99, ..record(0, 0, item("u:9", "other")) });
    // Of the topic's earlier life, from a zombie.
    let folded = log.append(early, Body::Sighting(record(0, 0, item("u:0", "text"))));
    assert_eq!(folded, Folded::Ignored(Ignored::Repeat));
}

#[test]
fn a_zombies_sighting_of_what_is_committed_is_not_left_undecided() {
    let mut owner =
        Owner::new(DeskIndex::new(IndexConfig { window_ms: 1000, max_lateness_records: 1000 }), "owner", EPOCH);
    let name = ("raw".to_owned(), 0);
    owner.assign(name.clone(), 0, 0);
    // It refused 0@0.
    owner.committed(&name, 1);
    let mut end = 0;
    for action in owner.take_actions() {
        let Action::Append(body) = action else { panic!("{action:?}") };
        let entry = owner.entry(body);
        owner.fold(end, 0, entry).unwrap();
        end += 1;
    }
    let sighting = Body::Sighting(record(0, 0, item("u:1", "text")));
    owner
        .fold(
            end,
            0,
            LogEntry { epoch: EPOCH, writer: "zombie".to_owned(), body: Some(sighting), ..LogEntry::default() },
        )
        .unwrap();
    let done = Done { topic: "raw".to_owned(), partition: 0, position: 1 };
    assert_eq!(owner.take_actions(), [Action::Append(Body::Done(done))]);
}

#[test]
fn nobody_waits_for_what_lies_past_the_end_of_a_raw_partition() {
    let mut log = Log::new(1000, 1000);
    let lost = log.sight(record(0, 7, item("u:1", "text")));
    let copy = log.sight(record(1, 0, item("u:2", "text")));
    assert_eq!(judge(&log.index, copy), Some(Judgement::Wait(vec![lost])));
    let gone = Gone { topic: "raw".to_owned(), partition: 0, from: 3 };
    // One who had not read of the record says nothing about it.
    assert_eq!(log.append(0, Body::Gone(gone.clone())), Folded::Gone(vec![]));
    assert_eq!(log.append(log.end(), Body::Gone(gone)), Folded::Gone(vec![lost]));
    assert_eq!(log.decide(copy).items[0].verdict(), VerdictCode::New);
}

#[test]
fn an_owner_gives_up_what_lies_past_the_end_of_its_raw_partition() {
    let mut owner =
        Owner::new(DeskIndex::new(IndexConfig { window_ms: 1000, max_lateness_records: 1000 }), "owner", EPOCH);
    for (offset, log_offset) in [(0, 0), (1, 1)] {
        let body = Some(Body::Sighting(record(0, offset, item("u:1", "text"))));
        let entry =
            LogEntry { epoch: EPOCH, seen: log_offset, writer: "other".to_owned(), body, ..LogEntry::default() };
        owner.fold(log_offset, 0, entry).unwrap();
    }
    let name = ("raw".to_owned(), 0);
    owner.assign(name.clone(), 0, 2);
    owner.take_actions();
    owner.raw_end(&name, 2);
    assert_eq!(owner.take_actions(), []);
    owner.raw_end(&name, 1);
    let gone = Gone { topic: "raw".to_owned(), partition: 0, from: 1 };
    assert_eq!(owner.take_actions(), [Action::Append(Body::Gone(gone))]);
}

#[test]
fn the_log_may_be_read_on_from_a_founders_entry_that_did_not_count() {
    let config = IndexConfig { window_ms: 1000, max_lateness_records: 1000 };
    let entry = |epoch, body| LogEntry { epoch, writer: "w".to_owned(), body, ..LogEntry::default() };
    let mut index = DeskIndex::replaying(config, 1);
    index.fold(1, 0, entry(7, Some(Body::Begin(Begin {})))).unwrap();
    index.fold(2, 0, LogEntry::default()).unwrap();
    index.fold(3, 0, entry(EPOCH, Some(Body::Tick(Tick {})))).unwrap();
    index.fold(4, 0, entry(8, Some(Body::Begin(Begin {})))).unwrap();
    assert_eq!((index.epoch(), index.next_offset()), (Some(EPOCH), 5));
    index.fold(5, 0, entry(8, Some(Body::Tick(Tick {})))).unwrap_err();
}

#[test]
fn a_fresh_instance_knows_of_a_time_before_it_began_to_read() {
    let mut log = Log::new(50, 3);
    log.time_ms = 200;
    log.append(log.end(), Body::Tick(Tick {}));
    // The broker's clock is set back, and comes past the peak only later.
    log.time_ms = 100;
    for _ in 0..10 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    let seq = log.sight(record(0, 0, item("u:1", "a")));
    assert_eq!(log.index.record(seq).unwrap().time_ms, 200);
    log.time_ms = 300;
    for _ in 0..10 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    assert_eq!(log.replayed().digest(), log.index.digest());
}

#[test]
fn a_fresh_instance_knows_that_a_record_was_skipped_before_it_was_sighted_again() {
    let mut log = Log::new(10, 8);
    log.append(log.end(), Body::Tick(Tick {}));
    log.sight(record(0, 0, item("u:1", "a")));
    log.done(0, 1);
    log.time_ms = 100;
    for _ in 0..5 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    // The operator thinks better of it.
    log.sight(record(0, 0, item("u:1", "a")));
    for _ in 0..3 {
        log.append(log.end(), Body::Tick(Tick {}));
    }
    assert_eq!(log.index.live_items(), 1, "only the second one is held");
    assert_eq!(log.replayed().digest(), log.index.digest());
}

#[test]
fn the_end_of_a_raw_partition_is_asked_for_until_nothing_is_held_up_by_it() {
    let mut owner =
        Owner::new(DeskIndex::new(IndexConfig { window_ms: 1000, max_lateness_records: 1000 }), "owner", EPOCH);
    let name = ("raw".to_owned(), 0);
    let zombies = |offset, log_offset| {
        let body = Some(Body::Sighting(record(0, offset, item("u:1", "text"))));
        (
            log_offset,
            LogEntry { epoch: EPOCH, seen: log_offset, writer: "zombie".to_owned(), body, ..LogEntry::default() },
        )
    };
    let (at, entry) = zombies(0, 0);
    owner.fold(at, 0, entry).unwrap();
    owner.assign(name.clone(), 0, 1);
    // The answer to the question that came with the assignment was lost.
    assert_eq!(owner.ends_wanted(), std::slice::from_ref(&name), "the record that stands in the log was not read here");
    owner.offer(record(0, 0, item("u:1", "text")));
    assert!(owner.ends_wanted().is_empty(), "it was");
    owner.take_actions();
    // It came after all questions had their answers.
    let (at, entry) = zombies(5, 1);
    owner.fold(at, 0, entry).unwrap();
    assert_eq!(owner.ends_wanted(), std::slice::from_ref(&name));
    owner.raw_end(&name, 1);
    let gone = Gone { topic: "raw".to_owned(), partition: 0, from: 1 };
    let actions = owner.take_actions();
    assert!(actions.contains(&Action::Append(Body::Gone(gone.clone()))), "{actions:?}");
    let entry = owner.entry(Body::Gone(gone));
    owner.fold(2, 0, entry).unwrap();
    assert!(owner.ends_wanted().is_empty(), "nothing is held up any more");
}
