//! The routes' file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::item::news::Kind;

/// `config/routes.toml`: which items go to which output stream. An item that no route wants goes to `news.unrouted`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RoutesConfig {
    /// In the order in which an item's streams are listed. Several routes may name the same topic.
    #[serde(default)]
    pub routes: Vec<RouteConfig>,
}

/// One output stream, and the items that belong to it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// Kafka topic, without the service's `topic_prefix`: letters, digits, `.`, `_` and `-`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,200}$"))]
    pub topic: String,
    /// For people: shown by `explain`.
    pub name: Option<String>,
    pub description: Option<String>,
    /// A route that is switched off takes nothing, but is still checked.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The route takes an item that any of these tables describes: one in which every key that is given holds. A table without
    /// keys describes every item. There must be at least one.
    #[serde(default, rename = "match")]
    #[schemars(length(min = 1))]
    pub matches: Vec<Conditions>,
    /// The route does not take an item for which any of these keys holds, whatever matches.
    pub not: Option<Conditions>,
}

/// Keys that hold for an item or do not. A key holds when any one of its values does.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// IPTC Media Topics: `medtop:11000000` or `11000000`. A topic stands for all below it.
    #[schemars(length(min = 1))]
    pub subjects: Option<Vec<String>>,
    /// Least relevance that a subject needs to count, 0 to 100.
    #[serde(default = "default_min_relevance")]
    #[schemars(range(min = 0, max = 100))]
    pub min_relevance: u8,
    /// Regions as `scheme:code`: `iso3166-1:IR`, `iso3166-2:US-CA`, `m49:145`, `desk:middle-east`.
    #[schemars(length(min = 1))]
    pub regions: Option<Vec<String>>,
    /// Least relevance that a region needs to count, 0 to 1: from 0.5 on the story is about it, below it is only named.
    #[serde(default = "default_min_region_relevance")]
    #[schemars(range(min = 0, max = 1))]
    pub min_region_relevance: f32,
    /// URIs of people, organisations, places and events, for example `http://www.wikidata.org/entity/Q7747`. Any URI of an
    /// entity will do.
    #[schemars(length(min = 1))]
    pub entities: Option<Vec<String>>,
    /// Ids of feeds.
    #[schemars(length(min = 1))]
    pub feeds: Option<Vec<String>>,
    /// What the wire says the item is.
    #[schemars(length(min = 1))]
    pub kinds: Option<Vec<Kind>>,
}

impl Default for Conditions {
    /// No keys.
    fn default() -> Self {
        Self {
            subjects: None,
            min_relevance: default_min_relevance(),
            regions: None,
            min_region_relevance: default_min_region_relevance(),
            entities: None,
            feeds: None,
            kinds: None,
        }
    }
}

fn yes() -> bool {
    true
}

fn default_min_relevance() -> u8 {
    50
}

fn default_min_region_relevance() -> f32 {
    0.5
}
