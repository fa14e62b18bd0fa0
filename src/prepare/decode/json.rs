//! JSON values as wires write them: one parse for all formats that are JSON, and the look-ups that they share.
//!
//! Names of members are compared without regard to case: ninjs writes `versioncreated` in its versions 1 and 2, and
//! `versionCreated` in version 3. Depth is bounded by the parser (128 levels), size by the feed's `max_item_bytes`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Input, block, encoding, html};
use crate::item::news::RuleNote;
use crate::item::wire::{Body, WireItem};
use crate::item::{Reject, RejectReason};

/// A record's value, and the characters that had to be repaired to read it.
///
/// # Errors
/// Bytes that are no text; text that is no JSON, with line and column.
pub fn parse(input: &Input<'_>) -> Result<(Value, u32), Reject> {
    let encoding::Text { text, repaired_chars } = encoding::read(input.payload, input.feed.encoding)?;
    let text = text.trim_start_matches('\u{FEFF}');
    let value = serde_json::from_str(text)
        .map_err(|error| Reject::decode(RejectReason::Malformed, format!("not JSON: {error}")))?;
    Ok((value, repaired_chars))
}

/// The first of several members that is there and says something: `null`, `""`, `[]` and `{}` do not.
pub fn member<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        let found = object.get(*name).or_else(|| {
            object
                .iter()
                .find(|(key, _)| key.len() == name.len() && key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        });
        found.filter(|value| says_something(value))
    })
}

pub fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A text, figure or truth value as text.
pub fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        _ => None,
    }
}

/// The first of several members that is a text, a figure or a truth value.
pub fn text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| member(object, &[*name]).and_then(scalar)).map(Cow::into_owned)
}

/// The elements of a list; of anything else, itself.
pub fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        other => std::slice::from_ref(other),
    }
}

/// What a concept is called: a text, or the name, title or value of an object.
pub fn name(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => text(object, &["name", "title", "value", "code", "literal"]),
        other => scalar(other).map(Cow::into_owned),
    }
}

/// A headline or name: character references and tags that have no place in it are read, once.
pub fn line(text: &str) -> String {
    html::line(text).into_owned()
}

/// Plain text, or HTML where it is that.
pub fn plain(text: &str) -> String {
    if html::looks_like(text) {
        let mut blocks = block::Blocks::default();
        html::walk(text, &mut blocks);
        return blocks.into_text();
    }
    html::entities::decode(text).into_owned()
}

/// Puts HTML into an item's body, and the captions in it beside it.
pub fn set_html_body(item: &mut WireItem, html: &str) {
    let html::Text { body, captions } = html::read(html);
    item.body = body;
    keep_captions(item, captions);
}

/// Captions of pictures that stood in the body, beside it.
pub fn keep_captions(item: &mut WireItem, captions: Vec<String>) {
    for caption in captions {
        item.notes.push(RuleNote { field: "edNote", rule: "caption of a picture in the body", span: caption.clone() });
        item.ed_notes.push(caption);
    }
}

/// Letters and figures of a body.
pub fn letters(body: &Body) -> usize {
    match body {
        Body::None => 0,
        Body::Text(text) | Body::Paragraphs(text) => text.chars().filter(|c| c.is_alphanumeric()).count(),
    }
}
