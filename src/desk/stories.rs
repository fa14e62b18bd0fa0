//! Stories: which items are of one event, across feeds and across languages of one script.
//!
//! One pass, nothing is ever moved: an item joins the story that it fits best when it is judged, or begins one, and its verdict
//! says so in the log. What a story is like is told by its newest items alone, so that it drifts as events do, and needs no sums
//! that would have to give back what leaves the window.
//!
//! **How.** A term weighs its weight in the item times ln((N + P) / (df + P p)): N items are in the window, df of them hold it; p is
//! the share of items that hold it according to [`background`], which counts for as much as P items. So a name that is in all the
//! news of the day weighs little by noon. The item's heaviest terms find the stories of the newest items that share them; of the
//! most promising, the mean cosine with their newest members is taken, times (1 + K) n / (n + K): a single item that is alike says
//! less than several. At `JOIN` and above it joins.
//!
//! **Merges and splits** rewrite nothing: an item that fits two stories is in one and names the other as related, and so does one
//! that begins a story beside another one that it resembles.
//!
//! **Versions, copies and kills** are in the story of the item that they are of, whatever their text says.
//!
//! **Waiting.** Items wait for nothing here: of earlier items without a verdict only those count whose verdict this instance has
//! written itself. Two instances that get the first two items of an event within milliseconds of each other begin two stories, and
//! the next item that fits both names them.
//!
//! Thresholds are measured on two sets of English stories (B-cubed F1 0.77 and 0.88, each the mean of ten shuffles) and one of pairs (F1
//! 0.76).

use super::index::{DeskIndex, Item, ItemRef, Record};
use super::sighting::{ItemVerdict, VerdictCode};
use crate::item::news::Kind;
use crate::prepare::terms::{Term, background};

/// Terms that an item is found by, and finds others by: its heaviest.
pub const STORY_KEYS: usize = 8;
/// Newest items of a story that stand for it. With 4, B-cubed F1 falls by 0.003; with 16 nothing is gained.
pub(super) const MEMBERS: usize = 8;
/// Mean likeness at which an item joins a story.
const JOIN: f32 = 0.22;
/// Likeness at which another story is named as related.
const RELATE: f32 = 0.17;
/// Stories that are named as related, at most.
pub const MAX_RELATED: usize = 2;
/// How much a small story's likeness counts for less.
const SIZE_SLOPE: f32 = 0.5;
/// Stories that are compared, those that share most first.
const MAX_COMPARED: usize = 4;
/// Items that the background counts for.
const PRIOR_ITEMS: f32 = 250.0;
/// What a term weighs at least, however common it is.
const MIN_IDF: f32 = 0.5;

/// An item's place among the stories, as its verdict holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// 0: none.
    pub story: u64,
    /// Length of its vector of terms when it was judged; 0: it does not speak for its story.
    pub norm: f32,
    /// Other stories that it resembles, best first.
    pub related: Vec<u64>,
}

impl Place {
    /// The verdict with this place in it.
    pub fn on(self, verdict: ItemVerdict) -> ItemVerdict {
        ItemVerdict { story: self.story, story_norm: self.norm, related_stories: self.related, ..verdict }
    }
}

/// Finds an item's story. `own`: the verdicts on the record's earlier items; `verdict`: that on this one, but for its story.
pub fn place(index: &DeskIndex, here: ItemRef, own: &[ItemVerdict], verdict: &ItemVerdict) -> Place {
    let Some((record, item)) = index.item(here) else { return Place::default() };
    let inherited = inherited(index, here, own, verdict);
    let query = Query::new(index, item);
    let norm = if speaks(item, verdict) { query.norm } else { 0.0 };
    if inherited != 0 {
        return Place { story: inherited, norm, related: Vec::new() };
    }
    let mut fits = query.compare(index, here, own);
    fits.retain(|(likeness, _)| *likeness >= RELATE);
    let joined = fits.first().filter(|(likeness, _)| *likeness >= JOIN).map(|(_, story)| *story);
    let story = joined.unwrap_or_else(|| new_story(index, record, item));
    let related = fits.into_iter().map(|(_, other)| other).filter(|other| *other != story).take(MAX_RELATED).collect();
    Place { story, norm, related }
}

/// The story of what the item is a version, a copy or a kill of.
fn inherited(index: &DeskIndex, here: ItemRef, own: &[ItemVerdict], verdict: &ItemVerdict) -> u64 {
    if verdict.of.is_none() {
        return 0;
    }
    let beside = own.iter().find(|v| v.root == verdict.root).map(|v| v.story);
    let earlier = || index.chain(&verdict.root).filter(|m| *m < here).find_map(|m| index.story_of(m));
    beside.filter(|s| *s != 0).or_else(earlier).unwrap_or(0)
}

/// Whether an item's terms say what its story is about. Copies would count twice; notices speak of other things.
fn speaks(item: &Item, verdict: &ItemVerdict) -> bool {
    !matches!(item.kind, Kind::Kill | Kind::Hold | Kind::Advisory)
        && !matches!(
            verdict.verdict(),
            VerdictCode::Duplicate | VerdictCode::Stale | VerdictCode::Kill | VerdictCode::Killed
        )
}

/// A story's id, made of its first item's place in the wires: any instance would make the same.
fn new_story(index: &DeskIndex, record: &Record, item: &Item) -> u64 {
    let (topic, partition) = index.partition_name(record.partition);
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    hasher.update(topic.as_bytes());
    hasher.update(&partition.to_le_bytes());
    hasher.update(&record.offset.to_le_bytes());
    hasher.update(&record.raw_hash.to_le_bytes());
    hasher.update(&record.timestamp_ms.to_le_bytes());
    hasher.update(&item.index.to_le_bytes());
    hasher.digest().max(1)
}

/// A story's id as it is published.
pub fn urn(story: u64) -> String {
    format!("urn:wiredesk:story:{story:016x}")
}

/// An item's terms as the window weighs them now.
struct Query {
    /// Heaviest first, as the item has them: weight times idf, twice, over the norm.
    weights: Vec<(u32, f32)>,
    /// `weights` by hash: open addressing; a term's hash and 1, 0 is free.
    slots: [(u32, f32); Query::SLOTS],
    norm: f32,
}

impl Query {
    /// Four times the terms of an item.
    const SLOTS: usize = 128;

    fn new(index: &DeskIndex, item: &Item) -> Query {
        let items = index.live_items() as f32;
        let mut weights: Vec<(u32, f32)> = Vec::with_capacity(item.terms.len());
        let mut square = 0.0;
        for term in item.terms.iter().map(|t| Term(*t)) {
            let hash = term.hash();
            let known = index.items_with_term(hash) as f32;
            let idf = ((items + PRIOR_ITEMS) / (known + PRIOR_ITEMS * background::share(hash))).ln().max(MIN_IDF);
            let weight = f32::from(term.weight());
            square += (weight * idf) * (weight * idf);
            weights.push((hash, weight * idf * idf));
        }
        let norm = square.sqrt();
        let mut slots = [(0, 0.0); Query::SLOTS];
        for (hash, weight) in &mut weights {
            *weight /= norm.max(f32::MIN_POSITIVE);
            let mut at = *hash as usize % Query::SLOTS;
            while slots[at].0 != 0 {
                at = (at + 1) % Query::SLOTS;
            }
            slots[at] = (*hash + 1, *weight);
        }
        Query { weights, slots, norm }
    }

    fn weight(&self, hash: u32) -> f32 {
        let mut at = hash as usize % Query::SLOTS;
        loop {
            match self.slots[at] {
                (0, _) => return 0.0,
                (found, weight) if found == hash + 1 => return weight,
                _ => at = (at + 1) % Query::SLOTS,
            }
        }
    }

    /// Likeness with the stories that share most of the heaviest terms, most alike first.
    fn compare(&self, index: &DeskIndex, here: ItemRef, own: &[ItemVerdict]) -> Vec<(f32, u64)> {
        let mut shared: Vec<(f32, u64)> = Vec::new();
        let mut seen: Vec<u64> = Vec::new();
        for (hash, weight) in self.weights.iter().take(STORY_KEYS) {
            seen.clear();
            for candidate in index.with_term(*hash, here) {
                let story = story_of(index, here, own, candidate);
                if story == 0 || seen.contains(&story) {
                    continue;
                }
                seen.push(story);
                match shared.iter_mut().find(|(_, s)| *s == story) {
                    Some((sum, _)) => *sum += weight,
                    None => shared.push((*weight, story)),
                }
            }
        }
        let more = |a: &(f32, u64), b: &(f32, u64)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        shared.sort_unstable_by(more);
        let mut fits: Vec<(f32, u64)> = shared
            .into_iter()
            .take(MAX_COMPARED)
            .map(|(_, story)| (self.likeness(index, here, own, story), story))
            .collect();
        fits.sort_unstable_by(more);
        fits
    }

    /// Mean cosine with a story's newest members, less for a small story.
    fn likeness(&self, index: &DeskIndex, here: ItemRef, own: &[ItemVerdict], story: u64) -> f32 {
        let (mut sum, mut members) = (0.0, 0.0);
        let beside = (0..).zip(own).filter(|(_, v)| v.story == story && v.story_norm > 0.0);
        let beside = beside.map(|(at, v)| (ItemRef { record: here.record, at }, v.story_norm));
        for (member, norm) in beside.chain(index.members(story, here)).take(MEMBERS) {
            let Some((_, item)) = index.item(member) else { continue };
            let terms = item.terms.iter().map(|t| Term(*t));
            let dot: f32 = terms.map(|t| self.weight(t.hash()) * f32::from(t.weight())).sum();
            sum += dot / norm;
            members += 1.0;
        }
        sum * (1.0 + SIZE_SLOPE) / (members + SIZE_SLOPE)
    }
}

fn story_of(index: &DeskIndex, here: ItemRef, own: &[ItemVerdict], candidate: ItemRef) -> u64 {
    if candidate.record == here.record {
        return own.get(candidate.at as usize).map_or(0, |v| v.story);
    }
    index.story_of(candidate).unwrap_or(0)
}
