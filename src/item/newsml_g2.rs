//! A published item as a NewsML-G2 news item, for newsroom systems that read that.
//!
//! Made from the published ninjs object and from nothing else, so that the two forms cannot say different things. Version 2.34,
//! power conformance; the order of elements is the schema's. Subjects, entities and places go by `qcode` where IPTC has a scheme
//! for them and by `uri` elsewhere; what the desk found (`wiredesk`) is in `itemMetaExtProperty`, its relations in `link`.

use std::io::{self, Cursor, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

const NAMESPACE: &str = "http://iptc.org/std/nar/2006-10-01/";
const STANDARD_VERSION: &str = "2.34";
const CATALOG: &str = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml";
/// Scheme of the properties that the desk adds.
const DESK_SCHEME: &str = "urn:wiredesk:property:";
const MEDIA_TOPIC_URI: &str = "http://cv.iptc.org/newscodes/mediatopic/";

/// Bytes that a news item can take more than the ninjs object that it is made from, besides twice the object's own size and what
/// escaping adds: the elements that are always there. A test holds rendering to it.
const FIXED_BYTES: usize = 4096;
/// Bytes that escaping makes of one character, at most.
const ESCAPED_BYTES: usize = 6;
/// Elements of an entry (a subject, a paragraph) around what ninjs has of it.
const ENTRY_BYTES: usize = 96;

/// Largest size of the news item for a published object, so that it can be refused before it is sighted.
pub fn most_bytes(ninjs: &[u8]) -> usize {
    let special = ninjs.iter().filter(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'')).count();
    let entries = ninjs.iter().filter(|b| matches!(b, b'{' | b'[' | b'\\')).count();
    2 * ninjs.len() + ESCAPED_BYTES * special + ENTRY_BYTES * entries + FIXED_BYTES
}

/// Renders a published item.
///
/// # Errors
/// Only if writing to memory fails, or if `item` is no object with a `uri`.
pub fn render(item: &Value) -> io::Result<Vec<u8>> {
    let uri = text(item, "uri").ok_or_else(|| io::Error::other("the item has no uri"))?;
    // A version is a positive number in NewsML-G2.
    let version = text(item, "version").and_then(|v| v.parse::<u64>().ok()).filter(|v| *v > 0).unwrap_or(1).to_string();
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = writer
        .create_element("newsItem")
        .with_attribute(("xmlns", NAMESPACE))
        .with_attribute(("guid", &*clean(uri)))
        .with_attribute(("version", &*version))
        .with_attribute(("standard", "NewsML-G2"))
        .with_attribute(("standardversion", STANDARD_VERSION))
        .with_attribute(("conformance", "power"));
    let language = text(item, "language").map(clean);
    if let Some(language) = &language {
        root = root.with_attribute(("xml:lang", &**language));
    }
    root.write_inner_content(|writer| {
        writer.create_element("catalogRef").with_attribute(("href", CATALOG)).write_empty()?;
        writer.create_element("catalog").write_inner_content(|writer| {
            let scheme = writer.create_element("scheme").with_attribute(("alias", "wiredesk"));
            scheme.with_attribute(("uri", DESK_SCHEME)).write_empty().map(drop)
        })?;
        rights(writer, item)?;
        item_meta(writer, item)?;
        content_meta(writer, item)?;
        body(writer, item)
    })?;
    Ok(writer.into_inner().into_inner())
}

type Out = Writer<Cursor<Vec<u8>>>;

fn rights(writer: &mut Out, item: &Value) -> io::Result<()> {
    let parts = ["copyrightHolder", "copyrightNotice", "usageTerms"].map(|name| text(item, name));
    if parts == [None; 3] {
        return Ok(());
    }
    let [holder, notice, terms] = parts;
    writer.create_element("rightsInfo").write_inner_content(|writer| {
        if let Some(holder) = holder {
            named(writer, "copyrightHolder", &[], holder)?;
        }
        plain(writer, "copyrightNotice", notice)?;
        plain(writer, "usageTerms", terms)
    })?;
    Ok(())
}

fn item_meta(writer: &mut Out, item: &Value) -> io::Result<()> {
    let desk = &item["wiredesk"];
    let created = text(item, "versionCreated").or_else(|| text(desk, "received")).unwrap_or_default();
    let provider = item["infoSources"][0]["name"].as_str().or_else(|| text(desk, "feed")).unwrap_or("wiredesk");
    writer.create_element("itemMeta").write_inner_content(|writer| {
        coded(writer, "itemClass", "ninat:text")?;
        named(writer, "provider", &[], provider)?;
        plain(writer, "versionCreated", Some(created))?;
        plain(writer, "firstCreated", text(item, "firstCreated"))?;
        plain(writer, "embargoed", text(item, "embargoedUntil"))?;
        coded(writer, "pubStatus", &format!("stat:{}", text(item, "pubStatus").unwrap_or("usable")))?;
        plain(writer, "edNote", text(item, "edNote"))?;
        match text(desk, "verdict") {
            Some("update") => coded(writer, "signal", "sig:update")?,
            Some("correction") => coded(writer, "signal", "sig:correction")?,
            _ => {}
        }
        plain(writer, "expires", text(item, "expires"))?;
        if let Some(of) = text(desk, "of") {
            let relation = if text(desk, "verdict") == Some("duplicate") { "seeAlso" } else { "previousVersion" };
            let link = writer.create_element("link").with_attribute(("rel", &*format!("irel:{relation}")));
            link.with_attribute(("residref", &*clean(of))).write_empty()?;
        }
        for name in ["feed", "kind", "verdict", "root", "story", "matched"] {
            if let Some(value) = text(desk, name) {
                let property = writer.create_element("itemMetaExtProperty");
                let property = property.with_attribute(("rel", &*format!("wiredesk:{name}")));
                property.with_attribute(("value", &*clean(value))).write_empty()?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

fn content_meta(writer: &mut Out, item: &Value) -> io::Result<()> {
    writer.create_element("contentMeta").write_inner_content(|writer| {
        if let Some(urgency) = item["urgency"].as_u64() {
            plain(writer, "urgency", Some(&urgency.to_string()))?;
        }
        plain(writer, "contentCreated", text(item, "contentCreated"))?;
        if let Some(located) = text(item, "located") {
            named(writer, "located", &[], located)?;
        }
        for source in list(item, "infoSources") {
            named(writer, "infoSource", &[], text(source, "name").unwrap_or_default())?;
        }
        for id in list(item, "altIds") {
            plain(writer, "altId", text(id, "value"))?;
        }
        if let Some(language) = text(item, "language") {
            writer.create_element("language").with_attribute(("tag", &*clean(language))).write_empty()?;
        }
        for genre in list(item, "genres") {
            named(writer, "genre", &[], text(genre, "name").unwrap_or_default())?;
        }
        subjects(writer, item)?;
        plain(writer, "slugline", text(item, "slugline"))?;
        for headline in list(item, "headlines") {
            role(writer, "headline", headline, "main")?;
        }
        plain(writer, "dateline", text(&item["wiredesk"]["dateline"], "text"))?;
        plain(writer, "by", text(item, "by"))?;
        plain(writer, "creditline", item["infoSources"][0]["name"].as_str())?;
        for description in list(item, "descriptions") {
            role(writer, "description", description, "summary")?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Topics, people, organisations, places and events: all are `subject`s in NewsML-G2, told apart by type.
fn subjects(writer: &mut Out, item: &Value) -> io::Result<()> {
    let kinds = [
        ("subjects", "cpnat:abstract"),
        ("people", "cpnat:person"),
        ("organisations", "cpnat:organisation"),
        ("places", "cpnat:geoArea"),
        ("events", "cpnat:event"),
    ];
    for (member, kind) in kinds {
        for subject in list(item, member) {
            let (Some(uri), Some(name)) = (text(subject, "uri"), text(subject, "name")) else { continue };
            let topic = uri.strip_prefix(MEDIA_TOPIC_URI).map(|code| format!("medtop:{code}"));
            let identity = topic.map_or_else(|| ("uri", clean(uri)), |qcode| ("qcode", qcode));
            let numbers = ["relevance", "confidence"].map(|key| (key, subject[key].as_u64().map(|n| n.to_string())));
            let mut attributes = vec![("type", kind), (identity.0, &*identity.1)];
            attributes.extend(numbers.iter().filter_map(|(key, number)| Some((*key, number.as_deref()?))));
            named(writer, "subject", &attributes, name)?;
        }
    }
    Ok(())
}

fn body(writer: &mut Out, item: &Value) -> io::Result<()> {
    let Some(body) = item["bodies"][0]["value"].as_str() else { return Ok(()) };
    let headline = item["headlines"][0]["value"].as_str().unwrap_or_default();
    writer.create_element("contentSet").write_inner_content(|writer| {
        let content = writer.create_element("inlineXML").with_attribute(("contenttype", "application/xhtml+xml"));
        content.write_inner_content(|writer| {
            let html = writer.create_element("html").with_attribute(("xmlns", "http://www.w3.org/1999/xhtml"));
            html.write_inner_content(|writer| {
                let head = |writer: &mut Out| leaf(writer, "title", &[], headline);
                writer.create_element("head").write_inner_content(head)?;
                writer.create_element("body").write_inner_content(|writer| {
                    let mut paragraphs = body.split("\n\n").filter(|paragraph| !paragraph.is_empty());
                    paragraphs.try_for_each(|paragraph| self::paragraph(writer, paragraph))
                })?;
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn text<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    of.get(key)?.as_str()
}

fn list<'a>(of: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// An element with text, if there is one.
fn plain(writer: &mut Out, name: &str, value: Option<&str>) -> io::Result<()> {
    value.map_or(Ok(()), |value| leaf(writer, name, &[], value))
}

/// A headline or description with its role.
fn role(writer: &mut Out, name: &str, value: &Value, default: &str) -> io::Result<()> {
    let code = match (name, text(value, "role").unwrap_or(default)) {
        ("headline", "sub") => "hld:subHeadline".to_owned(),
        ("headline", _) => "hld:main".to_owned(),
        (_, role) => format!("drol:{role}"),
    };
    leaf(writer, name, &[("role", &code)], text(value, "value").unwrap_or_default())
}

fn coded(writer: &mut Out, name: &str, qcode: &str) -> io::Result<()> {
    writer.create_element(name).with_attribute(("qcode", qcode)).write_empty().map(drop)
}

/// An element that holds a `name`.
fn named(writer: &mut Out, element: &str, attributes: &[(&str, &str)], name: &str) -> io::Result<()> {
    let element = writer.create_element(element).with_attributes(attributes.iter().copied());
    element.write_inner_content(|writer| leaf(writer, "name", &[], name)).map(drop)
}

/// A table's columns stand where they stand only in a `pre`; what else has lines has breaks between them.
fn paragraph(writer: &mut Out, text: &str) -> io::Result<()> {
    if text.contains('\t') || text.lines().any(|line| line.trim().contains("  ")) {
        return leaf(writer, "pre", &[], text);
    }
    let write = |writer: &mut Out| {
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                writer.create_element("br").write_empty()?;
            }
            writer.write_event(Event::Text(BytesText::new(&clean(line))))?;
        }
        Ok(())
    };
    writer.create_element("p").write_inner_content(write).map(drop)
}

fn leaf<W: Write>(writer: &mut Writer<W>, name: &str, attributes: &[(&str, &str)], value: &str) -> io::Result<()> {
    let element = writer.create_element(name).with_attributes(attributes.iter().copied());
    element.write_text_content(BytesText::new(&clean(value))).map(drop)
}

/// Without the characters that XML 1.0 has no way to write.
fn clean(value: &str) -> String {
    let is_valid = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    value.chars().filter(is_valid).collect()
}

#[cfg(test)]
mod tests;
