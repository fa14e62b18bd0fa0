//! What stories are found by: items by their heaviest terms, how many items hold a term, and the members of each story.

use std::collections::HashMap;

use xxhash_rust::xxh3::Xxh3;

use super::record::{Item, ItemRef, Record};
use super::tables::{Bucket, KeyMap, Table};
use super::{DeskIndex, LOOKED_AT};
use crate::desk::sighting::ItemVerdict;
use crate::desk::stories::{MEMBERS, STORY_KEYS};
use crate::prepare::terms::Term;

#[derive(Debug, Default)]
pub(super) struct StoryTables {
    /// Items by each of their heaviest terms.
    by_term: Table<u32>,
    /// Items in the index that hold a term.
    holders: KeyMap<u32, u32>,
    /// Items that speak for a story.
    by_story: Table<u64>,
    /// Stories of items whose verdict this instance has written and not yet read back: no part of the fold.
    assumed: HashMap<ItemRef, Assumed>,
}

#[derive(Clone, Copy, Debug)]
struct Assumed {
    story: u64,
    norm: f32,
}

impl StoryTables {
    pub(super) fn enter(&mut self, item: &Item, reference: ItemRef) {
        for term in item.terms.iter().map(|t| Term(*t)) {
            *self.holders.entry(term.hash()).or_default() += 1;
        }
        for key in story_keys(item) {
            self.by_term.insert(key, reference);
        }
    }

    pub(super) fn remove(&mut self, item: &Item, reference: ItemRef) {
        for term in item.terms.iter().map(|t| Term(*t)) {
            if let std::collections::hash_map::Entry::Occupied(mut count) = self.holders.entry(term.hash()) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
        }
        for key in story_keys(item) {
            self.by_term.withdraw(key, reference);
        }
        self.forget_assumption(reference);
        if let Some(verdict) = item.verdict.as_deref().filter(|v| v.story_norm > 0.0) {
            self.by_story.withdraw(verdict.story, reference);
        }
    }

    /// An item's verdict counts.
    pub(super) fn decide(&mut self, reference: ItemRef, story: u64, norm: f32) {
        self.forget_assumption(reference);
        if norm > 0.0 {
            self.by_story.insert(story, reference);
        }
    }

    fn forget_assumption(&mut self, reference: ItemRef) {
        if let Some(assumed) = self.assumed.remove(&reference)
            && assumed.norm > 0.0
        {
            self.by_story.withdraw(assumed.story, reference);
        }
    }

    pub(super) fn digest(&self, hasher: &mut Xxh3, name: impl Fn(&ItemRef) -> (u64, u32)) {
        self.by_term.digest(hasher, &name);
        let mut holders: Vec<(u32, u32)> = self.holders.iter().map(|(term, count)| (*term, *count)).collect();
        holders.sort_unstable();
        std::hash::Hash::hash(&holders, hasher);
        // What is assumed is this instance's own.
        let mut members: Vec<(u64, (u64, u32))> = Vec::new();
        for story in self.by_story.keys() {
            let all = self.by_story.get(story).into_iter().flat_map(Bucket::iter);
            let decided = all.filter(|member| !self.assumed.contains_key(member));
            members.extend(decided.map(|member| (story, name(&member))));
        }
        members.sort_unstable();
        std::hash::Hash::hash(&members, hasher);
    }
}

/// The terms that an item is found by.
fn story_keys(item: &Item) -> impl Iterator<Item = u32> {
    item.terms.iter().take(STORY_KEYS).map(|t| Term(*t).hash())
}

impl DeskIndex {
    /// How many items in the index hold a term.
    pub(in crate::desk) fn items_with_term(&self, hash: u32) -> u32 {
        self.stories.holders.get(&hash).copied().unwrap_or(0)
    }

    /// The newest items before another one that have a term among their heaviest, newest first.
    pub(in crate::desk) fn with_term(&self, hash: u32, before: ItemRef) -> impl Iterator<Item = ItemRef> {
        self.stories.by_term.newest_before(hash, before, LOOKED_AT).rev()
    }

    /// The story of an item, by its verdict or by one that this instance has written.
    pub(in crate::desk) fn story_of(&self, item: ItemRef) -> Option<u64> {
        let decided = self.item(item).and_then(|(_, i)| i.verdict.as_deref()).map(|v| v.story);
        decided.or_else(|| self.stories.assumed.get(&item).map(|a| a.story)).filter(|story| *story != 0)
    }

    /// The newest members of a story before an item, newest first, each with the length of its vector of terms.
    pub(in crate::desk) fn members(&self, story: u64, before: ItemRef) -> impl Iterator<Item = (ItemRef, f32)> {
        let newest = self.stories.by_story.newest_before(story, before, MEMBERS);
        newest.rev().filter_map(|member| Some((member, self.story_norm(member)?)))
    }

    fn story_norm(&self, item: ItemRef) -> Option<f32> {
        let decided = self.item(item).and_then(|(_, i)| i.verdict.as_deref()).map(|v| v.story_norm);
        decided.or_else(|| self.stories.assumed.get(&item).map(|a| a.norm))
    }

    /// Takes the stories of a verdict that this instance has written for granted until the one that counts is read back: else the
    /// items that come in between would not find them.
    pub fn assume(&mut self, seq: u64, verdicts: &[ItemVerdict]) {
        let Some(record) = self.record(seq) else { return };
        let places: Vec<(ItemRef, Assumed)> = verdicts
            .iter()
            .filter_map(|v| Some((record.items.iter().position(|i| i.index == v.item)?, v)))
            .map(|(at, v)| (ItemRef { record: seq, at: at as u32 }, Assumed { story: v.story, norm: v.story_norm }))
            .collect();
        for (item, assumed) in places {
            self.stories.forget_assumption(item);
            if assumed.norm > 0.0 {
                self.stories.by_story.insert(assumed.story, item);
            }
            self.stories.assumed.insert(item, assumed);
        }
    }

    /// Forgets what was assumed of a record that will have no verdict.
    pub(super) fn unassume(&mut self, seq: u64) {
        let items = self.record(seq).map_or(0, |record: &Record| record.items.len() as u32);
        for at in 0..items {
            self.stories.forget_assumption(ItemRef { record: seq, at });
        }
    }
}
