//! Which routes take an item, given a verdict.

use super::{Clause, Routes};
use crate::item::TaggedItem;
use crate::item::news::Kind;
use crate::item::published::Verdict;

/// What the desk may find an item to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    pub verdict: Verdict,
    /// `None`: one that no route names.
    pub story: Option<&'a str>,
}

/// Which clauses hold for an item, as far as can be told before the verdict.
#[derive(Debug)]
pub(super) struct Held {
    /// Keys that hold, for each clause.
    keys: Vec<u8>,
    /// Clauses that describe the item, and those that keep it out.
    hits: Vec<usize>,
    /// What expressions that do not ask for the verdict came to, once they were looked at.
    known: Vec<Option<bool>>,
}

/// Why a route does not take an item that it describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Another one that it yields to takes it.
    YieldsTo(usize),
    /// One of its group comes first.
    Group(usize),
    /// Over `max_streams`.
    Cap,
}

/// What came of all routes.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Indices of streams, in the file's order: at least one.
    pub streams: Vec<usize>,
    /// Routes that describe the item and do not take it.
    pub passed: Vec<(usize, Passed)>,
}

impl Held {
    pub fn of(routes: &Routes, item: &TaggedItem, feed: &str) -> Self {
        let mut held = Held {
            keys: vec![0; routes.clauses.len()],
            hits: Vec::with_capacity(32),
            known: vec![None; routes.expressions.len()],
        };
        held.hits.extend(&routes.unconditional);
        held.tags(routes, item);
        let index = &routes.index;
        let mut plain = |clauses: &[usize], key| clauses.iter().for_each(|c| held.hold(&routes.clauses, *c, key));
        if let Some(clauses) = index.feeds.get(feed) {
            plain(clauses, Clause::FEEDS);
        }
        let kind = Kind::ALL.iter().position(|kind| *kind == item.news.kind).unwrap_or_default();
        plain(&index.kinds[kind], Clause::KINDS);
        if let Some(clauses) = item.news.urgency.and_then(|urgency| index.urgencies.get(usize::from(urgency))) {
            plain(clauses, Clause::URGENCIES);
        }
        if let (false, Some(tag)) = (index.languages.is_empty(), &item.news.language) {
            // `en-GB` is `en` too.
            for end in tag.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).chain([tag.len()]) {
                if let Some(clauses) = index.languages.get(&tag[..end]) {
                    plain(clauses, Clause::LANGUAGES);
                }
            }
        }
        held
    }

    fn tags(&mut self, routes: &Routes, item: &TaggedItem) {
        let index = &routes.index;
        for subject in &item.subjects {
            for &(clause, least) in index.subjects.get(&subject.topic.code).into_iter().flatten() {
                if subject.relevance >= least {
                    self.hold(&routes.clauses, clause, Clause::SUBJECTS);
                }
            }
        }
        for region in &item.regions {
            for &(clause, least) in index.regions[region.scheme as usize].get(&*region.code).into_iter().flatten() {
                if region.relevance >= least {
                    self.hold(&routes.clauses, clause, Clause::REGIONS);
                }
            }
        }
        if !index.entities.is_empty() {
            for uri in item.entities.iter().flat_map(|e| e.same_as.iter().chain([&e.uri])) {
                for clause in index.entities.get(&**uri).into_iter().flatten() {
                    self.hold(&routes.clauses, *clause, Clause::ENTITIES);
                }
            }
        }
    }

    /// Notes that a key of a clause holds. A `match` table is a hit with its last key, a `not` with its first.
    fn hold(&mut self, clauses: &[Clause], at: usize, key: u8) {
        let clause = &clauses[at];
        let before = self.keys[at];
        let now = before | key;
        self.keys[at] = now;
        let hits = if clause.excludes { before == 0 } else { before != now && now == clause.keys };
        if hits {
            self.hits.push(at);
        }
    }
}

impl Routes {
    /// Asks all routes.
    pub(super) fn take(&self, item: &TaggedItem, feed: &str, given: Given<'_>, held: &mut Held) -> Taken {
        let mut found = Vec::with_capacity(held.hits.len());
        let mut excluded = vec![false; self.routes.len()];
        for at in 0..held.hits.len() {
            let clause = &self.clauses[held.hits[at]];
            if clause.excludes {
                excluded[clause.route] = true;
            } else if self.holds_late(clause, item, feed, given, &mut held.known) {
                found.push(clause.route);
            }
        }
        for clause in self.late_exclusions.iter().map(|at| &self.clauses[*at]) {
            if found.contains(&clause.route) && self.any_late(clause, item, feed, given, &mut held.known) {
                excluded[clause.route] = true;
            }
        }
        found.retain(|route| !excluded[*route]);
        found.sort_unstable();
        found.dedup();
        let mut taken = Taken::default();
        if !self.order.is_empty() {
            found = self.settle(&found, &mut taken);
        }
        self.cap(&mut found, &mut taken);
        taken.streams = found.into_iter().map(|route| self.routes[route].stream).collect();
        taken.streams.sort_unstable();
        taken.streams.dedup();
        if taken.streams.is_empty() {
            taken.streams.push(self.streams.len() - 1);
        }
        taken
    }

    /// Whether all that a clause asks for besides its keys holds.
    fn holds_late(
        &self,
        clause: &Clause,
        item: &TaggedItem,
        feed: &str,
        given: Given<'_>,
        known: &mut [Option<bool>],
    ) -> bool {
        clause.verdicts.is_none_or(|verdicts| verdicts & super::mask(given.verdict) != 0)
            && clause.stories.as_ref().is_none_or(|stories| is_among(given, stories))
            && clause.when.is_none_or(|when| self.expression_holds(when, item, feed, given, known))
    }

    /// Whether any of what a `not` asks for besides its keys holds.
    fn any_late(
        &self,
        clause: &Clause,
        item: &TaggedItem,
        feed: &str,
        given: Given<'_>,
        known: &mut [Option<bool>],
    ) -> bool {
        clause.verdicts.is_some_and(|verdicts| verdicts & super::mask(given.verdict) != 0)
            || clause.stories.as_ref().is_some_and(|stories| is_among(given, stories))
            || clause.when.is_some_and(|when| self.expression_holds(when, item, feed, given, known))
    }

    fn expression_holds(
        &self,
        at: usize,
        item: &TaggedItem,
        feed: &str,
        given: Given<'_>,
        known: &mut [Option<bool>],
    ) -> bool {
        let expression = &self.expressions[at];
        if let Some(holds) = known[at] {
            return holds;
        }
        let holds = expression.holds(item, feed, given);
        if !expression.asks_for_verdict {
            known[at] = Some(holds);
        }
        holds
    }

    /// Lets routes yield, and of each exclusive group only the first take the item.
    fn settle(&self, found: &[usize], taken: &mut Taken) -> Vec<usize> {
        let mut takes = vec![false; self.routes.len()];
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for &at in self.order.iter().filter(|at| found.binary_search(at).is_ok()) {
            let route = &self.routes[at];
            let first = route.group.and_then(|group| groups.iter().find(|(g, _)| *g == group));
            if let Some(other) = route.yields_to.iter().find(|other| takes[**other]) {
                taken.passed.push((at, Passed::YieldsTo(*other)));
            } else if let Some((_, first)) = first {
                taken.passed.push((at, Passed::Group(*first)));
            } else {
                takes[at] = true;
                groups.extend(route.group.map(|group| (group, at)));
            }
        }
        (0..).zip(takes).filter(|(_, takes)| *takes).map(|(at, _)| at).collect()
    }

    /// Keeps the routes of the first `max_streams` streams by priority.
    fn cap(&self, found: &mut Vec<usize>, taken: &mut Taken) {
        if found.len() <= self.max_streams {
            return;
        }
        let mut by_priority = found.clone();
        by_priority.sort_by_key(|at| (std::cmp::Reverse(self.routes[*at].config.priority), *at));
        let mut streams = Vec::with_capacity(self.max_streams);
        for at in by_priority {
            let stream = self.routes[at].stream;
            if streams.contains(&stream) || streams.len() < self.max_streams {
                streams.push(stream);
            } else {
                taken.passed.push((at, Passed::Cap));
            }
            streams.sort_unstable();
            streams.dedup();
        }
        found.retain(|at| streams.contains(&self.routes[*at].stream));
    }
}

fn is_among(given: Given<'_>, stories: &[std::sync::Arc<str>]) -> bool {
    given.story.is_some_and(|story| stories.iter().any(|s| **s == *story))
}
