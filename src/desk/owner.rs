//! An instance's part in the desk: it sights and decides the records of the raw partitions that it owns.
//!
//! A state machine without I/O: the service drives it with a Kafka topic, `wiredesk process` with a vector, the tests with a
//! simulated log, and all get what it wants done as [`Action`]s. The way of a record:
//!
//! ```text
//! offer -> append Sighting -> fold it -> judge -> append Decision -> fold the first one -> Decided
//!    |                          ^          |
//!    |     late: append again --+          +-> wait for earlier records, then judge again
//!    +-> already in the index: judge, or Decided at once (after a crash or a rebalance)
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::index::{DeskIndex, Folded, Ignored, LogReplaced, Record, State};
use super::sighting::{Body, Decision, Done, Gone, ItemVerdict, KindCode, LogEntry, RecordRef, Sighting};
use super::stories;
use super::verdict::{Judgement, judge};
use crate::item::news::Kind;
use crate::item::published;

/// A raw partition by name.
pub type PartitionName = (String, i32);

/// What the owner wants done, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Append an entry to the log.
    Append(Body),
    /// A record may be published, once `after` allows it.
    Decided(DecidedRecord),
    /// A record that a decided one named in `after` is out now.
    Out(RecordRef),
    /// A record was skipped by the group's position while it waited: forget it.
    Skipped(RecordRef),
    /// Sightings of this partition did not count because they came too late: read it again from its committed offset.
    Rewind(PartitionName),
}

/// A record with the verdicts that count.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedRecord {
    pub origin: RecordRef,
    /// Log offset of its sighting: records are published in this order.
    pub sighting: u64,
    /// Hash of the raw bytes that were sighted. Who reads another record at this offset by now, because the topic was made
    /// again, must not publish it by this.
    pub raw_hash: u64,
    pub items: Vec<DecidedItem>,
    /// Records that must be out first, without those that are.
    pub after: Vec<RecordRef>,
}

/// What the counted sighting and verdict say of an item. They override what was prepared again later.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedItem {
    pub item: u32,
    pub uri: String,
    pub kind: Kind,
    pub verdict: ItemVerdict,
}

impl DecidedItem {
    /// The end of `wiredesk` in the published item.
    pub fn decision(&self) -> published::Decision {
        let verdict = &self.verdict;
        published::Decision {
            kind: self.kind,
            verdict: verdict.verdict().into(),
            of: verdict.of.clone(),
            similarity: verdict.similarity.map(|s| (s * 1000.0).round() / 1000.0),
            matched: verdict.matched().into(),
            root: verdict.root.clone(),
            story: (verdict.story != 0).then(|| stories::urn(verdict.story)),
            related_stories: verdict.related_stories.iter().map(|s| stories::urn(*s)).collect(),
            routes: verdict.streams.clone(),
        }
    }
}

/// A raw partition that this instance owns.
#[derive(Debug)]
enum Partition {
    /// The log is read up to here first: what a predecessor sighted must not be sighted again.
    CatchingUp { until: u64, start: i64, raw_end: Option<i64>, waiting: Vec<Sighting> },
    /// Positions after the last record offered, and after the last one committed; and the log's end when it began to sight.
    Live { position: i64, committed: i64, since: u64 },
}

/// See the module.
#[derive(Debug)]
pub struct Owner {
    index: DeskIndex,
    name: String,
    epoch: u64,
    partitions: HashMap<PartitionName, Partition>,
    /// Offered and not yet decided.
    mine: HashMap<(String, i32, i64), Sighting>,
    /// Records of mine that wait, by the record that they wait for.
    waiting: HashMap<u64, BTreeSet<u64>>,
    /// Named in `after` of a decided record, and not out when it was decided.
    awaited: BTreeSet<(String, i32, i64)>,
    actions: Vec<Action>,
}

impl Owner {
    /// `epoch` is the log's identity, as its first entries give it.
    pub fn new(index: DeskIndex, name: impl Into<String>, epoch: u64) -> Self {
        Self {
            index,
            name: name.into(),
            epoch,
            partitions: HashMap::new(),
            mine: HashMap::new(),
            waiting: HashMap::new(),
            awaited: BTreeSet::new(),
            actions: Vec::new(),
        }
    }

    pub fn index(&self) -> &DeskIndex {
        &self.index
    }

    /// What is to be done since the last call.
    pub fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// An entry as it goes into the log now.
    pub fn entry(&self, body: Body) -> LogEntry {
        LogEntry {
            epoch: self.epoch,
            seen: self.index.next_offset(),
            low: self.index.low(),
            writer: self.name.clone(),
            clock_ms: self.index.clock_ms().max(0),
            replaces: self.index.replaces(&body),
            body: Some(body),
        }
    }

    /// Records offered and not yet decided.
    pub fn undecided(&self) -> usize {
        self.mine.len()
    }

    /// Takes over a raw partition from a committed position on. `log_end` is the log's end at this moment or later.
    pub fn assign(&mut self, name: PartitionName, start: i64, log_end: u64) {
        self.revoke(&name);
        self.partitions
            .insert(name, Partition::CatchingUp { until: log_end, start, raw_end: None, waiting: Vec::new() });
        self.go_live();
    }

    /// Says where an owned raw partition ends: it holds no record at or after that offset. To be said at its assignment, and with every
    /// tick of those in [`Owner::ends_wanted`], so that nobody waits for records of a topic that was made again.
    pub fn raw_end(&mut self, name: &PartitionName, end: i64) {
        match self.partitions.get_mut(name) {
            None => {}
            Some(Partition::CatchingUp { raw_end, .. }) => *raw_end = Some(end),
            Some(Partition::Live { position, .. }) => {
                // What was offered exists, whatever a late answer says.
                let from = end.max(*position);
                if self.index.is_undone_from(&name.0, name.1, from) {
                    let gone = Gone { topic: name.0.clone(), partition: name.1, from };
                    self.actions.push(Action::Append(Body::Gone(gone)));
                }
            }
        }
    }

    /// Owned raw partitions of which the log holds sightings past what was read here, none of them out: read here soon, or gone with
    /// a topic that was made again. Where they end is to be asked with every tick, because one answer may fail, be lost with a
    /// partition that is read again, or come before a late sighting does.
    pub fn ends_wanted(&self) -> Vec<PartitionName> {
        let wants = |(name, partition): (&PartitionName, &Partition)| {
            let Partition::Live { position, .. } = partition else { return None };
            self.index.is_undone_from(&name.0, name.1, *position).then(|| name.clone())
        };
        let mut wanted: Vec<PartitionName> = self.partitions.iter().filter_map(wants).collect();
        wanted.sort_unstable();
        wanted
    }

    /// Gives a raw partition up: its records are its next owner's.
    pub fn revoke(&mut self, name: &PartitionName) {
        self.partitions.remove(name);
        self.mine.retain(|(topic, partition, _), _| *topic != name.0 || *partition != name.1);
    }

    /// Offers the next record of an owned partition, in offset order. Of a partition that is not owned: ignored.
    pub fn offer(&mut self, sighting: Sighting) {
        let name = (sighting.topic.clone(), sighting.partition);
        match self.partitions.get_mut(&name) {
            None => {}
            Some(Partition::CatchingUp { waiting, .. }) => waiting.push(sighting),
            Some(Partition::Live { position, .. }) => {
                *position = sighting.offset + 1;
                self.take(sighting);
            }
        }
    }

    fn take(&mut self, sighting: Sighting) {
        let known = self.index.find(&sighting).filter(|seq| self.state(*seq).is_some_and(|s| s != State::Void));
        let key = (sighting.topic.clone(), sighting.partition, sighting.offset);
        if known.is_none() {
            self.actions.push(Action::Append(Body::Sighting(sighting.clone())));
        }
        self.mine.insert(key, sighting);
        if let Some(seq) = known {
            self.proceed(seq);
        }
    }

    /// Says that the group's committed offset of an owned partition has reached a position.
    pub fn committed(&mut self, name: &PartitionName, position: i64) {
        if let Some(Partition::Live { committed, .. }) = self.partitions.get_mut(name) {
            *committed = position.max(*committed);
        }
        self.actions.push(Action::Append(Body::Done(Done { topic: name.0.clone(), partition: name.1, position })));
    }

    /// Folds the next entry of the log.
    ///
    /// # Errors
    /// When the log was replaced by another one.
    pub fn fold(&mut self, offset: u64, time_ms: i64, entry: LogEntry) -> Result<Folded, LogReplaced> {
        let lost = match &entry.body {
            Some(Body::Sighting(s)) => Some((s.topic.clone(), s.partition, s.offset)),
            Some(Body::Decision(d)) => self.origin_of(d.sighting),
            _ => None,
        };
        let written = (entry.writer == self.name).then_some(entry.seen);
        let folded = self.index.fold(offset, time_ms, entry)?;
        match &folded {
            Folded::Sighted { seq, gone } => {
                for other in gone {
                    self.give_up(*other);
                }
                self.proceed(*seq);
                self.repeat_done(*seq);
            }
            Folded::Decided(seq) => {
                self.proceed(*seq);
                self.wake(*seq);
            }
            Folded::Done { voided } => {
                for seq in voided {
                    self.skip(*seq);
                    self.wake(*seq);
                }
                self.release();
            }
            Folded::Gone(gone) => {
                for seq in gone {
                    self.give_up(*seq);
                }
            }
            Folded::Ignored(reason) => {
                if let Some(key) = lost {
                    self.retry(*reason, written, &key);
                }
            }
        }
        self.go_live();
        Ok(folded)
    }

    fn origin_of(&self, log_offset: u64) -> Option<(String, i32, i64)> {
        let record = self.index.at_log_offset(log_offset)?;
        let (topic, partition) = self.index.partition_name(record.partition);
        Some((topic.to_string(), partition, record.offset))
    }

    /// An entry about a record of mine did not count. `written`: it is mine, and how far I had read the log when I wrote it.
    fn retry(&mut self, reason: Ignored, written: Option<u64>, key: &(String, i32, i64)) {
        let Some(sighting) = self.mine.get(key) else { return };
        let standing = self.index.find(sighting).filter(|seq| self.state(*seq).is_some_and(|s| s != State::Void));
        match (reason, standing, written) {
            // Somebody's sighting stands: go on with that. Or my decision came too late: judge again.
            (Ignored::Repeat, Some(seq), _) | (Ignored::Late, Some(seq), Some(_)) => self.proceed(seq),
            // My sighting came too late, or there was one of another record at this offset that I had not read. Those that I
            // wrote after it count no more than this one: all again, in their order.
            (Ignored::Late | Ignored::Gap | Ignored::Repeat, None, Some(seen)) => {
                let name = (key.0.clone(), key.1);
                // One from before this partition was assigned has been made up for.
                let is_old = |p: &Partition| matches!(p, Partition::Live { since, .. } if seen < *since);
                if !self.partitions.get(&name).is_some_and(is_old) {
                    self.revoke(&name);
                    self.actions.push(Action::Rewind(name));
                }
            }
            _ => {}
        }
    }

    /// A sighting that counts, of a record that is committed: a zombie's, of what another version of the program refused, or of
    /// what was skipped. Nobody will decide it unless the log says once more that it is done.
    fn repeat_done(&mut self, seq: u64) {
        let Some(record) = self.index.record(seq) else { return };
        let (topic, partition, offset) = self.key(record);
        let name = (topic, partition);
        if let Some(Partition::Live { committed, .. }) = self.partitions.get(&name)
            && offset < *committed
        {
            self.committed(&name, *committed);
        }
    }

    fn state(&self, seq: u64) -> Option<State> {
        self.index.record(seq).map(|r| r.state)
    }

    fn key(&self, record: &Record) -> (String, i32, i64) {
        let (topic, partition) = self.index.partition_name(record.partition);
        (topic.to_string(), partition, record.offset)
    }

    /// Takes a sighted record of mine one step on.
    fn proceed(&mut self, seq: u64) {
        let Some(record) = self.index.record(seq) else { return };
        let key = self.key(record);
        let Some(sighting) = self.mine.get(&key) else { return };
        if !record.is_of(sighting) {
            return;
        }
        match record.state {
            State::Void => {}
            State::Decided => {
                let mut decided = decided(record, &key);
                decided.after.retain(|r| !self.index.is_out(r, record.log_offset));
                self.awaited.extend(decided.after.iter().map(|r| (r.topic.clone(), r.partition, r.offset)));
                self.mine.remove(&key);
                self.actions.push(Action::Decided(decided));
            }
            State::Pending => match judge(&self.index, seq) {
                Some(Judgement::Decided(items)) => {
                    let sighting = record.log_offset;
                    self.index.assume(seq, &items);
                    self.actions.push(Action::Append(Body::Decision(Decision { sighting, items })));
                }
                Some(Judgement::Wait(earlier)) => {
                    for other in earlier {
                        self.waiting.entry(other).or_default().insert(seq);
                    }
                }
                None => {}
            },
        }
    }

    /// Judges again what waited for a record.
    fn wake(&mut self, seq: u64) {
        for waiter in self.waiting.remove(&seq).into_iter().flatten() {
            if self.state(waiter) == Some(State::Pending) {
                self.proceed(waiter);
            }
        }
    }

    /// Tells which awaited records are out now. Few are awaited at any time: those of other instances' open batches.
    fn release(&mut self) {
        let mut still = BTreeSet::new();
        for (topic, partition, offset) in std::mem::take(&mut self.awaited) {
            let record = RecordRef { topic, partition, offset };
            if self.index.is_out(&record, u64::MAX) {
                self.actions.push(Action::Out(record));
            } else {
                still.insert((record.topic, record.partition, record.offset));
            }
        }
        self.awaited = still;
    }

    /// A record went with its topic: whoever waits for it, waits no more.
    fn give_up(&mut self, seq: u64) {
        self.skip(seq);
        self.wake(seq);
        let Some(record) = self.index.record(seq) else { return };
        let key = self.key(record);
        if self.awaited.remove(&key) {
            let (topic, partition, offset) = key;
            self.actions.push(Action::Out(RecordRef { topic, partition, offset }));
        }
    }

    fn skip(&mut self, seq: u64) {
        let Some(record) = self.index.record(seq) else { return };
        let key = self.key(record);
        if self.mine.get(&key).is_some_and(|sighting| record.is_of(sighting)) {
            self.mine.remove(&key);
            let (topic, partition, offset) = key;
            self.actions.push(Action::Skipped(RecordRef { topic, partition, offset }));
        }
    }

    /// Partitions whose predecessors' entries are all folded begin to sight.
    fn go_live(&mut self) {
        let next = self.index.next_offset();
        let ready: BTreeMap<PartitionName, (i64, Option<i64>, Vec<Sighting>)> = self
            .partitions
            .iter_mut()
            .filter_map(|(name, partition)| match partition {
                Partition::CatchingUp { until, start, raw_end, waiting } if *until <= next => {
                    Some((name.clone(), (*start, *raw_end, std::mem::take(waiting))))
                }
                _ => None,
            })
            .collect();
        for (name, (start, raw_end, waiting)) in ready {
            // Fills the gap that skipped records would leave, and makes up for a predecessor who died before saying so.
            if self.index.done_position(&name.0, name.1).is_none_or(|done| done < start) {
                self.committed(&name, start);
            }
            self.partitions.insert(name.clone(), Partition::Live { position: start, committed: start, since: next });
            if let Some(end) = raw_end {
                self.raw_end(&name, end);
            }
            for sighting in waiting {
                self.offer(sighting);
            }
        }
    }
}

fn decided(record: &Record, (topic, partition, offset): &(String, i32, i64)) -> DecidedRecord {
    let mut after: Vec<RecordRef> = Vec::new();
    let mut items = Vec::with_capacity(record.items.len());
    for item in &record.items {
        let Some(verdict) = item.verdict.as_deref() else { continue };
        for reference in &verdict.after {
            if !after.contains(reference) {
                after.push(reference.clone());
            }
        }
        items.push(DecidedItem {
            item: item.index,
            uri: item.uri.to_string(),
            kind: KindCode::from(item.kind).into(),
            verdict: verdict.clone(),
        });
    }
    let origin = RecordRef { topic: topic.clone(), partition: *partition, offset: *offset };
    DecidedRecord { origin, sighting: record.log_offset, raw_hash: record.raw_hash, items, after }
}
