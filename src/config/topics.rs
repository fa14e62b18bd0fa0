//! The desk's own topics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::routes::Conditions;

/// `config/topics.toml`: topics of the desk's own beside IPTC's Media Topics, and cases that try them out. Without the file there
/// are none.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TopicsConfig {
    /// Put before a topic's id, its URI in published items.
    #[serde(default = "default_uri_base")]
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"))]
    pub uri_base: String,
    #[serde(default)]
    pub topics: Vec<TopicConfig>,
    /// Examples that `wiredesk check` runs.
    #[serde(default)]
    pub cases: Vec<TopicCase>,
}

/// One topic. An item is filed under it when what speaks for it comes to `min_points`, when one of its `match` tables describes the
/// item, where there are any, and when nothing of `not` holds.
///
/// What speaks is given as lines `"WEIGHT: this, that"`, with a weight of 1 (a hint among others) to 9 (settles it).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TopicConfig {
    /// Routes call the topic `desk:ID`. Lower-case letters, digits and `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,62}$"))]
    pub id: String,
    /// Its name in published items.
    #[schemars(length(min = 1))]
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// A topic that is switched off is given to no item, but is still checked.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Words and phrases, for instance `"6: Suez Canal, container ship"`. The last word of a term also matches its English plural;
    /// `~` after a word: its verb forms, `!`: only as written. A word with a capital must have one in the text too. A term counts
    /// its weight times the root of how often it stands there, in the headline three times, in the lead twice. The longest term at
    /// a place counts; those of weight 0 speak for nothing and only hide the shorter ones in them.
    #[schemars(length(min = 1))]
    pub terms: Option<Vec<String>>,
    /// URIs of people, organisations, places and events, for instance `"4: http://www.wikidata.org/entity/Q899"`. An entity counts
    /// its weight by its relevance: one and a half times at 1, half at 0.
    #[schemars(length(min = 1))]
    pub entities: Option<Vec<String>>,
    /// Regions as routes write them, for instance `"2: desk:middle-east, iso3166-1:EG"`. They count like entities.
    #[schemars(length(min = 1))]
    pub regions: Option<Vec<String>>,
    /// Media Topics, for instance `"3: medtop:20000343"`. They count like entities.
    #[schemars(length(min = 1))]
    pub subjects: Option<Vec<String>>,
    /// Points that an item of up to 150 words needs; a longer one needs more, by the root of its length, because it says more words
    /// by chance. At so many its relevance is 50.
    #[serde(default = "default_min_points")]
    #[schemars(range(min = 1, max = 1000))]
    pub min_points: f32,
    /// Rules: at least one of these tables must describe the item; with nothing but rules that is enough. The keys are those of
    /// routes; what only the desk finds (`verdicts`, `stories`) is not known yet, and no topic asks for another of the desk's own.
    #[serde(default, rename = "match")]
    pub matches: Vec<Conditions>,
    /// An item for which any of these keys holds is not filed under the topic.
    pub not: Option<Conditions>,
}

/// A text, and the desk's topics that it must have and must not have.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TopicCase {
    /// Shown when it fails.
    #[schemars(length(min = 1))]
    pub name: String,
    pub headline: Option<String>,
    /// Paragraphs, with an empty line between them.
    #[serde(default)]
    pub text: String,
    /// BCP 47 tag.
    #[serde(default = "default_language")]
    #[schemars(regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"))]
    pub language: String,
    /// Feed that it comes from, for topics that ask for that.
    pub feed: Option<String>,
    /// IPTC urgency, 1 (highest) to 9.
    #[schemars(range(min = 1, max = 9))]
    pub urgency: Option<u8>,
    /// Ids of topics that it has.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Ids of topics that it does not have.
    #[serde(default)]
    pub absent: Vec<String>,
}

impl Default for TopicsConfig {
    fn default() -> Self {
        Self { uri_base: default_uri_base(), topics: Vec::new(), cases: Vec::new() }
    }
}

fn default_uri_base() -> String {
    "urn:wiredesk:topic:".to_owned()
}

fn default_min_points() -> f32 {
    7.0
}

fn default_language() -> String {
    "en".to_owned()
}

fn yes() -> bool {
    true
}
