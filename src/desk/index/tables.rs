//! Look-up tables: from a key to the items that share it.
//!
//! **Memory.** Most keys have one item, and an item has some 25 keys, so an entry is the key and 8 bytes: with 32-bit keys 13 bytes
//! over the table's load, between 0.44 and 0.875. Items that share a key are lists, kept apart.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::ItemRef;

/// Keys are hashes already, but not uniform ones: an item's sketch holds its smallest. One multiplication spreads them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl KeyHasher {
    fn mix(&mut self, value: u64) {
        // 2^64 divided by the golden ratio; both halves of the product count, because the table takes its place from the lower
        // bits and its tag from the upper ones.
        let product = u128::from(self.0 ^ value) * 0x9E37_79B9_7F4A_7C15_u128;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.mix(xxh3_64(bytes));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value as u64);
    }

    fn write_u128(&mut self, value: u128) {
        self.mix(value as u64);
        self.mix((value >> 64) as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) type KeyMap<K, V> = HashMap<K, V, BuildHasherDefault<KeyHasher>>;

/// An item in 8 bytes of alignment 4, or the number of a list. The record's number in the upper 44 bits, its place in the record in
/// the lower 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packed([u32; 2]);

/// In the place of an item's place: it is a list's number.
const LIST: u32 = (1 << 20) - 1;

impl Packed {
    fn new(record: u64, at: u32) -> Packed {
        let packed = (record << 20) | u64::from(at);
        Packed([(packed >> 32) as u32, packed as u32])
    }

    /// Items past the million of one record share the last place: they are found as that one.
    fn item(item: ItemRef) -> Packed {
        Packed::new(item.record, item.at.min(LIST - 1))
    }

    fn parts(self) -> (u64, u32) {
        let packed = (u64::from(self.0[0]) << 32) | u64::from(self.0[1]);
        (packed >> 20, packed as u32 & LIST)
    }

    fn list(self) -> Option<usize> {
        let (number, at) = self.parts();
        (at == LIST).then_some(number as usize)
    }

    fn unpack(self) -> ItemRef {
        let (record, at) = self.parts();
        ItemRef { record, at }
    }
}

/// Items by a key, oldest first.
#[derive(Debug)]
pub(super) struct Table<K> {
    entries: KeyMap<K, Packed>,
    /// Items that share a key, in the log's order. Those of no key are empty, and in `free`.
    lists: Vec<VecDeque<Packed>>,
    free: Vec<usize>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { entries: KeyMap::default(), lists: Vec::new(), free: Vec::new() }
    }
}

/// Items that share a key, oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bucket<'a> {
    One(ItemRef),
    Many(&'a VecDeque<Packed>),
}

impl<'a> Bucket<'a> {
    pub(super) fn get(self, at: usize) -> Option<ItemRef> {
        match self {
            Bucket::One(item) => (at == 0).then_some(item),
            Bucket::Many(items) => items.get(at).map(|i| i.unpack()),
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = ItemRef> + use<'a> {
        (0..).map_while(move |at| self.get(at))
    }

    /// How many stand before an item in the log.
    pub(super) fn before(self, item: ItemRef) -> usize {
        match self {
            Bucket::One(only) => usize::from(only < item),
            Bucket::Many(items) => items.partition_point(|i| i.unpack() < item),
        }
    }
}

impl<K: Copy + Hash + Ord> Table<K> {
    pub(super) fn get(&self, key: K) -> Option<Bucket<'_>> {
        let entry = *self.entries.get(&key)?;
        match entry.list() {
            None => Some(Bucket::One(entry.unpack())),
            Some(list) => self.lists.get(list).map(Bucket::Many),
        }
    }

    pub(super) fn insert(&mut self, key: K, item: ItemRef) {
        let item = Packed::item(item);
        match self.entries.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(item);
            }
            Entry::Occupied(mut slot) => match slot.get().list() {
                None => {
                    let first = *slot.get();
                    let list = self.free.pop().unwrap_or(self.lists.len());
                    if list == self.lists.len() {
                        self.lists.push(VecDeque::new());
                    }
                    self.lists[list].extend([item.min(first), item.max(first)]);
                    *slot.get_mut() = Packed::new(list as u64, LIST);
                }
                // Next to always the newest: only verdicts come in another order than sightings.
                Some(list) => {
                    let items = &mut self.lists[list];
                    let older = items.iter().rev().take_while(|i| **i > item).count();
                    items.insert(items.len() - older, item);
                }
            },
        }
    }

    /// Takes an item out. The oldest leave first, so that it is found at once.
    pub(super) fn withdraw(&mut self, key: K, item: ItemRef) {
        let item = Packed::item(item);
        let Entry::Occupied(slot) = self.entries.entry(key) else { return };
        match slot.get().list() {
            None if *slot.get() == item => {
                slot.remove();
            }
            None => {}
            Some(list) => {
                let items = &mut self.lists[list];
                if let Some(at) = items.iter().position(|i| *i == item) {
                    items.remove(at);
                }
                if items.is_empty() {
                    self.lists[list] = VecDeque::new();
                    self.free.push(list);
                    slot.remove();
                }
            }
        }
    }

    /// The newest items of a key that stand before another one, at most so many, oldest first.
    pub(super) fn newest_before(
        &self,
        key: K,
        before: ItemRef,
        most: usize,
    ) -> impl DoubleEndedIterator<Item = ItemRef> {
        let bucket = self.get(key);
        let end = bucket.map_or(0, |b| b.before(before));
        (end.saturating_sub(most)..end).filter_map(move |at| bucket.and_then(|b| b.get(at)))
    }

    /// Hashes the table whatever the order that its keys are stored in.
    pub(super) fn digest(&self, hasher: &mut Xxh3, name: impl Fn(&ItemRef) -> (u64, u32)) {
        let mut keys: Vec<K> = self.entries.keys().copied().collect();
        keys.sort_unstable();
        for key in keys {
            key.hash(hasher);
            for item in self.get(key).into_iter().flat_map(Bucket::iter) {
                name(&item).hash(hasher);
            }
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        self.entries.keys().copied()
    }
}

pub(in crate::desk) fn uri_hash(uri: &str) -> u64 {
    xxh3_64(uri.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever comes and goes, a table holds what a map of ordered lists holds.
        #[test]
        fn a_table_is_a_map_of_ordered_lists(steps in prop::collection::vec((0..6_u32, 0..40_u64, 0..3_u32, any::<bool>()), 0..200)) {
            let mut table = Table::default();
            let mut model: BTreeMap<u32, Vec<ItemRef>> = BTreeMap::new();
            for (key, record, at, enters) in steps {
                let item = ItemRef { record, at };
                let list = model.entry(key).or_default();
                match (enters, list.contains(&item)) {
                    (true, false) => {
                        table.insert(key, item);
                        list.push(item);
                        list.sort_unstable();
                    }
                    (false, true) => {
                        table.withdraw(key, item);
                        list.retain(|i| *i != item);
                    }
                    _ => {}
                }
                let list = &model[&key];
                prop_assert_eq!(&table.get(key).into_iter().flat_map(Bucket::iter).collect::<Vec<_>>(), list);
                let before: Vec<ItemRef> = list.iter().copied().filter(|i| *i < item).collect();
                let newest = before[before.len().saturating_sub(2)..].to_vec();
                prop_assert_eq!(table.newest_before(key, item, 2).collect::<Vec<_>>(), newest);
            }
            let left: usize = model.values().filter(|l| !l.is_empty()).count();
            prop_assert_eq!(table.entries.len(), left);
        }
    }

    #[test]
    fn the_smallest_values_of_sketches_spread_over_a_table() {
        let place = |value: u32| {
            let mut hasher = KeyHasher::default();
            value.hash(&mut hasher);
            hasher.finish()
        };
        let (mut low, mut high) = ([0; 64], [0; 64]);
        for value in 0..64_000 {
            low[(place(value) % 64) as usize] += 1;
            high[(place(value) >> 58) as usize] += 1;
        }
        assert!(low.iter().chain(&high).all(|n| (500..1500).contains(n)), "{low:?} {high:?}");
    }
}
