//! IPTC 7901 (revision 5, 1995): the text transmission format of European agencies.
//!
//! ```text
//! SOH eca062 4 i 211 ccccb   dpa 061      source and number, priority, category, words, options
//!     Germany-politics/                   keywords
//! STX 1ST LEAD                            marks,
//!     Coalition talks could fail          the headline,
//!     By A B =                            a byline, up to the equals sign
//!
//!     Berlin (dpa) - ...                  the text, wrapped at 69 columns, tables between `<#>`
//! ETX 131137 GMT Nov 13  DEL DEL EOT      day, hour and minute, month, year
//! ```
//!
//! An item's id is the number that its agency names it by (`dpa 061`, else source and number), with its day, because numbers
//! start anew (`frames::id_of_day`). dpa's own converter of its newer format is the source for the German, Spanish, Russian and
//! Arabic marks of the heading: github.com/dpa-newslab.

use jiff::civil::Date;

use super::frames::{self, Message, note};
use super::sniff::{Sample, Sure};
use super::{Input, Items, iso2022};
use crate::item::wire::{Body, WireSubject, WireTime};
use crate::item::{Reject, RejectReason, WireItem};
use crate::prepare::normalize::{calendar, lead, marks};

/// Lines between the start of the text and the equals sign that ends the heading, at most.
const MAX_HEADING_LINES: usize = 12;
/// What teleprinter lines are tested with. Agencies fill items with it that are no news.
const LINE_TEST: &str = "ryryryry";

/// A header line of the format after a start of header says it.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    let Some(start) = memchr::memchr(frames::SOH, &sample.head[..sample.head.len().min(64)]) else { return Sure::No };
    let line = sample.head[start + 1..].split(|b| matches!(*b, b'\r' | b'\n' | frames::STX)).next().unwrap_or_default();
    match std::str::from_utf8(line).ok().and_then(HeaderLine::read) {
        Some(_) => Sure::Certain,
        None => Sure::No,
    }
}

/// Reads the messages of one record.
///
/// # Errors
/// A record without a message: nothing stands between a start of header and a start of text.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let read = iso2022::read(input.payload, input.feed.encoding)?;
    let received = frames::received_day(input);
    let messages = frames::messages(&read.text);
    if messages.is_empty() {
        let message = "no IPTC 7901 message: there is no header (SOH) with a text (STX) after it";
        return Err(Reject::decode(RejectReason::Malformed, message));
    }
    let mut items: Items = messages.iter().map(|message| item(message, received)).collect();
    // Damage is counted once: nothing tells which message it fell on.
    if let Some(Ok(first)) = items.iter_mut().find(|item| item.is_ok()) {
        first.repaired_chars = read.repaired_chars;
    }
    Ok(items)
}

fn item(message: &Message<'_>, received: Date) -> Result<WireItem, Reject> {
    if message.text.contains(LINE_TEST) {
        return Err(Reject::decode(RejectReason::NoText, "a test of the line, or a notice that is filled with one"));
    }
    let mut item = WireItem::default();
    let mut lines = message.header.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let header = HeaderLine::read(first)
        .ok_or_else(|| Reject::decode(RejectReason::Malformed, format!("no IPTC 7901 header: {first:.80}")))?;
    let sent = Sent::read(message.trailer);
    let day = sent.as_ref().and_then(|sent| sent.day(received)).unwrap_or(received);
    header.fill(&mut item, sent.is_some().then_some(day));
    keywords(&mut item, lines);
    if let Some(sent) = sent {
        note(
            &mut item,
            "versionCreated",
            "day, time and month after the text",
            message.trailer.lines().next().unwrap_or(""),
        );
        item.version_created = Some(WireTime(sent.written(day)));
    }
    frames::note_if_cut(&mut item, message);
    let (heading, text) = heading(message.text);
    Heading::default().fill(&mut item, &heading);
    let binding = item
        .marks
        .iter()
        .filter_map(|mark| marks::of_line(mark))
        .flatten()
        .any(|mark| matches!(mark, marks::Mark::Kill | marks::Mark::Hold | marks::Mark::Correction));
    if binding {
        let all = format!("{}\n{text}", heading.join("\n"));
        frames::link_to_named(&mut item, &all, day);
    }
    let text = with_tables(text);
    item.body = if text.trim().is_empty() { Body::None } else { Body::Text(text) };
    Ok(item)
}

/// `eca062 4 i 211 ccccb   dpa 061`, `bkn014 4 pl 171 vvvvb KNA 170123-89-00065#2`.
struct HeaderLine<'a> {
    written: &'a str,
    source: &'a str,
    priority: &'a str,
    category: &'a str,
    words: Option<&'a str>,
    options: &'a str,
}

impl<'a> HeaderLine<'a> {
    fn read(line: &'a str) -> Option<HeaderLine<'a>> {
        let written = line.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        let (source, rest) = written.split_once(' ')?;
        let letters = source.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if !(1..=12).contains(&letters) || source.len() == letters || source.len() > 20 {
            return None;
        }
        let (priority, rest) = rest.trim_start().split_once(' ')?;
        let (category, rest) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        let digit = priority.len() == 1 && priority.bytes().all(|b| b.is_ascii_digit());
        let letters = (1..=4).contains(&category.len()) && category.bytes().all(|b| b.is_ascii_alphabetic());
        let rest = rest.trim_start();
        let (words, options) = rest.split_once(' ').unwrap_or((rest, ""));
        let counted = !words.is_empty() && words.bytes().all(|b| b.is_ascii_digit());
        let (words, options) = if counted { (Some(words), options) } else { (None, rest) };
        (digit && letters).then_some(HeaderLine { written, source, priority, category, words, options: options.trim() })
    }

    /// The number that editors name the item by: `dpa 061`, `KNA 170123-89-00065`, at the end of the options.
    fn number(&self) -> Option<String> {
        let mut words = self.options.split_whitespace().rev();
        let (number, agency) = (words.next()?, words.next()?);
        let number = number.split('#').next().filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))?;
        agency.chars().all(|c| c.is_alphabetic() || c == '-').then(|| format!("{agency} {number}"))
    }

    fn fill(&self, item: &mut WireItem, day: Option<Date>) {
        note(item, "uri", "header of the message", self.written);
        item.urgency = Some(self.priority.to_owned());
        item.subjects.push(WireSubject { scheme: "iptc7901".to_owned(), code: self.category.to_owned(), name: None });
        if let Some(words) = self.words {
            note(item, "wordCount", "number of words, from the header", words);
        }
        let number = self.number();
        item.alt_ids.extend(number.iter().map(|number| ("item-number".to_owned(), number.clone())));
        item.alt_ids.push(("transmission".to_owned(), self.source.to_owned()));
        // Without its day a number would name another item tomorrow.
        item.id = day.map(|day| frames::id_of_day(number.as_deref().unwrap_or(self.source), day));
    }
}

/// `Switzerland/migration/UN/`, on one line or more.
fn keywords<'a>(item: &mut WireItem, lines: impl Iterator<Item = &'a str>) {
    let joined = lines.collect::<Vec<_>>().join(" ");
    let slug = joined.trim_end_matches(['/', ' ']);
    if slug.is_empty() {
        return;
    }
    note(item, "slugline", "keywords of the header", &joined);
    item.slug = Some(slug.to_owned());
    item.keywords = slug.split('/').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
}

/// `131137 GMT Nov 13`: day, hour and minute, zone, month, year.
struct Sent<'a> {
    day: i8,
    clock: &'a str,
    zone: &'a str,
    month: i8,
    year: Option<i16>,
}

impl<'a> Sent<'a> {
    fn read(trailer: &'a str) -> Option<Sent<'a>> {
        let mut words = trailer.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let clock = words.next().filter(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()))?;
        let mut sent = Sent { day: clock[..2].parse().ok()?, clock: &clock[2..], zone: "", month: 0, year: None };
        for word in words.take(3) {
            if let Some(month) = calendar::month(word) {
                sent.month = month;
            } else if let Ok(year) = word.parse::<i16>() {
                sent.year = Some(if year < 70 {
                    2000 + year
                } else if year < 100 {
                    1900 + year
                } else {
                    year
                });
            } else if sent.month == 0 {
                sent.zone = word;
            }
        }
        (sent.month > 0).then_some(sent)
    }

    fn day(&self, received: Date) -> Option<Date> {
        calendar::WrittenDay { year: self.year, month: self.month, day: self.day }.nearest(received)
    }

    fn written(&self, day: Date) -> String {
        format!("{day} {}:{} {}", &self.clock[..2], &self.clock[2..], self.zone).trim_end().to_owned()
    }
}

/// The lines of the heading, and the text after the equals sign. Without one there is no heading: the text begins at once.
fn heading(text: &str) -> (Vec<&str>, &str) {
    let mut lines = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n').take(MAX_HEADING_LINES) {
        at += raw.len();
        let line = raw.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if let Some(last) = line.strip_suffix('=') {
            lines.push(last.trim_end());
            lines.retain(|line: &&str| !line.is_empty());
            return (lines, &text[at..]);
        }
        lines.push(line);
    }
    (Vec::new(), text)
}

/// What the heading's lines have given so far.
#[derive(Default)]
struct Heading {
    after_byline: bool,
}

impl Heading {
    fn fill(mut self, item: &mut WireItem, lines: &[&str]) {
        for line in lines {
            let line = line.replace('\u{7}', "");
            self.line(item, line.trim());
        }
    }

    fn line(&mut self, item: &mut WireItem, line: &str) {
        if line.is_empty() {
            return;
        }
        if let Some(time) = embargo_within(line) {
            note(item, "embargoedUntil", "embargo in the heading", line);
            if time.is_empty() {
                item.marks.push("EMBARGOED".to_owned());
            } else {
                item.embargoed = Some(WireTime(time.to_owned()));
            }
            if lead::embargo(line).is_none() {
                item.ed_notes.push(line.to_owned());
            }
        } else if marks::of_line(line).is_some() {
            note(item, "kind", "mark in the heading", line);
            item.marks.push(line.to_owned());
        } else if let Some(names) = lead::byline(line) {
            note(item, "by", "byline in the heading", line);
            item.byline = Some(names.to_owned());
            self.after_byline = true;
            return;
        } else if let Some(title) = lead::byline_title(line).filter(|_| self.after_byline) {
            note(item, "by", "title below the byline", line);
            if let Some(byline) = &mut item.byline {
                byline.push_str(", ");
                byline.push_str(title);
            }
        } else if lead::is_whole_bracket(line) || lead::is_note(line) {
            note(item, "edNote", "note in the heading", line);
            if let Some(mark) = line
                .trim_start_matches(['(', '['])
                .split([':', ')', ']'])
                .next()
                .filter(|w| marks::of_line(w).is_some())
            {
                item.marks.push(mark.to_owned());
            }
            item.ed_notes.push(line.to_owned());
        } else {
            note(item, "headline", "headline of the heading", line);
            match &mut item.headline {
                Some(headline) => {
                    headline.push(' ');
                    headline.push_str(line);
                }
                None => item.headline = Some(line.to_owned()),
            }
        }
        self.after_byline = false;
    }
}

/// The time of an embargo that a line of the heading gives, alone or after a kind of text: `(Überblick Sperrfrist 9. Oktober
/// 14.20 Uhr)`.
fn embargo_within(line: &str) -> Option<&str> {
    if let Some(time) = lead::embargo(line) {
        return Some(time);
    }
    let at = ["Sperrfrist", "SPERRFRIST", "Embargo", "EMBARGO"].iter().find_map(|word| line.find(word))?;
    lead::embargo(&line[at..]).filter(|time| !time.is_empty())
}

/// The lines of a table stand between two lines `<#>`: their columns, two spaces apart or more, are set as [`frames::table`]
/// does, so that no line of theirs is taken for prose.
fn with_tables(text: &str) -> String {
    if !text.contains("<#>") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 64);
    for (at, part) in text.split("<#>").enumerate() {
        if at % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let rows: Vec<Vec<String>> = part
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                line.trim_end().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
            })
            .collect();
        out.push_str("\n\n");
        out.push_str(&frames::table(&rows));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_several_agencies() {
        for (line, number, words, category) in [
            ("eca062 4 i 211 ccccb   dpa 061", Some("dpa 061"), Some("211"), "i"),
            ("eca0001 4 rs 46  dpa 0027", Some("dpa 0027"), Some("46"), "rs"),
            ("bkn014 4 pl 171 vvvvb KNA 170123-89-00065#2", Some("KNA 170123-89-00065"), Some("171"), "pl"),
            ("apa0123 5 II 0220", None, Some("0220"), "II"),
            ("bdt12 3 vm", None, None, "vm"),
        ] {
            let header = HeaderLine::read(line).unwrap();
            assert_eq!(
                (header.number().as_deref(), header.words, header.category),
                (number, words, category),
                "{line}"
            );
        }
        for line in ["", "eca 4 i 211", "The ministry said on Monday", "eca062 u i 211"] {
            assert!(HeaderLine::read(line).is_none(), "{line}");
        }
    }

    #[test]
    fn times_after_the_text() {
        let received = Date::constant(2018, 11, 22);
        for (trailer, written) in [
            ("131137 GMT Nov 13 \r\n\u{7f}", "2013-11-13 11:37 GMT"),
            ("211259 Nov 18", "2018-11-21 12:59"),
            ("091420 Okt 18", "2018-10-09 14:20"),
            ("091420 MEZ Okt", "2018-10-09 14:20 MEZ"),
        ] {
            let sent = Sent::read(trailer).unwrap();
            assert_eq!(sent.written(sent.day(received).unwrap()), written, "{trailer}");
        }
        assert!(Sent::read("\u{7f}\u{4}").is_none());
    }

    #[test]
    fn sniffs() {
        let sure = |value| sniff(&Sample { head: value, value });
        assert_eq!(sure(b"\x01eca062 4 i 211 ccccb   dpa 061\r\n\nx/\r\n\x02"), Sure::Certain);
        assert_eq!(sure(b"\x16\x16\x01W2607\x1f_asian\nr a\x13\x11 BC-X"), Sure::No);
        assert_eq!(sure(b"eca062 4 i 211"), Sure::No);
    }
}
