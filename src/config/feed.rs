//! One feed's file.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mapping::JsonMapping;
use crate::prepare::decode::Formats;

/// `config/feeds/<id>.toml`: where a feed's raw items come from, how they are read, and what becomes of their duplicates.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Name of the feed; must be the file's name without `.toml`. Lower-case letters, digits and `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,62}$"))]
    pub id: String,
    /// Wire format of its records; a list where it mixes several; `auto` where each record may be of any. What may be of several
    /// is read by the format that it looks like most.
    pub format: Formats,
    /// Kafka topics that its raw items are read from. A topic belongs to one feed only.
    #[schemars(length(min = 1))]
    pub topics: Vec<String>,
    /// Where to begin in a topic that this group has never read. Later, a lost position is an error, not a new beginning.
    #[serde(default)]
    pub start: StartAt,
    #[serde(default)]
    pub defaults: FeedDefaults,
    /// Where the wire's own item id stands, when not in the item: `key` (the record's key) or `header:NAME`.
    #[schemars(regex(pattern = r"^(key|header:[A-Za-z0-9_.-]+)$"))]
    pub id_from: Option<String>,
    /// Where the item's version stands, when not in the item: `header:NAME`.
    #[schemars(regex(pattern = r"^header:[A-Za-z0-9_.-]+$"))]
    pub version_from: Option<String>,
    /// Where one id stands for one version (`itemid:3`): a regular expression (syntax of the Rust `regex` crate) for a whole id, with a
    /// group named `id` for the part that all versions share, and perhaps one named `version`. An id that it does not match stays
    /// whole. The wire's own version, where there is one, goes before the group's.
    pub id_pattern: Option<String>,
    /// Records larger than this go to the dead-letter topic. In bytes.
    #[serde(default = "default_max_item_bytes")]
    #[schemars(range(min = 1024, max = 67_108_864))]
    pub max_item_bytes: usize,
    /// Paragraphs that are not news: moved out of the body into `edNote`.
    #[serde(default)]
    pub boilerplate: Vec<BoilerplateRule>,
    /// How records of format `json` become items: `docs/formats.md` tells it by examples.
    pub json: Option<JsonMapping>,
    #[serde(default)]
    pub dedupe: DedupeConfig,
    #[serde(default)]
    pub knowledge: FeedKnowledge,
    /// Examples that `wiredesk check` runs: an input file, and what must come out of it.
    #[serde(default)]
    pub cases: Vec<Case>,
}

/// What holds where the wire does not say.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FeedDefaults {
    /// BCP 47 tag such as `en` or `pt-BR`; without it the language is detected.
    #[schemars(regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"))]
    pub language: Option<String>,
    /// IANA time zone of times that name none, for example `Asia/Kolkata`. Default: UTC.
    pub time_zone: Option<String>,
    /// Name of the source, when the copy does not carry one.
    pub credit: Option<String>,
    /// WHATWG label of the encoding tried when a record is not UTF-8, for example `windows-1252`; without it, detected.
    pub encoding: Option<String>,
}

/// Names that hold for this feed alone.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FeedKnowledge {
    /// Tables with names of the desk's own, CSV or JSON Lines, relative to the feed's file, beside the service's: `docs/knowledge.md`
    /// tells what stands in them. Feeds with the same tables share one base.
    #[serde(default)]
    pub tables: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum StartAt {
    /// The oldest record that the topic still holds.
    #[default]
    Earliest,
    /// Only what arrives from now on.
    Latest,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct BoilerplateRule {
    /// Name of the rule, shown by `explain`.
    pub name: String,
    /// Regular expression (syntax of the Rust `regex` crate), matched against one whole paragraph.
    pub paragraph: String,
}

/// When an item counts as a copy of another, and what becomes of it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DedupeConfig {
    /// What to do with duplicates.
    #[serde(default)]
    pub duplicates: DuplicatePolicy,
    /// How far back this feed's items are compared, in seconds; at most, and by default, the desk's `window_secs`.
    #[schemars(range(min = 1))]
    pub window_secs: Option<u64>,
    /// Jaccard similarity of two items' word 4-shingles from which one is a near-copy of the other.
    #[serde(default = "default_similarity")]
    #[schemars(range(min = 0.3, max = 1.0))]
    pub similarity: f32,
    /// Share of the shorter item's shingles found in the longer one, from which the shorter is a cut copy.
    #[serde(default = "default_containment")]
    #[schemars(range(min = 0.5, max = 1.0))]
    pub containment: f32,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum DuplicatePolicy {
    /// Not published to streams that the original reached.
    #[default]
    Drop,
    /// Published, with `verdict` duplicate and `of` naming the original.
    Flag,
}

/// One example in a feed's file.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Shown when it fails.
    pub name: String,
    /// Input file, relative to the feed's file.
    pub input: String,
    /// RFC 3339 time that the record is taken to have been received at; default: the file is read as received on
    /// 2026-01-01T00:00:00Z.
    pub received: Option<String>,
    /// Which of the record's items is looked at, counted from 0.
    #[serde(default)]
    pub item: u32,
    /// JSON Pointers into the published item, and the values expected there. For a list, every expected element must be in it.
    #[serde(default)]
    pub expect: std::collections::BTreeMap<String, serde_json::Value>,
    /// JSON Pointers that must not be there.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Reason of the expected reject, for input that must go to the dead-letter topic.
    pub reject: Option<crate::item::RejectReason>,
}

impl Default for DedupeConfig {
    fn default() -> Self {
        Self {
            duplicates: DuplicatePolicy::default(),
            window_secs: None,
            similarity: default_similarity(),
            containment: default_containment(),
        }
    }
}

fn default_max_item_bytes() -> usize {
    1024 * 1024
}

fn default_similarity() -> f32 {
    0.65
}

fn default_containment() -> f32 {
    0.80
}
