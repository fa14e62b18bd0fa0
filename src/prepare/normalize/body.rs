//! The body: what stands above and below the copy is taken off, the copy stays.

use std::borrow::Cow;

use jiff::civil::Date;

use super::time::{self, Lies};
use super::{Desk, dateline, layout, lead, marks, signoff, text};
use crate::item::Dateline;
use crate::item::wire::{Body, WireItem, WireTime};

/// Paragraphs above the copy among which bylines, notes and the dateline are looked for.
const MAX_LEAD_PARAGRAPHS: usize = 8;
/// Paragraphs of copy (a summary) that may stand above a byline or a note.
const MAX_COPY_ABOVE: usize = 2;

impl<'a> Desk<'a> {
    /// Fills the body, the dateline, the sign-off, and what the paragraphs around the copy give.
    pub(super) fn body(&mut self, wire: &WireItem) {
        let (written, wrapped) = match &wire.body {
            Body::Text(text) => (text.as_str(), true),
            Body::Paragraphs(text) => (text.as_str(), false),
            Body::None => ("", false),
        };
        let cleaned = text::clean(written, &mut self.item.repaired_chars);
        let mut paragraphs = if wrapped { layout::reflow(&cleaned) } else { layout::split(&cleaned) };
        self.given_dateline(wire);
        self.repeated_headline(&mut paragraphs);
        loop {
            let before = paragraphs.len();
            self.boilerplate(&mut paragraphs);
            self.lead(wire, &mut paragraphs);
            let closed = self.closing(&mut paragraphs);
            // In a short text, what stood below may have hidden what stands above it.
            if !(paragraphs.len() < before || closed) || paragraphs.len() > MAX_LEAD_PARAGRAPHS {
                break;
            }
        }
        self.item.body = join(&paragraphs);
    }

    /// A headline that the copy repeats above itself.
    fn repeated_headline(&mut self, paragraphs: &mut Vec<Cow<'_, str>>) {
        while paragraphs.len() > 1 && self.item.headline.as_deref().is_some_and(|headline| headline == paragraphs[0]) {
            let repeated = paragraphs.remove(0);
            self.note("headline", "headline repeated above the copy", repeated);
        }
    }

    /// The dateline that the format keeps in a field of its own.
    fn given_dateline(&mut self, wire: &WireItem) {
        let Some(given) = &wire.dateline else { return };
        let given = text::line(given, &mut self.item.repaired_chars);
        // A field holds a dateline and nothing else: read as if copy followed.
        let found = dateline::find(&format!("{given} - X x."), &self.dateline_context(wire));
        let mut parsed = found.filter(|f| f.text_end <= given.len()).map(|f| f.dateline).unwrap_or_default();
        if parsed.places.is_empty() && parsed.credit.is_none() {
            parsed.places = super::places::read(&given).unwrap_or_default();
        }
        if given.chars().any(char::is_alphabetic) {
            parsed.text = given;
            self.note("dateline", "the wire's dateline", parsed.text.as_str());
            self.item.dateline = Some(parsed);
        }
    }

    fn dateline_context(&self, wire: &WireItem) -> dateline::Context<'a> {
        let received = self.received.to_zoned(self.feed.time_zone.clone()).date();
        let given = wire.date.as_deref().and_then(super::calendar::day).and_then(|day| day.nearest(received));
        let near = given.or_else(|| self.written_on(wire)).unwrap_or(received);
        dateline::Context { feed_credit: self.feed.config.defaults.credit.as_deref(), near }
    }

    /// The day of the wire's own time: what is read again years later still names the days about when it was written.
    fn written_on(&self, wire: &WireItem) -> Option<Date> {
        let context = time::Context { zone: &self.feed.time_zone, received: self.received };
        let times = [&wire.content_created, &wire.version_created, &wire.first_created];
        let written = times.into_iter().flatten().find_map(|WireTime(text)| time::read(text, Lies::Near, &context))?;
        Some(written.to_zoned(self.feed.time_zone.clone()).date())
    }

    /// Strip, retry: bylines, notes and an embargo may stand above the dateline, and a byline below it.
    fn lead(&mut self, wire: &WireItem, paragraphs: &mut Vec<Cow<'_, str>>) {
        let given = self.item.dateline.is_some();
        let (mut at, mut dated) = (0, false);
        while at < paragraphs.len().min(MAX_LEAD_PARAGRAPHS) {
            if !dated && (at == 0 || !given) && self.take_dateline(wire, &mut paragraphs[at], at == 0) {
                dated = true;
                // A place that is written twice is taken off twice.
                while self.take_dateline(wire, &mut paragraphs[at], true) {}
                if paragraphs[at].is_empty() {
                    paragraphs.remove(at);
                }
            } else if paragraphs.len() > 1 && at <= MAX_COPY_ABOVE && self.take_lead(wire, &paragraphs[at], at == 0) {
                paragraphs.remove(at);
            } else if dated || given {
                break;
            } else {
                at += 1;
            }
        }
    }

    /// Takes the dateline off a paragraph. Below the first paragraph only a sure one counts.
    fn take_dateline(&mut self, wire: &WireItem, paragraph: &mut Cow<'_, str>, first: bool) -> bool {
        let context = self.dateline_context(wire);
        let (found_marks, start) = marks_before(paragraph);
        let found = dateline::find(&paragraph[start..], &context);
        // `March 10 (Reuters) - ` names no place, and nothing else looks like it.
        let placed = |given: &Dateline| !given.places.is_empty() || (given.date.is_some() && given.credit.is_some());
        let Some(mut found) = found.filter(|found| (first && start == 0) || (found.sure && placed(&found.dateline)))
        else {
            return false;
        };
        found.text_end += start;
        found.end += start;
        let span = paragraph[..found.text_end].to_owned();
        let rest = paragraph[found.end..].to_owned();
        match &mut self.item.dateline {
            None => {
                let mut dateline = found.dateline;
                if dateline.date.is_none() {
                    dateline.date =
                        wire.date.as_deref().and_then(super::calendar::day).and_then(|day| day.nearest(context.near));
                }
                self.item.dateline = Some(dateline);
            }
            // The wire has it in a field too: the same place is taken off, another is part of the story.
            Some(given) => {
                if given.places.is_empty() {
                    given.places = std::mem::take(&mut found.dateline.places);
                    given.date = given.date.or(found.dateline.date);
                    given.credit = given.credit.take().or(found.dateline.credit.take());
                }
                let same = given.places.first().map(|p| p.name.to_lowercase())
                    == found.dateline.places.first().map(|p| p.name.to_lowercase())
                    || found.dateline.places.is_empty();
                if !same {
                    return false;
                }
                given.date = given.date.or(found.dateline.date);
                given.credit = given.credit.take().or(found.dateline.credit);
            }
        }
        self.note("dateline", "dateline at the start of the copy", span);
        self.add_all(found_marks);
        *paragraph = Cow::Owned(rest);
        true
    }

    /// Takes a paragraph above the copy that is a byline, a note, an embargo or a mark.
    fn take_lead(&mut self, wire: &WireItem, paragraph: &str, first: bool) -> bool {
        if paragraph.len() > 600 {
            return false;
        }
        if let Some(names) = lead::byline(paragraph)
            && self.item.byline.as_deref().is_none_or(|given| repeats(given, names))
        {
            self.note("by", "byline above the copy", paragraph);
            self.item.byline.get_or_insert_with(|| names.to_owned());
        } else if wire.embargoed.is_none()
            && self.item.embargoed_until.is_none()
            && let Some(time) = lead::embargo(paragraph)
        {
            self.signals.embargo = true;
            self.item.embargoed_until = self.time("embargoedUntil", Some(&WireTime(time.to_owned())), Lies::Ahead);
            self.note("edNote", "embargo above the copy", paragraph);
            self.add_ed_note(paragraph);
        } else if lead::is_note(paragraph) {
            self.signals.add_from_note(marks::of_note(paragraph));
            self.note("edNote", "note above the copy", paragraph);
            self.add_ed_note(paragraph);
        } else if first && let Some(found) = marks::of_line(paragraph) {
            self.note("kind", "mark above the copy", paragraph);
            self.add_all(found);
        } else {
            return false;
        }
        true
    }

    /// True where something stood below the copy.
    fn closing(&mut self, paragraphs: &mut Vec<Cow<'_, str>>) -> bool {
        let closing = signoff::strip(paragraphs, self.feed.config.defaults.credit.as_deref());
        let found = !closing.notes.is_empty();
        for note in &closing.ed_notes {
            self.add_ed_note(note);
        }
        self.item.notes.extend(closing.notes);
        self.item.signoff = self.item.signoff.take().or(closing.signoff);
        if let Some(notice) = closing.copyright {
            match self.item.copyright_notice {
                None => self.item.copyright_notice = Some(notice),
                Some(_) => self.add_ed_note(&notice),
            }
        }
        found
    }

    /// The feed's own rules: whole paragraphs that are not news.
    fn boilerplate(&mut self, paragraphs: &mut Vec<Cow<'_, str>>) {
        for (name, rule) in &self.feed.boilerplate {
            let (taken, kept): (Vec<_>, Vec<_>) =
                std::mem::take(paragraphs).into_iter().partition(|p| rule.is_match(p));
            *paragraphs = kept;
            for paragraph in taken {
                self.note("edNote", "boilerplate rule of the feed", format!("{name}: {paragraph}"));
                self.add_ed_note(&paragraph);
            }
        }
    }
}

/// The marks that stand before the dateline on its line: `RPT --LUDWIGSHAFEN, March 30 - `.
fn marks_before(paragraph: &str) -> (Vec<marks::Mark>, usize) {
    match marks::of_headline(paragraph) {
        (found, at) if at > 0 && !found.iter().any(|mark| matches!(mark, marks::Mark::Genre(_))) => (found, at),
        _ => (Vec::new(), 0),
    }
}

/// True where the copy names the byline's people, as its field does.
fn repeats(given: &str, names: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect::<String>();
    let names = letters(names);
    !names.is_empty() && letters(given).contains(&names)
}

/// Paragraphs with one empty line between.
fn join(paragraphs: &[Cow<'_, str>]) -> String {
    let mut body = String::with_capacity(paragraphs.iter().map(|p| p.len() + 2).sum());
    for paragraph in paragraphs.iter().map(|p| p.as_ref()).filter(|p| !p.is_empty()) {
        if !body.is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(paragraph);
    }
    body
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::item::{Origin, RawItem, RecordOrigin};
    use crate::prepare::feed::Feed;
    use crate::prepare::normalize::normalize;

    #[test]
    fn a_day_and_an_agency_are_a_dateline_below_a_note_and_points() {
        let config = serde_json::json!({ "id": "t", "format": "text", "topics": ["raw.t"] });
        let feed = Feed::compile(serde_json::from_value(config).unwrap()).unwrap();
        let record = RecordOrigin { topic: Arc::from("raw.t"), partition: 0, offset: 1 };
        let origin = Origin { record: record.clone(), item: 0 };
        let raw = RawItem { origin: record, key: None, payload: None, headers: Vec::new(), timestamp_ms: 0 };
        let received: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
        let body = "* Mine stays shut\n* Stocks are low\n\nMarch 10 (Reuters) - Copper rose by 2 percent on Tuesday, \
                    traders said.\n\nThe mine makes 40,000 tons a year.";
        let wire = WireItem { body: Body::Paragraphs(body.to_owned()), ..WireItem::default() };
        let news = normalize(wire, &feed, &raw, &origin, received).unwrap();
        let dateline = news.dateline.unwrap();
        assert_eq!((dateline.text.as_str(), dateline.credit.as_deref()), ("March 10 (Reuters)", Some("Reuters")));
        assert!(news.body.contains("\n\nCopper rose by 2 percent"), "{}", news.body);
    }
}
