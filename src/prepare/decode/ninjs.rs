//! ninjs, IPTC's news in JSON: versions 1 to 3 give the same item. Superdesk's and AP's dialects of version 1 and what vendors
//! wrap around it are read, too.
//!
//! | ninjs 1 | ninjs 2 | ninjs 3 |
//! | --- | --- | --- |
//! | `headline`, `body_html`, `body_text`, `description_text` | `headlines`, `bodies`, `descriptions` | the same |
//! | `person`, `subject`, `byline` | `people`, `subjects`, `by` | the same |
//! | `versioncreated`, `embargoed` | `versioncreated`, `embargoed` | `versionCreated`, `embargoedUntil` |
//!
//! A record may be one item, a list of items, or an answer of an API that holds them (`item`, `items`, `_items`, `data.items`).
//! Items of pictures, video and events are refused, since they hold no news text; what is associated with an item becomes a
//! link to it. Only where an item is a package without a text of its own are the texts that are embedded in it its items.

use serde_json::{Map, Value};

use super::json::{self, elements, member, name, scalar, text};
use super::sniff::{Sample, Sure};
use super::{Input, Items};
use crate::item::news::RuleNote;
use crate::item::wire::{Body, LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::item::{Reject, RejectReason};

type Object = Map<String, Value>;

/// Members that hold items in the answers of APIs, and what holds the item in each of their elements.
const ENVELOPES: &[&[&str]] = &[
    &["item"],
    &["items"],
    &["_items"],
    &["data", "items"],
    &["data", "item"],
    &["results"],
    &["articles"],
    &["news"],
    &["data"],
];

/// Members of which an item has several.
#[rustfmt::skip]
const OWN_MEMBERS: &[&str] = &[
    "uri", "guid", "versioncreated", "firstcreated", "pubstatus", "headline", "headlines", "body_text", "body_html", "body_xhtml", "bodies",
    "altids", "copyrightholder", "copyrightnotice", "usageterms", "ednote", "slugline", "byline", "located", "urgency", "renditions", "associations",
    "description_text", "descriptions", "infosources", "contentcreated", "embargoed", "embargoeduntil", "trustindicator", "eventdetails",
];

/// Part of the letters of its plain text that a body's HTML must have to be taken for the whole of it, in percent.
const MIN_HTML_PERCENT: usize = 80;

/// How sure it is that a value is ninjs.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    if !sample.is_json() {
        return Sure::No;
    }
    let lower = sample.head.to_ascii_lowercase();
    let holds = |name: &str| memchr::memmem::find(&lower, format!("\"{name}\"").as_bytes()).is_some();
    if memchr::memmem::find(&lower, b"ninjs").is_some() && (holds("standard") || holds("$standard")) {
        return Sure::Certain;
    }
    match OWN_MEMBERS.iter().filter(|name| holds(name)).take(3).count() {
        3 => Sure::Likely,
        // An image that only names itself.
        1 | 2 if holds("uri") || holds("guid") => Sure::Maybe,
        _ => Sure::No,
    }
}

/// Reads one record.
///
/// # Errors
/// Bytes that are no JSON, JSON that holds no object of ninjs.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let (value, repaired_chars) = json::parse(input)?;
    let mut found = Vec::new();
    objects(&value, &mut found);
    if found.is_empty() {
        let message = "JSON, but no item of ninjs in it: neither a `uri` or `guid` nor a headline or body";
        return Err(Reject::decode(RejectReason::Malformed, message));
    }
    let mut items = Vec::new();
    for object in found {
        match item(object) {
            Ok(item) => items.push(Ok(WireItem { repaired_chars, ..item })),
            Err(Refused::NoText(what)) => match embedded(object) {
                parts if parts.is_empty() => items.push(Err(Reject::decode(RejectReason::NoText, what))),
                parts => items.extend(parts.into_iter().map(Ok)),
            },
        }
    }
    Ok(items)
}

/// The items of a document.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Object>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| objects_in_element(value, found)),
        Value::Object(object) if is_item(object) => found.push(object),
        Value::Object(object) => {
            for path in ENVELOPES {
                let mut at = Some(object);
                let (last, parents) = path.split_last().map_or((&"", &[][..]), |split| split);
                for parent in parents {
                    at = at.and_then(|object| object.get(*parent)).and_then(Value::as_object);
                }
                if let Some(inner) = at.and_then(|object| object.get(*last)) {
                    elements(inner).iter().for_each(|value| objects_in_element(value, found));
                    if !found.is_empty() {
                        return;
                    }
                }
            }
        }
        _ => {}
    }
}

/// An element of a list: an item, or what wraps one.
fn objects_in_element<'a>(value: &'a Value, found: &mut Vec<&'a Object>) {
    let Some(object) = value.as_object() else { return };
    if is_item(object) {
        found.push(object);
    } else if let Some(inner) = object.get("item").or(object.get("_source")).and_then(Value::as_object)
        && is_item(inner)
    {
        found.push(inner);
    }
}

fn is_item(object: &Object) -> bool {
    let named = member(object, &["uri", "guid"]).is_some_and(Value::is_string);
    let says = member(
        object,
        &["headline", "headlines", "body_text", "body_html", "body_xhtml", "bodies", "pubstatus", "type"],
    );
    (named && says.is_some())
        || OWN_MEMBERS.iter().filter(|name| member(object, &[**name]).is_some()).take(3).count() == 3
}

/// Why an object is no item of news.
enum Refused {
    NoText(String),
}

fn item(object: &Object) -> Result<WireItem, Refused> {
    let kind = text(object, &["type"]).map(|kind| kind.to_ascii_lowercase());
    refuse_other_kinds(object, kind.as_deref())?;
    let mut item = WireItem::default();
    identity(object, &mut item);
    heads(object, &mut item);
    body(object, &mut item);
    super::html::repeated_headline(&mut item);
    by_and_where(object, &mut item);
    times(object, &mut item);
    status(object, kind.as_deref(), &mut item);
    about(object, &mut item);
    rights(object, &mut item);
    links(object, &mut item);
    item.language = text(object, &["language"]);
    let nothing = item.headline.is_none() && item.summary.is_none() && item.body == Body::None;
    if nothing && item.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("usable")) {
        return Err(Refused::NoText(format!(
            "{} without headline, description and body",
            a(kind.as_deref().unwrap_or("item"))
        )));
    }
    Ok(item)
}

/// Items that are no text. A kill of one is passed on by whoever carried it, not here.
fn refuse_other_kinds(object: &Object, kind: Option<&str>) -> Result<(), Refused> {
    const OTHER: &[&str] = &[
        "picture",
        "photo",
        "image",
        "graphic",
        "infographic",
        "audio",
        "video",
        "animation",
        "interactive",
        "event",
        "planning",
        "component",
        "contact",
        "person",
        "organisation",
        "place",
        "rendition",
        "asset",
        "gallery",
    ];
    match kind {
        Some(kind) if OTHER.contains(&kind) => Err(Refused::NoText(format!("{}: it holds no news text", a(kind)))),
        None | Some("item") if member(object, &["eventdetails"]).is_some() => {
            Err(Refused::NoText("an event (`eventDetails`): it holds no news text".to_owned()))
        }
        None if member(object, &["plannedcoverage"]).is_some() => {
            Err(Refused::NoText("a planning item (`plannedCoverage`): it holds no news text".to_owned()))
        }
        _ => Ok(()),
    }
}

fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn note(item: &mut WireItem, field: &'static str, rule: &'static str, span: impl Into<String>) {
    item.notes.push(RuleNote { field, rule, span: span.into() });
}

/// `uri` or `guid`; AP's own id where the `uri` is an address with the session's key in it.
fn identity(object: &Object, item: &mut WireItem) {
    let uri = text(object, &["uri"]);
    let guid = text(object, &["guid"]);
    alt_ids(object, item);
    let own = item.alt_ids.iter().find(|(role, _)| role == "itemid").map(|(_, id)| id.clone());
    let session = uri.as_deref().is_some_and(|uri| uri.starts_with("http") && uri.contains('?'));
    item.id = match (uri, guid, own) {
        (Some(uri), _, Some(own)) if session => {
            note(item, "uri", "AP's itemid before an address with a query", uri);
            item.alt_ids.retain(|(role, _)| role != "itemid");
            Some(own)
        }
        (Some(uri), guid, _) => {
            if let Some(guid) = guid.filter(|guid| *guid != uri) {
                item.alt_ids.push(("guid".to_owned(), guid));
            }
            Some(uri)
        }
        (None, Some(guid), _) => Some(guid),
        (None, None, own) => own.or_else(|| text(object, &["_id", "id"])),
    };
    item.version = text(object, &["version", "_current_version"]);
}

/// `altids` is an object in version 1.4 and a list of roles and values later.
fn alt_ids(object: &Object, item: &mut WireItem) {
    match member(object, &["altids"]) {
        Some(Value::Object(ids)) => {
            for (role, value) in ids {
                item.alt_ids.extend(scalar(value).map(|value| (role.clone(), value.into_owned())));
            }
        }
        Some(Value::Array(list)) => {
            for value in list {
                let (role, value) = match value {
                    Value::Object(id) => (text(id, &["role", "type", "name"]), text(id, &["value", "id", "literal"])),
                    other => (None, scalar(other).map(|id| id.into_owned())),
                };
                item.alt_ids.extend(value.map(|value| (role.unwrap_or_else(|| "alt".to_owned()), value)));
            }
        }
        _ => {}
    }
}

/// Headlines and descriptions, of any version.
fn heads(object: &Object, item: &mut WireItem) {
    let listed = roles(object, &["headlines"]);
    let of = |wanted: &[&str]| {
        let found = listed.iter().find(|(role, _)| wanted.contains(&role.as_str()));
        found.map(|(_, value)| value.clone())
    };
    item.headline = text(object, &["headline"])
        .or_else(|| of(&["main", "", "headline", "title", "default", "html", "text"]))
        .or_else(|| listed.first().map(|(_, value)| value.clone()))
        .or_else(|| text(object, &["title", "name"]))
        .map(|headline| json::line(&headline));
    item.subheadline = text(object, &["headline_extended", "subheadline", "subhead"])
        .or_else(|| of(&["sub", "subheadline", "subhead", "subtitle", "secondary", "kicker"]))
        .map(|headline| json::line(&headline));
    item.slug = text(object, &["slugline"]);
    let described = roles(object, &["descriptions"]);
    let description =
        |wanted: &[&str]| described.iter().find(|(role, _)| wanted.contains(&role.as_str())).map(|(_, v)| v.clone());
    item.summary =
        text(object, &["description_text", "description_html", "description_xhtml", "abstract", "description_caption"])
            .or_else(|| {
                description(&[
                    "summary",
                    "abstract",
                    "lead",
                    "intro",
                    "text",
                    "description",
                    "main",
                    "html",
                    "xhtml",
                    "",
                ])
            })
            .or_else(|| description(&["caption"]))
            .or_else(|| text(object, &["description_summary"]))
            .map(|summary| json::plain(&summary))
            .filter(|summary| !summary.trim().is_empty());
}

/// `(role, value)` of each element of a list of texts that have roles.
fn roles(object: &Object, names: &[&str]) -> Vec<(String, String)> {
    let list = member(object, names).map(elements).unwrap_or_default();
    let role_and_value = |value: &Value| match value {
        Value::Object(part) => {
            let role = text(part, &["role", "name"]).unwrap_or_default().to_ascii_lowercase();
            text(part, &["value"]).map(|value| (role, value))
        }
        other => scalar(other).map(|value| (String::new(), value.into_owned())),
    };
    list.iter().filter_map(role_and_value).collect()
}

/// What a body is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Html,
    Plain,
    /// Another XML vocabulary.
    Other,
}

/// HTML keeps the paragraphs that plain text often loses; it is taken unless it is only a part of the text.
fn body(object: &Object, item: &mut WireItem) {
    let mut bodies: Vec<(Written, String)> = Vec::new();
    for name in ["body_html", "body_xhtml", "body_html5", "body_richhtml5", "body"] {
        let written = if name == "body" { None } else { Some(Written::Html) };
        bodies.extend(text(object, &[name]).map(|body| (written.unwrap_or_else(|| form(&body)), body)));
    }
    for part in member(object, &["bodies"]).map(elements).unwrap_or_default() {
        let Some(part) = part.as_object() else { continue };
        bodies.extend(text(part, &["value"]).map(|body| (declared_form(part, &body), body)));
    }
    bodies.extend(text(object, &["body_text", "body_plain"]).map(|body| (Written::Plain, body)));
    let first = |wanted: Written| bodies.iter().find(|(written, _)| *written == wanted).map(|(_, body)| body.as_str());
    let plain = first(Written::Plain);
    if let Some(html) = first(Written::Html) {
        json::set_html_body(item, html);
        let (html_letters, plain_letters) = (json::letters(&item.body), plain.map_or(0, count_letters));
        if html_letters * 100 >= plain_letters * MIN_HTML_PERCENT && item.body != Body::None {
            return footer(object, item);
        }
        if plain.is_some() {
            note(item, "bodies", "plain text, since the HTML is only a part of it", "");
        }
    }
    match plain.or(first(Written::Other)) {
        Some(plain) if form(plain) == Written::Plain => item.body = Body::Text(plain.to_owned()),
        Some(markup) => json::set_html_body(item, markup),
        None => {}
    }
    footer(object, item);
}

fn count_letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Superdesk keeps what follows every story (a helpline, a disclaimer) apart.
fn footer(object: &Object, item: &mut WireItem) {
    let Some(footer) = text(object, &["body_footer"]).map(|html| json::plain(&html)).filter(|f| !f.trim().is_empty())
    else {
        return;
    };
    match &mut item.body {
        Body::None => item.body = Body::Paragraphs(footer),
        Body::Text(body) | Body::Paragraphs(body) => {
            body.push_str("\n\n");
            body.push_str(&footer);
        }
    }
}

fn declared_form(part: &Object, body: &str) -> Written {
    let kind = text(part, &["contenttype", "mimetype"]).unwrap_or_default().to_ascii_lowercase();
    let role = text(part, &["role"]).unwrap_or_default().to_ascii_lowercase();
    if kind.contains("nitf") || kind == "application/xml" || kind == "text/xml" {
        Written::Other
    } else if kind.contains("html") || (kind.is_empty() && role.contains("html")) {
        Written::Html
    } else if kind.starts_with("text/plain") || (kind.is_empty() && role == "text") {
        Written::Plain
    } else {
        form(body)
    }
}

fn form(body: &str) -> Written {
    if super::html::looks_like(body) { Written::Html } else { Written::Plain }
}

fn by_and_where(object: &Object, item: &mut WireItem) {
    item.byline = text(object, &["byline", "by"]).or_else(|| {
        let authors = member(object, &["authors", "author", "creators"])?;
        let names: Vec<String> = elements(authors).iter().filter_map(name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    });
    item.byline = item.byline.take().map(|by| json::line(&by));
    match member(object, &["dateline"]) {
        Some(Value::Object(dateline)) => {
            item.dateline = text(dateline, &["text"]).map(|text| without_dash(&text));
            let place = member(dateline, &["located"]);
            item.located = place.and_then(|place| match place {
                Value::Object(place) => text(place, &["city", "name"]),
                other => scalar(other).map(|place| place.into_owned()),
            });
        }
        Some(other) => item.dateline = scalar(other).map(|dateline| dateline.into_owned()),
        None => {}
    }
    if let Some(Value::Object(place)) = member(object, &["datelinelocation"]) {
        item.located = item.located.take().or_else(|| text(place, &["city"]));
    }
    item.located = text(object, &["located"]).or(item.located.take());
    item.credit = ["infosources", "infosource", "source", "provider", "creditline"]
        .iter()
        .find_map(|key| elements(member(object, &[*key])?).iter().find_map(name));
}

/// Superdesk keeps the dash that parts the dateline from the copy.
fn without_dash(dateline: &str) -> String {
    dateline.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '_')).to_owned()
}

fn times(object: &Object, item: &mut WireItem) {
    let time = |names: &[&str]| text(object, names).map(WireTime);
    item.first_created = time(&["firstcreated"]);
    item.version_created = time(&["versioncreated"]);
    item.content_created = time(&["contentcreated"]);
    item.expires = time(&["expires"]);
    let scheduled = member(object, &["schedule_settings"]).and_then(Value::as_object);
    item.embargoed = time(&["embargoeduntil", "embargoed"])
        .or_else(|| scheduled.and_then(|settings| text(settings, &["utc_embargo"])).map(WireTime))
        .or_else(|| time(&["embargo"]))
        .filter(|WireTime(written)| written != "false");
}

fn status(object: &Object, kind: Option<&str>, item: &mut WireItem) {
    item.urgency = text(object, &["urgency"]).or_else(|| text(object, &["editorialpriority"]));
    item.status = text(object, &["pubstatus"]);
    let flags = member(object, &["flags"]).and_then(Value::as_object);
    let withheld = flags.and_then(|flags| flags.get("marked_for_not_publication")) == Some(&Value::Bool(true));
    if let Some(state) =
        text(object, &["state"]).filter(|state| matches!(state.as_str(), "killed" | "recalled" | "unpublished"))
    {
        note(item, "pubStatus", "Superdesk's state", state);
        item.status = Some("canceled".to_owned());
    } else if withheld {
        note(item, "pubStatus", "Superdesk's mark that it is not for publication", "marked_for_not_publication");
        item.status = Some("withheld".to_owned());
    } else if item.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("recalled")) {
        item.status = Some("canceled".to_owned());
    }
    for mark in member(object, &["signals", "signal", "editorialstatus"]).map(elements).unwrap_or_default() {
        let code = match mark {
            Value::Object(mark) => text(mark, &["qcode", "code", "name", "literal"]),
            other => scalar(other).map(|mark| mark.into_owned()),
        };
        item.marks.extend(code.map(|code| code.rsplit([':', '/']).next().unwrap_or(&code).to_owned()));
    }
    if kind == Some("advisory") {
        item.marks.push("advisory".to_owned());
    }
    let counted =
        |name: &str| text(object, &[name]).and_then(|count| count.parse::<u32>().ok()).is_some_and(|count| count > 0);
    if counted("correction_sequence") {
        item.marks.push("correction".to_owned());
    } else if counted("rewrite_sequence") || member(object, &["evolvedfrom", "rewrite_of"]).is_some() {
        item.marks.push("update".to_owned());
    }
    item.marks.extend(text(object, &["profile"]));
}

/// Subjects, services, keywords, genre, and the people, organizations and places that the wire names.
fn about(object: &Object, item: &mut WireItem) {
    for (names, scheme) in [
        (&["subjects", "subject"][..], ""),
        (&["service", "anpa_category"], "service"),
        (&["people", "person"], "person"),
        (&["organisations", "organisation", "organization"], "organisation"),
        (&["places", "place"], "place"),
        (&["events"], "event"),
        (&["objects", "object"], "object"),
    ] {
        let concepts = member(object, names).map(elements).unwrap_or_default();
        item.subjects.extend(concepts.iter().filter_map(|concept| subject(concept, scheme)));
    }
    match member(object, &["keywords", "tags"]) {
        Some(Value::String(words)) => {
            item.keywords
                .extend(words.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned));
        }
        Some(words) => item.keywords.extend(elements(words).iter().filter_map(name)),
        None => {}
    }
    item.genre = member(object, &["genres", "genre"]).and_then(|genres| elements(genres).iter().find_map(name));
}

/// A concept: its scheme and code, its URI, or its name alone.
fn subject(value: &Value, fallback: &str) -> Option<WireSubject> {
    let Value::Object(concept) = value else {
        let name = scalar(value)?.into_owned();
        return Some(WireSubject { scheme: fallback.to_owned(), code: name, name: None });
    };
    let name = text(concept, &["name", "title"]).map(|name| json::line(&name));
    let code = text(concept, &["code", "literal"]);
    let scheme = text(concept, &["scheme"]);
    let uri = text(concept, &["uri", "qcode", "guid"]);
    let (scheme, code) = match (scheme, code, uri) {
        (Some(scheme), Some(code), _) => (scheme, code),
        (_, code, Some(uri)) => match uri.trim_end_matches('/').rsplit_once(['/', '#', ':']) {
            Some((scheme, last)) if !last.is_empty() => {
                // A QCode's alias stands without its colon, a URI with what parts it from the code.
                let alias = !scheme.contains(['/', ':']);
                let scheme = if alias { scheme } else { &uri[..=scheme.len()] };
                (scheme.to_owned(), last.to_owned())
            }
            _ => (fallback.to_owned(), code.unwrap_or(uri)),
        },
        // Eight digits without a scheme are IPTC's.
        (None, Some(code), None)
            if fallback.is_empty() && code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()) =>
        {
            ("IPTC".to_owned(), code)
        }
        (scheme, Some(code), None) => (scheme.unwrap_or_else(|| fallback.to_owned()), code),
        (scheme, None, None) => (scheme.unwrap_or_else(|| fallback.to_owned()), name.clone()?),
    };
    Some(WireSubject { scheme, code, name })
}

fn rights(object: &Object, item: &mut WireItem) {
    item.copyright_holder = text(object, &["copyrightholder"]);
    item.copyright_notice = text(object, &["copyrightnotice"]);
    item.usage_terms = member(object, &["usageterms"]).and_then(|terms| {
        let terms: Vec<_> = elements(terms).iter().filter_map(scalar).collect();
        (!terms.is_empty()).then(|| terms.join(" "))
    });
    for note in member(object, &["ednote"]).map(elements).unwrap_or_default() {
        item.ed_notes.extend(scalar(note).map(|note| json::plain(&note)));
    }
}

/// What is associated with an item, and what it evolved from.
fn links(object: &Object, item: &mut WireItem) {
    for (key, part) in associated(object) {
        let title = head_of(part);
        let id = text(part, &["uri", "guid", "id", "_id"]).or_else(|| key.map(str::to_owned));
        if is_text(part) && has_body(part) {
            let span = title.clone().or_else(|| id.clone()).unwrap_or_default();
            note(item, "associations", "a text that is embedded: named here, its own record carries it", span);
        }
        item.links.extend(id.map(|id| WireLink { rel: LinkRel::Association, id, title }));
    }
    if let Some(earlier) = text(object, &["evolvedfrom", "rewrite_of"]) {
        item.links.push(WireLink { rel: LinkRel::Replaces, id: earlier, title: None });
    }
}

/// `associations` is an object in version 1 and a list later.
fn associated(object: &Object) -> Vec<(Option<&str>, &Object)> {
    match member(object, &["associations"]) {
        Some(Value::Object(parts)) => {
            parts.iter().filter_map(|(key, part)| Some((Some(key.as_str()), part.as_object()?))).collect()
        }
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| Some((None, part.as_object()?))).collect(),
        _ => Vec::new(),
    }
}

fn head_of(part: &Object) -> Option<String> {
    let listed = roles(part, &["headlines"]).into_iter().next().map(|(_, headline)| headline);
    text(part, &["headline"]).or(listed).or_else(|| text(part, &["title"])).map(|headline| json::line(&headline))
}

fn is_text(part: &Object) -> bool {
    text(part, &["type"])
        .is_none_or(|kind| matches!(kind.to_ascii_lowercase().as_str(), "text" | "composite" | "story" | "article"))
}

fn has_body(part: &Object) -> bool {
    member(part, &["body_html", "body_xhtml", "body_text", "bodies"]).is_some()
}

/// The texts of a package that has none of its own.
fn embedded(object: &Object) -> Vec<WireItem> {
    let package = text(object, &["type"])
        .is_none_or(|kind| matches!(kind.to_ascii_lowercase().as_str(), "composite" | "package"));
    if !package {
        return Vec::new();
    }
    let parts = associated(object).into_iter().filter(|(_, part)| is_text(part) && has_body(part));
    parts.filter_map(|(_, part)| item(part).ok()).collect()
}
