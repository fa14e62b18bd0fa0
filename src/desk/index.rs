//! The desk's memory: the fold of the sightings log.
//!
//! **Contract.** The index is nothing but the fold of what the log holds within the window: it holds nothing that those
//! entries do not determine, so that a fresh instance that replays them and one that ran all along agree (compared by
//! [`DeskIndex::digest`]). Its clock is the running maximum of the log's own time. It evicts before it judges.
//!
//! **What leaves.** A record leaves when three things hold: it is older than the window; its raw position is published or
//! skipped ([`Done`]); and it stands more than `max_lateness_records` behind the log's end. The second keeps an item whose
//! owner is down from being judged anew when it comes back; the third makes repeats recognizable without remembering for
//! ever, because an entry counts only if its writer had read the log to within so many records.
//!
//! **What counts.** The first sighting of a record counts; a repeat is recognised by offset, hash and time. The first decision
//! on a sighting counts.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::Hasher;
use std::sync::Arc;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::sighting::{
    Body, ConditionalStream, Decision, DedupeRules, Done, Gone, ItemSighting, ItemVerdict, KindCode, LogEntry,
    RecordRef, Sighting,
};
use crate::item::news::Kind;

/// Items looked at for one key: the newest that stand before the item in question. So a template's stock phrase costs no more
/// than any other, and what an item is compared with does not depend on how many came between its sighting and its verdict.
const LOOKED_AT: usize = 8;
/// Smallest values of a sketch that items are found by. With 8: recall 0.987; 12: 0.991; 16: 0.996.
pub const INDEX_KEYS: usize = 12;

/// Epoch of what stands in the log and is none of its entries.
const NO_EPOCH: u64 = 0;

/// What the index depends on besides the log. The same on all instances of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexConfig {
    pub window_ms: i64,
    pub max_lateness_records: u64,
}

/// An item in the index: the sequence number of its record, and its place in it. Ordered as the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemRef {
    pub record: u64,
    pub at: u32,
}

/// A raw partition, as the index numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId(u32);

/// A sighted record.
#[derive(Clone, Debug)]
pub struct Record {
    pub log_offset: u64,
    /// The log's clock when it was folded.
    pub time_ms: i64,
    pub partition: PartitionId,
    pub offset: i64,
    pub raw_hash: u64,
    pub timestamp_ms: i64,
    pub feed: Arc<str>,
    pub items: Vec<Item>,
    pub state: State,
    /// Published or skipped; never taken back.
    pub done: bool,
    /// Sighted after a later record of its raw partition that is not out either: two versions of the program may refuse
    /// different records. It waits for nothing, because others may wait for the later one, which leaves after it.
    pub out_of_turn: bool,
}

impl Record {
    /// Whether a sighting at this record's offset is of this record: a topic that was made again uses offsets anew.
    pub fn is_of(&self, sighting: &Sighting) -> bool {
        self.raw_hash == sighting.raw_hash && self.timestamp_ms == sighting.timestamp_ms
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Pending,
    Decided,
    /// Skipped before it was decided: it matches nothing.
    Void,
}

/// What is remembered of one item.
#[derive(Clone, Debug)]
pub struct Item {
    pub index: u32,
    pub uri: Box<str>,
    pub has_own_id: bool,
    pub version: Option<u64>,
    pub kind: Kind,
    pub content: u128,
    pub numbers: Box<[u32]>,
    pub shingles: u32,
    pub sketch: Box<[u32]>,
    pub slug: u64,
    pub refers_to: Option<Box<str>>,
    pub streams: Box<[Arc<str>]>,
    /// Streams that depend on the verdict; `None` for most items, and once the verdict is there.
    pub sometimes: Option<Box<[ConditionalStream]>>,
    pub words: u32,
    pub rules: DedupeRules,
    pub verdict: Option<Box<ItemVerdict>>,
}

/// What folding one entry did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folded {
    /// A sighting that counts: sequence number of its record; and those of records that it shows to be gone, because another
    /// one stands at the offset of the first of them: they became void if they were not decided.
    Sighted { seq: u64, gone: Vec<u64> },
    /// The record has been decided.
    Decided(u64),
    /// Positions moved; these records became void.
    Done { voided: Vec<u64> },
    /// These records went with their raw partition's end; they became void if they were not decided.
    Gone(Vec<u64>),
    /// Counts for nothing but the clock.
    Ignored(Ignored),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ignored {
    Tick,
    /// The record has a sighting that counts, or its offset has one that the writer had not read.
    Repeat,
    /// Stands further behind its writer's view of the log than entries may.
    Late,
    /// Follows a sighting of an earlier record of its raw partition that came too late, which its writer had not read when it
    /// wrote this one.
    Gap,
    /// The sighting has a decision that counts.
    AlreadyDecided,
    /// Decides a sighting that is not, or no longer, in the index.
    UnknownSighting,
    /// An entry that this version of the program does not know.
    UnknownBody,
}

/// From where a fresh instance reads the log, so that its index becomes the same as that of one that ran all along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaySpan {
    /// First log offset to read.
    pub start: u64,
    /// First log offset whose sightings the index may still hold; see [`DeskIndex::replaying`].
    pub keep_from: u64,
}

/// Works out the span from four facts about the log: where it begins and ends, the first offset that is within the window, and
/// `low` of its last entry.
///
/// Three things keep a record in the index (see the module), hence the minimum of three; and before that, as many entries as
/// one may be late, because they tell which of the later ones are repeats.
pub fn replay_span(config: IndexConfig, begin: u64, end: u64, in_window: u64, low: u64) -> ReplaySpan {
    let near_end = end.saturating_sub(config.max_lateness_records + 1);
    let keep_from = in_window.min(low).min(near_end).max(begin);
    ReplaySpan { start: keep_from.saturating_sub(config.max_lateness_records).max(begin), keep_from }
}

/// The log is not the one that this index was folded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the sightings log was replaced: its entry {offset} belongs to epoch {found:016x}, this desk's is {expected:016x}; \
     restart to read the new log from its beginning"
)]
pub struct LogReplaced {
    pub offset: u64,
    pub found: u64,
    pub expected: u64,
}

/// A sighting that came too late.
#[derive(Clone, Copy, Debug)]
struct LateSighting {
    log_offset: u64,
    offset: i64,
}

/// Items that share a key, oldest first. Most keys have one.
#[derive(Clone, Debug)]
enum Bucket {
    One(ItemRef),
    Many(VecDeque<ItemRef>),
}

impl Bucket {
    fn get(&self, at: usize) -> Option<ItemRef> {
        match self {
            Bucket::One(item) => (at == 0).then_some(*item),
            Bucket::Many(items) => items.get(at).copied(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = ItemRef> {
        (0..).map_while(|at| self.get(at))
    }

    /// How many stand before an item in the log.
    fn before(&self, item: ItemRef) -> usize {
        match self {
            Bucket::One(only) => usize::from(*only < item),
            Bucket::Many(items) => items.partition_point(|i| *i < item),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct DeskIndex {
    config: IndexConfig,
    epoch: Option<u64>,
    /// An entry other than a founder's has given it.
    is_epoch_sure: bool,
    /// Log offset after the last folded entry.
    next_offset: u64,
    clock_ms: i64,
    /// In log order; `None` where a record has left before older ones could.
    records: VecDeque<Option<Record>>,
    /// Sequence number of `records[0]`.
    base: u64,
    /// Sequence number of the first record that has not been looked at for leaving.
    young: u64,
    /// Overdue records that the last entry said are out: they leave with the next one.
    leaving: Vec<u64>,
    /// Records that wait for their verdict.
    pending: BTreeSet<u64>,
    /// Records that nothing in the log says are published, skipped or gone, by raw position.
    undone: BTreeMap<(PartitionId, i64), u64>,
    /// Entries before this log offset are read only to know what is a repeat; see [`DeskIndex::replaying`].
    keep_from: u64,
    live_items: usize,
    live_bytes: usize,
    partitions: Vec<(Arc<str>, i32)>,
    partition_ids: HashMap<(Arc<str>, i32), PartitionId>,
    /// Before which all of a raw partition is published or skipped.
    done: HashMap<PartitionId, i64>,
    /// Sightings that came too late, no further back than an entry may be late, by writer and raw partition.
    late: HashMap<(String, PartitionId), Vec<LateSighting>>,
    by_origin: HashMap<(PartitionId, i64), u64>,
    by_log_offset: HashMap<u64, u64>,
    by_uri: HashMap<u64, Bucket>,
    /// Items by the uri that they refer to.
    by_reference: HashMap<u64, Bucket>,
    by_content: HashMap<u128, Bucket>,
    by_slug: HashMap<u64, Bucket>,
    by_key: HashMap<u32, Bucket>,
    chains: HashMap<u64, Bucket>,
    names: HashMap<Arc<str>, ()>,
}

impl DeskIndex {
    /// An index for a log that is read from its very beginning.
    pub fn new(config: IndexConfig) -> Self {
        Self {
            config,
            epoch: None,
            is_epoch_sure: false,
            next_offset: 0,
            clock_ms: i64::MIN,
            records: VecDeque::new(),
            base: 0,
            young: 0,
            leaving: Vec::new(),
            pending: BTreeSet::new(),
            undone: BTreeMap::new(),
            keep_from: 0,
            live_items: 0,
            live_bytes: 0,
            partitions: Vec::new(),
            partition_ids: HashMap::new(),
            done: HashMap::new(),
            late: HashMap::new(),
            by_origin: HashMap::new(),
            by_log_offset: HashMap::new(),
            by_uri: HashMap::new(),
            by_reference: HashMap::new(),
            by_content: HashMap::new(),
            by_slug: HashMap::new(),
            by_key: HashMap::new(),
            chains: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// An index for a log that is read from `start` on, of which an index that ran all along would hold nothing before
    /// `keep_from`: those entries only tell which later ones are repeats. See [`replay_span`].
    pub fn replaying(config: IndexConfig, keep_from: u64) -> Self {
        Self { keep_from, ..Self::new(config) }
    }

    pub fn config(&self) -> IndexConfig {
        self.config
    }

    /// The log's identity, once an entry of it was folded.
    pub fn epoch(&self) -> Option<u64> {
        self.epoch
    }

    /// Log offset after the last folded entry.
    pub fn next_offset(&self) -> u64 {
        self.next_offset
    }

    /// The log's own time, in milliseconds since the Unix epoch; `i64::MIN` before the first entry.
    pub fn clock_ms(&self) -> i64 {
        self.clock_ms
    }

    /// Offset of the oldest entry that the index still needs.
    pub fn low(&self) -> u64 {
        self.records.iter().flatten().next().map_or(self.next_offset, |r| r.log_offset)
    }

    pub fn live_items(&self) -> usize {
        self.live_items
    }

    /// Estimate of what the items take in memory, in bytes, the look-up tables included.
    pub fn live_bytes(&self) -> usize {
        self.live_bytes
    }

    /// Records older than the window that wait to be published.
    pub fn overdue_records(&self) -> usize {
        self.undone.values().filter(|seq| **seq < self.young && self.record(**seq).is_some_and(|r| !r.done)).count()
    }

    /// Records that wait for their verdict, and the time of the oldest, by the log's clock.
    pub fn pending(&self) -> (usize, Option<i64>) {
        let pending = self.pending.iter().filter_map(|seq| self.record(*seq)).filter(|r| !r.done);
        pending.fold((0, None), |(n, oldest), r| (n + 1, Some(oldest.map_or(r.time_ms, |t: i64| t.min(r.time_ms)))))
    }

    pub fn record(&self, seq: u64) -> Option<&Record> {
        let at = usize::try_from(seq.checked_sub(self.base)?).ok()?;
        self.records.get(at)?.as_ref()
    }

    /// The record whose sighting stands at a log offset.
    pub fn at_log_offset(&self, log_offset: u64) -> Option<&Record> {
        self.record(*self.by_log_offset.get(&log_offset)?)
    }

    fn record_mut(&mut self, seq: u64) -> Option<&mut Record> {
        let at = usize::try_from(seq.checked_sub(self.base)?).ok()?;
        self.records.get_mut(at)?.as_mut()
    }

    pub fn item(&self, item: ItemRef) -> Option<(&Record, &Item)> {
        let record = self.record(item.record)?;
        Some((record, record.items.get(item.at as usize)?))
    }

    pub fn partition_name(&self, id: PartitionId) -> (&Arc<str>, i32) {
        let (topic, partition) = &self.partitions[id.0 as usize];
        (topic, *partition)
    }

    pub fn partition_id(&mut self, topic: &str, partition: i32) -> PartitionId {
        let topic = self.intern(topic);
        let next = PartitionId(u32::try_from(self.partitions.len()).unwrap_or(u32::MAX));
        let id = *self.partition_ids.entry((topic.clone(), partition)).or_insert(next);
        if id == next {
            self.partitions.push((topic, partition));
        }
        id
    }

    fn find_partition(&self, topic: &str, partition: i32) -> Option<PartitionId> {
        self.partition_ids.get(&(Arc::from(topic), partition)).copied()
    }

    /// The sighting of a record that counts, whatever its state.
    pub fn find(&self, sighting: &Sighting) -> Option<u64> {
        let partition = self.find_partition(&sighting.topic, sighting.partition)?;
        let seq = *self.by_origin.get(&(partition, sighting.offset))?;
        let record = self.record(seq)?;
        record.is_of(sighting).then_some(seq)
    }

    /// Position before which all of a raw partition is published or skipped, if the index knows one.
    pub fn done_position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.done.get(&self.find_partition(topic, partition)?).copied()
    }

    /// Whether a record that a verdict names in `after` is out. `before` is the log offset of the sighting that the verdict is on:
    /// the record stood before it, so that a later one at the same offset of a raw partition is another one. One that has left
    /// the index is out: only what is out leaves.
    pub fn is_out(&self, record: &RecordRef, before: u64) -> bool {
        let Some(partition) = self.find_partition(&record.topic, record.partition) else { return true };
        match self.by_origin.get(&(partition, record.offset)).and_then(|seq| self.record(*seq)) {
            Some(record) => record.done || record.log_offset >= before,
            None => true,
        }
    }

    /// Whether records of a raw partition are sighted from an offset on that are not out.
    pub fn is_undone_from(&self, topic: &str, partition: i32, from: i64) -> bool {
        let Some(partition) = self.find_partition(topic, partition) else { return false };
        let mut undone = self.undone.range((partition, from)..=(partition, i64::MAX));
        undone.any(|(_, seq)| self.record(*seq).is_some_and(|record| !record.done))
    }

    fn intern(&mut self, name: &str) -> Arc<str> {
        if let Some((known, ())) = self.names.get_key_value(name) {
            return known.clone();
        }
        let name: Arc<str> = Arc::from(name);
        self.names.insert(name.clone(), ());
        name
    }

    /// Folds the entry at a log offset, appended at a time. Entries must come in order, none twice.
    ///
    /// # Errors
    /// When the entry belongs to another log than those before it.
    pub fn fold(&mut self, offset: u64, time_ms: i64, entry: LogEntry) -> Result<Folded, LogReplaced> {
        let is_begin = matches!(entry.body, Some(Body::Begin(_)));
        match self.epoch {
            Some(expected) if expected != entry.epoch && !is_begin && entry.epoch != NO_EPOCH && self.is_epoch_sure => {
                return Err(LogReplaced { offset, found: entry.epoch, expected });
            }
            _ if entry.epoch == NO_EPOCH => {}
            // Of several founders' entries the first one counts. Who reads on from a later one learns the epoch from the rest.
            Some(_) if is_begin => {}
            _ => {
                self.epoch = Some(entry.epoch);
                self.is_epoch_sure = !is_begin;
            }
        }
        self.next_offset = offset + 1;
        let known_ms = if self.epoch == Some(entry.epoch) { entry.clock_ms } else { time_ms };
        self.clock_ms = self.clock_ms.max(time_ms).max(known_ms);
        self.evict();
        if offset.saturating_sub(entry.seen) > self.config.max_lateness_records
            && !matches!(entry.body, Some(Body::Done(_) | Body::Tick(_) | Body::Begin(_)))
        {
            if let Some(Body::Sighting(sighting)) = entry.body {
                self.note_late(offset, entry.writer, &sighting);
            }
            return Ok(Folded::Ignored(Ignored::Late));
        }
        Ok(match entry.body {
            Some(Body::Sighting(sighting)) if self.follows_late(&entry.writer, entry.seen, &sighting) => {
                Folded::Ignored(Ignored::Gap)
            }
            Some(Body::Sighting(sighting)) => self.fold_sighting(offset, entry.seen, sighting),
            Some(Body::Decision(decision)) => self.fold_decision(decision),
            Some(Body::Done(done)) => self.fold_done(&done),
            Some(Body::Gone(gone)) => self.fold_gone(entry.seen, &gone),
            Some(Body::Tick(_) | Body::Begin(_)) => Folded::Ignored(Ignored::Tick),
            None => Folded::Ignored(Ignored::UnknownBody),
        })
    }

    fn note_late(&mut self, log_offset: u64, writer: String, sighting: &Sighting) {
        let partition = self.partition_id(&sighting.topic, sighting.partition);
        let oldest = log_offset.saturating_sub(self.config.max_lateness_records);
        self.late.retain(|_, late| {
            late.retain(|l| l.log_offset >= oldest);
            !late.is_empty()
        });
        self.late.entry((writer, partition)).or_default().push(LateSighting { log_offset, offset: sighting.offset });
    }

    /// Whether a writer's sighting of an earlier record came too late, and the writer had not read that.
    fn follows_late(&self, writer: &str, seen: u64, sighting: &Sighting) -> bool {
        // Next to always there is none.
        if self.late.is_empty() {
            return false;
        }
        let Some(partition) = self.find_partition(&sighting.topic, sighting.partition) else { return false };
        let late = self.late.get(&(writer.to_owned(), partition));
        late.into_iter().flatten().any(|l| l.log_offset >= seen && l.offset < sighting.offset)
    }

    fn fold_sighting(&mut self, log_offset: u64, seen: u64, sighting: Sighting) -> Folded {
        let partition = self.partition_id(&sighting.topic, sighting.partition);
        let standing = self.by_origin.get(&(partition, sighting.offset)).and_then(|seq| self.record(*seq));
        let is_other = standing.is_some_and(|record| !record.is_of(&sighting));
        // A writer that had read what stands there knew that its record is another one, or that it was skipped.
        let is_repeat = |r: &Record| r.log_offset >= seen || (!is_other && r.state != State::Void);
        if standing.is_some_and(is_repeat) {
            return Folded::Ignored(Ignored::Repeat);
        }
        let kept = log_offset >= self.keep_from;
        if kept && let Some(done) = self.done.get_mut(&partition) {
            // A counted sighting is by definition not out yet: an operator rewound the group, or the topic was made again.
            *done = sighting.offset.min(*done);
        }

        let gone = if is_other { self.give_up(partition, sighting.offset, seen) } else { Vec::new() };
        let later = self.undone.range((partition, sighting.offset + 1)..=(partition, i64::MAX));
        let out_of_turn = later.map(|(_, seq)| *seq).any(|seq| self.record(seq).is_some_and(|r| !r.done));
        let seq = self.base + self.records.len() as u64;
        let feed = self.intern(&sighting.feed);
        let items = sighting.items.into_iter().map(|item| self.admit(item)).collect();
        let record = Record {
            log_offset,
            time_ms: self.clock_ms,
            partition,
            offset: sighting.offset,
            raw_hash: sighting.raw_hash,
            timestamp_ms: sighting.timestamp_ms,
            feed,
            items,
            state: State::Pending,
            done: !kept,
            out_of_turn,
        };
        self.undone.insert((partition, record.offset), seq);
        self.pending.insert(seq);
        self.enter(seq, &record);
        self.by_origin.insert((partition, record.offset), seq);
        self.by_log_offset.insert(log_offset, seq);
        self.records.push_back(Some(record));
        Folded::Sighted { seq, gone }
    }

    fn fold_gone(&mut self, seen: u64, gone: &Gone) -> Folded {
        let partition = self.partition_id(&gone.topic, gone.partition);
        Folded::Gone(self.give_up(partition, gone.from, seen))
    }

    /// A raw partition's records from an offset on are gone, those that the writer had read of: nobody will publish them.
    fn give_up(&mut self, partition: PartitionId, from: i64, seen: u64) -> Vec<u64> {
        let gone: Vec<_> = self
            .undone
            .range((partition, from)..=(partition, i64::MAX))
            .map(|(key, seq)| (*key, *seq))
            .filter(|(_, seq)| self.record(*seq).is_some_and(|record| record.log_offset < seen))
            .collect();
        for (key, seq) in &gone {
            self.undone.remove(key);
            self.pass(*seq);
        }
        gone.into_iter().map(|(_, seq)| seq).collect()
    }

    /// A record is published, skipped or gone; true when it had no verdict.
    fn pass(&mut self, seq: u64) -> bool {
        let young = self.young;
        let Some(record) = self.record_mut(seq) else { return false };
        record.done = true;
        let is_void = record.state == State::Pending;
        if is_void {
            record.state = State::Void;
            self.pending.remove(&seq);
        }
        if seq < young {
            self.leaving.push(seq);
        }
        is_void
    }

    fn admit(&mut self, item: ItemSighting) -> Item {
        let kind = item.kind();
        let mut content = [0; 16];
        if item.content_hash.len() == content.len() {
            content.copy_from_slice(&item.content_hash);
        }
        Item {
            index: item.item,
            uri: item.uri.into(),
            has_own_id: item.has_own_id,
            version: item.version,
            kind: KindCode::into(kind),
            content: u128::from_be_bytes(content),
            numbers: item.numbers.into(),
            shingles: item.shingles,
            sketch: item.sketch.into(),
            slug: item.slug_hash,
            refers_to: item.refers_to.map(Into::into),
            streams: item.streams.iter().map(|s| self.intern(s)).collect(),
            sometimes: (!item.sometimes.is_empty()).then(|| item.sometimes.into()),
            words: item.words,
            rules: item.rules.unwrap_or(DedupeRules { similarity: 1.0, containment: 1.0, ..DedupeRules::default() }),
            verdict: None,
        }
    }

    fn fold_decision(&mut self, decision: Decision) -> Folded {
        let Some(&seq) = self.by_log_offset.get(&decision.sighting) else {
            return Folded::Ignored(Ignored::UnknownSighting);
        };
        let Some(record) = self.record_mut(seq) else { return Folded::Ignored(Ignored::UnknownSighting) };
        if record.state != State::Pending {
            return Folded::Ignored(Ignored::AlreadyDecided);
        }
        record.state = State::Decided;
        record.items.iter_mut().for_each(|item| item.sometimes = None);
        self.pending.remove(&seq);
        let Some(record) = self.record_mut(seq) else { return Folded::Ignored(Ignored::UnknownSighting) };
        let mut roots = Vec::with_capacity(decision.items.len());
        for verdict in decision.items {
            if let Some(at) = record.items.iter().position(|i| i.index == verdict.item) {
                roots.push((uri_hash(&verdict.root), at as u32));
                record.items[at].verdict = Some(Box::new(verdict));
            }
        }
        for (root, at) in roots {
            insert(&mut self.chains, root, ItemRef { record: seq, at });
        }
        Folded::Decided(seq)
    }

    fn fold_done(&mut self, done: &Done) -> Folded {
        let partition = self.partition_id(&done.topic, done.partition);
        let position = self.done.entry(partition).or_insert(done.position);
        *position = done.position.max(*position);
        let passed: Vec<_> =
            self.undone.range((partition, i64::MIN)..(partition, done.position)).map(|(k, seq)| (*k, *seq)).collect();
        let mut voided = Vec::new();
        for (key, seq) in passed {
            self.undone.remove(&key);
            if self.pass(seq) {
                voided.push(seq);
            }
        }
        Folded::Done { voided }
    }

    /// Puts a record's items into the look-up tables.
    fn enter(&mut self, seq: u64, record: &Record) {
        for (at, item) in (0..).zip(&record.items) {
            let reference = ItemRef { record: seq, at };
            insert(&mut self.by_uri, uri_hash(&item.uri), reference);
            if let Some(named) = &item.refers_to {
                insert(&mut self.by_reference, uri_hash(named), reference);
            }
            insert(&mut self.by_content, item.content, reference);
            if item.slug != 0 {
                insert(&mut self.by_slug, item.slug, reference);
            }
            for key in keys(item) {
                insert(&mut self.by_key, key, reference);
            }
        }
        self.live_items += record.items.len();
        self.live_bytes += bytes(record);
    }

    /// Takes a record and all that it put into the look-up tables out of the index.
    fn remove(&mut self, seq: u64) {
        let Some(at) = seq.checked_sub(self.base).and_then(|at| usize::try_from(at).ok()) else { return };
        let Some(record) = self.records.get_mut(at).and_then(Option::take) else { return };
        self.live_items -= record.items.len();
        self.live_bytes -= bytes(&record);
        self.pending.remove(&seq);
        if self.undone.get(&(record.partition, record.offset)) == Some(&seq) {
            self.undone.remove(&(record.partition, record.offset));
        }
        self.by_log_offset.remove(&record.log_offset);
        if self.by_origin.get(&(record.partition, record.offset)) == Some(&seq) {
            self.by_origin.remove(&(record.partition, record.offset));
        }
        for (at, item) in (0..).zip(&record.items) {
            let reference = ItemRef { record: seq, at };
            withdraw(&mut self.by_uri, uri_hash(&item.uri), reference);
            if let Some(named) = &item.refers_to {
                withdraw(&mut self.by_reference, uri_hash(named), reference);
            }
            withdraw(&mut self.by_content, item.content, reference);
            withdraw(&mut self.by_slug, item.slug, reference);
            for key in keys(item) {
                withdraw(&mut self.by_key, key, reference);
            }
            if let Some(verdict) = &item.verdict {
                withdraw(&mut self.chains, uri_hash(&verdict.root), reference);
            }
        }
    }

    fn evict(&mut self) {
        for seq in std::mem::take(&mut self.leaving) {
            self.remove(seq);
        }
        let older_than = self.clock_ms.saturating_sub(self.config.window_ms);
        let end = self.base + self.records.len() as u64;
        while self.young < end {
            let seq = self.young;
            if let Some(record) = self.record(seq) {
                let near_end = record.log_offset.saturating_add(self.config.max_lateness_records) >= self.next_offset;
                if record.time_ms >= older_than || near_end {
                    break;
                }
                if record.done {
                    self.remove(seq);
                }
            }
            self.young += 1;
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.base < self.young && self.records.front().is_some_and(Option::is_none) {
            self.records.pop_front();
            self.base += 1;
        }
    }

    /// Items of a uri that stand before another item, oldest first.
    pub(super) fn with_uri(&self, uri: &str, before: ItemRef) -> Vec<ItemRef> {
        newest_before(&self.by_uri, &uri_hash(uri), before, usize::MAX)
    }

    pub(super) fn with_content(&self, content: u128, before: ItemRef) -> Vec<ItemRef> {
        newest_before(&self.by_content, &content, before, usize::MAX)
    }

    pub(super) fn with_slug(&self, slug: u64, before: ItemRef) -> Vec<ItemRef> {
        if slug == 0 { Vec::new() } else { newest_before(&self.by_slug, &slug, before, LOOKED_AT) }
    }

    pub(super) fn with_key(&self, key: u32, before: ItemRef) -> Vec<ItemRef> {
        newest_before(&self.by_key, &key, before, LOOKED_AT)
    }

    /// Decided items of the chain that begins with a uri, in the order of their decisions.
    pub(super) fn chain(&self, root: &str) -> impl Iterator<Item = ItemRef> {
        self.chains.get(&uri_hash(root)).into_iter().flat_map(Bucket::iter)
    }

    /// Items without a verdict that stand before another one, and share an id, a reference, a slug, a text or a key with a
    /// third: they may turn out to belong to its chain.
    pub(super) fn pending_beside(&self, item: &Item, before: ItemRef) -> BTreeSet<ItemRef> {
        let mut found = BTreeSet::new();
        let Some(oldest) = self.pending.first().filter(|seq| **seq < before.record) else { return found };
        let mut look = |bucket: Option<&Bucket>| {
            let Some(bucket) = bucket else { return };
            let recent =
                (0..bucket.before(before)).rev().map_while(|at| bucket.get(at).filter(|i| i.record >= *oldest));
            found.extend(recent.filter(|i| self.pending.contains(&i.record) && i.record != before.record));
        };
        look(self.by_uri.get(&uri_hash(&item.uri)));
        look(self.by_reference.get(&uri_hash(&item.uri)));
        look(self.by_slug.get(&item.slug));
        look(self.by_content.get(&item.content));
        for key in keys(item) {
            look(self.by_key.get(&key));
        }
        found
    }

    /// A hash over everything that a later verdict can depend on. Two instances that have folded the log to the same offset
    /// have the same digest.
    pub fn digest(&self) -> u64 {
        let mut hasher = Xxh3::new();
        hasher.write_i64(self.clock_ms);
        hasher.write_u64(self.next_offset);
        for record in self.records.iter().flatten() {
            self.digest_record(record, &mut hasher);
        }
        let name = |item: &ItemRef| (self.record(item.record).map_or(0, |r| r.log_offset), item.at);
        digest_table(&self.by_uri, &mut hasher, name);
        digest_table(&self.by_content, &mut hasher, name);
        digest_table(&self.by_slug, &mut hasher, name);
        digest_table(&self.by_key, &mut hasher, name);
        digest_table(&self.chains, &mut hasher, name);
        hasher.finish()
    }

    fn digest_record(&self, record: &Record, hasher: &mut Xxh3) {
        let (topic, partition) = self.partition_name(record.partition);
        hasher.update(topic.as_bytes());
        hasher.write_i32(partition);
        hasher.write_i64(record.offset);
        hasher.write_u64(record.log_offset);
        hasher.write_i64(record.time_ms);
        hasher.write_u64(record.raw_hash);
        hasher.write_u8(match record.state {
            State::Pending => 0,
            State::Decided => 1,
            State::Void => 2,
        });
        hasher.write_u8(u8::from(record.done));
        for item in &record.items {
            hasher.update(item.uri.as_bytes());
            hasher.write_u128(item.content);
            if let Some(verdict) = &item.verdict {
                hasher.update(&prost::Message::encode_to_vec(verdict.as_ref()));
            }
        }
    }
}

/// The values of a sketch that an item is found by.
pub(super) fn keys(item: &Item) -> impl Iterator<Item = u32> + '_ {
    item.sketch.iter().take(INDEX_KEYS).copied()
}

pub(super) fn uri_hash(uri: &str) -> u64 {
    xxh3_64(uri.as_bytes())
}

/// Estimate of a record's memory, its entries in the look-up tables included.
fn bytes(record: &Record) -> usize {
    const TABLE_ENTRY: usize = 40;
    let items: usize = record
        .items
        .iter()
        .map(|i| {
            size_of::<Item>()
                + i.uri.len()
                + 4 * (i.numbers.len() + i.sketch.len())
                + size_of::<Arc<str>>() * i.streams.len()
                + TABLE_ENTRY * (INDEX_KEYS.min(i.sketch.len()) + 4)
        })
        .sum();
    size_of::<Record>() + 2 * TABLE_ENTRY + items
}

fn insert<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Bucket>, key: K, item: ItemRef) {
    match table.entry(key) {
        std::collections::hash_map::Entry::Vacant(slot) => {
            slot.insert(Bucket::One(item));
        }
        std::collections::hash_map::Entry::Occupied(mut slot) => match slot.get_mut() {
            Bucket::One(first) => {
                let pair = VecDeque::from([*first, item]);
                *slot.get_mut() = Bucket::Many(pair);
            }
            Bucket::Many(items) => items.push_back(item),
        },
    }
}

/// Takes an item out of a table. The oldest leave first, so that it is found at once.
fn withdraw<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Bucket>, key: K, item: ItemRef) {
    let std::collections::hash_map::Entry::Occupied(mut slot) = table.entry(key) else { return };
    match slot.get_mut() {
        Bucket::One(only) if *only == item => {
            slot.remove();
        }
        Bucket::One(_) => {}
        Bucket::Many(items) => {
            if let Some(at) = items.iter().position(|i| *i == item) {
                items.remove(at);
            }
            if items.is_empty() {
                slot.remove();
            }
        }
    }
}

fn newest_before<K: std::hash::Hash + Eq>(
    table: &HashMap<K, Bucket>,
    key: &K,
    before: ItemRef,
    most: usize,
) -> Vec<ItemRef> {
    let Some(bucket) = table.get(key) else { return Vec::new() };
    let end = bucket.before(before);
    (end.saturating_sub(most)..end).filter_map(|at| bucket.get(at)).collect()
}

/// Hashes a table whatever the order that its keys are stored in.
fn digest_table<K: Ord + std::hash::Hash + Eq>(
    table: &HashMap<K, Bucket>,
    hasher: &mut Xxh3,
    name: impl Fn(&ItemRef) -> (u64, u32),
) {
    let mut keys: Vec<&K> = table.keys().collect();
    keys.sort_unstable();
    for key in keys {
        std::hash::Hash::hash(key, hasher);
        for item in table[key].iter() {
            std::hash::Hash::hash(&name(&item), hasher);
        }
    }
}
