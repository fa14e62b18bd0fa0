//! Plain wire copy: text with at most some lines above it that say what it is.
//!
//! One record is one item. The lines above the copy become fields ([`super::header`]); dateline, sign-off and paragraphs are
//! read by [`crate::prepare::normalize`], for this format as for all. Mark-up is refused: published as text it would be noise.

use jiff::Timestamp;
use jiff::civil::Date;

use super::sniff::{Sample, Sure};
use super::{Input, Items, encoding, header};
use crate::item::{Reject, RejectReason, WireItem, wire::Body};
use crate::prepare::normalize::{dateline, text};

/// Any bytes may be plain text; those that are not are refused by [`decode`].
pub fn sniff(_: &Sample<'_>) -> Sure {
    Sure::LastResort
}

/// Reads one record of plain text as one item.
///
/// # Errors
/// Bytes that are no text, text without a letter or figure, XML and JSON.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let encoding::Text { text: written, repaired_chars } = encoding::read(input.payload, input.feed.encoding)?;
    if !written.chars().any(char::is_alphanumeric) {
        return Err(Reject::decode(RejectReason::Empty, "the value has no letter and no figure"));
    }
    if let Some(what) = markup(&written) {
        let message = format!("the value looks like {what}, which is no plain wire copy");
        return Err(Reject::decode(RejectReason::Malformed, message));
    }
    let mut item = WireItem { repaired_chars, ..WireItem::default() };
    let written = text::clean(&written, &mut item.repaired_chars);
    let near = Timestamp::from_millisecond(input.raw.timestamp_ms)
        .map_or(Date::constant(1970, 1, 1), |received| received.to_zoned(input.feed.time_zone.clone()).date());
    let context = dateline::Context { feed_credit: input.feed.config.defaults.credit.as_deref(), near };
    let body = header::read(&written, &mut item, &context);
    item.body = match &written[body..] {
        rest if rest.trim().is_empty() => Body::None,
        rest => Body::Text(rest.to_owned()),
    };
    Ok(vec![Ok(item)])
}

/// What kind of mark-up a text is, if it is any.
fn markup(text: &str) -> Option<&'static str> {
    let head = text.trim_start_matches(['\u{FEFF}', ' ', '\n', '\r', '\t']);
    let tail = text.trim_end();
    if head.starts_with('<') && tail.ends_with('>') {
        let name = head[1..].chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '?' | '!'));
        let closed = tail.contains("</") || tail.ends_with("/>") || head.starts_with("<?xml");
        return (name && closed).then_some("XML or HTML");
    }
    let object = head.starts_with('{') && tail.ends_with('}');
    let array = head.starts_with('[') && tail.ends_with(']');
    let json = (object || array)
        && (head.contains("\":") || head.contains("\" :"))
        && serde_json::from_str::<serde::de::IgnoredAny>(tail).is_ok();
    json.then_some("JSON")
}
