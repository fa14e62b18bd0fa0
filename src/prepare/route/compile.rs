//! From the routes' file to what items are matched with, every mistake told.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Clause, Index, Route, Routes, UNROUTED};
use crate::config::routes::{Conditions, RouteConfig, RoutesConfig};
use crate::config::suggest::nearest;
use crate::item::RegionScheme;
use crate::prepare::classify::{Topics, URI_BASE};

/// Longest name of an output topic: Kafka takes 249 bytes, of which some are left for the service's prefix.
const MOST_TOPIC_BYTES: usize = 200;
/// Names that begin so are the desk's own topics.
const OWN_TOPICS: &str = "wiredesk.";

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
    let mut compiler = Compiler { context: *context, errors: Vec::new(), routes: Routes::default() };
    compiler.routes.streams.clear();
    for (at, route) in config.routes.iter().enumerate() {
        compiler.add(&format!("routes.{at}"), route);
    }
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    let mut routes = compiler.routes;
    routes.streams.push(Arc::from(UNROUTED));
    Ok(routes)
}

struct Compiler<'a> {
    context: RouteContext<'a>,
    errors: Vec<RouteError>,
    routes: Routes,
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
        let stream = self.stream(&config.topic);
        let route = self.routes.routes.len();
        for (at, conditions) in config.matches.iter().enumerate() {
            self.add_clause(&format!("{key}.match.{at}"), route, false, conditions, config.enabled);
        }
        if let Some(conditions) = &config.not {
            self.add_clause(&format!("{key}.not"), route, true, conditions, config.enabled);
        }
        self.routes.routes.push(Route { stream, config: config.clone() });
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
        } else if let Some(other) = self.routes.streams.iter().find(|other| collide(other, topic)) {
            format!(
                "\"{topic}\" and \"{other}\" differ in \".\" and \"_\" only, which Kafka does not allow side by side"
            )
        } else {
            return;
        };
        self.fail(key, message);
    }

    fn stream(&mut self, topic: &str) -> usize {
        let streams = &mut self.routes.streams;
        streams.iter().position(|s| **s == *topic).unwrap_or_else(|| {
            streams.push(Arc::from(topic));
            streams.len() - 1
        })
    }

    /// Checks the conditions and, if the route is on, enters them in the index.
    fn add_clause(&mut self, key: &str, route: usize, excludes: bool, conditions: &Conditions, enabled: bool) {
        let clause = self.routes.clauses.len();
        let mut found = Index::default();
        let mut keys = 0;
        if let Some(values) =
            self.values(key, "subjects", conditions.subjects.as_ref(), |this, value| this.subject(value))
        {
            keys |= Clause::SUBJECTS;
            values.into_iter().for_each(|code| enter(&mut found.subjects, code, (clause, conditions.min_relevance)));
        }
        if let Some(values) = self.values(key, "regions", conditions.regions.as_ref(), |this, value| this.region(value))
        {
            keys |= Clause::REGIONS;
            for (scheme, code) in values {
                enter(&mut found.regions[scheme as usize], code, (clause, conditions.min_region_relevance));
            }
        }
        if let Some(values) =
            self.values(key, "entities", conditions.entities.as_ref(), |this, value| this.entity(value))
        {
            keys |= Clause::ENTITIES;
            values.into_iter().for_each(|uri| enter(&mut found.entities, uri, clause));
        }
        if let Some(values) = self.values(key, "feeds", conditions.feeds.as_ref(), |this, value| this.feed(value)) {
            keys |= Clause::FEEDS;
            values.into_iter().for_each(|id| enter(&mut found.feeds, id, clause));
        }
        if let Some(values) = self.values(key, "kinds", conditions.kinds.as_ref(), |_, kind| Ok(*kind)) {
            keys |= Clause::KINDS;
            values.into_iter().for_each(|kind| enter(&mut found.kinds, kind, clause));
        }
        self.check_limits(key, conditions);
        if enabled {
            self.routes.clauses.push(Clause { route, excludes, keys });
            self.routes.index.merge(found);
        }
    }

    /// The values of a key that is given, or as many of them as mean something.
    fn values<V, T>(
        &mut self,
        key: &str,
        name: &str,
        values: Option<&Vec<V>>,
        read: impl Fn(&Self, &V) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let values = values?;
        if values.is_empty() {
            self.fail(&format!("{key}.{name}"), "an empty list holds for no item; leave the key out".to_owned());
        }
        let mut out = Vec::new();
        for (at, value) in values.iter().enumerate() {
            match read(self, value) {
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

    fn subject(&self, written: &str) -> Result<u32, String> {
        let taxonomy = self.context.topics.taxonomy();
        let code = subject_code(written);
        let digits = code.filter(|c| c.len() == 8).and_then(|c| c.parse().ok());
        if let Some(digits) = digits.filter(|digits| taxonomy.by_code(*digits).is_some()) {
            return Ok(digits);
        }
        let show = |id| {
            let topic = taxonomy.get(id);
            format!("medtop:{:08} ({})", topic.code, topic.name)
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

    fn region(&self, written: &str) -> Result<(RegionScheme, String), String> {
        let form = || "a region is scheme:code with scheme iso3166-1, iso3166-2, m49 or desk".to_owned();
        let (scheme, code) = written.split_once(':').ok_or_else(form)?;
        let scheme = *SCHEMES.iter().find(|s| s.as_str() == scheme).ok_or_else(form)?;
        if self.context.regions.knows(scheme, code) {
            return Ok((scheme, code.to_owned()));
        }
        let near = nearest(code, self.context.regions.codes(scheme).into_iter());
        Err(unknown(written, "region", near.map(|near| format!("{}:{near}", scheme.as_str())).as_deref()))
    }

    fn entity(&self, written: &str) -> Result<String, String> {
        let is_uri = written.contains("://") || written.starts_with("urn:");
        if is_uri && !written.contains(char::is_whitespace) {
            return Ok(written.to_owned());
        }
        let wikidata = written.strip_prefix('Q').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let meant = wikidata.map(|_| format!("http://www.wikidata.org/entity/{written}"));
        Err(unknown(written, "URI of an entity", meant.as_deref()))
    }

    fn feed(&self, written: &str) -> Result<String, String> {
        let feeds = self.context.feeds;
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

fn enter<K: std::hash::Hash + Eq, V>(map: &mut HashMap<K, Vec<V>>, key: K, value: V) {
    map.entry(key).or_default().push(value);
}

impl Index {
    fn merge(&mut self, other: Index) {
        fn all<K: std::hash::Hash + Eq, V>(into: &mut HashMap<K, Vec<V>>, from: HashMap<K, Vec<V>>) {
            from.into_iter().for_each(|(key, values)| into.entry(key).or_default().extend(values));
        }
        all(&mut self.subjects, other.subjects);
        self.regions.iter_mut().zip(other.regions).for_each(|(into, from)| all(into, from));
        all(&mut self.entities, other.entities);
        all(&mut self.feeds, other.feeds);
        all(&mut self.kinds, other.kinds);
    }
}
