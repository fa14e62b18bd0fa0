//! Records and items as the index remembers them.

use std::sync::Arc;

use super::INDEX_KEYS;
use crate::desk::sighting::{ConditionalStream, DedupeRules, ItemVerdict, Sighting};
use crate::item::news::Kind;

/// An item in the index: the sequence number of its record, and its place in it. Ordered as the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemRef {
    pub record: u64,
    pub at: u32,
}

/// A raw partition, as the index numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId(pub(super) u32);

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
    /// Heaviest first; see [`crate::prepare::terms::Term`].
    pub terms: Box<[u32]>,
    pub slug: u64,
    pub refers_to: Option<Box<str>>,
    pub streams: Box<[Arc<str>]>,
    /// Streams that depend on the verdict; `None` for most items, and once the verdict is there.
    pub sometimes: Option<Box<[ConditionalStream]>>,
    pub words: u32,
    /// See [`crate::desk::sighting::ItemSighting`].
    pub withheld_until_ms: i64,
    pub rules: DedupeRules,
    pub verdict: Option<Box<ItemVerdict>>,
}

/// The values of a sketch that an item is found by.
pub(in crate::desk) fn keys(item: &Item) -> impl Iterator<Item = u32> + '_ {
    item.sketch.iter().take(INDEX_KEYS).copied()
}

/// Estimate of a record's memory, its entries in the look-up tables included.
pub(super) fn bytes(record: &Record) -> usize {
    const TABLE_ENTRY: usize = 40;
    let items: usize = record
        .items
        .iter()
        .map(|i| {
            size_of::<Item>()
                + i.uri.len()
                + 4 * (i.numbers.len() + i.sketch.len() + i.terms.len())
                + size_of::<Arc<str>>() * i.streams.len()
                + TABLE_ENTRY * (INDEX_KEYS.min(i.sketch.len()) + 4)
        })
        .sum();
    size_of::<Record>() + 2 * TABLE_ENTRY + items
}
