//! The routes' file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::item::news::Kind;
use crate::item::published::Verdict;

/// `config/routes.toml`: which items go to which output stream. An item that no route wants goes to `news.unrouted`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct RoutesConfig {
    /// Streams that an item goes to by itself, at most: those of the highest `priority`, of equal ones the first in the file.
    /// Streams that it inherits from the item that it updates, corrects or kills do not count. Default: no limit.
    #[schemars(range(min = 1))]
    pub max_streams: Option<usize>,
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
    /// Who comes first in a `group` and under `max_streams`: the highest.
    #[serde(default)]
    pub priority: i32,
    /// Name of an exclusive group: of its routes that match an item, only the one of the highest `priority` takes it; of equal
    /// ones the first in the file.
    #[schemars(length(min = 1))]
    pub group: Option<String>,
    /// Topics of routes to which this one yields: an item that one of them takes, it does not take.
    #[schemars(length(min = 1))]
    pub yields_to: Option<Vec<String>>,
    /// What the stream's records look like. Of several routes with the same topic, one may say it for all.
    pub output: Option<OutputConfig>,
}

/// Keys that hold for an item or do not. A key holds when any one of its values does.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// IPTC Media Topics: `medtop:11000000` or `11000000`. A topic stands for all below it. The desk's own, from `topics.toml`:
    /// `desk:ID`.
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
    /// BCP 47 tags: `en` stands for `en-GB` too. An item whose language is not known has none.
    #[schemars(length(min = 1))]
    pub languages: Option<Vec<String>>,
    /// IPTC urgencies, 1 (highest) to 9. An item without one has none.
    #[schemars(length(min = 1), inner(range(min = 1, max = 9)))]
    pub urgencies: Option<Vec<u8>>,
    /// What the desk finds the item to be, against all that it remembers.
    #[schemars(length(min = 1))]
    pub verdicts: Option<Vec<Verdict>>,
    /// Ids of stories, as `wiredesk.story` of published items has them: to follow a running story.
    #[schemars(length(min = 1))]
    pub stories: Option<Vec<String>>,
    /// A CEL expression (<https://cel.dev>) that must be true, for what the other keys cannot say. Looked at last.
    ///
    /// `subject('medtop:11000000')` is the item's relevance for a topic (`subject('desk:ID')` for one of the desk's own), an int
    /// from 0 to 100; `region('m49:145')` that for a region and `entity('http://...')` that for an entity, doubles from 0.0 to 1.0.
    /// Strings: `feed`, `kind`, `language`, `headline`, `slug`, `credit`, `genre`, `verdict`, `story`, empty where there is none. Ints: `urgency` (0 where there is
    /// none), `words` of the body. Lists of strings: `keywords`, `subjects`, `regions`, `entities`, whatever their relevance.
    pub when: Option<String>,
}

/// What the records of a stream look like.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct OutputConfig {
    #[serde(default)]
    pub format: OutputFormat,
    #[serde(default)]
    pub content: Content,
    #[serde(default)]
    pub duplicates: Duplicates,
    #[serde(default)]
    pub key: RecordKey,
    #[serde(default)]
    pub headers: HeaderSet,
    /// Partitions of the topic, if wiredesk creates it; default: `kafka.output_partitions`.
    #[schemars(range(min = 1, max = 10000))]
    pub partitions: Option<i32>,
}

/// Form of the records' values.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum OutputFormat {
    /// A ninjs 3.1 object, extended with `wiredesk`.
    #[default]
    Ninjs,
    /// A NewsML-G2 news item, version 2.34, power conformance.
    NewsmlG2,
}

/// How much of an item goes out.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    #[default]
    Full,
    /// Headlines and what the item is about; no body, no summary.
    Headline,
}

/// What becomes of a duplicate of an item that the stream has.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// What the item's feed says: `dedupe.duplicates`.
    #[default]
    Feed,
    /// Published too, marked.
    Keep,
    /// Not published.
    Drop,
}

/// Key of a stream's records: Kafka keeps the order of records of one key.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RecordKey {
    /// URI of the first item of the chain: versions, corrections and kills of an item stay in order.
    #[default]
    Root,
    /// The item's own URI.
    Uri,
    /// Id of its story: all items of a story stay in order.
    Story,
}

/// Headers of a stream's records.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum HeaderSet {
    /// CloudEvents 1.0 in Kafka's binary mode, `content-type`, and the W3C trace context where the input has one.
    #[default]
    Cloudevents,
    /// `content-type` only.
    Plain,
    None,
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
            languages: None,
            urgencies: None,
            verdicts: None,
            stories: None,
            when: None,
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
