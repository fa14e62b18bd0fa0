//! The item's fields besides the body.

use jiff::Timestamp;

use super::marks::{self, Mark};
use super::time::{self, Lies};
use super::{Desk, ids, language, lead, text};
use crate::item::wire::WireTime;
use crate::item::{Origin, RawItem, WireItem};

impl Desk<'_> {
    /// `uri`, `has_own_id`, `version`, `alt_ids`.
    pub(super) fn identity(&mut self, wire: &WireItem, raw: &RawItem, origin: &Origin) {
        let config = &self.feed.config;
        let header = |rule: &str| rule.strip_prefix("header:").and_then(|name| raw.header(name)).map(str::to_owned);
        let (id, rule) = match (&wire.id, config.id_from.as_deref()) {
            (Some(id), _) => (Some(id.clone()), "the wire's id"),
            (None, Some("key")) => {
                let key = raw.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
                (key.map(str::to_owned), "id_from = key")
            }
            (None, Some(rule)) => (header(rule), "id_from = header"),
            (None, None) => (None, ""),
        };
        self.item.alt_ids.clone_from(&wire.alt_ids);
        let ids = &self.feed.ids;
        match id.as_deref().and_then(|id| ids.uri_of(id).map(|uri| (id.trim(), uri))) {
            Some((id, uri)) => {
                self.note("uri", rule, id);
                if uri != id {
                    self.item.alt_ids.insert(0, (ids::WIRE_ROLE.to_owned(), id.to_owned()));
                }
                self.item.uri = uri;
                self.item.has_own_id = true;
            }
            None => self.item.uri = origin.urn(),
        }
        let said = wire.version.clone().or_else(|| config.version_from.as_deref().and_then(header));
        let in_id = || ids.version_in(id.as_deref()?).map(str::to_owned);
        let version = said.map(|v| (v, "the wire's version")).or_else(|| in_id().map(|v| (v, "id_pattern")));
        if let Some((version, rule)) = version {
            self.item.version = ids::version(&version);
            let rule = if self.item.version.is_some() { rule } else { "a version that does not order" };
            self.note("version", rule, version);
        }
    }

    /// Fields of one line, and those that only need cleaning.
    pub(super) fn one_line_fields(&mut self, wire: &mut WireItem) {
        let item = &mut self.item;
        let repaired = &mut item.repaired_chars;
        let mut set = |clean: fn(&str, &mut u32) -> String, field: &mut Option<String>| {
            field.take().map(|value| clean(&value, repaired)).filter(|value| !value.is_empty())
        };
        item.headline = set(text::line, &mut wire.headline);
        item.subheadline = set(text::line, &mut wire.subheadline);
        item.copyright_notice = set(text::line, &mut wire.copyright_notice);
        item.usage_terms = set(text::line, &mut wire.usage_terms);
        item.slug = set(text::words, &mut wire.slug);
        item.byline = set(text::words, &mut wire.byline);
        // `By Anna Novak` and `Anna Novak` are one byline.
        item.byline = item.byline.take().map(|by| lead::byline(&by).map_or_else(|| by.clone(), str::to_owned));
        item.located = set(text::words, &mut wire.located);
        item.genre = set(text::words, &mut wire.genre);
        item.copyright_holder = set(text::words, &mut wire.copyright_holder);
        item.credit = set(text::words, &mut wire.credit);
        if let Some(summary) = wire.summary.take() {
            let cleaned = text::clean(&summary, &mut self.item.repaired_chars);
            self.item.summary = Some(super::layout::reflow(&cleaned).join("\n\n")).filter(|s| !s.is_empty());
        }
        for note in std::mem::take(&mut wire.ed_notes) {
            let cleaned = text::clean(&note, &mut self.item.repaired_chars).into_owned();
            for paragraph in super::layout::split(&cleaned) {
                self.add_ed_note(&paragraph);
            }
        }
    }

    /// Marks of the format, of the slug, of the headline and of the notes above the copy.
    pub(super) fn marks(&mut self, from_wire: &[String]) {
        for written in from_wire {
            let found = marks::of_line(written).unwrap_or_default();
            self.tell_of_part(&found, written);
            self.add_all(found);
        }
        if let Some(slug) = self.item.slug.take() {
            let (found, name) = marks::of_slug(&slug);
            if name.len() < slug.len() && !found.is_empty() {
                self.note("kind", "mark in the slug", &slug[name.len()..]);
                self.tell_of_part(&found, slug[name.len()..].trim_matches([',', ' ', '(', ')']));
            }
            self.item.slug = Some(name.to_owned());
            self.add_all(found);
        }
        if let Some(headline) = self.item.headline.take() {
            self.item.headline = self.headline_marks(headline);
        }
        let from_note =
            self.item.ed_note.as_deref().into_iter().flat_map(|note| note.split("\n\n")).find_map(marks::of_note);
        self.signals.add_from_note(from_note);
    }

    fn headline_marks(&mut self, headline: String) -> Option<String> {
        let (found, at) = marks::of_headline(&headline);
        if !found.is_empty() {
            self.add_all(found);
            if at == 0 {
                return Some(headline);
            }
            self.note("kind", "mark before the headline", headline[..at].trim());
            return Some(headline[at..].to_owned()).filter(|rest| !rest.is_empty());
        }
        let Some((found, span)) = marks::after_slug(&headline) else { return Some(headline) };
        self.note("kind", "mark after the headline's slug", &headline[span.clone()]);
        self.add_all(found);
        Some(format!("{}{}", &headline[..span.start], &headline[span.end..]))
    }

    /// A part of a story (`1st Add`) is published as what it is: editors must see that there is more.
    fn tell_of_part(&mut self, found: &[Mark], written: &str) {
        if found.contains(&Mark::Part) {
            self.add_ed_note(written);
        }
    }

    pub(super) fn add_all(&mut self, found: Vec<Mark>) {
        for mark in found {
            self.signals.add(mark);
        }
    }

    /// Times, urgency, and the version that a mark numbers.
    pub(super) fn times(&mut self, wire: &WireItem) {
        self.item.first_created = self.time("firstCreated", wire.first_created.as_ref(), Lies::Near);
        self.item.version_created = self.time("versionCreated", wire.version_created.as_ref(), Lies::Near);
        self.item.content_created = self.time("contentCreated", wire.content_created.as_ref(), Lies::Near);
        self.item.expires = self.time("expires", wire.expires.as_ref(), Lies::Ahead);
        if let Some(embargoed) = &wire.embargoed {
            self.signals.embargo = true;
            self.item.embargoed_until = self.time("embargoedUntil", Some(embargoed), Lies::Ahead);
        }
        self.item.urgency = wire.urgency.as_deref().and_then(urgency).or(self.signals.urgency);
        if self.item.version.is_none() {
            self.item.version = self.signals.version;
        }
    }

    pub(super) fn time(&mut self, field: &'static str, written: Option<&WireTime>, lies: Lies) -> Option<Timestamp> {
        let WireTime(written) = written?;
        let context = time::Context { zone: &self.feed.time_zone, received: self.received };
        let time = time::read(written, lies, &context);
        self.note(
            field,
            if time.is_some() { "the wire's time" } else { "a time that cannot be read" },
            written.as_str(),
        );
        time
    }

    /// Credit: the wire's field, the dateline, the sign-off, the feed. Language: the wire, the feed, else detected.
    pub(super) fn credit_and_language(&mut self, wire: &WireItem) {
        let defaults = &self.feed.config.defaults;
        if self.item.credit.is_none() {
            let dateline =
                self.item.dateline.as_ref().and_then(|d| d.credit.clone()).map(|c| (c, "the dateline's credit"));
            let found = dateline
                .or_else(|| {
                    self.item.signoff.as_ref().and_then(|s| s.credit.clone()).map(|c| (c, "the sign-off's credit"))
                })
                .or_else(|| defaults.credit.clone().map(|c| (c, "the feed's credit")));
            if let Some((credit, rule)) = found {
                self.note("infoSources", rule, credit.as_str());
                self.item.credit = Some(credit);
            }
        }
        let given = wire.language.as_deref().map(str::trim).filter(|tag| !tag.is_empty());
        self.item.language = match (given, &defaults.language) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, Some(tag)) => Some(tag.clone()),
            (None, None) => {
                let text = if self.item.body.is_empty() {
                    self.item.headline.as_deref()
                } else {
                    Some(self.item.body.as_str())
                };
                let found = text.and_then(language::detect);
                if let Some(tag) = found {
                    self.note("language", "detected", tag);
                }
                found.map(str::to_owned)
            }
        };
    }
}

/// 1 (highest) to 9: IPTC's figures, and the letters of ANPA's priorities.
fn urgency(written: &str) -> Option<u8> {
    let written = written.trim();
    if let Ok(figure @ 1..=9) = written.parse::<u8>() {
        return Some(figure);
    }
    match written {
        "f" => Some(1),
        "b" => Some(2),
        "u" => Some(4),
        "r" => Some(5),
        "d" | "h" => Some(6),
        "a" | "s" => Some(7),
        _ => None,
    }
}
