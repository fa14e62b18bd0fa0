//! Items to output streams.
//!
//! `config/routes.toml` is compiled once to an index from values (a topic, a region, an entity, a feed, a kind, ...) to the
//! tables that name them. An item looks its own values up, so the cost is that of the item and not of the number of routes: about
//! half a microsecond (`cargo bench --bench topics`). The rule: a route takes an item that any of its `match` tables describes and
//! that no key of its `not` holds for; a table describes an item for which all of its keys hold; a key holds if any of its values
//! does. Of an exclusive group only the first by priority takes it, a route yields to others that it names, and what is over
//! `max_streams` goes.
//!
//! **The verdict.** Routes may ask for what the desk finds an item to be, which nobody knows when it is routed. But there are six
//! verdicts and the stories that the file names, so the routes are asked once for each of them; what comes of it, [`Routed`],
//! goes into the sighting, and whoever judges the item only picks from it. So the log alone says where an item goes,
//! whatever the configuration of the instance that decides.

mod compile;
mod explain;
mod expression;
mod order;
mod rules;
mod take;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

pub use self::compile::{RegionCatalog, RouteContext, RouteError};
pub use self::explain::{KeyExplanation, MatchExplanation, RouteExplanation};
use self::expression::Expression;
pub use self::rules::{RuleSet, Rules};
use self::take::{Given, Held};
use crate::config::routes::{Duplicates, OutputConfig, OutputFormat, RouteConfig, RoutesConfig};
use crate::desk::sighting::VerdictCode;
use crate::item::TaggedItem;
use crate::item::published::Verdict;
use crate::prepare::feed::Feed;

/// The stream of items that no route wants.
pub const UNROUTED: &str = "news.unrouted";

/// Output topic of notices that have no item to go after: kills of what the desk does not know, or knows a newer version of.
pub const NOTICES: &str = "news.notices";

/// Where an item goes by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// Streams that it goes to whatever the verdict on it is, in the routes' order.
    pub always: Vec<Arc<str>>,
    /// Streams for which the verdict or the story counts. When none of these holds and there are no others, the item goes to
    /// [`UNROUTED`], which then is one of these.
    pub sometimes: Vec<Sometimes>,
}

/// A stream that an item goes to under some verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sometimes {
    pub stream: Arc<str>,
    /// Verdicts under which it goes there, as [`mask`]s.
    pub verdicts: u32,
    /// Stories for which it is otherwise than for the rest.
    pub stories: Vec<(Arc<str>, u32)>,
    pub duplicates: Duplicates,
}

/// A verdict's bit: its code in the sightings log says which.
pub fn mask(verdict: Verdict) -> u32 {
    1 << VerdictCode::from(verdict) as u32
}

fn any_verdict() -> u32 {
    Verdict::ALL.iter().fold(0, |all, verdict| all | mask(*verdict))
}

/// A map whose hasher costs little; nothing depends on its order.
type Map<K, V> = HashMap<K, V, FixedState>;

/// Compiled routes: immutable, shared by all threads. Without any, every item is unrouted.
#[derive(Clone, Debug)]
pub struct Routes {
    routes: Vec<Route>,
    /// Output topics, each once, in the file's order; the last is [`UNROUTED`].
    streams: Vec<Stream>,
    clauses: Vec<Clause>,
    /// Clauses that describe every item, as far as can be told before the verdict.
    unconditional: Vec<usize>,
    /// Clauses that keep items out by their verdict, story or expression.
    late_exclusions: Vec<usize>,
    index: Index,
    expressions: Vec<Expression>,
    /// Routes in an order in which each comes after those that it yields to; none if no route yields.
    order: Vec<usize>,
    max_streams: usize,
    /// Some route asks for the verdict or the story.
    asks_for_verdict: bool,
    /// Stories that some route names.
    stories: Vec<Arc<str>>,
}

#[derive(Clone, Debug)]
struct Route {
    /// Index in `streams`.
    stream: usize,
    /// Index of its exclusive group.
    group: Option<usize>,
    /// Routes that it yields to, by index.
    yields_to: Vec<usize>,
    /// Its clauses, whether it is on or not.
    clauses: std::ops::Range<usize>,
    config: RouteConfig,
}

/// An output topic.
#[derive(Clone, Debug)]
struct Stream {
    topic: Arc<str>,
    output: OutputConfig,
}

/// One `match` or `not` table.
#[derive(Clone, Debug)]
struct Clause {
    route: usize,
    excludes: bool,
    /// The keys that it gives and that can be told before the verdict, one bit each.
    keys: u8,
    /// Verdicts that it asks for, as [`mask`]s.
    verdicts: Option<u32>,
    stories: Option<Vec<Arc<str>>>,
    /// Index of its expression.
    when: Option<usize>,
}

impl Clause {
    const SUBJECTS: u8 = 1;
    const REGIONS: u8 = 2;
    const ENTITIES: u8 = 4;
    const FEEDS: u8 = 8;
    const KINDS: u8 = 16;
    const LANGUAGES: u8 = 32;
    const URGENCIES: u8 = 64;

    fn is_late(&self) -> bool {
        self.verdicts.is_some() || self.stories.is_some() || self.when.is_some()
    }
}

/// For each value the clauses that name it, by index, and the least relevance from which they count it.
#[derive(Clone, Debug, Default)]
struct Index {
    subjects: Map<u32, Vec<(usize, u8)>>,
    /// One map a scheme.
    regions: [Map<String, Vec<(usize, f32)>>; 4],
    entities: Map<String, Vec<usize>>,
    feeds: Map<String, Vec<usize>>,
    /// By the kind's place in `Kind::ALL`.
    kinds: [Vec<usize>; 6],
    languages: Map<String, Vec<usize>>,
    urgencies: [Vec<usize>; 10],
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            routes: Vec::new(),
            streams: [NOTICES, UNROUTED]
                .map(|topic| Stream { topic: Arc::from(topic), output: OutputConfig::default() })
                .into(),
            clauses: Vec::new(),
            unconditional: Vec::new(),
            late_exclusions: Vec::new(),
            index: Index::default(),
            expressions: Vec::new(),
            order: Vec::new(),
            max_streams: usize::MAX,
            asks_for_verdict: false,
            stories: Vec::new(),
        }
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

    /// All output topics, those of routes that are switched off, [`NOTICES`] and [`UNROUTED`] included, in the file's order.
    pub fn streams(&self) -> impl Iterator<Item = &Arc<str>> {
        self.streams.iter().map(|stream| &stream.topic)
    }

    /// What the records of a stream look like; the default for one that no route names (any more).
    pub fn output(&self, stream: &str) -> OutputConfig {
        self.streams.iter().find(|s| *s.topic == *stream).map(|s| s.output).unwrap_or_default()
    }

    /// Name and description of the first route to a stream; none if no route leads there.
    pub fn described(&self, stream: &str) -> Option<(Option<&str>, Option<&str>)> {
        let route = self.routes.iter().find(|route| route.config.topic == stream)?;
        Some((route.config.name.as_deref(), route.config.description.as_deref()))
    }

    /// Whether the records of some stream have a form.
    pub fn wants(&self, format: OutputFormat) -> bool {
        self.streams.iter().any(|stream| stream.output.format == format)
    }

    /// For each route, whether it takes the item under a verdict, and why.
    pub fn explain(
        &self,
        item: &TaggedItem,
        feed: &Feed,
        verdict: Verdict,
        story: Option<&str>,
    ) -> Vec<RouteExplanation> {
        explain::explain(self, item, &feed.id, Given { verdict, story })
    }
}

/// The streams that an item belongs to by itself: under each verdict at least one.
pub fn route(item: &TaggedItem, feed: &Feed, routes: &Routes) -> Routed {
    routed(item, &feed.id, routes)
}

fn routed(item: &TaggedItem, feed: &str, routes: &Routes) -> Routed {
    let mut held = Held::of(routes, item, feed);
    let mut routed = Routed::default();
    if !routes.asks_for_verdict {
        let given = Given { verdict: Verdict::New, story: None };
        for stream in routes.take(item, feed, given, &mut held).streams {
            routed.add(&routes.streams[stream], any_verdict(), Vec::new());
        }
        return routed;
    }
    // For each stream the verdicts under which it is wanted.
    let mut masks = |story: Option<&str>| {
        let mut masks = vec![0; routes.streams.len()];
        for verdict in Verdict::ALL {
            for stream in routes.take(item, feed, Given { verdict, story }, &mut held).streams {
                masks[stream] |= mask(verdict);
            }
        }
        masks
    };
    let rest = masks(None);
    let by_story: Vec<_> = routes.stories.iter().map(|story| (story, masks(Some(story)))).collect();
    for (at, stream) in routes.streams.iter().enumerate() {
        let otherwise = by_story.iter().filter(|(_, masks)| masks[at] != rest[at]);
        let otherwise: Vec<_> = otherwise.map(|(story, masks)| ((*story).clone(), masks[at])).collect();
        if rest[at] != 0 || !otherwise.is_empty() {
            routed.add(stream, rest[at], otherwise);
        }
    }
    routed
}

impl Routed {
    fn add(&mut self, stream: &Stream, verdicts: u32, stories: Vec<(Arc<str>, u32)>) {
        let duplicates = stream.output.duplicates;
        if verdicts == any_verdict() && stories.is_empty() && duplicates == Duplicates::Feed {
            self.always.push(stream.topic.clone());
        } else {
            self.sometimes.push(Sometimes { stream: stream.topic.clone(), verdicts, stories, duplicates });
        }
    }
}

#[cfg(test)]
mod tests;
