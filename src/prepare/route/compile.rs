//! From the routes' file to what items are matched with, every mistake told.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use super::expression::Expression;
use super::order::{Ranked, order};
use super::{Clause, NOTICES, Route, Routes, Stream, UNROUTED, mask};
use crate::config::routes::{Conditions, OutputConfig, RouteConfig, RoutesConfig};
use crate::config::suggest::nearest;
use crate::item::RegionScheme;
use crate::item::news::Kind;
use crate::prepare::classify::{Topics, URI_BASE};

/// Longest name of an output topic: Kafka takes 249 bytes, of which some are left for the service's prefix.
const MOST_TOPIC_BYTES: usize = 200;
/// Stories that the routes may name: an item is routed once more for each.
const MOST_STORIES: usize = 100;
/// Names that begin so are the desk's own topics.
const OWN_TOPICS: &str = "wiredesk.";

/// Subjects that begin so are of `topics.toml`.
const OWN_SUBJECTS: &str = "desk:";

/// The regions that the knowledge base has.
pub trait RegionCatalog {
    fn knows(&self, scheme: RegionScheme, code: &str) -> bool;

    /// Codes to suggest when one is not known.
    fn codes(&self, scheme: RegionScheme) -> Vec<&str> {
        let _ = scheme;
        Vec::new()
    }
}

/// What the values in the routes' file are checked against.
#[derive(Clone, Copy)]
pub struct RouteContext<'a> {
    pub topics: &'a Topics,
    pub regions: &'a dyn RegionCatalog,
    /// Ids of all feeds.
    pub feeds: &'a [&'a str],
}

/// A value in the routes' file that parses but means nothing. `key` is the TOML path that it stands at:
/// `routes.3.match.0.subjects.1`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct RouteError {
    pub key: String,
    pub message: String,
}

pub(super) fn compile(config: &RoutesConfig, context: &RouteContext<'_>) -> Result<Routes, Vec<RouteError>> {
    let mut compiler =
        Compiler { context: *context, errors: Vec::new(), routes: Routes::default(), groups: Vec::new() };
    compiler.routes.streams.clear();
    compiler.routes.max_streams = config.max_streams.unwrap_or(usize::MAX);
    if config.max_streams == Some(0) {
        compiler.fail("max_streams", "a limit of 0 would leave no item a stream; leave it out for none".to_owned());
    }
    for (at, route) in config.routes.iter().enumerate() {
        compiler.add(&format!("routes.{at}"), route);
    }
    compiler.link(config);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let mut routes = compiler.routes;
    let rest = Routes::default().streams.into_iter();
    let named: Vec<Arc<str>> = routes.streams().cloned().collect();
    // A route may lead to the notices too.
    routes.streams.extend(rest.filter(|stream| !named.contains(&stream.topic)));
    Ok(routes)
}

struct Compiler<'a> {
    context: RouteContext<'a>,
    errors: Vec<RouteError>,
    routes: Routes,
    /// Names of the exclusive groups.
    groups: Vec<String>,
}

impl Compiler<'_> {
    fn fail(&mut self, key: &str, message: String) {
        self.errors.push(RouteError { key: key.to_owned(), message });
    }

    fn add(&mut self, key: &str, config: &RouteConfig) {
        self.check_topic(&format!("{key}.topic"), &config.topic);
        if config.matches.is_empty() {
            let message = "a route needs a [[routes.match]] table; one without keys takes every item".to_owned();
            self.fail(key, message);
        }
        let stream = self.stream(key, config);
        let route = self.routes.routes.len();
        let begin = self.routes.clauses.len();
        for (at, conditions) in config.matches.iter().enumerate() {
            self.add_clause(&format!("{key}.match.{at}"), route, false, conditions, config.enabled);
        }
        if let Some(conditions) = &config.not {
            self.add_clause(&format!("{key}.not"), route, true, conditions, config.enabled);
        }
        let group = config.group.as_ref().map(|name| {
            self.groups.iter().position(|group| group == name).unwrap_or_else(|| {
                self.groups.push(name.clone());
                self.groups.len() - 1
            })
        });
        let clauses = begin..self.routes.clauses.len();
        self.routes.routes.push(Route { stream, group, yields_to: Vec::new(), clauses, config: config.clone() });
    }

    /// Finds the routes that others yield to, and the order in which to ask all.
    fn link(&mut self, config: &RoutesConfig) {
        let topics: Vec<&str> = config.routes.iter().map(|route| route.topic.as_str()).collect();
        for (at, route) in config.routes.iter().enumerate() {
            for (n, other) in route.yields_to.iter().flatten().enumerate() {
                let named = (0..topics.len()).filter(|i| topics[*i] == other);
                let before = self.routes.routes[at].yields_to.len();
                self.routes.routes[at].yields_to.extend(named);
                if self.routes.routes[at].yields_to.len() == before {
                    let message = unknown(other, "topic of a route", nearest(other, topics.iter().copied()));
                    self.fail(&format!("routes.{at}.yields_to.{n}"), message);
                }
            }
        }
        let ranked = self.routes.routes.iter().map(|route| Ranked {
            priority: route.config.priority,
            group: route.group,
            yields_to: route.yields_to.clone(),
        });
        match order(&ranked.collect::<Vec<_>>()) {
            Ok(order) => self.routes.order = order,
            Err(cycle) => {
                let names: Vec<&str> = cycle.iter().chain(&cycle[..1]).map(|at| topics[*at]).collect();
                let place = cycle.iter().find(|at| config.routes[**at].yields_to.is_some()).unwrap_or(&cycle[0]);
                let message = format!("no route could be first: {}", names.join(" yields to "));
                self.fail(&format!("routes.{place}.yields_to"), message);
            }
        }
    }

    fn check_topic(&mut self, key: &str, topic: &str) {
        let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let message = if topic.is_empty() || topic == "." || topic == ".." || !topic.bytes().all(valid) {
            format!("\"{topic}\" is no name for a Kafka topic: use letters, digits, \".\", \"_\" and \"-\"")
        } else if topic.len() > MOST_TOPIC_BYTES {
            format!("a topic's name has at most {MOST_TOPIC_BYTES} characters, this one {}", topic.len())
        } else if topic == UNROUTED {
            format!("{UNROUTED} takes the items that no route wants; name another topic")
        } else if topic.starts_with(OWN_TOPICS) {
            format!("topics that begin with \"{OWN_TOPICS}\" are the desk's own; name another")
        } else if let Some(other) =
            self.routes.streams.iter().map(|s| &*s.topic).chain([NOTICES]).find(|other| collide(other, topic))
        {
            format!(
                "\"{topic}\" and \"{other}\" differ in \".\" and \"_\" only, which Kafka does not allow side by side"
            )
        } else {
            return;
        };
        self.fail(key, message);
    }

    /// The route's stream, with what it says of its output.
    fn stream(&mut self, key: &str, config: &RouteConfig) -> usize {
        let streams = &mut self.routes.streams;
        let at = streams.iter().position(|s| *s.topic == *config.topic).unwrap_or_else(|| {
            streams.push(Stream { topic: Arc::from(config.topic.as_str()), output: OutputConfig::default() });
            streams.len() - 1
        });
        let Some(output) = config.output else { return at };
        let said = &mut streams[at].output;
        let is_free = *said == OutputConfig::default() || *said == output;
        *said = output;
        if !is_free {
            let message = format!("another route says otherwise what records of {} look like", config.topic);
            self.fail(&format!("{key}.output"), message);
        }
        at
    }

    /// Checks the conditions and, if the route is on, enters them in the index.
    fn add_clause(&mut self, key: &str, route: usize, excludes: bool, conditions: &Conditions, enabled: bool) {
        let at = self.routes.clauses.len();
        let mut clause = Clause { route, excludes, keys: 0, verdicts: None, stories: None, when: None };
        self.plain_keys(key, &mut clause, conditions, enabled.then_some(at));
        self.check_limits(key, conditions);
        self.late_keys(key, &mut clause, conditions, enabled);
        if enabled {
            if clause.keys == 0 && !excludes {
                self.routes.unconditional.push(at);
            }
            if excludes && clause.is_late() {
                self.routes.late_exclusions.push(at);
            }
        }
        self.routes.clauses.push(clause);
    }

    /// The keys that can be told before the verdict. `at`: the clause's index, if it is to be entered.
    fn plain_keys(&mut self, key: &str, clause: &mut Clause, conditions: &Conditions, at: Option<usize>) {
        let context = self.context;
        let subjects = self.values(key, "subjects", conditions.subjects.as_ref(), |value| context.subject(value));
        let regions = self.values(key, "regions", conditions.regions.as_ref(), |value| context.region(value));
        let entities = self.values(key, "entities", conditions.entities.as_ref(), |value| context.entity(value));
        let feeds = self.values(key, "feeds", conditions.feeds.as_ref(), |value| context.feed(value));
        let kinds = self.values(key, "kinds", conditions.kinds.as_ref(), |kind| Ok(*kind));
        let languages = self.values(key, "languages", conditions.languages.as_ref(), |tag| language(tag));
        let urgencies = self.values(key, "urgencies", conditions.urgencies.as_ref(), |urgency| {
            let message = || format!("an urgency is 1 to 9, not {urgency}");
            (1..=9).contains(urgency).then_some(usize::from(*urgency)).ok_or_else(message)
        });
        for (given, bit) in [
            (subjects.is_some(), Clause::SUBJECTS),
            (regions.is_some(), Clause::REGIONS),
            (entities.is_some(), Clause::ENTITIES),
            (feeds.is_some(), Clause::FEEDS),
            (kinds.is_some(), Clause::KINDS),
            (languages.is_some(), Clause::LANGUAGES),
            (urgencies.is_some(), Clause::URGENCIES),
        ] {
            clause.keys |= if given { bit } else { 0 };
        }
        let Some(at) = at else { return };
        let index = &mut self.routes.index;
        for code in subjects.into_iter().flatten() {
            enter(&mut index.subjects, code, (at, conditions.min_relevance));
        }
        for (scheme, code) in regions.into_iter().flatten() {
            enter(&mut index.regions[scheme as usize], code, (at, conditions.min_region_relevance));
        }
        entities.into_iter().flatten().for_each(|uri| enter(&mut index.entities, uri, at));
        feeds.into_iter().flatten().for_each(|id| enter(&mut index.feeds, id, at));
        languages.into_iter().flatten().for_each(|tag| enter(&mut index.languages, tag, at));
        urgencies.into_iter().flatten().for_each(|urgency| index.urgencies[urgency].push(at));
        for kind in kinds.into_iter().flatten() {
            index.kinds[Kind::ALL.iter().position(|k| *k == kind).unwrap_or_default()].push(at);
        }
    }

    /// The keys that ask for what only the desk knows, and expressions.
    fn late_keys(&mut self, key: &str, clause: &mut Clause, conditions: &Conditions, enabled: bool) {
        let verdicts = self.values(key, "verdicts", conditions.verdicts.as_ref(), |verdict| Ok(mask(*verdict)));
        clause.verdicts = verdicts.map(|masks| masks.into_iter().fold(0, |all, mask| all | mask));
        let stories = self.values(key, "stories", conditions.stories.as_ref(), |story| Ok(Arc::from(story.as_str())));
        clause.stories = stories;
        let mut asks = clause.verdicts.is_some() || clause.stories.is_some();
        let mut named: Vec<Arc<str>> = clause.stories.iter().flatten().cloned().collect();
        if let Some(source) = &conditions.when {
            match Expression::compile(source, &self.context) {
                Ok(expression) => {
                    asks |= expression.asks_for_verdict;
                    named.extend(expression.stories.iter().map(|story| Arc::from(story.as_str())));
                    clause.when = Some(self.routes.expressions.len());
                    self.routes.expressions.push(expression);
                }
                Err(errors) => {
                    errors.into_iter().for_each(|message| self.fail(&format!("{key}.when"), message));
                }
            }
        }
        if !enabled {
            return;
        }
        self.routes.asks_for_verdict |= asks;
        for story in named {
            if !self.routes.stories.contains(&story) {
                self.routes.stories.push(story);
            }
        }
        if self.routes.stories.len() > MOST_STORIES {
            let message = format!("more than {MOST_STORIES} stories are named; each makes routing cost more");
            self.fail(key, message);
        }
    }

    /// The values of a key that is given, or as many of them as mean something.
    fn values<V, T>(
        &mut self,
        key: &str,
        name: &str,
        values: Option<&Vec<V>>,
        read: impl Fn(&V) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let values = values?;
        if values.is_empty() {
            self.fail(&format!("{key}.{name}"), "an empty list holds for no item; leave the key out".to_owned());
        }
        let mut out = Vec::new();
        for (at, value) in values.iter().enumerate() {
            match read(value) {
                Ok(value) => out.push(value),
                Err(message) => self.fail(&format!("{key}.{name}.{at}"), message),
            }
        }
        Some(out)
    }

    fn check_limits(&mut self, key: &str, conditions: &Conditions) {
        if conditions.min_relevance > 100 {
            let message = format!("a relevance is 0 to 100, not {}", conditions.min_relevance);
            self.fail(&format!("{key}.min_relevance"), message);
        }
        if !(0.0..=1.0).contains(&conditions.min_region_relevance) {
            let message = format!("a region's relevance is 0 to 1, not {}", conditions.min_region_relevance);
            self.fail(&format!("{key}.min_region_relevance"), message);
        }
    }
}

impl RouteContext<'_> {
    /// The code of a Media Topic in use, or of one of the desk's own.
    pub fn subject(&self, written: &str) -> Result<u32, String> {
        if written.starts_with(OWN_SUBJECTS) {
            return self.topics.own_code(written);
        }
        let taxonomy = self.topics.taxonomy();
        let code = subject_code(written);
        let digits = code.filter(|c| c.len() == 8).and_then(|c| c.parse().ok());
        if let Some(digits) = digits.filter(|digits| taxonomy.by_code(*digits).is_some()) {
            return Ok(digits);
        }
        let show = |id| {
            let topic = taxonomy.get(id);
            format!("{} ({})", topic.qcode, topic.name)
        };
        Err(match digits {
            Some(old) if taxonomy.retired(old).is_some() => {
                let heir = taxonomy.retired(old).map(show).unwrap_or_default();
                format!("Media Topic {old} was retired; the nearest one in use is {heir}")
            }
            Some(old) if taxonomy.has_subject_code(old) => {
                let same = taxonomy.by_subject_code(old).map(show).unwrap_or_default();
                format!("{old:08} is an IPTC subject code; as a Media Topic it is {same}")
            }
            _ => {
                let names = taxonomy.iter().map(|t| t.name.as_str());
                let codes: Vec<String> = taxonomy.iter().map(|t| format!("{:08}", t.code)).collect();
                let by_name = nearest(written, names).and_then(|name| taxonomy.iter().find(|t| t.name == name));
                let by_code = || {
                    let near = nearest(code?, codes.iter().map(String::as_str))?;
                    taxonomy.iter().find(|t| format!("{:08}", t.code) == near)
                };
                let meant = by_name.or_else(by_code).and_then(|topic| taxonomy.by_code(topic.code)).map(show);
                unknown(written, "Media Topic", meant.as_deref())
            }
        })
    }

    /// Scheme and code of a region.
    pub fn region(&self, written: &str) -> Result<(RegionScheme, String), String> {
        let form = || "a region is scheme:code with scheme iso3166-1, iso3166-2, m49 or desk".to_owned();
        let (scheme, code) = written.split_once(':').ok_or_else(form)?;
        let scheme = *SCHEMES.iter().find(|s| s.as_str() == scheme).ok_or_else(form)?;
        if self.regions.knows(scheme, code) {
            return Ok((scheme, code.to_owned()));
        }
        let near = nearest(code, self.regions.codes(scheme).into_iter());
        Err(unknown(written, "region", near.map(|near| format!("{}:{near}", scheme.as_str())).as_deref()))
    }

    /// The URI of an entity.
    pub fn entity(&self, written: &str) -> Result<String, String> {
        let is_uri = written.contains("://") || written.starts_with("urn:");
        if is_uri && !written.contains(char::is_whitespace) {
            return Ok(written.to_owned());
        }
        let wikidata = written.strip_prefix('Q').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let meant = wikidata.map(|_| format!("http://www.wikidata.org/entity/{written}"));
        Err(unknown(written, "URI of an entity", meant.as_deref()))
    }

    /// The id of a feed.
    pub fn feed(&self, written: &str) -> Result<String, String> {
        let feeds = self.feeds;
        if feeds.contains(&written) {
            return Ok(written.to_owned());
        }
        Err(unknown(written, "feed", nearest(written, feeds.iter().copied())))
    }
}

pub(super) const SCHEMES: [RegionScheme; 4] =
    [RegionScheme::Iso3166_1, RegionScheme::Iso3166_2, RegionScheme::M49, RegionScheme::Desk];

/// The digits of `medtop:11000000`, `11000000` or a topic's URI.
pub(super) fn subject_code(written: &str) -> Option<&str> {
    let code = written.strip_prefix("medtop:").or_else(|| written.strip_prefix(URI_BASE)).unwrap_or(written);
    (!code.is_empty() && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

fn unknown(written: &str, what: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("\"{written}\" is no {what} known here; did you mean {meant}?"),
        None => format!("\"{written}\" is no {what} known here"),
    }
}

fn collide(a: &str, b: &str) -> bool {
    a != b && a.replace('.', "_") == b.replace('.', "_")
}

fn enter<K: Hash + Eq, V, S: BuildHasher>(map: &mut HashMap<K, Vec<V>, S>, key: K, value: V) {
    map.entry(key).or_default().push(value);
}

/// A BCP 47 tag, as far as its form tells.
fn language(tag: &str) -> Result<String, String> {
    let is_tag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if (2..=35).contains(&tag.len()) && tag.split('-').all(is_tag) {
        Ok(tag.to_owned())
    } else {
        Err(format!("\"{tag}\" is no BCP 47 tag such as en or pt-BR"))
    }
}
