//! Looking up: earlier items that share an id, a reference, a slug, a text or a part of one.

use std::collections::BTreeSet;

use super::record::{Item, keys};
use super::tables::{Bucket, uri_hash};
use super::{DeskIndex, ItemRef, LOOKED_AT};

impl DeskIndex {
    /// Items of a uri that stand before another item, oldest first.
    pub(in crate::desk) fn with_uri(&self, uri: &str, before: ItemRef) -> Vec<ItemRef> {
        self.by_uri.newest_before(uri_hash(uri), before, usize::MAX).collect()
    }

    /// Items that refer to a uri and stand before another item, oldest first.
    pub(in crate::desk) fn with_reference(&self, uri: &str, before: ItemRef) -> Vec<ItemRef> {
        self.by_reference.newest_before(uri_hash(uri), before, usize::MAX).collect()
    }

    pub(in crate::desk) fn with_content(&self, content: u128, before: ItemRef) -> Vec<ItemRef> {
        self.by_content.newest_before(content, before, usize::MAX).collect()
    }

    pub(in crate::desk) fn with_slug(&self, slug: u64, before: ItemRef) -> Vec<ItemRef> {
        if slug == 0 { Vec::new() } else { self.by_slug.newest_before(slug, before, LOOKED_AT).collect() }
    }

    pub(in crate::desk) fn with_key(&self, key: u32, before: ItemRef) -> Vec<ItemRef> {
        self.by_key.newest_before(key, before, LOOKED_AT).collect()
    }

    /// Decided items of the chain that begins with a uri, in the order of their decisions.
    pub(in crate::desk) fn chain(&self, root: &str) -> impl Iterator<Item = ItemRef> {
        self.chains.get(uri_hash(root)).into_iter().flat_map(Bucket::iter)
    }

    /// Items without a verdict that stand before another one, and share an id, a reference, a slug, a text or a key with a
    /// third: they may turn out to belong to its chain.
    pub(in crate::desk) fn pending_beside(&self, item: &Item, before: ItemRef) -> BTreeSet<ItemRef> {
        let mut found = BTreeSet::new();
        let Some(oldest) = self.pending.first().filter(|seq| **seq < before.record) else { return found };
        let mut look = |bucket: Option<Bucket<'_>>| {
            let Some(bucket) = bucket else { return };
            let recent =
                (0..bucket.before(before)).rev().map_while(|at| bucket.get(at).filter(|i| i.record >= *oldest));
            found.extend(recent.filter(|i| self.pending.contains(&i.record) && i.record != before.record));
        };
        look(self.by_uri.get(uri_hash(&item.uri)));
        look(self.by_reference.get(uri_hash(&item.uri)));
        look(self.by_slug.get(item.slug));
        look(self.by_content.get(item.content));
        for key in keys(item) {
            look(self.by_key.get(key));
        }
        found
    }
}
