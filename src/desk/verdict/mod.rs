//! Judging: what an item is, given all that the log holds before it.
//!
//! A verdict depends on earlier entries of the log only, so that whoever judges at whatever moment sees the same
//! candidates. An item that matches an earlier one which has no verdict yet waits for it, and so does one that changes a story
//! for those that may belong to the story; nothing else waits.
//!
//! The rules, in order. *Target* is the item that the new one is compared with; *chain* all items with the target's root.
//!
//! 1. **By a kill.** What a kill stands against is `killed`: see `kills`.
//! 2. **By id.** The wire gave both the same id: an older version is `stale`; the same version with the same text and kind a
//!    `duplicate`; everything else an `update`, `correction` or `kill`, as the wire says, even when its text is the same.
//! 3. **By reference or slug.** A kill, correction or update that names its item, or shares feed and slug with it.
//! 4. **By text.** The same text, or a near-copy: a `duplicate` when the wire calls it an original and it brings no number
//!    that its target lacks, else an `update` or `correction`. Texts of fewer than [`MIN_WORDS_FOR_NEAR`] words are
//!    compared for equality only.
//!    A numbered lead (`UPDATE 1`) of a wire without ids is `stale` when a later one of that wire, which is like it and has all
//!    of its numbers, stands in its chain.
//! 5. Else `new`, but for a kill, which stays a `kill` of something unknown.
//!
//! A duplicate is suppressed only for the streams that its chain has reached, and never against an item that is killed, on hold or
//! under an embargo that still runs. An update or
//! correction goes to all streams that its chain has reached besides its own, a kill to these alone.

mod chain;
#[cfg(test)]
mod kill_tests;
mod kills;
mod targets;

use std::sync::Arc;

use self::chain::Chain;
use self::targets::Target;
use super::index::{DeskIndex, Item, ItemRef, Record};
use super::sighting::{DuplicatesCode, ItemVerdict, MatchedCode, VerdictCode};
use super::stories;
use crate::item::news::Kind;
use crate::item::published::{Matched, Verdict};

/// Texts shorter than this are judged by exact and id rules only: flashes and briefs share too few shingles to tell a copy
/// from another flash of the same template.
pub const MIN_WORDS_FOR_NEAR: u32 = 20;
/// Candidates whose sketches are compared, most shared keys first. 2.5 comparisons are done for an item on average.
const MAX_COMPARED: usize = 4;

/// What judging a record gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Earlier records that must have their verdicts first.
    Wait(Vec<u64>),
    /// One verdict an item, in the record's order.
    Decided(Vec<ItemVerdict>),
}

/// Judges all items of a sighted record. `None` when the record is not in the index.
pub fn judge(index: &DeskIndex, seq: u64) -> Option<Judgement> {
    let record = index.record(seq)?;
    let mut judge =
        Judge { index, seq, record, own: Vec::with_capacity(record.items.len()), waits: Vec::new(), story: None };
    for at in 0..record.items.len() {
        let verdict = judge.told(at as u32);
        judge.own.push(verdict);
    }
    if judge.waits.is_empty() || record.out_of_turn {
        return Some(Judgement::Decided(judge.own));
    }
    judge.waits.sort_unstable();
    judge.waits.dedup();
    Some(Judgement::Wait(judge.waits))
}

struct Judge<'a> {
    index: &'a DeskIndex,
    seq: u64,
    record: &'a Record,
    /// Verdicts on the record's earlier items: they are candidates too.
    own: Vec<ItemVerdict>,
    waits: Vec<u64>,
    /// Of the item in hand, where its streams depend on it.
    story: Option<String>,
}

impl<'a> Judge<'a> {
    /// The verdict on an item, its story in it.
    fn told(&mut self, at: u32) -> ItemVerdict {
        self.story = None;
        let verdict = self.item(at);
        let place = stories::place(self.index, ItemRef { record: self.seq, at }, &self.own, &verdict);
        // Few streams ask for stories.
        let sometimes = self.record.items[at as usize].sometimes.iter().flat_map(|all| &**all);
        let story = stories::urn(place.story);
        if !sometimes.flat_map(|s| &s.stories).any(|s| s.story == story) {
            return place.on(verdict);
        }
        self.story = Some(story);
        place.on(self.item(at))
    }

    fn item(&mut self, at: u32) -> ItemVerdict {
        let item = &self.record.items[at as usize];
        let here = ItemRef { record: self.seq, at };
        if let Some(kill) = self.standing_kill(here, item) {
            return self.killed(here, item, kill);
        }
        match self.target(here, item) {
            None => self.unmatched(item),
            Some(target) => self.matched(here, item, &target),
        }
    }

    /// Waits for earlier items that may turn out to belong to a chain: what changes a story must reach all streams that the story
    /// reached, and follow it.
    fn await_chain(&mut self, here: ItemRef, root: &str) {
        for member in self.index.chain(root).filter(|m| *m < here) {
            let Some(item) = self.get(member) else { continue };
            for candidate in self.index.pending_beside(item, here) {
                let Some(other) = self.get(candidate) else { continue };
                let by_name = other.uri == item.uri || other.refers_to.as_deref() == Some(&item.uri);
                let by_slug = other.slug != 0 && other.slug == item.slug;
                if by_name || by_slug || other.content == item.content || self.similarity(other, member).is_some() {
                    self.waits.push(candidate.record);
                }
            }
        }
    }

    /// Whether a numbered lead came after a later one of its wire. Wires without ids number the versions of a text, and these
    /// numbers alone order them. Tomorrow's market report begins with `UPDATE 1` again: it brings other numbers.
    fn is_late_lead(&self, here: ItemRef, item: &Item, root: &str) -> bool {
        let (Kind::Update, false, Some(number)) = (item.kind, item.has_own_id, item.version) else { return false };
        let is_later = |member: ItemRef| {
            let Some((record, other)) = self.index.item(member) else { return false };
            record.feed == self.record.feed
                && other.kind == Kind::Update
                && !other.has_own_id
                && other.version.is_some_and(|later| later > number)
                && other.verdict.as_deref().is_some_and(|v| !v.is_never_out())
                && contains_all(&other.numbers, &item.numbers)
                && self.similarity(item, member).is_some()
        };
        self.index.chain(root).filter(|member| *member < here).any(is_later)
    }

    fn unmatched(&self, item: &Item) -> ItemVerdict {
        let verdict = if item.kind == Kind::Kill { Verdict::Kill } else { Verdict::New };
        let reached = own_streams(item, verdict, self.story.as_deref());
        let streams = match verdict {
            Verdict::Kill => kills::noticed(reached.clone()),
            _ => reached.clone(),
        };
        ItemVerdict {
            item: item.index,
            verdict: VerdictCode::from(verdict).into(),
            root: item.uri.to_string(),
            matched: MatchedCode::None.into(),
            reached,
            streams,
            ..ItemVerdict::default()
        }
    }

    fn matched(&mut self, here: ItemRef, item: &Item, target: &Target) -> ItemVerdict {
        let Some(other) = self.get(target.item) else { return self.unmatched(item) };
        // Without a verdict yet, this one is provisional and thrown away: the record waits.
        let Some(theirs) = self.verdict(target.item).cloned() else { return self.unmatched(item) };
        let verdict = match verdict(item, other, target) {
            Verdict::Update if self.is_late_lead(here, item, &theirs.root) => Verdict::Stale,
            verdict => verdict,
        };
        if matches!(verdict, Verdict::Kill | Verdict::Correction | Verdict::Update) {
            self.await_chain(here, &theirs.root);
        }
        let chain = Chain::of(self, here, &theirs);
        let own = own_streams(item, verdict, self.story.as_deref());
        let (streams, reached) = if verdict == Verdict::Kill {
            self.kill_streams(here, item, own, chain.reached)
        } else {
            let streams = match verdict {
                Verdict::Stale | Verdict::Killed => Vec::new(),
                Verdict::Duplicate if chain.killed => own,
                Verdict::Duplicate => {
                    // Who may not use the one must get the other.
                    let is_withheld = item.withheld_until_ms > self.record.time_ms;
                    let there = if is_withheld { &chain.reached } else { &chain.open };
                    own.into_iter().filter(|s| !there.contains(s) || keeps_duplicates(item, s)).collect()
                }
                _ => union(own, &chain.reached),
            };
            let reached = union(chain.reached, &streams);
            (streams, reached)
        };
        // A copy of a copy names the original.
        let of = match theirs.verdict() {
            VerdictCode::Duplicate => theirs.of.clone().unwrap_or_else(|| other.uri.to_string()),
            _ => other.uri.to_string(),
        };
        ItemVerdict {
            item: item.index,
            verdict: VerdictCode::from(verdict).into(),
            of: Some(of),
            root: theirs.root,
            similarity: target.similarity,
            matched: MatchedCode::from(Some(target.matched)).into(),
            reached,
            streams,
            after: chain.after,
            ..ItemVerdict::default()
        }
    }
}

/// The verdict on an item with a target; see the module for the rules.
fn verdict(item: &Item, other: &Item, target: &Target) -> Verdict {
    let same_text = item.content == other.content;
    let as_marked = match item.kind {
        Kind::Kill => Verdict::Kill,
        Kind::Correction => Verdict::Correction,
        _ => Verdict::Update,
    };
    if target.matched == Matched::Id && item.uri == other.uri {
        return match (item.version, other.version) {
            _ if item.kind == Kind::Kill => Verdict::Kill,
            (Some(mine), Some(theirs)) if mine < theirs => Verdict::Stale,
            (Some(mine), Some(theirs)) if mine > theirs => as_marked,
            _ if same_text && item.kind == other.kind => Verdict::Duplicate,
            _ => as_marked,
        };
    }
    match item.kind {
        // The order to hold what is out is news, though its text is not.
        Kind::Hold if other.kind != Kind::Hold => Verdict::Update,
        Kind::Original | Kind::Advisory | Kind::Hold if target.matched != Matched::Id => {
            let brings_numbers = target.matched == Matched::Near && !contains_all(&other.numbers, &item.numbers);
            if brings_numbers { Verdict::Update } else { Verdict::Duplicate }
        }
        // A second copy of the same correction or update, by another way.
        Kind::Update | Kind::Correction if same_text && item.kind == other.kind => Verdict::Duplicate,
        _ => as_marked,
    }
}

/// Whether every number of the new text is in the old one, as far as the two sketches of numbers can tell.
fn contains_all(old: &[u32], new: &[u32]) -> bool {
    new.iter().all(|n| old.binary_search(n).is_ok())
}

/// The streams that an item goes to by itself, given what it was found to be.
fn own_streams(item: &Item, verdict: Verdict, story: Option<&str>) -> Vec<String> {
    let mut streams = names(&item.streams);
    let sometimes = item.sometimes.iter().flat_map(|sometimes| &**sometimes);
    let wanted = sometimes.filter(|sometimes| sometimes.wants(VerdictCode::from(verdict), story));
    streams.extend(wanted.map(|sometimes| sometimes.stream.clone()));
    streams
}

/// Whether a stream that has the original of a duplicate gets that too.
fn keeps_duplicates(item: &Item, stream: &str) -> bool {
    let said = item.sometimes.iter().flat_map(|sometimes| &**sometimes).find(|s| s.stream == stream);
    match said.map(|s| s.duplicates()) {
        Some(DuplicatesCode::Keep) => true,
        Some(DuplicatesCode::Drop) => false,
        Some(DuplicatesCode::Feed) | None => item.rules.flag_duplicates,
    }
}

fn names(streams: &[Arc<str>]) -> Vec<String> {
    streams.iter().map(|s| s.to_string()).collect()
}

fn union(mut streams: Vec<String>, more: &[String]) -> Vec<String> {
    for stream in more {
        if !streams.contains(stream) {
            streams.push(stream.clone());
        }
    }
    streams
}
