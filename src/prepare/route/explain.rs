//! Why a route takes an item or does not, for `wiredesk explain`.
//!
//! Reads the configuration key by key instead of using the compiled index: it is for one item and a person, and a test
//! holds the two to the same answer.

use serde::Serialize;

use super::compile::subject_code;
use super::take::{Given, Held, Passed};
use super::{Clause, Route, Routes};
use crate::config::routes::Conditions;
use crate::item::{TaggedItem, Topic};

/// One route's finding on an item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RouteExplanation {
    pub topic: String,
    pub name: Option<String>,
    pub enabled: bool,
    /// The route takes the item.
    pub matched: bool,
    /// One for each `match` table.
    pub matches: Vec<MatchExplanation>,
    /// The values of `not` that keep the item out.
    pub excluded_by: Vec<String>,
    /// Why it does not take an item that it describes: another route comes first.
    pub left_to: Option<String>,
}

/// One `match` table's finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchExplanation {
    pub matched: bool,
    /// The keys that the table gives.
    pub keys: Vec<KeyExplanation>,
}

/// One key's finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyExplanation {
    pub key: &'static str,
    /// Values that hold, with what the item says: `medtop:11000000 politics, relevance 96`.
    pub holds: Vec<String>,
    /// Values that the item has with too little relevance.
    pub short: Vec<String>,
    /// All values that the key names.
    pub wanted: Vec<String>,
}

pub(super) fn explain(routes: &Routes, item: &TaggedItem, feed: &str, given: Given<'_>) -> Vec<RouteExplanation> {
    let passed = routes.take(item, feed, given, &mut Held::of(routes, item, feed)).passed;
    let asked = Asked { routes, item, feed, given };
    let explain_one = |(at, route)| {
        let mut explanation = asked.route(route);
        if let Some((_, why)) = passed.iter().find(|(other, _)| *other == at) {
            explanation.matched = false;
            explanation.left_to = Some(match why {
                Passed::YieldsTo(other) => format!("yields to {}", routes.routes[*other].config.topic),
                Passed::Group(first) => format!("{} comes first in its group", routes.routes[*first].config.topic),
                Passed::Cap => format!("over the {} streams that an item may have", routes.max_streams),
            });
        }
        explanation
    };
    (0..).zip(&routes.routes).map(explain_one).collect()
}

/// What is asked of each route.
struct Asked<'a> {
    routes: &'a Routes,
    item: &'a TaggedItem,
    feed: &'a str,
    given: Given<'a>,
}

impl Asked<'_> {
    fn route(&self, route: &Route) -> RouteExplanation {
        let config = &route.config;
        let mut clauses = self.routes.clauses[route.clauses.clone()].iter();
        let mut matches = Vec::new();
        for conditions in &config.matches {
            let keys = self.keys(conditions, clauses.next());
            matches.push(MatchExplanation { matched: keys.iter().all(|key| !key.holds.is_empty()), keys });
        }
        let not = config.not.iter().flat_map(|not| self.keys(not, clauses.next()));
        let excluded_by: Vec<String> = not.flat_map(|key| key.holds).collect();
        RouteExplanation {
            topic: config.topic.clone(),
            name: config.name.clone(),
            enabled: config.enabled,
            matched: config.enabled && excluded_by.is_empty() && matches.iter().any(|m| m.matched),
            matches,
            excluded_by,
            left_to: None,
        }
    }

    fn keys(&self, conditions: &Conditions, clause: Option<&Clause>) -> Vec<KeyExplanation> {
        let Asked { item, given, .. } = self;
        let news = &item.news;
        let names = |wanted: &[&str]| wanted.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let kinds = conditions.kinds.as_ref().map(|kinds| kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>());
        let verdicts = conditions.verdicts.as_ref().map(|all| all.iter().map(|v| v.as_str()).collect::<Vec<_>>());
        let urgencies = conditions.urgencies.as_ref().map(|all| all.iter().map(u8::to_string).collect());
        let urgency = news.urgency.map(|urgency| urgency.to_string()).unwrap_or_default();
        let all = [
            conditions.subjects.clone().map(|wanted| subjects(wanted, conditions.min_relevance, item)),
            conditions.regions.clone().map(|wanted| regions(wanted, conditions.min_region_relevance, item)),
            conditions.entities.clone().map(|wanted| entities(wanted, item)),
            conditions.feeds.clone().map(|wanted| plain("feeds", wanted, self.feed)),
            kinds.map(|wanted| plain("kinds", names(&wanted), news.kind.as_str())),
            conditions.languages.clone().map(|wanted| languages(wanted, news.language.as_deref())),
            urgencies.map(|wanted| plain("urgencies", wanted, &urgency)),
            verdicts.map(|wanted| plain("verdicts", names(&wanted), given.verdict.as_str())),
            conditions.stories.clone().map(|wanted| plain("stories", wanted, given.story.unwrap_or_default())),
            conditions.when.clone().map(|source| self.expression(source, clause)),
        ];
        all.into_iter().flatten().collect()
    }

    fn expression(&self, source: String, clause: Option<&Clause>) -> KeyExplanation {
        let expression = clause.and_then(|clause| self.routes.expressions.get(clause.when?));
        let is_true = expression.is_some_and(|expression| expression.holds(self.item, self.feed, self.given));
        let holds = if is_true { vec![source.clone()] } else { Vec::new() };
        KeyExplanation { key: "when", holds, short: Vec::new(), wanted: vec![source] }
    }
}

fn languages(wanted: Vec<String>, found: Option<&str>) -> KeyExplanation {
    let is_of =
        |tag: &String| found.is_some_and(|f| f == tag || f.strip_prefix(&**tag).is_some_and(|r| r.starts_with('-')));
    let holds = wanted.iter().filter(|tag| is_of(tag)).cloned().collect();
    KeyExplanation { key: "languages", holds, short: Vec::new(), wanted }
}

fn subjects(wanted: Vec<String>, least: u8, item: &TaggedItem) -> KeyExplanation {
    let (mut holds, mut short) = (Vec::new(), Vec::new());
    for value in &wanted {
        let wanted_code: Option<u32> = subject_code(value).and_then(|code| code.parse().ok());
        let is_it = |topic: &Topic| Some(topic.code) == wanted_code || topic.qcode == *value;
        for subject in item.subjects.iter().filter(|s| is_it(&s.topic)) {
            let found = format!("{value} {}, relevance {}", subject.topic.name, subject.relevance);
            if subject.relevance >= least { holds.push(found) } else { short.push(format!("{found} of {least}")) }
        }
    }
    KeyExplanation { key: "subjects", holds, short, wanted }
}

fn regions(wanted: Vec<String>, least: f32, item: &TaggedItem) -> KeyExplanation {
    let (mut holds, mut short) = (Vec::new(), Vec::new());
    for value in &wanted {
        let same = |scheme: &str, code: &str| value.split_once(':') == Some((scheme, code));
        for region in item.regions.iter().filter(|r| same(r.scheme.as_str(), &r.code)) {
            let found = format!("{value} {}, relevance {:.2}", region.name, region.relevance);
            if region.relevance >= least { holds.push(found) } else { short.push(format!("{found} of {least:.2}")) }
        }
    }
    KeyExplanation { key: "regions", holds, short, wanted }
}

fn entities(wanted: Vec<String>, item: &TaggedItem) -> KeyExplanation {
    let found = |value: &String| item.entities.iter().find(|e| e.uri == *value || e.same_as.contains(value));
    let holds = wanted.iter().filter_map(|value| Some(format!("{value} {}", found(value)?.name))).collect();
    KeyExplanation { key: "entities", holds, short: Vec::new(), wanted }
}

fn plain(key: &'static str, wanted: Vec<String>, found: &str) -> KeyExplanation {
    let holds = wanted.iter().filter(|value| *value == found).cloned().collect();
    KeyExplanation { key, holds, short: Vec::new(), wanted }
}
