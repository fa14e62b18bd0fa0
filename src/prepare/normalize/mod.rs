//! Fields to a clean item.

use jiff::Timestamp;

use super::feed::Feed;
use crate::item::{NewsItem, Origin, RawItem, Reject, WireItem, wire::Body};

/// Normalizes one item. `received` is the record's Kafka time: all "now" there is.
pub fn normalize(
    wire: WireItem,
    feed: &Feed,
    raw: &RawItem,
    origin: &Origin,
    received: Timestamp,
) -> Result<NewsItem, Reject> {
    let _ = (feed, raw, received);
    let body = match wire.body {
        Body::Text(text) | Body::Markup(text) => text,
        Body::None => String::new(),
    };
    Ok(NewsItem { uri: origin.urn(), body, ..NewsItem::default() })
}
