//! IPTC Media Topics.

use super::enrich::EnrichedItem;
use crate::item::TaggedItem;

/// Adds the subjects that an item is filed under.
pub fn classify(item: EnrichedItem) -> TaggedItem {
    item.tagged
}
