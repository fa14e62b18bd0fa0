//! Look-up tables: from a key to the items that share it.

use std::collections::{HashMap, VecDeque};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::ItemRef;

/// Items that share a key, oldest first. Most keys have one.
#[derive(Clone, Debug)]
pub(super) enum Bucket {
    One(ItemRef),
    Many(VecDeque<ItemRef>),
}

impl Bucket {
    pub(super) fn get(&self, at: usize) -> Option<ItemRef> {
        match self {
            Bucket::One(item) => (at == 0).then_some(*item),
            Bucket::Many(items) => items.get(at).copied(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ItemRef> {
        (0..).map_while(|at| self.get(at))
    }

    /// How many stand before an item in the log.
    pub(super) fn before(&self, item: ItemRef) -> usize {
        match self {
            Bucket::One(only) => usize::from(*only < item),
            Bucket::Many(items) => items.partition_point(|i| *i < item),
        }
    }
}

pub(in crate::desk) fn uri_hash(uri: &str) -> u64 {
    xxh3_64(uri.as_bytes())
}

pub(super) fn insert<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Bucket>, key: K, item: ItemRef) {
    match table.entry(key) {
        std::collections::hash_map::Entry::Vacant(slot) => {
            slot.insert(Bucket::One(item));
        }
        std::collections::hash_map::Entry::Occupied(mut slot) => match slot.get_mut() {
            Bucket::One(first) => {
                let pair = VecDeque::from([item.min(*first), item.max(*first)]);
                *slot.get_mut() = Bucket::Many(pair);
            }
            // Next to always the newest: only verdicts come in another order than sightings.
            Bucket::Many(items) => {
                let older = items.iter().rev().take_while(|i| **i > item).count();
                items.insert(items.len() - older, item);
            }
        },
    }
}

/// Takes an item out of a table. The oldest leave first, so that it is found at once.
pub(super) fn withdraw<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Bucket>, key: K, item: ItemRef) {
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

pub(super) fn newest_before<K: std::hash::Hash + Eq>(
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
pub(super) fn digest_table<K: Ord + std::hash::Hash + Eq>(
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
