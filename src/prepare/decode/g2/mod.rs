//! NewsML-G2: a message of several items, or one item by itself.
//!
//! News items of text become items, packages become items whose references are associations; pictures, video, sound and data, concepts,
//! events, plans, catalogs and knowledge are refused, each by itself and with what it is. QCodes become the scheme's URI and a code
//! ([`catalog`]); one whose alias nobody explains stays as it is.

pub mod catalog;
mod meta;
mod package;

use super::block::{self, Blocks, Tag};
use super::html;
use super::markup::{self, Aside};
use super::nitf;
use super::sniff::{Sample, Sure};
use super::xml::{self, Element, Tree};
use super::{Input, Items};
use crate::item::news::RuleNote;
use crate::item::wire::{Body, WireItem};
use crate::item::{Reject, RejectReason};
use catalog::Catalog;
pub use meta::is_host;

pub fn sniff(sample: &Sample<'_>) -> Sure {
    let Some(root) = sample.xml_root() else { return Sure::No };
    match root.local {
        "newsMessage" | "newsItem" | "packageItem" | "conceptItem" | "knowledgeItem" | "planningItem"
        | "catalogItem" => Sure::Certain,
        // A part of an item, as documentation shows it.
        "contentSet" | "contentMeta" | "itemMeta" | "groupSet" => Sure::Likely,
        _ => Sure::No,
    }
}

/// Reads one record: an item for each of a message, in its order.
///
/// # Errors
/// XML that cannot be read, a root that is neither a message nor an item, a message without items; each item that holds no news
/// text is refused by itself.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let text = xml::text(input.payload, input.feed.encoding)?;
    let tree = Tree::read(&text.text)?;
    let root = tree.root().ok_or_else(|| Reject::decode(RejectReason::Malformed, "a document without elements"))?;
    if is_item(root) {
        return Ok(vec![read(root, text.repaired_chars)]);
    }
    if root.name() != "newsMessage" {
        let message = format!("<{}> is at most a part of a NewsML-G2 item, neither an item nor a message", root.name());
        return Err(Reject::decode(RejectReason::Malformed, message));
    }
    let sets = root.elements().filter(|e| e.name() == "itemSet");
    let items: Items =
        sets.flat_map(Element::elements).filter(|e| is_item(*e)).map(|e| read(e, text.repaired_chars)).collect();
    if items.is_empty() {
        return Err(no_text("a message without items"));
    }
    Ok(items)
}

fn is_item(element: Element<'_, '_>) -> bool {
    element.name().ends_with("Item")
        && matches!(
            element.name(),
            "newsItem" | "packageItem" | "conceptItem" | "knowledgeItem" | "planningItem" | "catalogItem"
        )
}

fn no_text(message: impl Into<String>) -> Reject {
    Reject::decode(RejectReason::NoText, format!("NewsML-G2: {}", message.into()))
}

fn read(element: Element<'_, '_>, repaired_chars: u32) -> Result<WireItem, Reject> {
    let what = match element.name() {
        "newsItem" | "packageItem" => None,
        "conceptItem" => Some("a concept item: it explains a term"),
        "knowledgeItem" => Some("a knowledge item: a vocabulary or a set of events"),
        "planningItem" => Some("a planning item: it tells what coverage is planned"),
        _ => Some("a catalog item: it lists vocabularies"),
    };
    if let Some(what) = what {
        return Err(no_text(what));
    }
    let catalog = Catalog::of(element);
    let mut item = WireItem { repaired_chars, ..WireItem::default() };
    meta::read(element, &catalog, &mut item);
    if element.name() == "packageItem" {
        package::read(element, &mut item)?;
        return Ok(item);
    }
    let class = meta::class(element);
    if let Some(class @ ("picture" | "video" | "audio" | "graphic" | "animation" | "photo" | "image")) =
        class.as_deref()
        && !withdraws(&item)
    {
        return Err(no_text(format!("an item of {class}, not of text")));
    }
    let mut aside = Aside::default();
    let found = content(element, &mut item, &mut aside);
    aside.finish(&mut item);
    transmission_codes(&mut item);
    match found {
        _ if withdraws(&item) => Ok(item),
        Found::Data(what) => Err(no_text(format!("data ({what}), not copy"))),
        Found::Nothing if class.as_deref() == Some("composite") => Err(no_text("a composite item without text")),
        // A flash, or copy that is kept elsewhere: the headline is news.
        Found::Nothing if item.headline.is_none() && item.summary.is_none() => {
            Err(no_text("an item without text or headline"))
        }
        Found::Nothing | Found::Copy => Ok(item),
    }
}

/// True for an item that takes an earlier one back: it needs no text.
fn withdraws(item: &WireItem) -> bool {
    item.status.as_deref().is_some_and(|status| matches!(local(status), "canceled" | "cancelled" | "withheld"))
}

/// A QCode or URI without its scheme.
fn local(code: &str) -> &str {
    code.rsplit([':', '/']).next().unwrap_or(code)
}

/// What an item's content set holds.
enum Found {
    Copy,
    /// Structured content without copy: what it is.
    Data(String),
    Nothing,
}

/// The content of an item. Several inline contents are renditions of the same: mark-up comes before plain text.
fn content(element: Element<'_, '_>, item: &mut WireItem, aside: &mut Aside) -> Found {
    let Some(set) = element.child("contentSet") else { return Found::Nothing };
    let mut data = None;
    for inline in set.children("inlineXML") {
        match inline_xml(inline, item, aside) {
            Ok(Body::None) => {}
            Ok(body) => {
                item.body = body;
                return Found::Copy;
            }
            Err(what) => data = data.or(Some(what)),
        }
    }
    let mut texts: Vec<_> = set.children("inlineData").filter(|inline| is_text(*inline)).collect();
    texts.sort_by_key(|inline| !inline.attr("contenttype").is_some_and(|kind| kind.contains("html")));
    for inline in texts {
        item.body = inline_data(inline, aside);
        if item.body != Body::None {
            return Found::Copy;
        }
    }
    for remote in set.children("remoteContent") {
        if let Some(id) = remote.attr("residref").or(remote.attr("href")) {
            aside.captions.push((id.to_owned(), String::new()));
        }
    }
    data.map_or(Found::Nothing, Found::Data)
}

/// NITF, XHTML, or other mark-up that holds either; `Err` names what is neither.
fn inline_xml(inline: Element<'_, '_>, item: &mut WireItem, aside: &mut Aside) -> Result<Body, String> {
    let document = inline.descendants().find(|e| e.name().eq_ignore_ascii_case("nitf"));
    if let Some(document) = document {
        return Ok(nitf::read_inside(document, item));
    }
    let Some(root) = inline.elements().next() else {
        // Escaped mark-up or plain text in the wrong place.
        return Ok(inline_data(inline, aside));
    };
    let is_markup = |e: Element<'_, '_>| {
        let name = e.name().to_ascii_lowercase();
        block::tag(&name) != Tag::Inline
            || matches!(name.as_str(), "b" | "i" | "em" | "strong" | "span" | "a" | "body.content")
    };
    if is_markup(root) {
        return Ok(markup::body(inline, aside));
    }
    // A vendor's own frame around paragraphs.
    match inline.descendants().find(|e| matches!(e.name(), "html" | "body" | "p")) {
        Some(found) if matches!(found.name(), "html" | "body") => Ok(markup::body(found, aside)),
        Some(_) => {
            let mut blocks = Blocks::default();
            for paragraph in inline.descendants().filter(|e| e.name() == "p") {
                blocks.paragraph();
                markup::walk(paragraph, &mut blocks, aside);
            }
            Ok(blocks.finish())
        }
        None => Err(format!("<{}>", root.name())),
    }
}

fn is_text(inline: Element<'_, '_>) -> bool {
    let kind = inline.attr("contenttype").unwrap_or("text/plain");
    let encoded = inline.attr("encoding").is_some_and(|encoding| encoding.to_ascii_lowercase().contains("base64"));
    (kind.starts_with("text/") || kind.contains("html") || kind.contains("xml")) && !encoded
}

/// Text, or mark-up that was escaped.
fn inline_data(inline: Element<'_, '_>, aside: &mut Aside) -> Body {
    if inline.elements().next().is_some() {
        return markup::body(inline, aside);
    }
    let raw = inline.raw_text();
    if html::looks_like(&raw) {
        let mut blocks = Blocks::default();
        markup::escaped(&raw, &mut blocks);
        blocks.finish()
    } else if raw.trim().is_empty() {
        Body::None
    } else {
        Body::Text(raw.into_owned())
    }
}

/// A last paragraph of nothing but codes is an address for machines: `51 77 03 CRO01 1113 APE4800`.
fn transmission_codes(item: &mut WireItem) {
    let Body::Paragraphs(body) = &mut item.body else { return };
    let Some((copy, last)) = body.rsplit_once("\n\n") else { return };
    let words = || last.split_whitespace();
    let coded = words().filter(|word| word.bytes().any(|b| b.is_ascii_digit())).count();
    let code = |word: &str| word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if words().count() >= 4 && coded * 2 >= words().count() && words().all(code) {
        let codes = last.to_owned();
        item.notes.push(RuleNote {
            field: "edNote",
            rule: "codes of the transmission below the copy",
            span: codes.clone(),
        });
        body.truncate(copy.len());
        item.ed_notes.push(codes);
    }
}
