//! RSS 2.0 and what came before it (0.91, 0.92), and RSS 1.0, which is RDF: an item for each `item`.
//!
//! The text is the full one of a module (`content:encoded`, `yandex:full-text`, `xhtml:body`, Atom's `content`), the description
//! then its summary; without one, the description is the text. A `guid` is the id, permalink or not; then `rdf:about`, Atom's
//! id, the link.

use super::atom;
use super::content::{self, Written};
use super::entry::{Entry, Said};
use super::names::{Module, Names};
use super::no_text;
use crate::item::wire::WireItem;
use crate::item::{Reject, RejectReason};
use crate::prepare::decode::sniff::{Sample, Sure};
use crate::prepare::decode::xml::{self, Element, Tree};
use crate::prepare::decode::{Input, Items};

/// How sure it is that a value is RSS.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    let Some(root) = sample.xml_root() else { return Sure::No };
    let holds = |needle: &str| sample.holds(needle.as_bytes());
    match root.local {
        "rss" => Sure::Certain,
        // Other RDF is no news.
        "RDF" if holds("purl.org/rss/") || holds("netscape.com/rdf") => Sure::Certain,
        "channel" | "item" if holds("<title") || holds("<description") || holds("<link") => Sure::Likely,
        _ => Sure::No,
    }
}

/// What holds for every item of a document.
#[derive(Default)]
struct Channel {
    language: Option<String>,
    copyright: Option<String>,
}

/// Reads one record: an item for each of a document's, or for one alone.
///
/// # Errors
/// XML that cannot be read, a root that is none of RSS, a channel without items; an item that says nothing is refused by itself.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let text = xml::text(input.payload, input.feed.encoding)?;
    let tree = Tree::read(&text.text)?;
    let root = tree.root().ok_or_else(|| Reject::decode(RejectReason::Malformed, "a document without elements"))?;
    let is_item = |element: &Element<'_, '_>| element.name() == "item";
    let (channel, items): (_, Vec<_>) = match root.name() {
        "item" => (None, vec![root]),
        "channel" => (Some(root), root.elements().filter(is_item).collect()),
        name if name.eq_ignore_ascii_case("rss") || name == "RDF" => {
            let channel = root.elements().find(|element| element.name() == "channel");
            // RSS 1.0 and some generators have the items beside the channel.
            let inside = channel.into_iter().flat_map(Element::elements);
            (channel, inside.chain(root.elements()).filter(is_item).collect())
        }
        name => {
            let message = format!("<{name}> is no root of RSS: neither <rss>, <rdf:RDF>, <channel> nor <item>");
            return Err(Reject::decode(RejectReason::Malformed, message));
        }
    };
    if items.is_empty() {
        return Err(no_text("RSS: a channel without items"));
    }
    let outer: Vec<_> = [Some(root), channel].into_iter().flatten().collect();
    let names = Names::of(&outer, items[0].prefix(), false);
    let shared = channel.map(|channel| read_channel(channel, &names)).unwrap_or_default();
    let read = |item| read_item(item, &names, &shared, text.repaired_chars);
    Ok(items.into_iter().map(read).collect())
}

fn read_channel(channel: Element<'_, '_>, names: &Names<'_>) -> Channel {
    let mut found = Channel { language: channel.attr("xml:lang").map(str::to_owned), copyright: None };
    for element in channel.elements() {
        let field = match (names.module(element), element.name()) {
            (Module::Own | Module::DublinCore, "language") => &mut found.language,
            (Module::Own, "copyright") | (Module::DublinCore | Module::Atom, "rights") => &mut found.copyright,
            _ => continue,
        };
        *field = field.take().or_else(|| element.text());
    }
    found
}

fn read_item(
    element: Element<'_, '_>,
    names: &Names<'_>,
    channel: &Channel,
    repaired_chars: u32,
) -> Result<WireItem, Reject> {
    let mut entry = Entry { item: WireItem { repaired_chars, ..WireItem::default() }, ..Entry::default() };
    // Ids in the order in which they count.
    let (mut guid, mut atom_id) = (None, None);
    let about = element.attr("rdf:about").or(element.attr("about")).map(str::to_owned);
    for child in element.elements() {
        match names.module(child) {
            Module::Own if child.name() == "guid" => guid = guid.or_else(|| child.text()),
            Module::Own => read_own(child, &mut entry),
            Module::Atom if child.name() == "id" => atom_id = atom_id.or_else(|| child.text()),
            Module::Atom => atom::read_own(child, &mut entry),
            module => entry.read_module(module, child, names),
        }
    }
    let item = &mut entry.item;
    item.id = guid.or(about).or(atom_id);
    item.language = item.language.take().or(element.attr("xml:lang").map(str::to_owned)).or(channel.language.clone());
    item.copyright_notice = item.copyright_notice.take().or(channel.copyright.clone());
    entry.finish()
}

fn read_own<'t>(element: Element<'t, '_>, entry: &mut Entry<'t>) {
    match element.name() {
        "title" => {
            let title = || content::line(Written::Either, &element.raw_text());
            entry.item.headline = entry.item.headline.take().or_else(title);
        }
        "link" => entry.link = entry.link.take().or_else(|| element.text()),
        "description" => {
            entry.teaser.get_or_insert_with(|| Said::of(element, Written::Either));
        }
        // What sites that know no modules call their full texts.
        "fulltext" | "full-text" | "content" | "body" => entry.set_full(Said::of(element, Written::Either)),
        "pubDate" | "pubdate" | "PubDate" => entry.published = element.text().or(entry.published.take()),
        "author" => entry.add_author(&element.text().unwrap_or_default()),
        "category" => {
            let Some(code) = content::line(Written::Either, &element.raw_text()) else { return };
            match element.attr("domain") {
                Some(scheme) => {
                    let name = code.contains(char::is_alphabetic).then(|| code.clone());
                    entry.add_category(Some(scheme), &code, name);
                }
                None => entry.add_category(None, &code, None),
            }
        }
        // The channel that it was taken over from.
        "source" => {
            let credit = content::line(Written::Either, &element.raw_text());
            entry.item.credit = credit.or(entry.item.credit.take());
        }
        "enclosure" => entry.media.add(element.attr("url").unwrap_or_default(), None),
        "copyright" => {
            entry.item.copyright_notice = entry.item.copyright_notice.take().or_else(|| element.text());
        }
        _ => {}
    }
}
