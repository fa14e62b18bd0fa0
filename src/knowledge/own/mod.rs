//! Tables of a user's own: names that a desk wants to be known, beside what the base holds.
//!
//! CSV with a header line (a file `*.csv`), or JSON Lines (any other); one entity a row. `docs/knowledge.md` is the same for users.
//!
//! | column | |
//! | --- | --- |
//! | `id` | Wikidata item (`Q794`), GeoNames number (`geonames:112931`), any other absolute URI; or empty: known by name only |
//! | `type` | `person`, `organisation`, `place`, `event` |
//! | `names` | the first is the entity's own, the others are other spellings; in CSV with bars between them |
//! | `country` | ISO 3166-1 alpha-2, or empty |
//! | `weight` | 0 to 1, default 0.5. A place: the logarithm of its people, 0 a thousand, 1 ten million. Others: above 0.5 the name means this one before a namesake of the base |
//! | `lat`, `lon` | degrees, both or neither; may be left out, in CSV with their columns |
//!
//! An entity that the base has already gets the names as further ones: one with the same id; or, for a row without an id, the only person
//! or body of that name, if its country is not another one.

mod add;
mod read;

use serde::{Deserialize, Serialize};

pub use read::read;

use super::KnowledgeError;
use crate::item::EntityType;
use crate::prepare::enrich::matcher::tokenize;

/// No more rows than this in one table: what is larger is to be built into a base.
pub const MAX_ROWS: usize = 200_000;
/// Longest name, in words; in scripts that write no spaces, in characters.
pub const MAX_NAME_WORDS: usize = 16;
/// [`super::Record::detail`] of an entity that only a user's table has.
pub const OWN_DETAIL: &str = "own";
/// Longest id, in bytes.
const MAX_ID_BYTES: usize = 512;
const DEFAULT_WEIGHT: f32 = 0.5;

/// One entity of a user's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRow {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(rename = "type")]
    pub entity_type: EntityType,
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f32>,
}

impl OwnRow {
    /// A row of which only the type is known.
    pub fn new(entity_type: EntityType) -> OwnRow {
        let (id, names, country) = (String::new(), Vec::new(), String::new());
        OwnRow { id, entity_type, names, country, weight: None, lat: None, lon: None }
    }

    /// What is wrong with the row by itself.
    fn mistake(&self) -> Option<String> {
        if self.names.iter().all(|n| n.trim().is_empty()) {
            return Some("a row without a name".to_owned());
        }
        if let Some(odd) = self.names.iter().find(|n| !n.trim().is_empty() && !is_name(n)) {
            return Some(format!(
                "names: \"{odd}\" is no name: it must have a letter, and at most {MAX_NAME_WORDS} words"
            ));
        }
        if self.weight.is_some_and(|w| !(0.0..=1.0).contains(&w)) {
            return Some("weight: not between 0 and 1".to_owned());
        }
        let on_earth = |degrees: Option<f32>, most: f32| degrees.is_none_or(|d| (-most..=most).contains(&d));
        if !on_earth(self.lat, 90.0) || !on_earth(self.lon, 180.0) {
            return Some("lat, lon: not on this earth".to_owned());
        }
        if self.lat.is_some() != self.lon.is_some() {
            return Some("lat, lon: one without the other".to_owned());
        }
        Id::parse(&self.id).is_none().then(|| {
            format!("id: \"{}\" is none of Q794, geonames:112931, an absolute URI, and nothing at all", self.id)
        })
    }
}

/// A table as it was read: its rows and the lines that they stand in.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnTable {
    pub file: String,
    pub rows: Vec<(usize, OwnRow)>,
}

/// Whether the text can be a name: a letter in it, and not too many words.
pub fn is_name(text: &str) -> bool {
    let mut words = Vec::new();
    tokenize(text, &mut words);
    !words.is_empty() && words.len() <= MAX_NAME_WORDS && text.chars().any(char::is_alphabetic)
}

/// Whether the text can stand as a row's id.
pub fn is_id(text: &str) -> bool {
    Id::parse(text).is_some()
}

/// What an id stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Id {
    /// Known by name only.
    None,
    Wikidata(u32),
    Geonames(u32),
    Uri(String),
}

impl Id {
    fn parse(id: &str) -> Option<Id> {
        if id.is_empty() {
            return Some(Id::None);
        }
        let number = |text: &str| text.parse().ok().filter(|n| *n != 0);
        let wikidata = ["Q", "http://www.wikidata.org/entity/Q", "https://www.wikidata.org/entity/Q", "wd:Q"];
        if let Some(item) = wikidata.iter().find_map(|prefix| id.strip_prefix(prefix)) {
            return number(item).map(Id::Wikidata);
        }
        let geonames = ["geonames:", "https://sws.geonames.org/", "http://sws.geonames.org/"];
        if let Some(place) = geonames.iter().find_map(|prefix| id.strip_prefix(prefix)) {
            return number(place.trim_end_matches('/')).map(Id::Geonames);
        }
        is_uri(id).then(|| Id::Uri(id.to_owned()))
    }
}

/// RFC 3986, as far as a scheme and the characters go.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    text.len() <= MAX_ID_BYTES
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(plain)
}

fn error(file: &str, line: usize, message: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Table { file: file.to_owned(), line, message: message.into() }
}

#[cfg(test)]
mod tests;
