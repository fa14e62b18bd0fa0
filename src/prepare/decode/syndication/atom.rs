//! Atom (RFC 4287) and its draft 0.3: an item for each `entry`, a kill for each deleted one (RFC 6721).
//!
//! A text construct says how it is written: `text`, `html` (escaped), `xhtml` (a `div` in place). One that does not say is text by
//! the standard, and HTML where it looks like that. The author of a whole feed is no byline.

use super::content::{self, Written};
use super::entry::{Entry, Said};
use super::names::{Module, Names};
use super::no_text;
use crate::item::wire::{LinkRel, WireItem, WireTime};
use crate::item::{Reject, RejectReason};
use crate::prepare::decode::sniff::{Sample, Sure};
use crate::prepare::decode::xml::{self, Element, Tree};
use crate::prepare::decode::{Input, Items};

/// How sure it is that a value is Atom.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    match sample.xml_root() {
        Some(root) if matches!(root.local, "feed" | "entry" | "deleted-entry") => {
            let named =
                ["www.w3.org/2005/Atom", "purl.org/atom"].iter().any(|namespace| root.attributes.contains(namespace));
            if named { Sure::Certain } else { Sure::Likely }
        }
        _ => Sure::No,
    }
}

/// Reads one record: an item for each entry of a feed, or for one alone.
///
/// # Errors
/// XML that cannot be read, a root that is none of Atom, a feed without entries; an entry that says nothing is refused by itself.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let text = xml::text(input.payload, input.feed.encoding)?;
    let tree = Tree::read(&text.text)?;
    let root = tree.root().ok_or_else(|| Reject::decode(RejectReason::Malformed, "a document without elements"))?;
    let names = Names::of(&[root], root.prefix(), true);
    let read = |element: Element<'_, '_>| match element.name() {
        "entry" => Some(read_entry(element, root, &names, text.repaired_chars)),
        "deleted-entry" => Some(read_deleted(element)),
        _ => None,
    };
    let items: Items = match root.name() {
        "feed" => root.elements().filter_map(read).collect(),
        "entry" | "deleted-entry" => read(root).into_iter().collect(),
        name => {
            let message = format!("<{name}> is no root of Atom: neither <feed> nor <entry>");
            return Err(Reject::decode(RejectReason::Malformed, message));
        }
    };
    if items.is_empty() {
        return Err(no_text("Atom: a feed without entries"));
    }
    Ok(items)
}

fn read_entry(
    element: Element<'_, '_>,
    feed: Element<'_, '_>,
    names: &Names<'_>,
    repaired_chars: u32,
) -> Result<WireItem, Reject> {
    let mut entry = Entry { item: WireItem { repaired_chars, ..WireItem::default() }, ..Entry::default() };
    for child in element.elements() {
        match names.module(child) {
            Module::Own if child.name() == "id" => entry.item.id = entry.item.id.take().or_else(|| child.text()),
            Module::Own => read_own(child, &mut entry),
            module => entry.read_module(module, child, names),
        }
    }
    let item = &mut entry.item;
    let language = element.attr("xml:lang").or(feed.attr("xml:lang"));
    item.language = item.language.take().or(language.map(str::to_owned));
    let rights = || feed.elements().find(|child| child.name() == "rights" && names.module(*child) == Module::Own);
    item.copyright_notice = item.copyright_notice.take().or_else(|| rights().and_then(Element::text));
    entry.finish()
}

/// An entry that was taken back.
fn read_deleted(element: Element<'_, '_>) -> Result<WireItem, Reject> {
    let Some(id) = element.attr("ref") else {
        return Err(Reject::decode(RejectReason::Malformed, "a deleted entry of Atom that does not say which (`ref`)"));
    };
    let note = element.elements().find(|child| child.name() == "comment").and_then(Element::text);
    Ok(WireItem {
        id: Some(id.to_owned()),
        status: Some("canceled".to_owned()),
        version_created: element.attr("when").map(|when| WireTime(when.to_owned())),
        ed_notes: note.into_iter().collect(),
        ..WireItem::default()
    })
}

/// Reads an element of Atom, in an entry of Atom or in an item of RSS.
pub fn read_own<'t>(element: Element<'t, '_>, entry: &mut Entry<'t>) {
    match element.name() {
        "title" => {
            let title = || line(element);
            entry.item.headline = entry.item.headline.take().or_else(title);
        }
        "link" => read_link(element, entry),
        "published" | "issued" => entry.published = element.text().or(entry.published.take()),
        "created" => entry.published = entry.published.take().or_else(|| element.text()),
        "updated" | "modified" => entry.updated = element.text().or(entry.updated.take()),
        "author" => {
            let name = element.elements().find(|child| child.name() == "name");
            entry.add_author(&name.unwrap_or(element).text().unwrap_or_default());
        }
        "category" => {
            let Some(term) = element.attr("term") else { return };
            entry.add_category(element.attr("scheme"), term, element.attr("label").map(str::to_owned));
        }
        "summary" => {
            if let Some(said) = said(element) {
                entry.teaser.get_or_insert(said);
            }
        }
        "content" => match (element.attr("src"), said(element)) {
            (None, Some(said)) => entry.set_full(said),
            (Some(address), _) => entry.add_link(LinkRel::SeeAlso, address),
            (None, None) => {}
        },
        "rights" => entry.item.copyright_notice = entry.item.copyright_notice.take().or_else(|| line(element)),
        // The feed that it was taken over from.
        "source" => {
            let title = element.elements().find(|child| child.name() == "title").and_then(line);
            entry.item.credit = entry.item.credit.take().or(title);
        }
        _ => {}
    }
}

/// A text construct of one line.
fn line(element: Element<'_, '_>) -> Option<String> {
    match written(element) {
        Some(Written::Inline) => element.text(),
        Some(written) => content::line(written, &element.raw_text()),
        None => None,
    }
}

fn said<'t>(element: Element<'t, '_>) -> Option<Said<'t>> {
    written(element).map(|written| Said::of(element, written))
}

/// How a text construct is written; `None` for content that is no text.
fn written(element: Element<'_, '_>) -> Option<Written> {
    let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let has_elements = element.elements().next().is_some();
    match (kind, element.attr("mode")) {
        (_, Some("base64")) => None,
        // What is declared to stand in place and is escaped all the same.
        ("xhtml" | "application/xhtml+xml", _) => Some(if has_elements { Written::Inline } else { Written::Html }),
        (_, Some("xml")) if has_elements => Some(Written::Inline),
        ("html" | "text/html", _) => Some(Written::Html),
        ("", _) | (_, Some("escaped")) => Some(Written::Either),
        _ if kind == "text" || kind.starts_with("text/") => Some(Written::Plain),
        _ if kind.ends_with("/xml") || kind.ends_with("+xml") => has_elements.then_some(Written::Inline),
        _ => None,
    }
}

fn read_link(element: Element<'_, '_>, entry: &mut Entry<'_>) {
    let Some(address) = element.attr("href") else { return };
    match element.attr("rel").unwrap_or("alternate") {
        "alternate" => entry.link = entry.link.take().or(Some(address.to_owned())),
        "canonical" => entry.permalink = entry.permalink.take().or(Some(address.to_owned())),
        "enclosure" => entry.media.add(address, element.attr("title").map(str::to_owned)),
        "related" => entry.add_link(LinkRel::SeeAlso, address),
        "via" => entry.add_link(LinkRel::DerivedFrom, address),
        _ => {}
    }
}
