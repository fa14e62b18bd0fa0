//! Wire formats: bytes to fields. One file a format; [`DECODERS`] is the registry.
//!
//! A decoder is a plain function. It finds the format's own fields and leaves them as the wire wrote them; it never
//! guesses, and what it cannot read it refuses with a [`Reject`]. The fixtures of a format lie in
//! `tests/fixtures/<format>/`, and a test walks the registry: a format without fixtures fails. A new format is a file here, a
//! variant of [`Format`], a row of [`DECODERS`], fixtures, and a section of `docs/formats.md`.
//!
//! A value goes the same way whatever it is: compressed ones are unpacked ([`unpack`]), the format is the feed's, or the surest
//! of those that the feed takes ([`sniff`]), and its decoder reads the whole record. [`block`] turns mark-up into paragraphs for
//! all that have any.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::feed::Feed;
use crate::item::{RawItem, Reject, RejectReason, WireItem};
use sniff::{Sample, Sure};
use syndication::{atom, json_feed, rss};
use unpack::Packing;

pub mod anpa1312;
mod anpa_text;
pub mod block;
pub mod encoding;
mod frames;
pub mod g2;
pub mod header;
pub mod html;
pub mod iptc7901;
mod iso2022;
pub mod json;
pub mod mapping;
pub mod markup;
pub mod newsml1;
pub mod ninjs;
pub mod nitf;
pub mod sniff;
pub mod syndication;
pub mod text;
pub mod unpack;
pub mod xml;

/// Items in one record, at most: its sighting must fit into a record of the log.
pub const MAX_ITEMS: usize = 1000;

/// A wire format, as `format` in a feed's file names it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain wire copy.
    Text,
    /// ANPA 1312, of North American agencies.
    Anpa1312,
    /// IPTC 7901, of European agencies.
    Iptc7901,
    /// NITF 3.x: one document an item.
    Nitf,
    /// NewsML 1.x: an envelope with one or several items.
    Newsml1,
    /// NewsML-G2: messages, news items, packages.
    #[serde(rename = "newsml-g2")]
    NewsmlG2,
    /// IPTC ninjs 1 to 3.
    Ninjs,
    /// RSS 2.0 and earlier, and RSS 1.0 (RDF): a document, or one item.
    Rss,
    /// Atom: a feed, or one entry.
    Atom,
    /// JSON Feed 1 and 1.1: a feed, or one item.
    JsonFeed,
    /// A page of a news site.
    Html,
    /// Any JSON, read by the `[json]` table in the feed's file.
    Json,
}

/// What a feed's records may be.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(untagged)]
pub enum Formats {
    One(Format),
    Any(Auto),
    /// The formats that a feed mixes.
    Mixed(#[schemars(length(min = 1))] Vec<Format>),
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Auto {
    /// Each record is read by the format that it looks like most.
    Auto,
}

impl Formats {
    /// True where a record of the feed may be of the format.
    pub fn take(&self, format: Format) -> bool {
        match self {
            Formats::One(one) => *one == format,
            Formats::Any(Auto::Auto) => true,
            Formats::Mixed(several) => several.contains(&format),
        }
    }
}

/// What a decoder reads.
pub struct Input<'a> {
    pub raw: &'a RawItem,
    /// The record's value, unpacked.
    pub payload: &'a [u8],
    pub feed: &'a Feed,
}

/// What a document gives: its items in order, each read or refused on its own.
pub type Items = Vec<Result<WireItem, Reject>>;

/// One row of the registry.
pub struct Decoder {
    pub format: Format,
    pub name: &'static str,
    /// How sure it is, from a look at the first bytes, that a value is of the format. Costs microseconds at most.
    pub sniff: fn(&Sample<'_>) -> Sure,
    /// Reads a whole record; `Err` refuses all of it.
    pub decode: fn(&Input<'_>) -> Result<Items, Reject>,
}

/// Every format that wiredesk reads. Of two that are equally sure, the first is taken.
pub static DECODERS: &[Decoder] = &[
    Decoder { format: Format::Anpa1312, name: "anpa1312", sniff: anpa1312::sniff, decode: anpa1312::decode },
    Decoder { format: Format::Iptc7901, name: "iptc7901", sniff: iptc7901::sniff, decode: iptc7901::decode },
    Decoder { format: Format::Text, name: "text", sniff: text::sniff, decode: text::decode },
    Decoder { format: Format::Nitf, name: "nitf", sniff: nitf::sniff, decode: nitf::decode },
    Decoder { format: Format::Newsml1, name: "newsml1", sniff: newsml1::sniff, decode: newsml1::decode },
    Decoder { format: Format::NewsmlG2, name: "newsml-g2", sniff: g2::sniff, decode: g2::decode },
    Decoder { format: Format::Ninjs, name: "ninjs", sniff: ninjs::sniff, decode: ninjs::decode },
    Decoder { format: Format::Rss, name: "rss", sniff: rss::sniff, decode: rss::decode },
    Decoder { format: Format::Atom, name: "atom", sniff: atom::sniff, decode: atom::decode },
    Decoder { format: Format::JsonFeed, name: "json-feed", sniff: json_feed::sniff, decode: json_feed::decode },
    Decoder { format: Format::Html, name: "html", sniff: html::article::sniff, decode: html::article::decode },
    Decoder { format: Format::Json, name: "json", sniff: mapping::sniff, decode: mapping::decode },
];

/// A record's items, and what read them.
#[derive(Debug)]
pub struct Decoded {
    pub format: &'static str,
    pub found: Found,
    /// How the value was compressed, if it was.
    pub packing: Option<Packing>,
    pub items: Items,
}

/// Why a record was read by its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The feed's only format.
    Configured,
    /// The surest of those that the feed takes.
    Sniffed(Sure),
}

/// Reads one record by the format that its feed names, or by the surest of those that it takes.
///
/// Refuses what no format could read: oversized and empty values, and records of more than [`MAX_ITEMS`] items. A tombstone
/// never gets here.
pub fn decode(raw: &RawItem, feed: &Feed) -> Result<Decoded, Reject> {
    let payload = raw.payload.as_deref().unwrap_or_default();
    let limit = feed.config.max_item_bytes;
    if payload.len() > limit {
        let message = format!("{} bytes, the feed takes {limit} (max_item_bytes)", payload.len());
        return Err(Reject::decode(RejectReason::Oversized, message));
    }
    let (packing, payload) = unpack::unpack(payload, limit)?;
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Err(Reject::decode(RejectReason::Empty, "the value is empty or nothing but white space"));
    }
    let (decoder, found) = choose(&payload, &feed.config.format)?;
    let items = (decoder.decode)(&Input { raw, payload: &payload, feed }).map_err(|mut reject| {
        if let Found::Sniffed(sure) = found {
            reject.message = format!("read as {} ({sure}): {}", decoder.name, reject.message);
        }
        reject
    })?;
    if items.len() > MAX_ITEMS {
        let message = format!("{} items in one record, at most {MAX_ITEMS} are read", items.len());
        return Err(Reject::decode(RejectReason::Oversized, message));
    }
    Ok(Decoded { format: decoder.name, found, packing, items })
}

/// The decoder for a value, and why it is that.
fn choose(payload: &[u8], formats: &Formats) -> Result<(&'static Decoder, Found), Reject> {
    let mut taken = DECODERS.iter().filter(|decoder| formats.take(decoder.format));
    let only = match formats {
        Formats::One(_) => true,
        Formats::Mixed(several) => several.len() == 1,
        Formats::Any(_) => false,
    };
    if only {
        let message = "no decoder is registered for the feed's format";
        let decoder = taken.next().ok_or_else(|| Reject::decode(RejectReason::Internal, message))?;
        return Ok((decoder, Found::Configured));
    }
    let head = sniff::head(payload);
    let sample = Sample { head: &head, value: payload };
    let mut surest: Option<(&Decoder, Sure)> = None;
    for decoder in taken {
        let sure = (decoder.sniff)(&sample);
        if sure > surest.map_or(Sure::No, |(_, best)| best) {
            surest = Some((decoder, sure));
        }
    }
    surest.map(|(decoder, sure)| (decoder, Found::Sniffed(sure))).ok_or_else(|| {
        let names: Vec<_> = DECODERS.iter().filter(|d| formats.take(d.format)).map(|d| d.name).collect();
        Reject::decode(RejectReason::Malformed, format!("looks like none of the feed's formats: {}", names.join(", ")))
    })
}
