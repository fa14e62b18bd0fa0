//! Judging: what an item is, given all that the log holds before it.
//!
//! A verdict depends on earlier entries of the log only, so that whoever judges at whatever moment sees the same
//! candidates. An item that matches an earlier one which has no verdict yet waits for it, and so does one that changes a story
//! for those that may belong to the story; nothing else waits.
//!
//! The rules, in order. *Target* is the item that the new one is compared with; *chain* all items with the target's root.
//!
//! 1. **By id.** The wire gave both the same id: an older version is `stale`; the same version with the same text and kind a
//!    `duplicate`; everything else an `update`, `correction` or `kill`, as the wire says, even when its text is the same.
//! 2. **By reference or slug.** A kill, correction or update that names its item, or shares feed and slug with it.
//! 3. **By text.** The same text, or a near-copy: a `duplicate` when the wire calls it an original and it brings no number
//!    that its target lacks, else an `update` or `correction`. Texts of fewer than [`MIN_WORDS_FOR_NEAR`] words are
//!    compared for equality only.
//! 4. Else `new`, but for a kill, which stays a `kill` of something unknown.
//!
//! A duplicate is suppressed only for the streams that its chain has reached, and never against a killed item. An update or
//! correction goes to all streams that its chain has reached besides its own, a kill to these alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::index::{DeskIndex, Item, ItemRef, Record, State, keys};
use super::sighting::{DuplicatesCode, ItemVerdict, MatchedCode, RecordRef, VerdictCode};
use super::sketch::{Likeness, Sketch, compare};
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

/// An earlier item that the new one is a version or a copy of.
struct Target {
    item: ItemRef,
    matched: Matched,
    similarity: Option<f32>,
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
        match self.target(here, item) {
            None => self.unmatched(item),
            Some(target) => self.matched(here, item, &target),
        }
    }

    fn target(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        self.by_id(here, item)
            .or_else(|| self.by_reference(here, item))
            .or_else(|| self.by_slug(here, item))
            .or_else(|| self.by_text(here, item))
    }

    /// Candidates, all earlier in the log, that are within the feed's window and were not skipped.
    fn earlier(&self, item: &Item, among: Vec<ItemRef>) -> Vec<ItemRef> {
        let window_ms = i64::try_from(item.rules.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
        let not_before = if window_ms == 0 { i64::MIN } else { self.record.time_ms.saturating_sub(window_ms) };
        among
            .into_iter()
            .filter(|c| self.index.record(c.record).is_some_and(|r| r.state != State::Void && r.time_ms >= not_before))
            .collect()
    }

    /// The verdict on an earlier item; without one, its record is waited for.
    fn verdict(&mut self, candidate: ItemRef) -> Option<&ItemVerdict> {
        if candidate.record == self.seq {
            return self.own.get(candidate.at as usize);
        }
        let verdict = self.index.item(candidate).and_then(|(_, item)| item.verdict.as_deref());
        if verdict.is_none() && self.index.record(candidate.record).is_some_and(|r| r.state == State::Pending) {
            self.waits.push(candidate.record);
        }
        verdict
    }

    fn get(&self, item: ItemRef) -> Option<&'a Item> {
        self.index.item(item).map(|(_, item)| item)
    }

    /// The newest version with the same id, by version where the wire gives one, else by arrival.
    fn by_id(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        if !item.has_own_id {
            return None;
        }
        let same: Vec<ItemRef> = self
            .earlier(item, self.index.with_uri(&item.uri, here))
            .into_iter()
            .filter(|c| self.get(*c).is_some_and(|i| i.has_own_id && i.uri == item.uri))
            .collect();
        self.newest(&same).map(|item| Target { item, matched: Matched::Id, similarity: None })
    }

    fn by_reference(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        let named = item.refers_to.as_deref()?;
        let same: Vec<ItemRef> = self
            .earlier(item, self.index.with_uri(named, here))
            .into_iter()
            .filter(|c| self.get(*c).is_some_and(|i| &*i.uri == named))
            .collect();
        self.newest(&same).map(|item| Target { item, matched: Matched::Id, similarity: None })
    }

    /// Only what the wire itself marks as a version goes by its slug: agencies reuse slugs for new stories.
    fn by_slug(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        if matches!(item.kind, Kind::Original | Kind::Advisory) {
            return None;
        }
        let same = self.earlier(item, self.index.with_slug(item.slug, here));
        self.newest(&same).map(|item| Target { item, matched: Matched::Id, similarity: None })
    }

    fn newest(&mut self, among: &[ItemRef]) -> Option<ItemRef> {
        let mut best: Option<(Option<u64>, ItemRef)> = None;
        for candidate in among {
            let stale = self.verdict(*candidate).is_some_and(|v| v.verdict() == VerdictCode::Stale);
            if stale {
                continue;
            }
            let key = (self.get(*candidate).and_then(|i| i.version), *candidate);
            if best.is_none_or(|b| key > b) {
                best = Some(key);
            }
        }
        best.map(|(_, item)| item)
    }

    fn by_text(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        if item.words == 0 {
            return None;
        }
        let exact = self.earlier(item, self.index.with_content(item.content, here));
        for candidate in &exact {
            self.verdict(*candidate);
        }
        if let Some(first) = exact.first() {
            return Some(Target { item: *first, matched: Matched::Exact, similarity: Some(1.0) });
        }
        self.by_sketch(here, item)
    }

    /// The most similar of the candidates that share most keys with it, if it is similar enough.
    fn by_sketch(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        if item.words < MIN_WORDS_FOR_NEAR {
            return None;
        }
        // Keys shared, then the oldest first: a copy's target is the original rather than another copy.
        let mut shared: BTreeMap<ItemRef, usize> = BTreeMap::new();
        for key in keys(item) {
            for candidate in self.earlier(item, self.index.with_key(key, here)) {
                *shared.entry(candidate).or_default() += 1;
            }
        }
        let mut order: Vec<(usize, ItemRef)> = shared.into_iter().map(|(item, n)| (n, item)).collect();
        order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best: Option<(f32, ItemRef)> = None;
        for (_, candidate) in order.into_iter().take(MAX_COMPARED) {
            let Some(similarity) = self.similarity(item, candidate) else { continue };
            self.verdict(candidate);
            if best.is_none_or(|(most, _)| similarity > most) {
                best = Some((similarity, candidate));
            }
        }
        best.map(|(similarity, item)| Target { item, matched: Matched::Near, similarity: Some(similarity) })
    }

    /// How alike two items are, if that is alike enough under the new item's rules.
    fn similarity(&self, item: &Item, candidate: ItemRef) -> Option<f32> {
        let other = self.get(candidate)?;
        if other.words < MIN_WORDS_FOR_NEAR {
            return None;
        }
        let sketch = |i: &'a Item| Sketch { shingles: i.shingles, values: &i.sketch };
        let mine = Sketch { shingles: item.shingles, values: &item.sketch };
        let Likeness { jaccard, containment } = compare(mine, sketch(other));
        if jaccard >= item.rules.similarity {
            Some(jaccard)
        } else if containment >= item.rules.containment {
            Some(containment)
        } else {
            None
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

    fn unmatched(&self, item: &Item) -> ItemVerdict {
        let verdict = if item.kind == Kind::Kill { Verdict::Kill } else { Verdict::New };
        let streams = own_streams(item, verdict, self.story.as_deref());
        ItemVerdict {
            item: item.index,
            verdict: VerdictCode::from(verdict).into(),
            root: item.uri.to_string(),
            matched: MatchedCode::None.into(),
            reached: streams.clone(),
            streams,
            ..ItemVerdict::default()
        }
    }

    fn matched(&mut self, here: ItemRef, item: &Item, target: &Target) -> ItemVerdict {
        let Some(other) = self.get(target.item) else { return self.unmatched(item) };
        // Without a verdict yet, this one is provisional and thrown away: the record waits.
        let Some(theirs) = self.verdict(target.item).cloned() else { return self.unmatched(item) };
        let verdict = verdict(item, other, target);
        if matches!(verdict, Verdict::Kill | Verdict::Correction | Verdict::Update) {
            self.await_chain(here, &theirs.root);
        }
        let chain = Chain::of(self, here, &theirs);
        let own = own_streams(item, verdict, self.story.as_deref());
        let streams = match verdict {
            Verdict::Stale => Vec::new(),
            Verdict::Duplicate if chain.killed => own,
            Verdict::Duplicate => {
                own.into_iter().filter(|s| !chain.reached.contains(s) || keeps_duplicates(item, s)).collect()
            }
            // What a notice says of itself is not what it takes back: it goes where the item went, and nowhere else.
            Verdict::Kill if !chain.reached.is_empty() => chain.reached.clone(),
            _ => union(own, &chain.reached),
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
            reached: union(chain.reached, &streams),
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
            (Some(mine), Some(theirs)) if mine < theirs => Verdict::Stale,
            (Some(mine), Some(theirs)) if mine > theirs => as_marked,
            _ if same_text && item.kind == other.kind => Verdict::Duplicate,
            _ => as_marked,
        };
    }
    match item.kind {
        Kind::Original | Kind::Advisory | Kind::Hold if target.matched != Matched::Id => {
            let brings_numbers = target.matched == Matched::Near && !contains_all(&other.numbers, &item.numbers);
            if brings_numbers { Verdict::Update } else { Verdict::Duplicate }
        }
        // A second copy of the same correction or update, by another way.
        Kind::Update | Kind::Correction if same_text && item.kind == other.kind => Verdict::Duplicate,
        _ => as_marked,
    }
}

/// What a chain has come to.
struct Chain {
    /// Streams that its items went to.
    reached: Vec<String>,
    /// Its records that are not out yet, the last one of each raw partition.
    after: Vec<RecordRef>,
    /// A kill stands in it, and nothing newer after that.
    killed: bool,
}

impl Chain {
    fn of(judge: &mut Judge<'_>, here: ItemRef, target: &ItemVerdict) -> Chain {
        let mut chain = Chain { reached: target.reached.clone(), after: Vec::new(), killed: false };
        let mut members: Vec<ItemRef> = judge.index.chain(&target.root).filter(|m| *m < here).collect();
        members.sort_unstable();
        let mut last: BTreeMap<(Arc<str>, i32), i64> = BTreeMap::new();
        for member in members {
            let Some((record, item)) = judge.index.item(member) else { continue };
            let Some(verdict) = item.verdict.as_deref() else { continue };
            chain.reached = union(std::mem::take(&mut chain.reached), &verdict.reached);
            match verdict.verdict() {
                VerdictCode::Kill => chain.killed = true,
                VerdictCode::Update | VerdictCode::Correction | VerdictCode::New => chain.killed = false,
                VerdictCode::Duplicate | VerdictCode::Stale | VerdictCode::Unknown => {}
            }
            if !record.done && !judge.record.out_of_turn {
                let (topic, partition) = judge.index.partition_name(record.partition);
                let offset = last.entry((topic.clone(), partition)).or_insert(record.offset);
                *offset = (*offset).max(record.offset);
            }
        }
        chain.after = last
            .into_iter()
            .map(|((topic, partition), offset)| RecordRef { topic: topic.to_string(), partition, offset })
            .collect();
        for own in &judge.own {
            if own.root == target.root {
                chain.reached = union(std::mem::take(&mut chain.reached), &own.reached);
            }
        }
        chain
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
