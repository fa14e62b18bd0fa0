//! From the topics' file to what items are matched with, every mistake told.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use super::{FIRST_CODE, OwnContext, OwnTopic, OwnTopics, PREFIX, Tags, Term, Weight};
use crate::config::topics::{TopicConfig, TopicsConfig};
use crate::item::Topic;
use crate::prepare::classify::Topics;
use crate::prepare::classify::matcher::Matcher;
use crate::prepare::route::{RouteContext, RuleSet, Rules};

/// Weights of what speaks for a topic.
const WEIGHTS: std::ops::RangeInclusive<u8> = 1..=9;
/// Topics that a file may have: each costs every item a little.
const MOST_TOPICS: usize = 1000;

/// Part of what is said of a topic that the file does not have.
pub const NO_OWN_TOPIC: &str = "is none of the desk's own topics";
const NO_OTHER: &str = "a topic cannot ask for another of the desk's own: which comes first?";

/// A value in the topics' file that parses but means nothing. `key` is the TOML path that it stands at: `topics.3.terms.1`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct OwnTopicError {
    pub key: String,
    pub message: String,
}

/// Compiles the desk's topics beside the Media Topics that they may ask for.
pub fn compile(
    config: &TopicsConfig,
    builtin: &Topics,
    context: &OwnContext<'_>,
) -> Result<OwnTopics, Vec<OwnTopicError>> {
    let names = RouteContext { topics: builtin, regions: context.regions, feeds: context.feeds };
    let mut compiler = Compiler { names, errors: Vec::new(), terms: BTreeMap::new(), tags: Tags::default() };
    if config.topics.len() > MOST_TOPICS {
        compiler.fail("topics", format!("{} topics; there may be {MOST_TOPICS}", config.topics.len()));
    }
    let topics = (0..).zip(&config.topics).map(|(at, topic)| compiler.topic(at, topic, config)).collect();
    let rules = compiler.rules(config);
    let (matcher, terms, weights) = compiler.matcher();
    compiler.cases(config);
    match matcher {
        Some(matcher) if compiler.errors.is_empty() => {
            Ok(OwnTopics { topics, matcher, terms, weights, tags: compiler.tags, rules })
        }
        _ => Err(compiler.errors),
    }
}

struct Compiler<'a> {
    names: RouteContext<'a>,
    errors: Vec<OwnTopicError>,
    /// As written, with topic and weight, and where each stands.
    terms: BTreeMap<String, (Vec<(u16, u8)>, String)>,
    tags: Tags,
}

impl Compiler<'_> {
    fn fail(&mut self, key: &str, message: String) {
        self.errors.push(OwnTopicError { key: key.to_owned(), message });
    }

    fn topic(&mut self, at: u16, topic: &TopicConfig, config: &TopicsConfig) -> OwnTopic {
        let key = format!("topics.{at}");
        if config.topics[..usize::from(at)].iter().any(|other| other.id == topic.id) {
            self.fail(&format!("{key}.id"), format!("\"{}\" is there already", topic.id));
        }
        let evidence = [&topic.terms, &topic.entities, &topic.regions, &topic.subjects];
        let by_rules_alone = evidence.iter().all(|given| given.is_none());
        if by_rules_alone && topic.matches.is_empty() {
            let message = "nothing says which items it is given to: expected `terms`, `entities`, `regions`, `subjects` or \
                           a [[topics.match]] table";
            self.fail(&key, message.to_owned());
        }
        self.terms(&format!("{key}.terms"), at, topic.terms.as_deref().unwrap_or_default());
        let names = self.names;
        self.tags(&format!("{key}.entities"), topic.entities.as_deref(), |tags, value, weight| {
            enter(&mut tags.entities, names.entity(value)?, (at, weight));
            Ok(())
        });
        self.tags(&format!("{key}.regions"), topic.regions.as_deref(), |tags, value, weight| {
            let (scheme, code) = names.region(value)?;
            enter(&mut tags.regions[scheme as usize], code, (at, weight));
            Ok(())
        });
        self.tags(&format!("{key}.subjects"), topic.subjects.as_deref(), |tags, value, weight| {
            enter(&mut tags.subjects, names.subject(value)?, (at, weight));
            Ok(())
        });
        let uri = format!("{}{}", config.uri_base, topic.id);
        let made = Topic {
            code: FIRST_CODE + u32::from(at),
            qcode: format!("{PREFIX}{}", topic.id),
            uri,
            name: topic.name.clone(),
        };
        OwnTopic { topic: Arc::new(made), enabled: topic.enabled, by_rules_alone, min_points: topic.min_points }
    }

    /// Reads lines `"WEIGHT: this, that"`.
    fn terms(&mut self, key: &str, topic: u16, lines: &[String]) {
        let mut some = lines.is_empty();
        for (at, line) in lines.iter().enumerate() {
            let key = format!("{key}.{at}");
            match read_line(line, |weight| weight == 0 || WEIGHTS.contains(&weight), "0 to 9") {
                Ok((weight, terms)) => {
                    some |= weight > 0;
                    for term in terms {
                        self.term(&key, topic, weight, term);
                    }
                }
                Err(message) => {
                    some = true;
                    self.fail(&key, message);
                }
            }
        }
        if !some {
            self.fail(key, "all terms have weight 0: none speaks for the topic".to_owned());
        }
    }

    fn term(&mut self, key: &str, topic: u16, weight: u8, term: &str) {
        if term.starts_with('#') {
            return self.fail(key, format!("\"{term}\": signs are for the built-in topics"));
        }
        let (weights, _) = self.terms.entry(term.to_owned()).or_insert_with(|| (Vec::new(), key.to_owned()));
        if weights.iter().any(|(other, _)| *other == topic) {
            return self.fail(key, format!("\"{term}\" is there already"));
        }
        weights.push((topic, weight));
    }

    fn tags(
        &mut self,
        key: &str,
        lines: Option<&[String]>,
        mut add: impl FnMut(&mut Tags, &str, u8) -> Result<(), String>,
    ) {
        for (at, line) in lines.unwrap_or_default().iter().enumerate() {
            let found = read_line(line, |weight| WEIGHTS.contains(&weight), "1 to 9");
            let added = found.and_then(|(weight, values)| {
                let added: Vec<String> =
                    values.into_iter().filter_map(|value| add(&mut self.tags, value, weight).err()).collect();
                if added.is_empty() { Ok(()) } else { Err(added.join("; ")) }
            });
            if let Err(message) = added {
                self.fail(&format!("{key}.{at}"), message);
            }
        }
    }

    fn rules(&mut self, config: &TopicsConfig) -> Option<Rules> {
        let set = |topic: &TopicConfig| topic.matches.len() + usize::from(topic.not.is_some());
        if config.topics.iter().all(|topic| set(topic) == 0) {
            return None;
        }
        let sets: Vec<RuleSet<'_>> =
            config.topics.iter().map(|topic| RuleSet { matches: &topic.matches, not: topic.not.as_ref() }).collect();
        match Rules::compile(&sets, &self.names) {
            Ok(rules) => Some(rules),
            Err(errors) => {
                for error in errors {
                    let asks_own = error.message.contains(NO_OWN_TOPIC);
                    let message = if asks_own { NO_OTHER.to_owned() } else { error.message };
                    self.errors.push(OwnTopicError { key: format!("topics.{}", error.key), message });
                }
                None
            }
        }
    }

    fn matcher(&mut self) -> (Option<Matcher>, Vec<Term>, Vec<Weight>) {
        let (mut terms, mut weights) = (Vec::new(), Vec::new());
        for (index, (written, (of_term, _))) in (0..).zip(&self.terms) {
            let from = weights.len();
            weights.extend(of_term.iter().map(|(topic, weight)| Weight {
                topic: *topic,
                weight: *weight,
                term: index,
            }));
            terms.push(Term { name: written.replace(['~', '!'], ""), weights: from..weights.len() });
        }
        match Matcher::of_each(self.terms.keys().map(String::as_str)) {
            Ok(matcher) => (Some(matcher), terms, weights),
            Err(refused) => {
                for term in refused {
                    let key = self.terms.get(&term).map(|(_, key)| key.clone()).unwrap_or_default();
                    self.fail(&key, format!("the term \"{term}\" has no word or more than six"));
                }
                (None, terms, weights)
            }
        }
    }

    /// What cases name must be there.
    fn cases(&mut self, config: &TopicsConfig) {
        let ids: Vec<&str> = config.topics.iter().map(|topic| topic.id.as_str()).collect();
        for (at, case) in config.cases.iter().enumerate() {
            let key = format!("cases.{at}");
            for (list, named) in [("expect", &case.expect), ("absent", &case.absent)] {
                for (n, id) in named.iter().enumerate() {
                    if !ids.contains(&id.as_str()) {
                        let near = crate::config::suggest::nearest(id, ids.iter().copied());
                        let meant = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                        self.fail(&format!("{key}.{list}.{n}"), format!("no topic \"{id}\" in this file{meant}"));
                    }
                }
            }
            if case.expect.is_empty() && case.absent.is_empty() {
                self.fail(&key, "nothing to try: expected `expect` or `absent`".to_owned());
            }
            if case.text.trim().is_empty() && case.headline.is_none() {
                self.fail(&key, "no text: expected `headline` or `text`".to_owned());
            }
            if let Some(Err(message)) = case.feed.as_ref().map(|feed| self.names.feed(feed)) {
                self.fail(&format!("{key}.feed"), message);
            }
        }
    }
}

/// The weight of a line and what it holds for.
fn read_line<'a>(line: &'a str, takes: impl Fn(u8) -> bool, range: &str) -> Result<(u8, Vec<&'a str>), String> {
    let form =
        || format!("found \"{line}\", expected a weight of {range}, a colon, and values with commas between them");
    let (weight, values) = line.split_once(':').ok_or_else(form)?;
    let weight = weight.trim().parse().ok().filter(|weight| takes(*weight)).ok_or_else(form)?;
    let values: Vec<&str> = values.split(',').map(str::trim).collect();
    if values.iter().any(|value| value.is_empty()) {
        return Err(format!("found \"{line}\", in which a value is empty: two commas, or one at the end"));
    }
    Ok((weight, values))
}

fn enter<K: Hash + Eq, V, S: BuildHasher>(map: &mut HashMap<K, Vec<V>, S>, key: K, value: V) {
    map.entry(key).or_default().push(value);
}
