//! NITF 3.x: one document, one item; also the content of NewsML items.
//!
//! What agencies make of it differs in where they put things, and each field is looked for in every place that is used:
//! urgency outside of `docdata`, keywords as attributes or as text, a slug in `title` or in a `meta`, the time at the
//! story's date. A `doc-id` that ends in the version's number is the id without it where the dynamic-use key says so.

use super::g2::is_host;
use super::markup::{self, Aside};
use super::sniff::{Sample, Sure};
use super::xml::{self, Child, Element, Tree};
use super::{Input, Items};
use crate::item::wire::{Body, LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::item::{Reject, RejectReason};
use crate::prepare::normalize::time::{self, Lies};

/// Scheme of `tobject.subject.refnum`.
const SUBJECT_CODES: &str = "http://cv.iptc.org/newscodes/subjectcode/";

pub fn sniff(sample: &Sample<'_>) -> Sure {
    match sample.xml_root() {
        Some(root) if root.local.eq_ignore_ascii_case("nitf") => Sure::Certain,
        _ => Sure::No,
    }
}

/// Reads one record as one item.
///
/// # Errors
/// XML that cannot be read, a root that is not `nitf`, a document of pictures without text.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let text = xml::text(input.payload, input.feed.encoding)?;
    let tree = Tree::read(&text.text)?;
    let root = tree.root().filter(|root| root.name().eq_ignore_ascii_case("nitf"));
    let root = root.ok_or_else(|| Reject::decode(RejectReason::Malformed, "the document's root is no <nitf>"))?;
    let mut item = WireItem { repaired_chars: text.repaired_chars, ..WireItem::default() };
    read(root, &mut item);
    embargo(root, &mut item, input);
    if item.body == Body::None
        && item.headline.is_none()
        && let Some(media) = root.descendant("media")
    {
        let kind = media.attr("media-type").unwrap_or("picture");
        return Err(Reject::decode(RejectReason::NoText, format!("NITF without text: nothing but media ({kind})")));
    }
    Ok(vec![Ok(item)])
}

/// Reads a document that stands inside another format's item: its fields where the item has none, and its body.
pub fn read_inside(document: Element<'_, '_>, item: &mut WireItem) -> Body {
    let mut inner = WireItem::default();
    read(document, &mut inner);
    item.fill(&mut inner);
    inner.body
}

/// Reads a document's fields into an item, each where the item has none yet.
fn read(nitf: Element<'_, '_>, item: &mut WireItem) {
    if let Some(head) = nitf.child("head") {
        read_head(head, item);
    }
    if let Some(body) = nitf.child("body") {
        read_body(body, item);
    }
    let baselang = nitf.attr("baselang").or(nitf.attr("xml:lang"));
    item.language = item.language.take().or(baselang.map(str::to_owned));
    title(nitf, item);
    if let Some(summary) = &item.summary
        && item.headline.as_ref() == Some(summary)
    {
        item.summary = None;
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// The first attribute of the elements of that name below `head`, wherever they stand.
fn head_attr<'t>(head: Element<'t, '_>, element: &str, attribute: &str) -> Option<&'t str> {
    head.descendants().filter(|e| e.name() == element).find_map(|e| e.attr(attribute))
}

fn read_head(head: Element<'_, '_>, item: &mut WireItem) {
    let attr = |element: &str, attribute: &str| head_attr(head, element, attribute);
    let time = |element: &str| attr(element, "norm").map(|time| WireTime(time.to_owned()));
    identity(head, item);
    item.urgency = item.urgency.take().or(owned(attr("urgency", "ed-urg")));
    item.version_created = item.version_created.take().or_else(|| time("date.issue"));
    item.expires = item.expires.take().or_else(|| time("date.expire"));
    item.status = item.status.take().or(owned(attr("docdata", "management-status")));
    item.copyright_holder = item.copyright_holder.take().or(owned(attr("doc.copyright", "holder")));
    item.usage_terms =
        item.usage_terms.take().or(owned(attr("doc.rights", "limitations").or(attr("doc.rights", "type"))));
    let source = [attr("doc-id", "regsrc"), attr("from-src", "src-name"), attr("doc.copyright", "holder")];
    let named = source.into_iter().flatten().find(|name| !is_host(name) && name.len() <= 40);
    item.credit = item.credit.take().or(owned(named.or(source[0])));
    item.genre = item.genre.take().or(owned(attr("tobject.property", "tobject.property.type")));
    item.slug = item.slug.take().or_else(|| meta_slug(head));
    read_subjects(head, item);
    for keyword in head.descendants().filter(|e| e.name() == "keyword") {
        item.keywords.extend(owned(keyword.attr("key")).or_else(|| keyword.text()));
    }
    let messages =
        head.descendants().filter(|e| e.name() == "ed-msg").filter_map(|e| owned(e.attr("info")).or_else(|| e.text()));
    item.ed_notes.extend(messages);
    // The last revision says what is new in this one.
    let revision =
        head.descendants().filter(|e| e.name() == "revision-history").filter_map(|e| e.attr("comment")).last();
    item.ed_notes.extend(owned(revision));
    if let Some(name) = attr("series", "series.name") {
        let part = attr("series", "series.part").map(|part| format!(" {part}")).unwrap_or_default();
        item.alt_ids.push(("series".to_owned(), format!("{name}{part}")));
    }
    links(head, item);
}

/// Id and version: `doc-id`, `du-key`.
fn identity(head: Element<'_, '_>, item: &mut WireItem) {
    let attr = |element: &str, attribute: &str| head_attr(head, element, attribute);
    let (id, key) = (attr("doc-id", "id-string"), attr("du-key", "key"));
    let version = attr("du-key", "version").or(attr("du-key", "generation"));
    if let Some(key) = key {
        let numbered = id.and_then(|id| id.strip_prefix(key)).is_some_and(|rest| {
            rest.starts_with(['_', '-', ':', '.']) && rest.len() > 1 && rest[1..].bytes().all(|b| b.is_ascii_digit())
        });
        if numbered && item.id.is_none() {
            item.id = Some(key.to_owned());
            item.alt_ids.push(("doc-id".to_owned(), id.unwrap_or_default().to_owned()));
        } else if id != Some(key) {
            item.alt_ids.push(("du-key".to_owned(), key.to_owned()));
        }
    }
    item.id = item.id.take().or(owned(id));
    item.version = item.version.take().or(owned(version));
}

/// What a vendor's `meta` elements give as a slug.
fn meta_slug(head: Element<'_, '_>) -> Option<String> {
    const NAMES: &[&str] = &["slug", "slugline", "anpa-keyword", "ntbstikkord", "keyword", "slugword"];
    let named =
        |name: &str| head.children("meta").find(|meta| meta.attr("name").is_some_and(|n| n.eq_ignore_ascii_case(name)));
    NAMES.iter().find_map(|name| named(name)?.attr("content")).map(str::to_owned)
}

fn read_subjects(head: Element<'_, '_>, item: &mut WireItem) {
    for subject in head.descendants().filter(|e| e.name() == "tobject.subject") {
        let name =
            ["detail", "matter", "type"].iter().find_map(|part| subject.attr(&format!("tobject.subject.{part}")));
        if let Some(code) = subject.attr("tobject.subject.refnum") {
            let subject = WireSubject { scheme: SUBJECT_CODES.to_owned(), code: code.to_owned(), name: owned(name) };
            if !item.subjects.contains(&subject) {
                item.subjects.push(subject);
            }
        }
    }
    // ANPA's category, which AAP and AP keep beside it.
    let category = head.children("meta").find(|meta| meta.attr("name") == Some("anpa-category"));
    if let Some(code) = category.and_then(|meta| meta.attr("content")) {
        item.subjects.push(WireSubject { scheme: "anpa".to_owned(), code: code.to_owned(), name: None });
    }
}

/// The document that this one corrects, and the one whose status it changes.
fn links(head: Element<'_, '_>, item: &mut WireItem) {
    for correction in head.descendants().filter(|e| e.name() == "correction") {
        item.marks.push("CORRECTION".to_owned());
        item.ed_notes.extend(owned(correction.attr("info")));
        item.links.extend(correction.attr("id-string").map(replaces));
    }
    let changed = head_attr(head, "docdata", "management-doc-idref");
    if let Some(id) = changed.filter(|id| Some(*id) != item.id.as_deref()) {
        item.links.push(replaces(id));
        let status = head_attr(head, "docdata", "management-idref-status").unwrap_or_default().to_ascii_lowercase();
        if matches!(status.as_str(), "canceled" | "cancelled" | "withheld") {
            item.marks.push("CORRECTION".to_owned());
        }
    }
}

fn replaces(id: &str) -> WireLink {
    WireLink { rel: LinkRel::Replaces, id: id.to_owned(), title: None }
}

fn read_body(body: Element<'_, '_>, item: &mut WireItem) {
    let mut aside = Aside::default();
    if let Some(head) = body.child("body.head") {
        read_body_head(head, item, &mut aside);
    }
    let contents: Vec<_> = body.children("body.content").collect();
    if item.body == Body::None {
        item.body = match contents[..] {
            [] => Body::None,
            [only] => markup::body(only, &mut aside),
            _ => {
                let mut blocks = super::block::Blocks::default();
                for content in contents {
                    blocks.paragraph();
                    markup::walk(content, &mut blocks, &mut aside);
                }
                blocks.finish()
            }
        };
    }
    if let Some(end) = body.child("body.end") {
        let mut blocks = super::block::Blocks::default();
        markup::walk(end, &mut blocks, &mut aside);
        aside.taglines.extend(Some(blocks.into_text()).filter(|text| !text.is_empty()));
    }
    aside.finish(item);
}

fn read_body_head(head: Element<'_, '_>, item: &mut WireItem, aside: &mut Aside) {
    let hedline = head.child("hedline").unwrap_or(head);
    item.headline = item.headline.take().or_else(|| hedline.child_text("hl1"));
    let second = hedline.children("hl2").find_map(Element::text).filter(|hl2| Some(hl2) != item.headline.as_ref());
    item.subheadline = item.subheadline.take().or(second);
    if item.byline.is_none() {
        let bylines: Vec<_> = head.children("byline").filter_map(byline).collect();
        item.byline = Some(bylines.join("; ")).filter(|names| !names.is_empty());
    }
    if let Some(dateline) = head.child("dateline") {
        item.dateline = item.dateline.take().or_else(|| place(dateline));
        let date = dateline.child("story.date").and_then(|e| e.attr("norm"));
        item.content_created = item.content_created.take().or(date.map(|time| WireTime(time.to_owned())));
    }
    if let Some(distributor) = head.children("distributor").find_map(Element::text) {
        item.credit = Some(distributor);
    }
    if item.summary.is_none()
        && let Some(given) = head.child("abstract")
    {
        let mut blocks = super::block::Blocks::default();
        markup::walk(given, &mut blocks, aside);
        item.summary = Some(blocks.into_text()).filter(|text| !text.is_empty());
    }
    for note in head.children("note") {
        let mut blocks = super::block::Blocks::default();
        markup::walk(note, &mut blocks, &mut Aside::default());
        aside.notes.extend(Some(blocks.into_text()).filter(|text| !text.is_empty()));
    }
    let rights = head.child_text("rights");
    item.copyright_notice = item.copyright_notice.take().or(rights);
    if let Some(series) =
        head.child("series").and_then(|e| e.attr("series.name").map(str::to_owned).or_else(|| e.text()))
    {
        item.alt_ids.push(("series".to_owned(), series));
    }
}

/// Names and titles of one byline, parted by commas.
pub fn byline(element: Element<'_, '_>) -> Option<String> {
    let names = joined(element)?;
    Some(crate::prepare::normalize::lead::byline(&names).map(str::to_owned).unwrap_or(names))
}

/// The place of a dateline; the story's date in it is no text.
fn place(dateline: Element<'_, '_>) -> Option<String> {
    let location = dateline.child("location");
    let text = match location {
        Some(location) => joined(location).or_else(|| dateline.text()),
        None => joined(dateline),
    }?;
    Some(text.trim_matches([',', ' ']).to_owned()).filter(|text| !text.is_empty())
}

/// Text in which elements that stand side by side without anything between are parted by commas.
fn joined(element: Element<'_, '_>) -> Option<String> {
    let mut out = String::new();
    for child in element.nodes() {
        match child {
            Child::Text(text) => {
                let mut space = !out.is_empty();
                let text = text.trim_start_matches(|c: char| c == ',' && out.is_empty());
                let closes = text.trim_start().starts_with([',', '.', ';', ')', '\'', '’', '-', '/']);
                space &= !closes;
                xml::collapse(text, &mut space, &mut out);
            }
            Child::Break => {}
            Child::Element(child) => {
                let Some(text) = joined(child) else { continue };
                if out.ends_with(char::is_alphanumeric) && !ends_in_a_preposition(&out) {
                    out.push(',');
                }
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(&text);
            }
        }
    }
    Some(out).filter(|text| !text.is_empty())
}

/// `By <person>`, `de <person>`: what follows is no second part.
fn ends_in_a_preposition(text: &str) -> bool {
    let word = text.rsplit(' ').next().unwrap_or(text).to_lowercase();
    matches!(
        word.as_str(),
        "by" | "and"
            | "von"
            | "und"
            | "par"
            | "et"
            | "de"
            | "por"
            | "y"
            | "e"
            | "di"
            | "da"
            | "af"
            | "av"
            | "og"
            | "och"
            | "in"
            | "with"
    )
}

/// What `title` gives where the body has no headline: a headline, unless it is made of the item's own keywords, or is one
/// word with hyphens: then it is the slug.
fn title(nitf: Element<'_, '_>, item: &mut WireItem) {
    let Some(title) = nitf.find(&["head", "title"]).and_then(Element::text) else { return };
    let scope = nitf.descendants().find(|e| e.name() == "doc-scope").and_then(|e| e.attr("scope"));
    let keyword = item.keywords.iter().any(|keyword| title.ends_with(keyword.as_str()));
    let of_keywords = keyword && scope.is_some_and(|scope| title.contains(scope));
    let hyphened = !title.contains(' ') && title.contains('-');
    if of_keywords || hyphened {
        // PA writes the page's number before the words.
        let words =
            if of_keywords { title.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start() } else { &title };
        item.slug = item.slug.take().or_else(|| Some(words.to_owned()));
    } else {
        item.headline = item.headline.take().or(Some(title));
    }
}

/// A release after the issue is an embargo, whatever the status says; with the status, any release is.
fn embargo(nitf: Element<'_, '_>, item: &mut WireItem, input: &Input<'_>) {
    let Some(head) = nitf.child("head") else { return };
    let Some(release) = head_attr(head, "date.release", "norm") else { return };
    let received = jiff::Timestamp::from_millisecond(input.raw.timestamp_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let context = time::Context { zone: &input.feed.time_zone, received };
    let issued = item.version_created.as_ref().and_then(|WireTime(text)| time::read(text, Lies::Near, &context));
    let later = match (time::read(release, Lies::Ahead, &context), issued) {
        (Some(release), Some(issued)) => release > issued,
        _ => false,
    };
    let embargoed = item.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("embargoed"));
    if later || embargoed {
        item.embargoed = Some(WireTime(release.to_owned()));
    }
}
