//! The desk's memory: the fold of the sightings log.
//!
//! **Contract.** The index is nothing but the fold of what the log holds within the window: it holds nothing that those
//! entries do not determine, so that a fresh instance that replays them and one that ran all along agree (compared by
//! [`DeskIndex::digest`]). Its clock is the running maximum of the log's own time. It evicts before it judges.
//!
//! **What leaves.** A record leaves when three things hold: it is older than the window; its raw position is published or
//! skipped (`Done`); and it stands more than `max_lateness_records` behind the log's end. The second keeps an item whose
//! owner is down from being judged anew when it comes back; the third makes repeats recognizable without remembering for
//! ever, because an entry counts only if its writer had read the log to within so many records.
//!
//! **What counts.** The first sighting of a record counts; a repeat is recognised by offset, hash and time. The first decision
//! on a sighting counts.

mod digest;
mod fold;
mod lookup;
mod record;
mod replay;
mod story_tables;
mod tables;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use self::fold::LateSighting;
pub use self::fold::{Folded, Ignored, LogReplaced};
pub(super) use self::record::keys;
pub use self::record::{Item, ItemRef, PartitionId, Record, State};
pub use self::replay::{ReplaySpan, replay_span};
use self::story_tables::StoryTables;
use self::tables::{KeyMap, Table};
use super::sighting::{Body, RecordRef, Sighting};

/// Smallest values of a sketch that items are found by. With 8: recall 0.987; 12: 0.991; 16: 0.996.
pub const INDEX_KEYS: usize = 12;

/// Items looked at for one key: the newest that stand before the item in question. So a template's stock phrase costs no more
/// than any other, and what an item is compared with does not depend on how many came between its sighting and its verdict.
const LOOKED_AT: usize = 8;

/// What the index depends on besides the log. The same on all instances of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexConfig {
    pub window_ms: i64,
    pub max_lateness_records: u64,
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
    by_origin: KeyMap<(PartitionId, i64), u64>,
    by_log_offset: KeyMap<u64, u64>,
    by_uri: Table<u64>,
    /// Items by the uri that they refer to.
    by_reference: Table<u64>,
    by_content: Table<u128>,
    by_slug: Table<u64>,
    by_key: Table<u32>,
    chains: Table<u64>,
    stories: StoryTables,
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
            by_origin: KeyMap::default(),
            by_log_offset: KeyMap::default(),
            by_uri: Table::default(),
            by_reference: Table::default(),
            by_content: Table::default(),
            by_slug: Table::default(),
            by_key: Table::default(),
            chains: Table::default(),
            stories: StoryTables::default(),
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
        let (seq, record) = self.standing(sighting)?;
        record.is_of(sighting).then_some(seq)
    }

    /// Whether another record stands at a sighting's offset; `None` of what is no sighting.
    pub fn replaces(&self, body: &Body) -> Option<bool> {
        let Body::Sighting(sighting) = body else { return None };
        Some(self.standing(sighting).is_some_and(|(_, record)| !record.is_of(sighting)))
    }

    /// What stands at a sighting's offset: its own record, or another one.
    fn standing(&self, sighting: &Sighting) -> Option<(u64, &Record)> {
        let partition = self.find_partition(&sighting.topic, sighting.partition)?;
        let seq = *self.by_origin.get(&(partition, sighting.offset))?;
        Some((seq, self.record(seq)?))
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
}
