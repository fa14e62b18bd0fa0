//! An item with what it is about: entities, regions, subjects.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::news::{Field, NewsItem};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaggedItem {
    pub news: NewsItem,
    /// Most relevant first.
    pub entities: Vec<Entity>,
    /// In reading order: headline, dateline, body; by start within each.
    pub mentions: Vec<Mention>,
    /// Most relevant first.
    pub regions: Vec<Region>,
    /// Most relevant first; ancestors included.
    pub subjects: Vec<Subject>,
    /// URIs of the dateline's places, in its order.
    pub dateline_places: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum EntityType {
    Person,
    Organisation,
    Place,
    Event,
}

/// A person, organisation, place or event of the knowledge base that the item names.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    pub uri: String,
    pub same_as: Vec<String>,
    pub entity_type: EntityType,
    pub name: String,
    /// 0 to 1.
    pub relevance: f32,
    /// ISO 3166-1 alpha-2 of the country it lies in or belongs to.
    pub country: Option<String>,
    /// Longitude and latitude in degrees (GeoJSON's order); places only.
    pub position: Option<(f64, f64)>,
}

/// One occurrence of a name in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// `None`: found by form, not in the knowledge base.
    pub entity: Option<String>,
    pub entity_type: EntityType,
    /// As written.
    pub text: String,
    pub field: Field,
    /// Code points from the start of the field's value.
    pub start: u32,
    pub end: u32,
    /// 0 to 1.
    pub confidence: f32,
    /// ISO 3166-1 alpha-2, where the mention stands in or for one country.
    pub country: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
pub enum RegionScheme {
    #[serde(rename = "iso3166-1")]
    Iso3166_1,
    #[serde(rename = "iso3166-2")]
    Iso3166_2,
    #[serde(rename = "m49")]
    M49,
    #[serde(rename = "desk")]
    Desk,
}

impl RegionScheme {
    pub fn as_str(self) -> &'static str {
        match self {
            RegionScheme::Iso3166_1 => "iso3166-1",
            RegionScheme::Iso3166_2 => "iso3166-2",
            RegionScheme::M49 => "m49",
            RegionScheme::Desk => "desk",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub scheme: RegionScheme,
    pub code: String,
    pub name: String,
    /// 0 to 1. At 0.5 and above the story is about it, below it is only named.
    pub relevance: f32,
    /// URIs of the entities that speak for it.
    pub evidence: Vec<String>,
}

/// What items can be filed under: an IPTC Media Topic, or a topic of the desk's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// A Media Topic's eight digits as a number: `11000000`. Those of the desk's own are larger, and mean nothing outside.
    pub code: u32,
    /// `medtop:11000000`, or `desk:` and the id of one of the desk's own.
    pub qcode: String,
    /// `http://cv.iptc.org/newscodes/mediatopic/11000000`.
    pub uri: String,
    /// English, British spelling; a desk's own in its own words.
    pub name: String,
}

/// A topic that an item is filed under. The topic is shared: an item has a dozen of them, and copies no text for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub topic: Arc<Topic>,
    /// 0 to 100, as ninjs has it.
    pub relevance: u8,
    pub confidence: u8,
}
