//! NewsML 1.x (1.2 for the most part): an envelope with one or several `NewsItem`s, each an item.
//!
//! A NewsItem's text stands in one of its components: the one of role `Main`, else the first that has any. What stands beside
//! each other within a component are renditions of the same, of which the first that can be read is taken; components below a
//! component are its parts, and their text follows. Pictures are associations, their captions with them.

use super::block::Blocks;
use super::html;
use super::markup::{self, Aside};
use super::nitf;
use super::sniff::{Sample, Sure};
use super::xml::{self, Element, Tree};
use super::{Input, Items};
use crate::item::wire::{Body, LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::item::{Reject, RejectReason};

/// Scheme of subject codes that name none: IPTC's are the standard's own.
const SUBJECT_CODES: &str = "http://cv.iptc.org/newscodes/subjectcode/";

pub fn sniff(sample: &Sample<'_>) -> Sure {
    match sample.xml_root() {
        Some(root) if root.local == "NewsML" => Sure::Certain,
        _ => Sure::No,
    }
}

/// Reads one record: an item for each NewsItem.
///
/// # Errors
/// XML that cannot be read, a root that is not `NewsML`; a NewsItem without news text is refused by itself.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let text = xml::text(input.payload, input.feed.encoding)?;
    let tree = Tree::read(&text.text)?;
    let root = tree.root().filter(|root| root.name() == "NewsML");
    let root = root.ok_or_else(|| Reject::decode(RejectReason::Malformed, "the document's root is no <NewsML>"))?;
    let envelope = root.child("NewsEnvelope");
    let items: Items = root
        .children("NewsItem")
        .map(|element| {
            let mut item = WireItem { repaired_chars: text.repaired_chars, ..WireItem::default() };
            read_envelope(envelope, &mut item);
            read_item(element, &mut item).map(|()| item)
        })
        .collect();
    if items.is_empty() {
        return Err(Reject::decode(
            RejectReason::NoText,
            "NewsML without a NewsItem: nothing but envelope, catalog or topics",
        ));
    }
    Ok(items)
}

/// A value in `FormalName`, as most of NewsML's are; some write it as text.
fn formal(element: Element<'_, '_>) -> Option<String> {
    element.attr("FormalName").map(str::to_owned).or_else(|| element.text())
}

fn child_formal(element: Element<'_, '_>, path: &[&str]) -> Option<String> {
    element.find(path).and_then(formal)
}

/// The values of `Property` elements of that name.
fn properties<'t>(element: Element<'t, '_>, name: &'t str) -> impl Iterator<Item = &'t str> {
    element
        .children("Property")
        .filter(move |p| p.attr("FormalName").is_some_and(|n| n.eq_ignore_ascii_case(name)))
        .filter_map(|p| p.attr("Value"))
}

fn read_envelope(envelope: Option<Element<'_, '_>>, item: &mut WireItem) {
    let Some(envelope) = envelope else { return };
    item.credit = child_formal(envelope, &["SentFrom", "Party"]);
}

fn read_item(element: Element<'_, '_>, item: &mut WireItem) -> Result<(), Reject> {
    identification(element, item);
    if let Some(management) = element.child("NewsManagement") {
        read_management(management, item);
    }
    item.language = element.attr("xml:lang").map(str::to_owned);
    if let Some(set) = element.child("TopicSet").filter(|_| element.child("NewsComponent").is_none()) {
        let what = formal(set).unwrap_or_default();
        return Err(no_text(format!("a topic set ({what}), which is no news")));
    }
    let components: Vec<_> = element.children("NewsComponent").collect();
    let mut found = Content::default();
    for component in &components {
        read_component(*component, &mut found, item);
    }
    found.finish(item);
    let withdraws = item.status.as_deref().is_some_and(|status| !status.eq_ignore_ascii_case("usable"));
    if item.body != Body::None || withdraws {
        return Ok(());
    }
    if element.child("Update").is_some() {
        return Err(no_text("an update that patches parts of an earlier revision, without the text"));
    }
    match (found.media, &item.headline) {
        (Some(media), _) => Err(no_text(format!("nothing but {media}"))),
        (None, None) => Err(no_text("a NewsItem without text or headline")),
        // A flash.
        (None, Some(_)) => Ok(()),
    }
}

fn no_text(message: impl Into<String>) -> Reject {
    Reject::decode(RejectReason::NoText, format!("NewsML: {}", message.into()))
}

/// Provider, date and item id make the id of all revisions.
fn identification(element: Element<'_, '_>, item: &mut WireItem) {
    let Some(identification) = element.child("Identification") else { return };
    item.slug = identification.child_text("NameLabel");
    let Some(identifier) = identification.child("NewsIdentifier") else { return };
    let part = |name: &str| identifier.child_text(name);
    let public = part("PublicIdentifier");
    if let (Some(provider), Some(date), Some(id)) = (part("ProviderId"), part("DateId"), part("NewsItemId")) {
        item.id = Some(format!("urn:newsml:{provider}:{date}:{id}"));
        item.alt_ids.push(("NewsItemId".to_owned(), id));
    } else {
        item.id = part("NewsItemId").or_else(|| public.clone());
    }
    item.version = part("RevisionId");
    item.alt_ids.extend(public.map(|public| ("PublicIdentifier".to_owned(), public)));
}

fn read_management(management: Element<'_, '_>, item: &mut WireItem) {
    let time = |name: &str| management.child_text(name).map(WireTime);
    item.first_created = time("FirstCreated");
    item.version_created = time("ThisRevisionCreated");
    item.status = child_formal(management, &["Status"]);
    item.urgency = child_formal(management, &["Urgency"]);
    if let Some(change) = management.child("StatusWillChange") {
        let future = child_formal(change, &["FutureStatus"]).unwrap_or_default().to_ascii_lowercase();
        let when = change.child_text("DateAndTime").map(WireTime);
        match future.as_str() {
            "usable" => item.embargoed = when,
            _ => item.expires = when,
        }
    }
    let kind = child_formal(management, &["NewsItemType"]).unwrap_or_default();
    if !kind.eq_ignore_ascii_case("news") && !kind.is_empty() {
        item.marks.push(kind);
    }
    for instruction in management.children("Instruction").filter_map(formal) {
        // `Update` and `Rectify` are said of this revision, `Kill` of the earlier ones.
        item.marks.push(match instruction.to_ascii_lowercase().as_str() {
            "rectify" | "correction" | "correct" => "CORRECTION".to_owned(),
            _ => instruction,
        });
    }
    for (name, rel) in [("DerivedFrom", LinkRel::DerivedFrom), ("AssociatedWith", LinkRel::Association)] {
        for link in management.children(name) {
            item.links.extend(link.attr("NewsItem").map(|id| WireLink {
                rel,
                id: id.to_owned(),
                title: link.child_text("Comment"),
            }));
        }
    }
    item.ed_notes.extend(management.children("EditorialNote").filter_map(Element::text));
}

/// What the components hold.
#[derive(Default)]
struct Content {
    /// Text, in the document's order; that of the main component first.
    parts: Vec<Body>,
    main: Option<usize>,
    aside: Aside,
    /// What is there instead of text.
    media: Option<String>,
}

impl Content {
    fn finish(&mut self, item: &mut WireItem) {
        if let Some(main) = self.main {
            self.parts[..=main].rotate_right(1);
        }
        if item.body == Body::None {
            item.body = match self.parts.len() {
                0 => Body::None,
                1 => self.parts.remove(0),
                _ => Body::Paragraphs(self.parts.drain(..).filter_map(paragraphs).collect::<Vec<_>>().join("\n\n")),
            };
        }
        std::mem::take(&mut self.aside).finish(item);
    }
}

/// A part's text, its paragraphs apart.
fn paragraphs(body: Body) -> Option<String> {
    match body {
        Body::None => None,
        Body::Paragraphs(text) => Some(text),
        Body::Text(text) => {
            let mut blocks = Blocks::default();
            blocks.copy(&text);
            Some(blocks.into_text())
        }
    }
}

/// Fields of the first component that gives them, and the content of all. Its depth is the document's, which is bounded.
fn read_component(component: Element<'_, '_>, found: &mut Content, item: &mut WireItem) {
    let role = child_formal(component, &["Role"]).unwrap_or_default().to_ascii_lowercase();
    let caption = role.contains("caption");
    if let Some(lines) = component.child("NewsLines") {
        read_lines(lines, found, item);
    }
    if let Some(rights) = component.child("RightsMetadata") {
        read_rights(rights, item);
    }
    if let Some(metadata) = component.child("AdministrativeMetadata") {
        read_administrative(metadata, item);
    }
    if let Some(metadata) = component.child("DescriptiveMetadata") {
        read_descriptive(metadata, item);
    }
    read_topics(component, item);
    for metadata in component.children("Metadata") {
        item.keywords.extend(properties(metadata, "Keyword").map(str::to_owned));
    }
    if let Some(body) = content(component, found, item) {
        if caption {
            found.aside.captions.push((String::new(), paragraphs(body).unwrap_or_default().replace("\n\n", " ")));
        } else {
            found.parts.push(body);
            if role == "main" || role == "main text" || role == "maintext" {
                found.main = found.main.or(Some(found.parts.len() - 1));
            }
        }
    }
    // Components that stand for each other: the first that gives text.
    let equivalent = component.attr("EquivalentsList") == Some("yes");
    for part in component.children("NewsComponent") {
        let before = found.parts.len();
        read_component(part, found, item);
        if equivalent && found.parts.len() > before {
            break;
        }
    }
}

fn read_lines(lines: Element<'_, '_>, found: &mut Content, item: &mut WireItem) {
    let line = |name: &str| lines.child_text(name);
    // A component that has a headline while another was the item's: its headline opens its text.
    match line("HeadLine") {
        Some(headline) if item.headline.is_none() => item.headline = Some(headline),
        Some(headline) if item.headline.as_ref() != Some(&headline) => found.parts.push(Body::Paragraphs(headline)),
        _ => {}
    }
    item.subheadline = item.subheadline.take().or_else(|| line("SubHeadLine"));
    if item.byline.is_none() {
        let names: Vec<_> = lines.children("ByLine").filter_map(nitf::byline).collect();
        let title = line("ByLineTitle").map(|title| format!(", {title}")).unwrap_or_default();
        item.byline = Some(names.join("; ") + &title).filter(|names| !names.is_empty());
    }
    item.dateline = item.dateline.take().or_else(|| line("DateLine")).filter(|text| !is_stamp(text));
    item.credit = line("CreditLine").or(item.credit.take());
    item.copyright_notice = item.copyright_notice.take().or_else(|| line("CopyrightLine"));
    item.usage_terms = item.usage_terms.take().or_else(|| line("RightsLine"));
    // A slug line is the desk's own word; a name label only names the item.
    item.slug = line("SlugLine").or(item.slug.take());
    item.keywords.extend(lines.children("KeywordLine").filter_map(Element::text));
    if let Some(series) = line("SeriesLine") {
        item.alt_ids.push(("series".to_owned(), series));
    }
    for news_line in lines.children("NewsLine") {
        let kind = child_formal(news_line, &["NewsLineType"]).unwrap_or_default().to_ascii_lowercase();
        let Some(text) = news_line.child_text("NewsLineText") else { continue };
        match kind.as_str() {
            k if k.contains("advisory") || k.contains("note") || k.contains("message") => item.ed_notes.push(text),
            k if k.contains("summary") || k.contains("abstract") || k.contains("lead") => {
                item.summary = item.summary.take().or(Some(text));
            }
            k if k.contains("caption") => found.aside.captions.push((String::new(), text)),
            _ => item.ed_notes.push(text),
        }
    }
}

/// A dateline that is a machine's date: no place, at most one word of letters.
pub fn is_stamp(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1).count();
    digits >= 6 && words <= 1
}

fn read_rights(rights: Element<'_, '_>, item: &mut WireItem) {
    let text = |path: &[&str]| rights.find(path).and_then(Element::text);
    item.copyright_holder = item.copyright_holder.take().or_else(|| text(&["Copyright", "CopyrightHolder"]));
    let terms = ["UsageType", "Limitations", "Geography"].iter().filter_map(|name| text(&["UsageRights", name]));
    item.usage_terms =
        item.usage_terms.take().or_else(|| Some(terms.collect::<Vec<_>>().join("; "))).filter(|t| !t.is_empty());
}

fn read_administrative(metadata: Element<'_, '_>, item: &mut WireItem) {
    let party = |name: &str| child_formal(metadata, &[name, "Party"]);
    item.credit =
        item.credit.take().or_else(|| party("Provider")).or_else(|| party("Source")).or_else(|| party("Creator"));
    for property in ["Instruction", "EditorialNote", "EdNote"] {
        item.ed_notes.extend(properties(metadata, property).map(str::to_owned));
    }
}

fn read_descriptive(metadata: Element<'_, '_>, item: &mut WireItem) {
    item.language = child_formal(metadata, &["Language"]).map(|tag| language(&tag)).or(item.language.take());
    item.genre = item.genre.take().or_else(|| child_formal(metadata, &["Genre"]));
    for code in metadata.children("SubjectCode").flat_map(|code| code.elements()) {
        let scheme = code.attr("Scheme").or(code.attr("Vocabulary"));
        if let Some(value) = formal(code) {
            add_subject(scheme, value, None, item);
        }
    }
    for keyword in metadata.children("Keyword").filter_map(Element::text) {
        item.keywords.push(keyword);
    }
    item.keywords.extend(properties(metadata, "Keyword").map(str::to_owned));
    if item.located.is_none() {
        let origin = metadata
            .children("Location")
            .find(|place| place.attr("HowPresent").is_none_or(|how| how.eq_ignore_ascii_case("origin")));
        let city = origin.or(Some(metadata)).and_then(|place| properties(place, "City").next());
        item.located = city.map(str::to_owned);
    }
}

/// Codes that a topic set within the component names.
fn read_topics(component: Element<'_, '_>, item: &mut WireItem) {
    for topic in component.children("TopicSet").flat_map(|set| set.children("Topic")) {
        let Some(formal_name) = topic.child("FormalName") else { continue };
        let name = topic
            .children("Description")
            .filter(|d| d.attr("Variant").is_none_or(|v| v.eq_ignore_ascii_case("name")))
            .max_by_key(|d| d.attr("xml:lang") == Some("en"))
            .and_then(Element::text);
        if let Some(code) = formal_name.text() {
            add_subject(formal_name.attr("Scheme"), code, name, item);
        }
    }
}

/// A code is taken once; its name may come with another mention of it.
fn add_subject(scheme: Option<&str>, code: String, name: Option<String>, item: &mut WireItem) {
    let iptc = code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit());
    let scheme = scheme.unwrap_or(if iptc { SUBJECT_CODES } else { "" });
    match item.subjects.iter_mut().find(|s| s.code == code) {
        Some(subject) => subject.name = subject.name.take().or(name),
        None => item.subjects.push(WireSubject { scheme: scheme.to_owned(), code, name }),
    }
}

/// `EN` is written for `en`.
fn language(tag: &str) -> String {
    if tag.len() == 2 { tag.to_ascii_lowercase() } else { tag.to_owned() }
}

/// The first of a component's content items that can be read as text; pictures are noted.
fn content(component: Element<'_, '_>, found: &mut Content, item: &mut WireItem) -> Option<Body> {
    let mut text = None;
    for content in component.children("ContentItem") {
        let media = child_formal(content, &["MediaType"]).unwrap_or_default();
        let is_text = media.is_empty() || media.to_ascii_lowercase().contains("text");
        if !is_text {
            found.media = found.media.take().or_else(|| Some(media.clone()));
            if let Some(href) = content.attr("Href") {
                found.aside.captions.push((href.to_owned(), String::new()));
            }
            continue;
        }
        let data = content.child("DataContent").or_else(|| content.find(&["Encoding", "DataContent"]));
        if text.is_none()
            && let Some(data) = data
        {
            let packed = content.child("Encoding").and_then(|e| e.attr("Notation"));
            if packed.is_none_or(|notation| !notation.to_ascii_lowercase().contains("base64")) {
                text = read_data(data, found, item);
            }
        }
    }
    text
}

/// NITF, XHTML, HTML that was escaped, or plain text.
fn read_data(data: Element<'_, '_>, found: &mut Content, item: &mut WireItem) -> Option<Body> {
    if let Some(document) = data.elements().find(|e| e.name().eq_ignore_ascii_case("nitf")) {
        return Some(nitf::read_inside(document, item)).filter(|body| *body != Body::None);
    }
    let body = if data.elements().next().is_some() {
        markup::body(data, &mut found.aside)
    } else {
        let raw = data.raw_text();
        if html::looks_like(&raw) {
            let mut blocks = Blocks::default();
            html::walk(&raw, &mut blocks);
            blocks.finish()
        } else if raw.trim().is_empty() {
            Body::None
        } else {
            Body::Text(raw.into_owned())
        }
    };
    Some(body).filter(|body| *body != Body::None)
}
