//! An item's metadata: `itemMeta`, `contentMeta`, `rightsInfo`.

use super::catalog::Catalog;
use super::local;
use crate::item::wire::{LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::prepare::decode::newsml1::is_stamp;
use crate::prepare::decode::nitf;
use crate::prepare::decode::xml::Element;

/// What the item is of: `text`, `picture`, `composite`.
pub fn class(element: Element<'_, '_>) -> Option<String> {
    let class = element.child("itemMeta")?.child("itemClass")?;
    class.attr("qcode").or(class.attr("uri")).or(class.attr("literal")).map(|code| local(code).to_ascii_lowercase())
}

pub fn read(element: Element<'_, '_>, catalog: &Catalog<'_>, item: &mut WireItem) {
    item.id = owned(element.attr("guid"));
    item.version = owned(element.attr("version"));
    item.language = owned(element.attr("xml:lang"));
    if let Some(meta) = element.child("itemMeta") {
        item_meta(meta, item);
    }
    for meta in element.children("contentMeta") {
        content_meta(meta, catalog, item);
    }
    if let Some(rights) = element.child("rightsInfo") {
        item.copyright_holder = rights.child("copyrightHolder").and_then(named);
        item.copyright_notice = rights.child_text("copyrightNotice");
        item.usage_terms = rights.child_text("usageTerms").filter(|terms| !is_placeholder(terms));
    }
    if let (Some(credit), Some(holder)) = (&item.credit, &item.copyright_holder)
        && is_host(credit)
        && holder.len() <= 40
    {
        item.credit = Some(holder.clone());
    }
    names_of_subjects(element, catalog, item);
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// What producers write for want of a value.
fn is_placeholder(text: &str) -> bool {
    ["no-data-available", "none", "n/a", "unknown", "not available"].contains(&text.to_lowercase().as_str())
}

/// True for the name of a host, `reuters.com`: it tells who sent the item, and is no credit to print.
pub fn is_host(text: &str) -> bool {
    !text.contains(' ')
        && text.contains('.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && text
            .rsplit('.')
            .next()
            .is_some_and(|last| (2..=12).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_lowercase()))
}

/// A party or concept by its name, else its literal.
fn named(element: Element<'_, '_>) -> Option<String> {
    element.child_text("name").or_else(|| owned(element.attr("literal"))).or_else(|| element.text())
}

fn item_meta(meta: Element<'_, '_>, item: &mut WireItem) {
    let time = |name: &str| meta.child_text(name).map(WireTime);
    item.first_created = time("firstCreated");
    item.version_created = time("versionCreated");
    item.expires = time("expires");
    if let Some(embargoed) = meta.child("embargoed") {
        match embargoed.text() {
            Some(text) => item.embargoed = Some(WireTime(text)),
            // Without a time it binds until further notice.
            None => item.marks.push("EMBARGOED".to_owned()),
        }
    }
    let status = meta.child("pubStatus").and_then(|s| s.attr("qcode").or(s.attr("uri")));
    item.status = status.map(|status| local(status).to_owned());
    item.ed_notes.extend(meta.children("edNote").filter_map(Element::text));
    item.credit =
        meta.child("provider").and_then(|p| named(p).or_else(|| p.attr("qcode").map(|q| local(q).to_owned())));
    item.marks
        .extend(meta.children("signal").filter_map(|signal| signal.attr("qcode")).filter_map(mark).map(str::to_owned));
    links(meta, item);
}

/// The editorial mark that a signal is. Most signals are about transport and routing.
fn mark(signal: &str) -> Option<&'static str> {
    let (alias, code) = signal.split_once(':').unwrap_or(("", signal));
    let (alias, code) = (alias.to_ascii_lowercase(), code.to_ascii_lowercase());
    match (alias.as_str(), code.as_str()) {
        ("edstat", "u") => Some("UPDATE"),
        ("edstat", "c") => Some("CORRECTION"),
        ("sig" | "update" | "edstat", code) => {
            if code.contains("correct") {
                Some("CORRECTION")
            } else if code.contains("kill") || code.contains("withdraw") {
                Some("KILL")
            } else if code.contains("update") || code.contains("writethru") || alias == "update" {
                Some("UPDATE")
            } else {
                None
            }
        }
        _ => None,
    }
}

fn links(meta: Element<'_, '_>, item: &mut WireItem) {
    for link in meta.children("link") {
        let target = link.attr("residref").or(link.attr("guidref")).or(link.attr("href"));
        let Some(id) = target.filter(|id| Some(*id) != item.id.as_deref()) else { continue };
        let rel = match local(link.attr("rel").unwrap_or_default()).to_ascii_lowercase().as_str() {
            "derivedfrom" | "processedfrom" | "basedon" | "translatedfrom" => LinkRel::DerivedFrom,
            "replaces" | "corrects" | "supersedes" => LinkRel::Replaces,
            "hasassociation" | "associated" | "dependson" => LinkRel::Association,
            _ => LinkRel::SeeAlso,
        };
        let title = link.child_text("title").or_else(|| link.child_text("headline"));
        item.links.push(WireLink { rel, id: id.to_owned(), title });
    }
}

fn content_meta(meta: Element<'_, '_>, catalog: &Catalog<'_>, item: &mut WireItem) {
    let text = |name: &str| meta.child_text(name);
    item.urgency = text("urgency");
    item.content_created = text("contentCreated").map(WireTime);
    item.located = meta.child("located").and_then(located);
    item.language = meta.child("language").and_then(|l| owned(l.attr("tag"))).or(item.language.take());
    item.slug = text("slugline");
    // Reuters counts the media that go with a story among its genres.
    let genres = meta.children("genre").filter_map(|g| g.child_text("name").or_else(|| owned(g.attr("literal"))));
    item.genre = genres
        .map(|name| name.trim_matches('"').to_owned())
        .find(|name| !name.starts_with("Media type"))
        .or_else(|| {
            let code = meta.children("genre").find(|g| g.child("name").is_none()).and_then(|g| g.attr("qcode"));
            code.map(|qcode| local(qcode).to_owned())
        });
    item.dateline = text("dateline").filter(|text| !is_stamp(text)).map(|text| without_dash(&text));
    headlines(meta, item);
    for description in meta.children("description") {
        let role = local(description.attr("role").unwrap_or("summary")).to_ascii_lowercase();
        if item.summary.is_none() && matches!(role.as_str(), "summary" | "abstract" | "lead" | "standfirst" | "teaser")
        {
            item.summary = description.text();
        }
    }
    let source = meta.children("infoSource").find_map(named);
    item.credit = text("creditline").map(|text| without_dash(&text)).or(source).or(item.credit.take());
    byline(meta, item);
    item.keywords.extend(meta.children("keyword").filter_map(Element::text));
    for id in meta.children("altId") {
        if let Some(text) = id.text() {
            item.alt_ids.push((local(id.attr("type").unwrap_or("altId")).to_owned(), text));
        }
    }
    subjects(meta, catalog, item);
}

/// `STT–` and `ROMA, 01 LUG -` end in the dash that parts them from the copy.
fn without_dash(text: &str) -> String {
    text.trim_end_matches(['-', '–', '—', ' ']).to_owned()
}

/// A place's name; what it belongs to is another matter.
fn located(place: Element<'_, '_>) -> Option<String> {
    let name = place.children("name").find_map(Element::text).or_else(|| owned(place.attr("literal")));
    name.filter(|name| !is_placeholder(name))
}

fn headlines(meta: Element<'_, '_>, item: &mut WireItem) {
    for headline in meta.children("headline") {
        let Some(text) = headline.text() else { continue };
        let role = local(headline.attr("role").unwrap_or_default()).to_ascii_lowercase();
        if role.contains("sub") || role.contains("secondary") {
            item.subheadline = item.subheadline.take().or(Some(text));
        } else if role.is_empty() || role.contains("main") || item.headline.is_none() {
            item.headline = match item.headline.take() {
                Some(first) if headline_given_plain(meta, &first) => Some(first),
                _ => Some(text),
            };
        }
    }
    item.subheadline = item.subheadline.take().filter(|sub| Some(sub) != item.headline.as_ref());
}

/// True where the text is a headline without a role: of several, the first.
fn headline_given_plain(meta: Element<'_, '_>, text: &str) -> bool {
    meta.children("headline").any(|h| h.attr("role").is_none() && h.text().as_deref() == Some(text))
}

fn byline(meta: Element<'_, '_>, item: &mut WireItem) {
    let by: Vec<_> = meta.children("by").filter_map(nitf::byline).collect();
    if !by.is_empty() {
        item.byline = Some(by.join("; "));
        return;
    }
    let is_person = |e: &Element<'_, '_>| {
        let kind = local(e.attr("type").unwrap_or_default()).to_ascii_lowercase();
        let role = local(e.attr("role").unwrap_or_default()).to_ascii_lowercase();
        kind == "person" || matches!(role.as_str(), "writer" | "author" | "reporter" | "byline")
    };
    let writers: Vec<_> = meta.children("creator").filter(is_person).filter_map(named).collect();
    item.byline = Some(writers.join("; ")).filter(|names| !names.is_empty());
}

fn subjects(meta: Element<'_, '_>, catalog: &Catalog<'_>, item: &mut WireItem) {
    for subject in meta.children("subject") {
        let Some((scheme, code)) = code_of(subject, catalog) else { continue };
        let name = subject
            .children("name")
            .max_by_key(|name| name.attr("xml:lang").is_some_and(|lang| lang.starts_with("en")))
            .and_then(Element::text)
            .or_else(|| owned(subject.attr("literal")).filter(|literal| *literal != code));
        match item.subjects.iter_mut().find(|s| s.code == code && s.scheme == scheme) {
            Some(same) => same.name = same.name.take().or(name),
            None => item.subjects.push(WireSubject { scheme, code, name }),
        }
    }
}

/// Scheme and code by QCode, URI, or, where there is neither, the literal with the type as its scheme.
fn code_of(element: Element<'_, '_>, catalog: &Catalog<'_>) -> Option<(String, String)> {
    if let Some(qcode) = element.attr("qcode") {
        return Some(catalog.resolve(qcode));
    }
    if let Some(uri) = element.attr("uri") {
        // GeoNames' URIs end in a slash.
        let uri = uri.trim_end_matches('/');
        let at = uri.rfind(['/', '#']).map_or(0, |at| at + 1);
        return Some((uri[..at].to_owned(), uri[at..].to_owned())).filter(|(_, code)| !code.is_empty());
    }
    let literal = element.attr("literal")?;
    Some((local(element.attr("type").unwrap_or_default()).to_owned(), literal.to_owned()))
}

/// Names that stand in the item's assertions instead of in the subjects.
fn names_of_subjects(element: Element<'_, '_>, catalog: &Catalog<'_>, item: &mut WireItem) {
    for assert in element.children("assert") {
        let Some((scheme, code)) = code_of(assert, catalog) else { continue };
        if let Some(subject) = item.subjects.iter_mut().find(|s| s.code == code && s.scheme == scheme) {
            subject.name = subject.name.take().or_else(|| assert.child_text("name"));
        }
    }
}
