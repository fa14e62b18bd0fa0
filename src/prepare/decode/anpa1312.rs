//! ANPA 1312 (later NAA 89-3): the wire service transmission format of North American agencies.
//!
//! ```text
//! SYN SYN SOH W2607 US _asian                        service level and number, selector
//!     r a DC3 DC1 BC-Storm 1stLd-Writethru 11-13 0693    priority, category, body or agate, text or tabular, keyword, version, day, words
//! STX ^BC-Storm, 1st Ld-Writethru,640<                the keyword in full
//!     ^Storm shuts ports<  ^Eds: ...<  ^By A B=       heading lines
//!     TAB RIGA, Latvia (AP) _ ...                     paragraphs; table lines begin with BS or hold `;`
//! ETX ^AP-WF-11-13-13 0745GMT<  FF EOT
//! ```
//!
//! Lines end in `<` (set left), `=` (centred) or `@`; `{` is one half, DLE a fixed space. The transmission's number repeats and is no
//! id. Day orders differ: AP writes month and day, CP and AAP day and month; the one that the item's two dates agree on counts, then
//! AP's, unless it lies ahead of the receipt.

use jiff::civil::Date;

use super::anpa_text::{self, Line, Quad};
use super::frames::{self, Message, note};
use super::sniff::{Sample, Sure};
use super::{Input, Items, iso2022};
use crate::item::wire::{Body, WireSubject, WireTime};
use crate::item::{Reject, RejectReason, WireItem};
use crate::prepare::normalize::{calendar, layout, lead, marks};

const SYN: u8 = 0x16;
/// DC1 to DC4 in the header: text or tabular, body or agate.
const DEVICE_CONTROLS: [char; 4] = ['\u{11}', '\u{12}', '\u{13}', '\u{14}'];
const TABULAR: char = '\u{12}';
/// A heading line that is longer is a summary, in characters.
const MAX_HEADLINE_CHARS: usize = 200;

/// Labels of heading lines.
const LABELS: &[&str] = &["Update", "INDEX", "SYMBOL", "HL"];

/// Categories that agencies agree on.
const CATEGORIES: &[(&str, &str)] = &[
    ("a", "domestic"),
    ("w", "Washington"),
    ("i", "international"),
    ("f", "business"),
    ("s", "sport"),
    ("q", "scores"),
    ("e", "entertainment"),
    ("p", "politics"),
    ("k", "commentary"),
    ("l", "lifestyle"),
    ("m", "farm"),
    ("n", "state"),
    ("o", "weather"),
    ("v", "advisory"),
];

/// Device controls in a header before a text say it.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    let head = &sample.head[..sample.head.len().min(256)];
    let Some(text) = memchr::memchr(frames::STX, head) else { return Sure::No };
    let controls = head[..text].iter().any(|b| matches!(b, 0x11..=0x14));
    match (head.starts_with(&[SYN, SYN, frames::SOH]), controls) {
        (true, true) => Sure::Certain,
        (true, false) => Sure::Likely,
        (false, true) if head[..text].contains(&frames::SOH) => Sure::Certain,
        _ => Sure::No,
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
        let message = "no ANPA 1312 message: there is no text (STX)";
        return Err(Reject::decode(RejectReason::Malformed, message));
    }
    let mut items: Items = messages.iter().map(|message| Ok(item(message, received))).collect();
    // Damage is counted once: nothing tells which message it fell on.
    if let Some(Ok(first)) = items.first_mut() {
        first.repaired_chars = read.repaired_chars;
    }
    Ok(items)
}

fn item(message: &Message<'_>, received: Date) -> WireItem {
    let mut item = WireItem::default();
    let header = Header::read(message.header);
    header.fill(&mut item);
    frames::note_if_cut(&mut item, message);
    when(&mut item, &header, message.trailer, received);
    let lines = anpa_text::lines(message.text, header.tabular);
    let mut heading = Heading { item: &mut item, keyword: header.keyword, after_byline: false };
    let body = heading.take(&lines);
    if item.slug.is_none() && !header.keyword.is_empty() {
        item.slug = Some(header.keyword.to_owned());
    }
    let text = anpa_text::body(body);
    item.body = if text.trim().is_empty() { Body::None } else { Body::Text(text) };
    item
}

/// The header's fields; what it does not give is empty.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header<'a> {
    /// `W2607`.
    transmission: &'a str,
    /// `_asian`.
    selector: &'a str,
    priority: &'a str,
    category: &'a str,
    tabular: bool,
    /// `BC-US--Ethanol-LosingGra`: at most 24 characters, spaces left out.
    keyword: &'a str,
    /// `1stLd-Writethru`, with what else stands before the day.
    version: &'a str,
    /// `11-13`.
    day: &'a str,
    words: &'a str,
}

impl<'a> Header<'a> {
    fn read(header: &'a str) -> Header<'a> {
        let mut found = Header::default();
        let separators = |c: char| c.is_whitespace() || (c.is_control() && !DEVICE_CONTROLS.contains(&c));
        let end = header.rfind(DEVICE_CONTROLS).map_or(header.len(), |at| at + 1);
        let (codes, rest) = header.split_at(end);
        found.tabular = codes.contains(TABULAR);
        let mut words: Vec<&str> =
            codes.split(|c| separators(c) || DEVICE_CONTROLS.contains(&c)).filter(|w| !w.is_empty()).collect();
        let rest = if rest.is_empty() { words.split_off(words.len().min(4)) } else { Vec::new() };
        let letter = |word: &&str| word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase());
        if words.len() >= 2 && words[words.len() - 2..].iter().all(letter) {
            found.category = words.pop().unwrap_or_default();
            found.priority = words.pop().unwrap_or_default();
        }
        if let Some(at) = words.iter().rposition(|word| is_transmission(word)) {
            found.transmission = words[at];
            found.selector = words.get(at + 1).copied().unwrap_or_default();
        }
        let tail = &header[end..];
        found.keyword_and_after(if tail.trim().is_empty() { rest } else { tail.split_whitespace().collect() }, header);
        found
    }

    /// Keyword, version, day and number of words, of which all but the first may be missing.
    fn keyword_and_after(&mut self, mut words: Vec<&'a str>, header: &'a str) {
        let digits = |word: &&&str| (1..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        let day = |word: &&&str| two_numbers(word).is_some();
        if words.len() > 1 && words.last().filter(digits).is_some() {
            self.words = words.pop().unwrap_or_default();
        }
        if words.len() > 1 && words.last().filter(day).is_some() {
            self.day = words.pop().unwrap_or_default();
        }
        if words.is_empty() {
            return;
        }
        self.keyword = words.remove(0);
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            // Both are parts of the header.
            let start = first.as_ptr() as usize - header.as_ptr() as usize;
            let end = last.as_ptr() as usize - header.as_ptr() as usize + last.len();
            self.version = header.get(start..end).unwrap_or(first);
        }
    }

    fn fill(&self, item: &mut WireItem) {
        if !self.transmission.is_empty() {
            let service = [self.transmission, self.selector].join(" ");
            note(item, "altIds", "service level, number and selector of the header", &service);
            item.alt_ids.push(("transmission".to_owned(), self.transmission.to_owned()));
        }
        if !self.priority.is_empty() {
            note(item, "urgency", "priority of the header", self.priority);
            item.urgency = Some(self.priority.to_owned());
        }
        if !self.category.is_empty() {
            let name = CATEGORIES.iter().find(|(code, _)| *code == self.category).map(|(_, name)| (*name).to_owned());
            note(item, "subjects", "category of the header", self.category);
            item.subjects.push(WireSubject { scheme: "anpa".to_owned(), code: self.category.to_owned(), name });
        }
        if self.category == "v" {
            item.marks.push("ADVISORY".to_owned());
        }
        if !self.keyword.is_empty() {
            note(item, "slugline", "keyword of the header", self.keyword);
        }
        for (rule, words) in [("version of the header", self.version), ("day of the header", self.day)] {
            if !words.is_empty() {
                note(item, if rule.starts_with('v') { "version" } else { "date" }, rule, words);
            }
        }
        if !self.words.is_empty() {
            note(item, "wordCount", "number of words, from the header", self.words);
        }
        if marks::of_line(self.version).is_some() {
            item.marks.push(self.version.to_owned());
        }
    }
}

/// A letter and four digits, or nearly.
fn is_transmission(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    (1..=2).contains(&letters)
        && (3..=6).contains(&(word.len() - letters))
        && word[letters..].bytes().all(|b| b.is_ascii_digit())
}

/// `11-13`.
fn two_numbers(word: &str) -> Option<(i8, i8)> {
    let (a, b) = word.split_once('-')?;
    let number = |text: &str| text.parse::<i8>().ok().filter(|n| (1..=31).contains(n) && text.len() <= 2);
    Some((number(a)?, number(b)?))
}

/// The day of the header, and day and time of the line after the text: `AP-WF-11-13-13 0745GMT<`, `16:35ET 31-10-14<`.
fn when(item: &mut WireItem, header: &Header<'_>, trailer: &str, received: Date) {
    let trailer = trailer.trim_matches(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '^' | '<'));
    if let Some(sent) = Sent::read(trailer) {
        note(item, "versionCreated", "day and time after the text", trailer);
        if let Some(date) = sent.date(two_numbers(header.day), received) {
            item.version_created = Some(WireTime(format!("{date} {} {}", sent.clock, sent.zone).trim_end().to_owned()));
            return;
        }
    } else if !trailer.is_empty() {
        note(item, "edNote", "line after the text", trailer);
        item.ed_notes.push(trailer.to_owned());
    }
    item.date = two_numbers(header.day).and_then(|day| nearest(day, received)).map(|date| date.to_string());
}

/// A day without a year, in the order that fits its receipt.
fn nearest((a, b): (i8, i8), received: Date) -> Option<Date> {
    let day = |month, day| calendar::WrittenDay { year: None, month, day }.nearest(received);
    match (day(a, b), day(b, a)) {
        (Some(american), Some(british)) => Some(likelier(american, british, received)),
        (american, british) => american.or(british),
    }
}

/// Month before day, unless that lies ahead of the receipt, or the other order is just of its day: an archive that is read again
/// says nothing about orders.
fn likelier(american: Date, british: Date, received: Date) -> Date {
    const NEAR_DAYS: i32 = 2;
    let days = |date: Date| (date - received).get_days();
    let ahead = |date: Date| days(date) > NEAR_DAYS;
    let near = |date: Date| days(date).abs() <= NEAR_DAYS;
    if (ahead(american) && !ahead(british)) || (near(british) && !near(american)) { british } else { american }
}

/// The line after the text.
#[derive(Debug, PartialEq, Eq)]
struct Sent<'a> {
    /// Three numbers, the last one the year.
    date: (i8, i8, i16),
    clock: String,
    zone: &'a str,
}

impl<'a> Sent<'a> {
    fn read(line: &'a str) -> Option<Sent<'a>> {
        let mut date = None;
        let mut clock = None;
        let mut zone = "";
        for word in line.split(|c: char| c.is_whitespace() || c == '<').filter(|word| !word.is_empty()) {
            let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
            let parts: Vec<&str> = word[digits..].split('-').collect();
            let number = |at: usize| parts.get(at).and_then(|part: &&str| part.parse::<i8>().ok());
            if let (None, 3, Some(a), Some(b), Some(year)) = (date, parts.len(), number(0), number(1), number(2)) {
                date = Some((a, b, if year < 70 { 2000 } else { 1900 } + i16::from(year)));
            } else if let (Some(_), 3, Some(hour), Some(minute)) = (date, parts.len(), number(0), number(1)) {
                clock = Some(format!("{hour:02}:{minute:02}"));
            } else if clock.is_none()
                && let Some((written, after)) = clock_and_zone(word)
            {
                clock = Some(written);
                zone = after;
            } else if clock.is_some() && zone.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase()) {
                zone = word;
            }
        }
        Some(Sent { date: date?, clock: clock?, zone })
    }

    /// The order in which its day is the header's; else the [`likelier`].
    fn date(&self, header: Option<(i8, i8)>, received: Date) -> Option<Date> {
        let (a, b, year) = self.date;
        let american = Date::new(year, a, b).ok();
        let british = Date::new(year, b, a).ok();
        let (Some(american), Some(british)) = (american, british) else { return american.or(british) };
        // The header's day may be the one before or after: zones.
        let near_header =
            |month: i8, day: i8| header.is_some_and(|(first, second)| first == month && (second - day).abs() <= 1);
        let swapped = header.is_some_and(|(first, second)| second == b && (first - a).abs() <= 1);
        if near_header(a, b) && !swapped {
            return Some(american);
        }
        if swapped && !near_header(a, b) {
            return Some(british);
        }
        Some(likelier(american, british, received))
    }
}

/// `0745GMT`, `16:35ET`: hour and minute, and the zone glued to them.
fn clock_and_zone(word: &str) -> Option<(String, &str)> {
    let digits = word.bytes().take_while(|b| b.is_ascii_digit() || *b == b':').count();
    let (clock, zone) = word.split_at(digits);
    let (hour, minute) = match clock.split_once(':') {
        Some(parts) => parts,
        None if clock.len() == 4 => clock.split_at(2),
        None => return None,
    };
    let valid = hour.len() <= 2 && minute.len() == 2 && zone.bytes().all(|b| b.is_ascii_alphabetic());
    valid.then(|| (format!("{hour:0>2}:{minute}"), zone))
}

/// Reads the heading lines into the item.
struct Heading<'a, 'b> {
    item: &'a mut WireItem,
    keyword: &'b str,
    after_byline: bool,
}

impl Heading<'_, '_> {
    /// Takes the heading lines; returns those of the body.
    fn take<'l, 't>(&mut self, lines: &'l [Line<'t>]) -> &'l [Line<'t>] {
        // A message of nothing but heading lines is a list of them: the first is its headline.
        let listed = lines.iter().all(|line| line.heading || line.text.is_empty());
        let mut at = 0;
        while at < lines.len() && (lines[at].heading || lines[at].text.is_empty()) {
            let line = &lines[at];
            if !line.text.is_empty() && !self.line(line, listed, &lines[at + 1..]) {
                break;
            }
            at += 1;
        }
        &lines[at..]
    }

    /// True where the line was taken.
    fn line(&mut self, line: &Line<'_>, listed: bool, rest: &[Line<'_>]) -> bool {
        let text = &*line.text;
        let after_byline = std::mem::take(&mut self.after_byline);
        if text.starts_with('*') && text[1..].bytes().all(|b| b.is_ascii_digit()) {
            note(self.item, "altIds", "code before the keyword", text);
        } else if self.item.slug.is_none() && self.item.headline.is_none() && self.is_slug(text) {
            self.slug(text);
        } else if let Some(day) = advance(text) {
            note(self.item, "embargoedUntil", "advance in the heading", text);
            self.item.embargoed.get_or_insert_with(|| WireTime(day.to_owned()));
        } else if let Some((label, value)) = text.split_once(':').filter(|(label, _)| LABELS.contains(label)) {
            self.labelled(text, label, value.trim());
        } else if let Some(time) = lead::embargo(text) {
            note(self.item, "embargoedUntil", "embargo in the heading", text);
            if time.is_empty() {
                self.item.marks.push("EMBARGOED".to_owned());
            } else {
                // It says more than an advance's number.
                self.item.embargoed = Some(WireTime(time.to_owned()));
            }
        } else if marks::of_line(text).is_some() {
            note(self.item, "kind", "mark in the heading", text);
            self.item.marks.push(text.to_owned());
        } else if let Some(names) = lead::byline(text) {
            note(self.item, "by", "byline in the heading", text);
            self.item.byline.get_or_insert_with(|| names.to_owned());
            self.after_byline = true;
        } else if let Some(title) = lead::byline_title(text).filter(|_| after_byline) {
            note(self.item, "by", "title below the byline", text);
            if let Some(byline) = &mut self.item.byline {
                byline.push_str(", ");
                byline.push_str(title);
            }
        } else if lead::is_note(text) || text.starts_with("AP Photo") {
            note(self.item, "edNote", "note in the heading", text);
            self.item.ed_notes.push(text.to_owned());
        } else {
            return self.headline(line, listed, rest);
        }
        true
    }

    /// CP's labelled lines.
    fn labelled(&mut self, text: &str, label: &str, value: &str) {
        if label == "HL" {
            note(self.item, "headline", "labelled line of the heading", text);
            self.item.headline.get_or_insert_with(|| value.to_owned());
            return;
        }
        note(self.item, "edNote", "labelled line of the heading", text);
        self.item.ed_notes.push(text.to_owned());
        if label == "Update" {
            self.item.marks.push("UPDATE".to_owned());
        }
    }

    fn is_slug(&self, text: &str) -> bool {
        let fold =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let keyword = fold(self.keyword);
        (!keyword.is_empty() && fold(text).starts_with(&keyword))
            || ["BC-", "AM-", "PM-", "AP-"].iter().any(|prefix| text.starts_with(prefix))
    }

    /// `BC-US--Ethanol-Losing Grassland, 1st Ld-Writethru,1140`.
    fn slug(&mut self, text: &str) {
        note(self.item, "slugline", "keyword above the copy", text);
        let mut parts = text.split(',').map(str::trim);
        self.item.slug = parts.next().map(str::to_owned);
        for part in parts.filter(|part| !part.is_empty()) {
            if part.bytes().all(|b| b.is_ascii_digit()) {
                note(self.item, "wordCount", "number of words, from the keyword's line", part);
            } else if let Some(day) = advance(part) {
                note(self.item, "embargoedUntil", "advance of the keyword", part);
                self.item.embargoed.get_or_insert_with(|| WireTime(day.to_owned()));
            } else if marks::of_line(part).is_some() {
                // The header's version says the same in less room.
                self.item.marks.retain(|mark| marks::of_line(mark) != marks::of_line(part));
                self.item.marks.push(part.to_owned());
            }
        }
    }

    /// Headline, a second one, a summary; other lines belong to the body.
    fn headline(&mut self, line: &Line<'_>, listed: bool, rest: &[Line<'_>]) -> bool {
        let text = line.text.trim();
        let item = &mut *self.item;
        // Nothing but this line: the news itself.
        let alone = rest.iter().all(|line| line.text.is_empty());
        if item.headline.is_none()
            && !layout::ends_sentence(text)
            && text.chars().count() <= MAX_HEADLINE_CHARS
            && !alone
        {
            note(item, "headline", "first line of the heading", text);
            item.headline = Some(text.to_owned());
        } else if item.headline.is_some() && !listed && item.byline.is_none() && line.quad == Quad::Left {
            if layout::ends_sentence(text) || text.chars().count() > MAX_HEADLINE_CHARS || item.subheadline.is_some() {
                note(item, "descriptions", "summary in the heading", text);
                let summary = item.summary.get_or_insert_default();
                if !summary.is_empty() {
                    summary.push_str("\n\n");
                }
                summary.push_str(text);
            } else {
                note(item, "subheadline", "second line of the heading", text);
                item.subheadline = Some(text.to_owned());
            }
        } else {
            return false;
        }
        true
    }
}

/// `Adv05`, `ADV10-11`: the day of the month from which an advance may be used.
fn advance(part: &str) -> Option<&str> {
    let rest = part.get(..3).filter(|head| head.eq_ignore_ascii_case("adv")).map(|_| part[3..].trim_start())?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits).then(|| &rest[..digits])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_several_agencies() {
        let header =
            Header::read("W2607\u{1f}_asian\nr a\u{13}\u{11} BC-Baltic--Storm-ShutsPo 1stLd-Writethru   11-13 0693\n");
        let expected = Header {
            transmission: "W2607",
            selector: "_asian",
            priority: "r",
            category: "a",
            tabular: false,
            keyword: "BC-Baltic--Storm-ShutsPo",
            version: "1stLd-Writethru",
            day: "11-13",
            words: "0693",
        };
        assert_eq!(header, expected);
        let bare = Header::read("d1234\r\nu s\u{14}\u{12} BC-Scores   02-26 0105\r\n");
        assert_eq!((bare.transmission, bare.priority, bare.category, bare.tabular), ("d1234", "u", "s", true));
        assert_eq!((bare.keyword, bare.version, bare.words), ("BC-Scores", "", "0105"));
        assert_eq!(Header::read(""), Header::default());
        let one_line = Header::read("\u{11}a b c d BC-Storm 1stLd UPDATE 0105");
        assert_eq!((one_line.keyword, one_line.version), ("a", "b c d BC-Storm 1stLd UPDATE"));
        let no_controls = Header::read("W2607 x r a BC-Storm 1stLd 11-13 0105");
        assert_eq!((no_controls.keyword, no_controls.version, no_controls.day), ("BC-Storm", "1stLd", "11-13"));
    }

    #[test]
    fn orders_of_days() {
        let received = Date::constant(2026, 3, 10);
        for (line, header, date) in [
            ("AP-WF-11-13-13 0745GMT", "11-13", "2013-11-13 07:45 GMT"),
            ("AP-WF-02-10-16 0423GMT", "02-09", "2016-02-10 04:23 GMT"),
            ("16:35ET 31-10-14", "31-10", "2014-10-31 16:35 ET"),
            ("16:35ET 03-10-14", "03-10", "2014-03-10 16:35 ET"),
            ("05-03-26 10-12-44", "", "2026-03-05 10:12"),
            ("AP-WF-05-09-17 0056GMT", "05-09", "2017-05-09 00:56 GMT"),
        ] {
            let sent = Sent::read(line).unwrap();
            let date_found = sent.date(two_numbers(header), received).unwrap();
            assert_eq!(format!("{date_found} {} {}", sent.clock, sent.zone).trim(), date, "{line}");
        }
        assert!(Sent::read("some words").is_none());
    }

    #[test]
    fn advances() {
        assert_eq!(advance("Adv05"), Some("05"));
        assert_eq!(advance("ADV 10-11"), Some("10"));
        assert_eq!(advance("Advice"), None);
    }

    #[test]
    fn sniffs() {
        let sure = |value| sniff(&Sample { head: value, value });
        assert_eq!(sure(b"\x16\x16\x01W2607\x1f_asian\nr a\x13\x11 BC-X\n\x02text"), Sure::Certain);
        assert_eq!(sure(b"\x01eca062 4 i 211\r\n\x02text"), Sure::No);
        assert_eq!(sure(b"text"), Sure::No);
    }
}
