//! Entities and regions.

use crate::item::{NewsItem, TaggedItem};
use crate::knowledge::KnowledgeBase;

/// An item with entities and regions, and no subjects yet: what [`super::classify::classify`] takes.
#[derive(Clone, Debug, PartialEq)]
pub struct EnrichedItem {
    pub(crate) tagged: TaggedItem,
}

/// Finds the people, organisations, places and regions that an item names.
pub fn enrich(news: NewsItem, kb: &KnowledgeBase) -> EnrichedItem {
    let _ = kb;
    EnrichedItem { tagged: TaggedItem { news, ..TaggedItem::default() } }
}
