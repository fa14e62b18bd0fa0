//! Items to output streams.
//!
//! `config/routes.toml` is compiled once to an index from values (a topic, a region, an entity, a feed, a kind) to the tables
//! that name them. An item looks its own values up, so the cost is that of the item and not of the number of routes. The rule:
//! a route takes an item that any of its `match` tables describes and that no key of its `not` holds for; a table describes
//! an item for which all of its keys hold; a key holds if any of its values does.

mod compile;
mod explain;

use std::collections::HashMap;
use std::sync::Arc;

pub use self::compile::{RegionCatalog, RouteContext, RouteError};
pub use self::explain::{KeyExplanation, MatchExplanation, RouteExplanation};
use crate::config::routes::{RouteConfig, RoutesConfig};
use crate::item::TaggedItem;
use crate::item::news::Kind;
use crate::prepare::feed::Feed;

/// The stream of items that no route wants.
pub const UNROUTED: &str = "news.unrouted";

/// Compiled routes: immutable, shared by all threads. Without any, every item is unrouted.
#[derive(Clone, Debug)]
pub struct Routes {
    routes: Vec<Route>,
    /// Output topics, each once, in the file's order; the last is [`UNROUTED`].
    streams: Vec<Arc<str>>,
    clauses: Vec<Clause>,
    index: Index,
}

#[derive(Clone, Debug)]
struct Route {
    /// Index in `streams`.
    stream: usize,
    config: RouteConfig,
}

/// One `match` or `not` table of a route that is on.
#[derive(Clone, Copy, Debug)]
struct Clause {
    route: usize,
    excludes: bool,
    /// The keys that it gives, one bit each.
    keys: u8,
}

impl Clause {
    const SUBJECTS: u8 = 1;
    const REGIONS: u8 = 2;
    const ENTITIES: u8 = 4;
    const FEEDS: u8 = 8;
    const KINDS: u8 = 16;
}

/// For each value the clauses that name it, by index, and the least relevance from which they count it.
#[derive(Clone, Debug, Default)]
struct Index {
    subjects: HashMap<u32, Vec<(usize, u8)>>,
    /// One map a scheme.
    regions: [HashMap<String, Vec<(usize, f32)>>; 4],
    entities: HashMap<String, Vec<usize>>,
    feeds: HashMap<String, Vec<usize>>,
    kinds: HashMap<Kind, Vec<usize>>,
}

impl Default for Routes {
    fn default() -> Self {
        Self { routes: Vec::new(), streams: vec![Arc::from(UNROUTED)], clauses: Vec::new(), index: Index::default() }
    }
}

impl Routes {
    /// Compiles the routes' file.
    ///
    /// # Errors
    /// Every value that means nothing, with the TOML path that it stands at.
    pub fn compile(config: &RoutesConfig, context: &RouteContext<'_>) -> Result<Routes, Vec<RouteError>> {
        compile::compile(config, context)
    }

    /// All output topics, those of routes that are switched off and [`UNROUTED`] included.
    pub fn streams(&self) -> &[Arc<str>] {
        &self.streams
    }

    /// For each route, whether it takes the item, and why.
    pub fn explain(&self, item: &TaggedItem, feed: &Feed) -> Vec<RouteExplanation> {
        self.routes.iter().map(|route| explain::explain(&route.config, item, &feed.id)).collect()
    }

    /// The keys that hold for the item, for each clause.
    fn keys_held(&self, item: &TaggedItem, feed: &str) -> Vec<u8> {
        let mut held = vec![0u8; self.clauses.len()];
        for subject in &item.subjects {
            let clauses = self.index.subjects.get(&subject.topic.code);
            for &(clause, least) in clauses.into_iter().flatten() {
                if subject.relevance >= least {
                    held[clause] |= Clause::SUBJECTS;
                }
            }
        }
        for region in &item.regions {
            let clauses = self.index.regions[region.scheme as usize].get(&region.code);
            for &(clause, least) in clauses.into_iter().flatten() {
                if region.relevance >= least {
                    held[clause] |= Clause::REGIONS;
                }
            }
        }
        if !self.index.entities.is_empty() {
            for uri in item.entities.iter().flat_map(|e| e.same_as.iter().chain([&e.uri])) {
                let clauses = self.index.entities.get(uri);
                clauses.into_iter().flatten().for_each(|clause| held[*clause] |= Clause::ENTITIES);
            }
        }
        let clauses = self.index.feeds.get(feed);
        clauses.into_iter().flatten().for_each(|clause| held[*clause] |= Clause::FEEDS);
        let clauses = self.index.kinds.get(&item.news.kind);
        clauses.into_iter().flatten().for_each(|clause| held[*clause] |= Clause::KINDS);
        held
    }
}

/// The streams that an item belongs to by itself, in the routes' order: never none.
pub fn route(item: &TaggedItem, feed: &Feed, routes: &Routes) -> Vec<Arc<str>> {
    streams_of(item, &feed.id, routes)
}

fn streams_of(item: &TaggedItem, feed: &str, routes: &Routes) -> Vec<Arc<str>> {
    let held = routes.keys_held(item, feed);
    let mut takes = vec![false; routes.routes.len()];
    // A route's `not` stands after its `match` tables, so that it has the last word.
    for (clause, held) in routes.clauses.iter().zip(held) {
        if clause.excludes {
            takes[clause.route] &= held == 0;
        } else {
            takes[clause.route] |= held == clause.keys;
        }
    }
    let mut wanted = vec![false; routes.streams.len()];
    for (route, _) in routes.routes.iter().zip(takes).filter(|(_, takes)| *takes) {
        wanted[route.stream] = true;
    }
    let out: Vec<Arc<str>> =
        routes.streams.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(stream, _)| stream.clone()).collect();
    if out.is_empty() { vec![routes.streams.last().map_or_else(|| Arc::from(UNROUTED), Arc::clone)] } else { out }
}

#[cfg(test)]
mod tests;
