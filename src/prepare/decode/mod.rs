//! Wire formats: bytes to fields. One file a format; [`DECODERS`] is the registry.
//!
//! A decoder is a plain function. It finds the format's own fields and leaves them as the wire wrote them; it never
//! guesses, and what it cannot read it refuses with a [`Reject`]. The fixtures of a format lie in
//! `tests/fixtures/<format>/`, and a test walks the registry: a format without fixtures fails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::feed::Feed;
use crate::item::{RawItem, Reject, RejectReason, WireItem};

pub mod encoding;
pub mod header;
pub mod text;

/// A wire format, as `format` in a feed's file names it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain wire copy.
    Text,
}

/// What a decoder reads.
pub struct Input<'a> {
    pub raw: &'a RawItem,
    pub payload: &'a [u8],
    pub feed: &'a Feed,
}

/// What a document gives: its items in order, each read or refused on its own.
pub type Decoded = Vec<Result<WireItem, Reject>>;

/// One row of the registry.
pub struct Decoder {
    pub format: Format,
    pub name: &'static str,
    /// Reads a whole record; `Err` refuses all of it.
    pub decode: fn(&Input<'_>) -> Result<Decoded, Reject>,
}

/// Every format that wiredesk reads.
pub static DECODERS: &[Decoder] = &[Decoder { format: Format::Text, name: "text", decode: text::decode }];

/// Reads one record by its feed's format.
///
/// Refuses what no format could read: oversized, empty and binary values. A tombstone never gets here.
pub fn decode(raw: &RawItem, feed: &Feed) -> Result<Decoded, Reject> {
    let payload = raw.payload.as_deref().unwrap_or_default();
    let limit = feed.config.max_item_bytes;
    if payload.len() > limit {
        let message = format!("{} bytes, the feed takes {limit} (max_item_bytes)", payload.len());
        return Err(Reject::decode(RejectReason::Oversized, message));
    }
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Err(Reject::decode(RejectReason::Empty, "the value is empty or nothing but white space"));
    }
    let decoder = DECODERS
        .iter()
        .find(|d| d.format == feed.config.format)
        .ok_or_else(|| Reject::decode(RejectReason::Internal, "no decoder is registered for the feed's format"))?;
    (decoder.decode)(&Input { raw, payload, feed })
}
