//! JSON Feed 1 and 1.1 (<https://www.jsonfeed.org/version/1.1/>): an item for each of `items`.

use serde_json::{Map, Value};

use super::content::{self, Written};
use super::entry::{Entry, Said};
use super::no_text;
use crate::item::wire::{LinkRel, WireItem};
use crate::item::{Reject, RejectReason};
use crate::prepare::decode::json::{self, elements, member, text};
use crate::prepare::decode::sniff::{Sample, Sure};
use crate::prepare::decode::{Input, Items};

type Object = Map<String, Value>;

/// How sure it is that a value is JSON Feed.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    if !sample.is_json() {
        return Sure::No;
    }
    let holds = |needle: &str| sample.holds(needle.as_bytes());
    if holds("jsonfeed.org/version/") || holds("jsonfeed.org\\/version\\/") {
        return Sure::Certain;
    }
    let content = holds("\"content_html\"") || holds("\"content_text\"");
    if content && holds("\"id\"") { Sure::Likely } else { Sure::No }
}

/// Reads one record: an item for each of a feed, or for one alone.
///
/// # Errors
/// Bytes that are no JSON, JSON without items; an item that says nothing is refused by itself.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let (value, repaired_chars) = json::parse(input)?;
    let no_feed = || Reject::decode(RejectReason::Malformed, "JSON, but neither a JSON Feed nor an item of one");
    let feed = value.as_object().ok_or_else(no_feed)?;
    let language = text(feed, &["language"]);
    let read = |item: &Object| read_item(item, language.clone(), repaired_chars);
    match feed.get("items") {
        Some(Value::Array(items)) if items.is_empty() => Err(no_text("JSON Feed without items")),
        Some(Value::Array(items)) => Ok(items
            .iter()
            .map(|item| match item.as_object() {
                Some(item) => read(item),
                None => Err(Reject::decode(RejectReason::Malformed, "an item of a JSON Feed that is no object")),
            })
            .collect()),
        _ if member(feed, &["content_html", "content_text", "title", "summary"]).is_some()
            && member(feed, &["version"]).is_none() =>
        {
            Ok(vec![read(feed)])
        }
        _ => Err(no_feed()),
    }
}

fn read_item(object: &Object, language: Option<String>, repaired_chars: u32) -> Result<WireItem, Reject> {
    let mut entry = Entry { item: WireItem { repaired_chars, ..WireItem::default() }, ..Entry::default() };
    let line = |name: &str| text(object, &[name]).and_then(|text| content::line(Written::Plain, &text));
    let item = &mut entry.item;
    // The standard asks for a text and has readers take figures too.
    item.id = text(object, &["id"]);
    item.headline = line("title");
    item.language = text(object, &["language"]).or(language);
    let (html, plain) = (text(object, &["content_html"]), text(object, &["content_text"]));
    let summary = text(object, &["summary"]);
    entry.full = match (&html, &plain) {
        (Some(html), _) => Some(Said::text(Written::Html, html)),
        (None, Some(plain)) => Some(Said::text(Written::Plain, plain)),
        (None, None) => None,
    };
    entry.teaser = summary.as_deref().map(|summary| Said::text(Written::Plain, summary));
    entry.link = text(object, &["url"]);
    entry.published = text(object, &["date_published"]);
    entry.updated = text(object, &["date_modified"]);
    for author in member(object, &["authors", "author"]).map(elements).unwrap_or_default() {
        entry.add_author(&json::name(author).unwrap_or_default());
    }
    for tag in member(object, &["tags"]).map(elements).unwrap_or_default() {
        entry.add_category(None, &json::scalar(tag).unwrap_or_default(), None);
    }
    // What the entry is about, on another site.
    if let Some(about) = text(object, &["external_url"]) {
        entry.add_link(LinkRel::SeeAlso, &about);
    }
    for name in ["image", "banner_image"] {
        entry.media.add(&text(object, &[name]).unwrap_or_default(), None);
    }
    for attachment in member(object, &["attachments"]).map(elements).unwrap_or_default() {
        let Some(attachment) = attachment.as_object() else { continue };
        entry.media.add(&text(attachment, &["url"]).unwrap_or_default(), text(attachment, &["title"]));
    }
    entry.finish()
}
