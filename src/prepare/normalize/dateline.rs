//! Datelines: where, when and for whom the copy was written, as agencies open it.
//!
//! ```text
//! PLACE[, QUALIFIER][/PLACE...][, DAY] (CREDIT) -      Reuters, AP, AFP, dpa, EFE, ANI, IANS, Xinhua, press releases
//! PLACE, DAY. /CREDIT/.    PLACE, CREDIT/              TASS, PR wires, dpa
//! PLACE, DAY -    PLACE, DAY CREDIT -                  older Reuters, AAP
//! PLACE -    DAY (CREDIT) -    (CREDIT) --    (CREDIT) - PLACE, DAY -
//! ```
//!
//! The dash may be a hyphen, two, an en or em dash, an underscore, a colon, or missing. What makes a match sure is a known
//! credit or a day; a bare place counts only in capitals, with a dash, before a sentence. Whatever does not fit wholly is left
//! in the text: a dateline overlooked is a blemish, a sentence swallowed is a loss.

use jiff::civil::Date;

use super::agencies;
use super::calendar::{self, WrittenDay};
use super::layout::ends_sentence;
use super::places;
use crate::item::Dateline;
use crate::item::news::DatelinePlace;

/// No dateline is longer, in bytes.
const MAX_BYTES: usize = 200;
/// A bare place opens a paragraph of at least so many bytes, or a whole sentence.
const MIN_TEXT_BYTES: usize = 60;

/// What reading a dateline needs besides the text.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The feed's own credit, which counts as a known agency.
    pub feed_credit: Option<&'a str>,
    /// Day that a day without a year lies nearest to.
    pub near: Date,
}

/// A dateline at the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub dateline: Dateline,
    /// Byte at which the dateline's own text ends.
    pub text_end: usize,
    /// Byte at which the copy begins, the dash and spaces after the dateline passed over.
    pub end: usize,
    /// It has a known credit or a day, not only the look of a dateline.
    pub sure: bool,
}

/// Reads the dateline that opens `text`, if one does. White space of any kind separates words.
pub fn find(text: &str, context: &Context<'_>) -> Option<Found> {
    let first = text.chars().next()?;
    if matches!(first, '*' | '+' | '=' | '#' | '^' | '<') {
        return after_ornament(text, context);
    }
    if first == '(' {
        return leading_credit(text, context);
    }
    if !(first.is_alphanumeric() && !first.is_lowercase() || places::opens_place(text)) {
        return None;
    }
    let window = &text[..text.floor_char_boundary(MAX_BYTES)];
    for (at, c) in window.char_indices() {
        match c {
            '(' => {
                if let Some(found) = bracketed_credit(text, at, context) {
                    return Some(found);
                }
            }
            '/' => {
                if let Some(found) = slashed_credit(text, at, context) {
                    return Some(found);
                }
            }
            '-' | '–' | '—' | '_' | '―' if opens_dash(text, at) => return dash(text, at, context),
            ':' => return colon(text, at, context),
            ';' | '"' | '“' | '?' | '!' | '«' | '=' | '<' => return None,
            _ => {}
        }
    }
    None
}

/// `****LONDON, March 5 - `: asterisks and the like before a dateline go with it.
fn after_ornament(text: &str, context: &Context<'_>) -> Option<Found> {
    let rest = text.trim_start_matches(['*', '+', '=', '#', '^', '<', ' ']);
    let skipped = text.len() - rest.len();
    let mut found = find(rest, context).filter(|found| found.sure && skipped <= 8)?;
    found.text_end += skipped;
    found.end += skipped;
    Some(found)
}

/// `PLACES[, DAY] (CREDIT) - `.
fn bracketed_credit(text: &str, open: usize, context: &Context<'_>) -> Option<Found> {
    let close = open + text[open..text.floor_char_boundary(open + 80)].find(')')?;
    let credit = text[open + 1..close].trim();
    let after = &text[close + 1..];
    if after.starts_with([',', '،']) || after.trim_start().starts_with('[') {
        return None;
    }
    let known = is_known_credit(credit, context);
    if !known && !agencies::looks_like_name(credit) {
        return None;
    }
    let head = Head::read(&text[..open])?;
    let (separator, separated) = skip_separator(after);
    let opens_sentence = after[separator..].chars().next().is_none_or(|c| !c.is_lowercase());
    let fits = if known {
        // `CANADIAN BODY (CP) CONFIRMS` is a headline: capitals and initials alone do not make a dateline.
        // `Berlin (KNA) Die Kommission`: an agency whose name is no word, after a place of a word or two.
        let sign = credit.len() >= 3 && head.is_brief() && !head.places.is_empty();
        separated
            || (opens_sentence && (head.day.is_some() || ((head.capitals || sign) && runs_on(&after[separator..]))))
    } else {
        (head.day.is_some() && !head.places.is_empty()) || (separated && head.capitals)
    };
    if !fits || (head.places.is_empty() && !known) {
        return None;
    }
    let sure = known || head.day.is_some();
    Some(head.found(&text[..=close], Some(credit), close + 1 + separator, sure, context))
}

/// `PLACES, DAY. /CREDIT/. ` and `PLACES, CREDIT/ `.
fn slashed_credit(text: &str, open: usize, context: &Context<'_>) -> Option<Found> {
    let after_open = &text[open + 1..];
    if text[..open].ends_with([' ', '.', '\n'])
        && let Some(len) = after_open[..after_open.floor_char_boundary(60)].find('/')
    {
        let credit = after_open[..len].trim();
        if !is_known_credit(credit, context) {
            return None;
        }
        let head = Head::read(&text[..open])?;
        let close = open + 1 + len;
        let (separator, separated) = skip_separator(&text[close + 1..]);
        let fits = separated || head.day.is_some() || head.capitals;
        return fits.then(|| head.found(&text[..=close], Some(credit), close + 1 + separator, true, context));
    }
    let (place, credit) = text[..open].rsplit_once([',', '،'])?;
    let credit = credit.trim();
    if !after_open.starts_with([' ', '\n', '-', '–', '—']) || !is_known_credit(credit, context) {
        return None;
    }
    let head = Head::read(place)?;
    let (separator, _) = skip_separator(after_open);
    Some(head.found(&text[..=open], Some(credit), open + 1 + separator, true, context))
}

/// `New Delhi, March 10: `.
fn colon(text: &str, at: usize, context: &Context<'_>) -> Option<Found> {
    let rest = &text[at + 1..];
    let head = Head::read(&text[..at]).filter(|_| rest.starts_with([' ', '\n']))?;
    let fits = head.day.is_some() && head.set_apart && head.is_short() && runs_on(rest);
    let (separator, _) = skip_separator(&text[at..]);
    fits.then(|| head.found(&text[..at], None, at + separator, true, context))
}

/// Everything that has a dash and no bracketed credit before it.
fn dash(text: &str, at: usize, context: &Context<'_>) -> Option<Found> {
    let before = text[..at].trim_end();
    let (separator, _) = skip_separator(&text[at..]);
    let rest = &text[at + separator..];
    // `NEW YORK--(BUSINESS WIRE)--`
    if rest.starts_with('(') {
        let open = at + separator;
        let found = bracketed_credit(text, open, context);
        if let Some(found) = found.filter(|f| f.dateline.credit.as_deref().is_some_and(|c| is_known_credit(c, context)))
        {
            return Some(found);
        }
    }
    // `SYDNEY, March 10 AAP - `, `BERLIN/dpa - `, `Москва. 10 марта. INTERFAX.RU - `
    if let Some((place, credit)) = before.rsplit_once([' ', '/', '\n']).filter(|(_, c)| is_known_credit(c, context))
        && let Some(head) = Head::read(place).filter(|head| head.day.is_some() || head.capitals)
    {
        return Some(head.found(before, Some(credit), at + separator, true, context));
    }
    let head = Head::read(before)?;
    let places_end = head.set_apart || (head.capitals && head.is_brief());
    let copy = runs_on(rest) || (head.set_apart && rest.len() >= MIN_TEXT_BYTES);
    if head.day.is_some() && places_end && (head.capitals || head.is_short()) && copy {
        // `МОСКВА, 10 мар - РИА Новости. `
        let credit = rest.split_once(". ").map(|(credit, _)| credit).filter(|c| is_known_credit(c, context));
        return Some(match credit {
            Some(credit) => {
                let end = at + separator + credit.len();
                let (more, _) = skip_separator(&text[end..]);
                head.found(&text[..end], Some(credit), end + more, true, context)
            }
            None => head.found(before, None, at + separator, true, context),
        });
    }
    let bare = head.day.is_none() && head.capitals && head.is_distinct() && opens_bare_copy(rest);
    bare.then(|| head.found(before, None, at + separator, false, context))
}

/// `(Bloomberg) -- ` and `(ANSA) - ROMA, 1 LUG - `.
fn leading_credit(text: &str, context: &Context<'_>) -> Option<Found> {
    let close = text[..text.floor_char_boundary(80)].find(')')?;
    let credit = text[1..close].trim();
    let (separator, separated) = skip_separator(&text[close + 1..]);
    // `(CNN) -- `: initials that stand alone before a dash are a credit, whosever they are.
    let initials = (2..=5).contains(&credit.len()) && credit.bytes().all(|b| b.is_ascii_uppercase());
    if !separated || !(is_known_credit(credit, context) || (initials && runs_on(&text[close + 1 + separator..]))) {
        return None;
    }
    let start = close + 1 + separator;
    if let Some(mut found) = find(&text[start..], context).filter(|f| f.dateline.credit.is_none()) {
        found.text_end += start;
        found.end += start;
        found.dateline.text = collapse(&text[..found.text_end]);
        found.dateline.credit = Some(collapse(credit));
        found.sure = true;
        return Some(found);
    }
    let dateline = Dateline { text: collapse(&text[..=close]), credit: Some(collapse(credit)), ..Dateline::default() };
    Some(Found { dateline, text_end: close + 1, end: start, sure: true })
}

/// A known agency, alone or among several: `Reuters`, `tca/dpa`, `AFP, Reuters`.
fn is_known_credit(credit: &str, context: &Context<'_>) -> bool {
    agencies::is_known(credit, context.feed_credit)
        || (credit.contains(',') && credit.split(',').any(|part| agencies::is_known(part, context.feed_credit)))
}

/// Places and day, before the credit or the dash.
struct Head {
    places: Vec<DatelinePlace>,
    day: Option<WrittenDay>,
    /// The first place is in capitals, or in a script that has none.
    capitals: bool,
    /// A comma or full stop stands between places and day.
    set_apart: bool,
}

impl Head {
    /// Reads the whole of `text`, or nothing.
    fn read(text: &str) -> Option<Head> {
        let text = text.trim_matches([' ', '\n', ',', '،', '.', '-', '–', '—', '_']);
        if text.len() > MAX_BYTES {
            return None;
        }
        let (places_text, day) = split_day(text);
        let set_apart = places_text.trim_end().ends_with([',', '،', '.']);
        let places_text = places_text.trim_end_matches([' ', '\n', ',', '،']);
        if places_text.is_empty() {
            return day.map(|day| Head { places: Vec::new(), day: Some(day), capitals: false, set_apart: false });
        }
        // `MOSCOW. Jan 2`: the full stop is Interfax's comma, not an abbreviation's, when it ends a first place.
        let trimmed = places_text.trim_end_matches('.');
        let places_text = if day.is_some() && !trimmed.contains([',', ' ']) { trimmed } else { places_text };
        let places = places::read(places_text)?;
        let capitals = places::is_capitals(places_text);
        Some(Head { places, day, capitals, set_apart })
    }

    /// Short enough to be a dateline without capitals.
    fn is_short(&self) -> bool {
        self.places.iter().all(|place| place.name.split(' ').count() <= 3)
    }

    /// One place of a word or two: what a day may follow without a comma.
    fn is_brief(&self) -> bool {
        matches!(&self.places[..], [place] if place.name.split(' ').count() <= 2)
    }

    /// Not one of the acronyms and labels that stand before a dash as places do.
    fn is_distinct(&self) -> bool {
        self.places.iter().all(|place| {
            let letters = place.name.chars().filter(|c| c.is_alphabetic()).count();
            (letters >= 4 || place.qualifier.is_some()) && !places::is_label(&place.name)
        })
    }

    fn found(self, text: &str, credit: Option<&str>, end: usize, sure: bool, context: &Context<'_>) -> Found {
        let dateline = Dateline {
            text: collapse(text.trim_end_matches([' ', ',', '،'])),
            places: self.places,
            date: self.day.and_then(|day| day.nearest(context.near)),
            credit: credit.map(collapse),
        };
        Found { dateline, text_end: text.len(), end, sure }
    }
}

/// Splits a day off the end: `(rest, day)`.
fn split_day(text: &str) -> (&str, Option<WrittenDay>) {
    if !text.chars().any(|c| calendar::digit(c).is_some()) {
        return (text, None);
    }
    // The longest tail that is a day: it starts after a comma, a full stop or a space.
    let starts = std::iter::once(0).chain(
        text.char_indices()
            .filter(|&(_, c)| matches!(c, ',' | '،' | '.' | ' ' | '\n'))
            .map(|(at, c)| at + c.len_utf8()),
    );
    for start in starts {
        let tail = text[start..].trim_start();
        if tail.len() <= 64
            && tail.starts_with(char::is_alphanumeric)
            && may_open_day(tail)
            && let Some(day) = calendar::day(tail).or_else(|| misspelt_day(tail))
        {
            return (&text[..start], Some(day));
        }
    }
    (text, None)
}

/// A day begins with a number, a month, a day of the week or a small word; a misspelt month stands before a number and nothing else.
fn may_open_day(tail: &str) -> bool {
    let mut words = tail.split([' ', ',', '\n', '\t']).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    first.starts_with(|c| calendar::digit(c).is_some())
        || calendar::month(first).is_some()
        || calendar::weekday(first).is_some()
        || matches!(first, "de" | "of" | "the" | "del" | "le" | "كانون" | "تشرين")
        || words
            .next()
            .is_some_and(|second| second.starts_with(|c| calendar::digit(c).is_some()) && words.next().is_none())
}

/// `Narch 5`: a word that nearly is a month, and a number.
fn misspelt_day(text: &str) -> Option<WrittenDay> {
    let (word, day) = text.split_once(' ')?;
    let month = calendar::misspelt_month(word)?;
    let day = calendar::digits(day).filter(|day| (1..=31).contains(day))?;
    Some(WrittenDay { year: None, month, day: i8::try_from(day).ok()? })
}

/// True for a dash that separates: spaces around it, or two hyphens or an em dash before a bracket.
fn opens_dash(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back().unwrap_or(' ');
    let after = text[at..].trim_start_matches(['-', '–', '—', '_', '―']);
    let next = after.chars().next().unwrap_or('x');
    let doubled = text[at..].starts_with("--") || text[at..].starts_with('—');
    ((before.is_whitespace() || before.is_ascii_digit()) && next.is_whitespace())
        || (doubled && (next == '(' || next.is_whitespace()))
}

/// Passes over what stands between a dateline and its copy: `(length, whether it separates)`.
fn skip_separator(text: &str) -> (usize, bool) {
    let mut rest = text.trim_start();
    let mut separated = false;
    if let Some(after) = rest.strip_prefix(['.', ':', '।', '،', ',']) {
        // A comma that the sentence goes on after is no separator.
        if rest.starts_with([',', '،']) && !after.trim_start().starts_with(['-', '–', '—']) {
            return (text.len() - rest.len(), false);
        }
        rest = after.trim_start();
        separated = true;
    }
    let dashes = rest.trim_start_matches(['-', '–', '—', '_', '―']);
    // A line of underscores or hyphens is a rule.
    if dashes.len() < rest.len() && rest.len() - dashes.len() <= 4 {
        rest = dashes.trim_start();
        separated = true;
    }
    (text.len() - rest.len(), separated)
}

/// True for what a bare place may open: a sentence, not a headline in capitals or the row of a table.
fn opens_bare_copy(rest: &str) -> bool {
    let opens = rest.trim_start_matches(['“', '"', '\'', '‘', '«', '`', '<']).chars().next();
    let small_words = rest.split(' ').filter(|word| word.starts_with(char::is_lowercase)).count();
    opens.is_some_and(|c| c.is_uppercase() || c.is_numeric())
        && small_words >= 3
        && (rest.len() >= MIN_TEXT_BYTES || ends_sentence(rest))
}

/// True where the text goes on as copy does: in small letters, in a script without, or to a sentence's end.
fn runs_on(rest: &str) -> bool {
    let head = &rest[..rest.floor_char_boundary(MAX_BYTES)];
    head.chars().any(|c| c.is_lowercase() || (c.is_alphabetic() && !c.is_uppercase())) || ends_sentence(rest)
}

/// One space for every run of white space.
fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
