//! Feeds of web sites: RSS of all versions, Atom, JSON Feed. A record is a whole document, each of whose entries is an item, or
//! one entry alone.
//!
//! | module | what it reads |
//! | --- | --- |
//! | [`rss`], [`atom`], [`json_feed`] | the formats' own shapes |
//! | [`names`] | which module (`content`, `dc`, `media`, ...) an element belongs to |
//! | [`entry`] | what an entry gives, whichever format wrote it, and the item that comes of it |
//! | [`content`] | mark-up, escaped mark-up and plain text to paragraphs |
//! | [`media`] | pictures, sound and video of an entry |
//!
//! These formats have no versions. The time of the last change is `versionCreated` and no `version`: sites touch it without
//! changing a word, and an entry that is fetched again unchanged is a duplicate, not an update.

pub mod atom;
pub mod content;
pub mod entry;
pub mod json_feed;
pub mod media;
pub mod names;
pub mod rss;

use crate::item::{Reject, RejectReason};

/// Items of a document that holds no news.
fn no_text(message: impl Into<String>) -> Reject {
    Reject::decode(RejectReason::NoText, message)
}
