//! A news page: what it says of itself, and its main text.
//!
//! One record is one page and one item. Fields come from the page's metadata ([`super::metadata`]), the body from the part of it
//! that is the article ([`super::content`]); what is missing is looked for in the page itself. A page without an article (a
//! section's front, a gallery) is refused.

use super::content::{self, Content};
use super::metadata::Metadata;
use super::names::{Attribute, Name};
use super::parse::Document;
use super::{without_cdata, write};
use crate::item::news::RuleNote;
use crate::item::wire::{Body, WireItem, WireSubject, WireTime};
use crate::item::{Reject, RejectReason};
use crate::prepare::decode::block::Blocks;
use crate::prepare::decode::sniff::{Sample, Sure};
use crate::prepare::decode::{Input, Items, encoding};
use crate::prepare::normalize::lead;

/// Bytes of copy from which a page has an article, where it does not say so itself.
const MIN_COPY_BYTES: usize = 250;
/// Bytes at the start of a page in which its encoding is declared.
const DECLARATION_BYTES: usize = 1024;
/// Bytes of a byline, at most.
const MAX_BYLINE_BYTES: usize = 120;

/// How sure it is that a value is a page.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    let head = &sample.head[..sample.head.len().min(512)];
    let lower = head.to_ascii_lowercase();
    let holds = |needle: &[u8]| memchr::memmem::find(&lower, needle).is_some();
    if lower.starts_with(b"<!doctype html")
        || sample.xml_root().is_some_and(|root| root.local.eq_ignore_ascii_case("html"))
    {
        return Sure::Certain;
    }
    if !lower.starts_with(b"<") || lower.starts_with(b"<?xml") {
        return Sure::No;
    }
    if holds(b"<html") || holds(b"<head") || holds(b"<body") {
        return Sure::Likely;
    }
    let fragment = [&b"<p"[..], b"<div", b"<article", b"<h1", b"<section", b"<main"];
    if fragment.iter().any(|tag| lower.starts_with(tag)) { Sure::Maybe } else { Sure::No }
}

/// Reads one page.
///
/// # Errors
/// Bytes that are no text, a page without an article.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let encoding = declared_encoding(input.payload).or(input.feed.encoding);
    let encoding::Text { text, repaired_chars } = encoding::read(input.payload, encoding)?;
    let html = without_cdata(&text);
    let document = Document::parse(&html);
    let metadata = Metadata::of(&document);
    let mut item = WireItem { repaired_chars, ..WireItem::default() };
    body(&document, &metadata, &mut item);
    let copy_bytes = match &item.body {
        Body::None => 0,
        Body::Text(text) | Body::Paragraphs(text) => text.len(),
    };
    if copy_bytes == 0 || (copy_bytes < MIN_COPY_BYTES && !metadata.is_article) {
        let message =
            format!("a page without an article: {copy_bytes} bytes of copy, and it does not say that it is one");
        return Err(Reject::decode(RejectReason::NoText, message));
    }
    fields(&document, metadata, &mut item);
    super::repeated_headline(&mut item);
    Ok(vec![Ok(item)])
}

/// `<meta charset>` or its `http-equiv` form.
fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = bytes[..bytes.len().min(DECLARATION_BYTES)].to_ascii_lowercase();
    let at = memchr::memmem::find(&head, b"charset=")? + b"charset=".len();
    let label = head[at..].trim_ascii_start();
    let label = label.strip_prefix(b"\"").or(label.strip_prefix(b"'")).unwrap_or(label);
    let end = label.iter().position(|b| matches!(b, b'"' | b'\'' | b'>' | b' ' | b'/' | b';')).unwrap_or(label.len());
    encoding_rs::Encoding::for_label(&label[..end])
}

fn body(document: &Document, metadata: &Metadata, item: &mut WireItem) {
    let mut blocks = Blocks::default();
    let mut captions = Vec::new();
    if let Some(Content { roots, left_out }) = content::find(document) {
        for root in roots {
            write(document, root, &mut blocks, &mut captions, &|at| left_out.binary_search(&at).is_ok());
            blocks.paragraph();
        }
    }
    item.body = blocks.finish();
    let found = match &item.body {
        Body::None => 0,
        Body::Text(text) | Body::Paragraphs(text) => text.len(),
    };
    // The page's own account has no paragraphs: it counts where much of it is not to be found in the page.
    if let Some(whole) = metadata.article_body.as_deref().filter(|whole| whole.len() > found * 2) {
        item.body = Body::Text(whole.to_owned());
        item.notes.push(RuleNote { field: "bodies", rule: "articleBody of the page's JSON-LD", span: String::new() });
        captions.clear();
    }
    for caption in captions {
        item.notes.push(RuleNote { field: "edNote", rule: "caption of a picture in the body", span: caption.clone() });
        item.ed_notes.push(caption);
    }
}

fn fields(document: &Document, metadata: Metadata, item: &mut WireItem) {
    item.id = metadata.url;
    let first = |name: Name| document.nodes.iter().position(|node| node.name == name).map(|at| document.text_of(at));
    let heading = first(Name::Heading1).filter(|text| !text.is_empty());
    let title = first(Name::Title).filter(|text| !text.is_empty());
    item.headline =
        metadata.headline.or(heading).or(title).map(|headline| without_site(&headline, metadata.publisher.as_deref()));
    item.subheadline = metadata.alternative_headline;
    item.summary = metadata.description;
    item.byline = if metadata.authors.is_empty() { byline(document) } else { Some(metadata.authors.join(", ")) };
    item.credit = metadata.publisher;
    item.language = metadata.language;
    item.located = metadata.location;
    item.keywords = metadata.keywords;
    item.copyright_holder = metadata.copyright_holder;
    item.copyright_notice = metadata.copyright_notice;
    item.expires = metadata.expires.map(WireTime);
    item.subjects.extend(metadata.section.map(|code| WireSubject { scheme: "section".to_owned(), code, name: None }));
    let published = metadata.published.or_else(|| first_time(document)).map(WireTime);
    match metadata.modified.map(WireTime) {
        Some(modified) => {
            item.first_created = published;
            item.version_created = Some(modified);
        }
        None => item.version_created = published,
    }
}

/// `Storm shuts ports - The Harbour Post` without the site's name.
fn without_site(headline: &str, site: Option<&str>) -> String {
    let bare = site
        .and_then(|site| headline.strip_suffix(site))
        .map(|rest| rest.trim_end_matches([' ', '-', '|', '–', '—', ':', '·', '•']));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(headline).to_owned()
}

/// A short element that is named as the byline.
fn byline(document: &Document) -> Option<String> {
    document.nodes.iter().enumerate().find_map(|(at, node)| {
        let named = document.attribute(node, Attribute::Rel).is_some_and(|rel| rel == "author")
            || document.attribute(node, Attribute::Class).is_some_and(|class| {
                class.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("byline"))
            });
        if !named {
            return None;
        }
        let text = document.text_of(at);
        let short = !text.is_empty() && text.len() <= MAX_BYLINE_BYTES;
        short.then(|| lead::byline(&text).map_or_else(|| text.clone(), str::to_owned))
    })
}

fn first_time(document: &Document) -> Option<String> {
    let mut times = document.nodes.iter().filter(|node| node.name == Name::Time);
    times.find_map(|node| document.attribute(node, Attribute::Datetime)).map(str::to_owned)
}
