//! Finding the target: the earlier item that a new one is a version or a copy of.

use std::collections::BTreeMap;

use super::{Judge, MAX_COMPARED, MIN_WORDS_FOR_NEAR};
use crate::desk::index::{Item, ItemRef, State, keys};
use crate::desk::sighting::ItemVerdict;
use crate::desk::sketch::{Likeness, Sketch, compare};
use crate::item::news::Kind;
use crate::item::published::Matched;

/// An earlier item that the new one is a version or a copy of.
pub(super) struct Target {
    pub item: ItemRef,
    pub matched: Matched,
    pub similarity: Option<f32>,
}

impl<'a> Judge<'a> {
    pub(super) fn target(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        self.by_id(here, item)
            .or_else(|| self.by_reference(here, item))
            .or_else(|| self.by_slug(here, item))
            .or_else(|| self.by_text(here, item))
    }

    /// Candidates, all earlier in the log, that are within the feed's window and were not skipped. A kill looks as far back as
    /// the desk remembers: the feed's window is about copies.
    pub(super) fn earlier(&self, item: &Item, among: Vec<ItemRef>) -> Vec<ItemRef> {
        let mut among = self.standing(among);
        let window_ms = i64::try_from(item.rules.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
        if window_ms != 0 && item.kind != Kind::Kill {
            let not_before = self.record.time_ms.saturating_sub(window_ms);
            among.retain(|c| self.index.record(c.record).is_some_and(|r| r.time_ms >= not_before));
        }
        among
    }

    /// Candidates that were not skipped, however old.
    pub(super) fn standing(&self, mut among: Vec<ItemRef>) -> Vec<ItemRef> {
        among.retain(|c| self.index.record(c.record).is_some_and(|r| r.state != State::Void));
        among
    }

    /// The verdict on an earlier item; without one, its record is waited for.
    pub(super) fn verdict(&mut self, candidate: ItemRef) -> Option<&ItemVerdict> {
        if candidate.record == self.seq {
            return self.own.get(candidate.at as usize);
        }
        let verdict = self.index.item(candidate).and_then(|(_, item)| item.verdict.as_deref());
        if verdict.is_none() && self.index.record(candidate.record).is_some_and(|r| r.state == State::Pending) {
            self.waits.push(candidate.record);
        }
        verdict
    }

    pub(super) fn get(&self, item: ItemRef) -> Option<&'a Item> {
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
            if self.verdict(*candidate).is_some_and(ItemVerdict::is_never_out) {
                continue;
            }
            let key = (self.get(*candidate).and_then(|i| i.version), *candidate);
            if best.is_none_or(|b| key > b) {
                best = Some(key);
            }
        }
        best.map(|(_, item)| item)
    }

    /// Candidates that are compared by their text. That of a kill's notice is not copy: agencies send it with every kill.
    fn with_text(&self, item: &Item, among: Vec<ItemRef>) -> Vec<ItemRef> {
        let mut among = self.earlier(item, among);
        among.retain(|c| self.get(*c).is_some_and(|i| i.kind != Kind::Kill));
        among
    }

    fn by_text(&mut self, here: ItemRef, item: &Item) -> Option<Target> {
        if item.words == 0 {
            return None;
        }
        let exact = self.with_text(item, self.index.with_content(item.content, here));
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
            for candidate in self.with_text(item, self.index.with_key(key, here)) {
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
    pub(super) fn similarity(&self, item: &Item, candidate: ItemRef) -> Option<f32> {
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
}
