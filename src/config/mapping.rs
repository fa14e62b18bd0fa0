//! `[json]` in a feed's file: how a vendor's own JSON becomes items.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the records of a feed of format `json` become items.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct JsonMapping {
    /// Paths to the items of a record, the first that leads anywhere counts; without one the record is one item.
    #[serde(default)]
    pub items: Vec<String>,
    /// Paths within an item, and the values of which it must have one there. Other items are refused: they hold no news text.
    #[serde(default)]
    pub only: BTreeMap<String, Vec<String>>,
    pub fields: JsonFields,
    /// Several fields out of one value.
    #[serde(default)]
    pub split: Vec<SplitRule>,
}

/// Where each field of an item stands. A text is a path; a list holds alternatives, of which the first that says something
/// counts.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct JsonFields {
    /// The vendor's id of the item, the same for all its versions.
    pub id: Option<FieldRule>,
    pub version: Option<FieldRule>,
    pub slug: Option<FieldRule>,
    pub headline: Option<FieldRule>,
    pub subheadline: Option<FieldRule>,
    pub summary: Option<FieldRule>,
    pub byline: Option<FieldRule>,
    pub dateline: Option<FieldRule>,
    pub credit: Option<FieldRule>,
    pub language: Option<FieldRule>,
    /// Several values become a paragraph each.
    pub body: Option<FieldRule>,
    pub first_created: Option<FieldRule>,
    pub version_created: Option<FieldRule>,
    pub content_created: Option<FieldRule>,
    pub embargoed: Option<FieldRule>,
    pub expires: Option<FieldRule>,
    pub urgency: Option<FieldRule>,
    /// `usable`, `withheld`, `canceled` or `embargoed`; a vendor's own words are translated with `values`.
    pub status: Option<FieldRule>,
    /// Editorial marks such as `correction` or `advisory`.
    pub marks: Option<FieldRule>,
    pub keywords: Option<FieldRule>,
    pub genre: Option<FieldRule>,
    pub located: Option<FieldRule>,
    pub ed_notes: Option<FieldRule>,
    pub copyright_holder: Option<FieldRule>,
    pub copyright_notice: Option<FieldRule>,
    pub usage_terms: Option<FieldRule>,
    /// Id of the item that this one kills, corrects or replaces.
    pub replaces: Option<FieldRule>,
    /// Ids of related items.
    pub see_also: Option<FieldRule>,
    /// Further ids, by the name that they are published under.
    pub alt_ids: BTreeMap<String, FieldRule>,
    /// What the item is about.
    pub subjects: Vec<ConceptRule>,
}

/// One source of a field, or several alternatives.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(untagged)]
pub enum FieldRule {
    Path(String),
    Alternatives(Vec<FieldChoice>),
    Source(Box<FieldSource>),
}

/// One alternative.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(untagged)]
pub enum FieldChoice {
    Path(String),
    Source(Box<FieldSource>),
}

/// Where a value comes from, and what is made of it. Exactly one of `at`, `value` and `template` is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct FieldSource {
    /// Path to the value.
    pub at: Option<String>,
    /// A constant: as the last alternative, the default.
    pub value: Option<String>,
    /// Text with paths in braces: `tag:vendor.example,2026:{/type}:{/id}`. Says nothing where one of them does.
    pub template: Option<String>,
    /// What is written there.
    #[serde(rename = "as")]
    pub written: WrittenAs,
    /// Put between several values; without it a field of one value takes the first.
    pub join: Option<String>,
    /// Regular expression that the value must match; its first group, or the whole match, is taken.
    pub pattern: Option<String>,
    /// The vendor's words, and what they mean. Other words stay.
    pub values: BTreeMap<String, String>,
    /// How a time is written, for those that mean nothing else by themselves: `%d/%m/%Y %H:%M` (strftime's letters).
    pub time_format: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum WrittenAs {
    /// Plain text; character references in it are read.
    #[default]
    Text,
    /// HTML.
    Html,
    /// Words between commas or semicolons.
    List,
}

/// Concepts at a path, each with its scheme, code and name below it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ConceptRule {
    /// Path to the concepts: `/subject/*`.
    pub at: String,
    /// The scheme's URI or alias, where it is the same for all: `http://cv.iptc.org/newscodes/mediatopic/`.
    pub scheme: Option<String>,
    /// Path to the scheme below each concept.
    pub scheme_at: Option<String>,
    /// Path to the code below each concept; without one the concept itself is the code.
    pub code: Option<String>,
    /// Path to the name below each concept.
    pub name: Option<String>,
}

/// Fields out of one value by a regular expression, for ids that hold the version: `^(?<id>.+):(?<version>\d+)$`. Fields that
/// have a rule of their own that says something keep it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SplitRule {
    /// Path to the value.
    pub at: String,
    /// Regular expression whose named groups are `id`, `version`, `slug`, `headline`, `byline`, `dateline`, `credit`, `language`,
    /// `urgency`, `status`, `genre` or `located`.
    pub pattern: String,
}
