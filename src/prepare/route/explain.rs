//! Why a route takes an item or does not, for `wiredesk explain`.
//!
//! Reads the configuration key by key instead of using the compiled index: it is for one item and a person, and a test
//! holds the two to the same answer.

use serde::Serialize;

use super::compile::subject_code;
use crate::config::routes::{Conditions, RouteConfig};
use crate::item::TaggedItem;

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

pub(super) fn explain(route: &RouteConfig, item: &TaggedItem, feed: &str) -> RouteExplanation {
    let matches: Vec<MatchExplanation> = route
        .matches
        .iter()
        .map(|conditions| {
            let keys = keys(conditions, item, feed);
            MatchExplanation { matched: keys.iter().all(|key| !key.holds.is_empty()), keys }
        })
        .collect();
    let excluded_by: Vec<String> =
        route.not.iter().flat_map(|not| keys(not, item, feed)).flat_map(|key| key.holds).collect();
    RouteExplanation {
        topic: route.topic.clone(),
        name: route.name.clone(),
        enabled: route.enabled,
        matched: route.enabled && excluded_by.is_empty() && matches.iter().any(|m| m.matched),
        matches,
        excluded_by,
    }
}

fn keys(conditions: &Conditions, item: &TaggedItem, feed: &str) -> Vec<KeyExplanation> {
    let kinds = conditions.kinds.as_ref().map(|kinds| kinds.iter().map(|k| k.as_str().to_owned()).collect());
    let all = [
        conditions.subjects.clone().map(|wanted| subjects(wanted, conditions.min_relevance, item)),
        conditions.regions.clone().map(|wanted| regions(wanted, conditions.min_region_relevance, item)),
        conditions.entities.clone().map(|wanted| entities(wanted, item)),
        conditions.feeds.clone().map(|wanted| plain("feeds", wanted, feed)),
        kinds.map(|wanted| plain("kinds", wanted, item.news.kind.as_str())),
    ];
    all.into_iter().flatten().collect()
}

fn subjects(wanted: Vec<String>, least: u8, item: &TaggedItem) -> KeyExplanation {
    let (mut holds, mut short) = (Vec::new(), Vec::new());
    for value in &wanted {
        let wanted_code: Option<u32> = subject_code(value).and_then(|code| code.parse().ok());
        for subject in item.subjects.iter().filter(|s| Some(s.topic.code) == wanted_code) {
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
