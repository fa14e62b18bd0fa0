//! Entities and regions: who and where the story is about.
//!
//! | step | module |
//! | --- | --- |
//! | fields to tokens | [`document`], [`matcher`] |
//! | names of the knowledge base, longest first, by case | [`candidates`] |
//! | one meaning for each name, or none | [`resolve`], for places `places` |
//! | names that the base does not know, by form | [`forms`] |
//! | entities and mentions with offsets | [`entities`] |
//! | countries, subdivisions, M49 and desk regions | [`regions`] |
//!
//! Pure: the same item and the same knowledge base give the same tags. When unsure, nothing is tagged.

pub mod candidates;
pub mod document;
pub mod entities;
pub mod forms;
pub mod matcher;
mod places;
pub mod regions;
pub mod resolve;

use crate::item::{Field, Mention, NewsItem, TaggedItem};
use crate::knowledge::KnowledgeBase;

/// An item with entities and regions, and no subjects yet: what [`super::classify::classify`] takes.
#[derive(Clone, Debug, PartialEq)]
pub struct EnrichedItem {
    pub(crate) tagged: TaggedItem,
}

/// Finds the people, organisations, places and regions that an item names.
pub fn enrich(news: NewsItem, kb: &KnowledgeBase) -> EnrichedItem {
    let english = news.language.as_deref().is_none_or(|tag| tag == "en" || tag.starts_with("en-"));
    let fields = document::read(&news);
    let found = candidates::find(&fields, kb, english);
    let mut senses = resolve::resolve(&fields, &found, kb);
    let forms = if english { forms::find(&fields, &found, &mut senses, kb) } else { forms::Forms::default() };
    let mentions = entities::mentions(&fields, &found, &senses, &forms, kb);
    let entities = entities::entities(&fields, &found, &senses, kb);
    let regions = regions::regions(&fields, &found, &senses, kb);
    let dateline_places = dateline_places(&news, &mentions);
    EnrichedItem { tagged: TaggedItem { entities, mentions, regions, dateline_places, subjects: Vec::new(), news } }
}

/// The URIs of the dateline's cities, in its order; a city that is not known has none.
fn dateline_places(news: &NewsItem, mentions: &[Mention]) -> Vec<String> {
    let Some(dateline) = &news.dateline else { return Vec::new() };
    let stands_there =
        |name: &str| mentions.iter().find(|m| m.field == Field::Dateline && m.text.eq_ignore_ascii_case(name));
    dateline.places.iter().filter_map(|place| stands_there(&place.name)?.entity.clone()).collect()
}

#[cfg(test)]
mod tests;
