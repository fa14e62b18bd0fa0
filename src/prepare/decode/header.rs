//! The lines above plain wire copy: date, slug, labels, marks, headline, byline, notes, embargo.
//!
//! Plain text has no fields, so each line is known by its form, or by where it stands: above a dateline, a line that is
//! nothing else is the headline; without one, only a line that looks like one and stands apart is. There may be none: then
//! the headline is absent, and the line stays in the body.

use crate::item::news::RuleNote;
use crate::item::wire::{WireItem, WireTime};
use crate::prepare::normalize::{calendar, dateline, layout, lead, marks};

/// Lines above the copy, at most.
const MAX_LINES: usize = 24;
/// A headline is no longer, in characters.
const MAX_HEADLINE_CHARS: usize = 200;
/// Lines that one headline may be broken into.
const MAX_HEADLINE_LINES: usize = 3;
/// A line of copy that follows its headline without an empty line is at least so long, in characters.
const MIN_COPY_CHARS: usize = 160;

/// One line above the copy.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    text: &'a str,
    /// Byte of the record's text at which the line starts.
    start: usize,
    /// An empty line stands before it.
    apart: bool,
    what: What<'a>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What<'a> {
    Mark,
    Slug,
    Label(Label, &'a str),
    Byline(&'a str),
    BylineTitle(&'a str),
    Note,
    Embargo(&'a str),
    /// A point of a summary: `* Bank keeps rate`.
    Point,
    /// The copy begins here, by its dateline.
    Dateline,
    Other,
}

/// Fields that some wires write with their names: `Headline: ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Id,
    Version,
    Slug,
    Headline,
    Subheadline,
    Byline,
    Credit,
    Date,
    Embargo,
    Urgency,
    Language,
    Category,
    Keywords,
    Note,
    Genre,
    Copyright,
}

impl Label {
    /// The item's field that it fills, as rules' notes name it.
    fn field(self) -> &'static str {
        match self {
            Label::Id => "uri",
            Label::Version => "version",
            Label::Slug => "slugline",
            Label::Headline => "headline",
            Label::Subheadline => "subheadline",
            Label::Byline => "by",
            Label::Credit => "infoSources",
            Label::Date => "versionCreated",
            Label::Embargo => "embargoedUntil",
            Label::Urgency => "urgency",
            Label::Language => "language",
            Label::Category | Label::Keywords => "keywords",
            Label::Note => "edNote",
            Label::Genre => "genres",
            Label::Copyright => "copyrightNotice",
        }
    }
}

#[rustfmt::skip]
const LABELS: &[(&str, Label)] = {
    use Label::*;
    &[
        ("id", Id), ("item id", Id), ("story id", Id), ("item", Id), ("version", Version), ("revision", Version),
        ("slug", Slug), ("slugline", Slug), ("slug line", Slug),
        ("headline", Headline), ("head", Headline), ("title", Headline), ("hl", Headline), ("titel", Headline), ("schlagzeile", Headline), ("titre", Headline),
        ("título", Headline), ("titular", Headline), ("titolo", Headline), ("заголовок", Headline), ("العنوان", Headline), ("शीर्षक", Headline),
        ("subheadline", Subheadline), ("subhead", Subheadline), ("subtitle", Subheadline), ("sub-headline", Subheadline),
        ("byline", Byline), ("author", Byline), ("source", Credit), ("credit", Credit), ("provider", Credit),
        ("date", Date), ("dated", Date), ("published", Date), ("time", Date), ("timestamp", Date), ("datum", Date), ("issued", Date),
        ("embargo", Embargo), ("embargoed", Embargo), ("sperrfrist", Embargo),
        ("priority", Urgency), ("urgency", Urgency), ("language", Language), ("lang", Language), ("category", Category),
        ("keywords", Keywords), ("keyword", Keywords), ("tags", Keywords), ("stichwort", Keywords), ("stichworte", Keywords),
        ("ed note", Note), ("ednote", Note), ("editorial note", Note), ("note to editors", Note), ("genre", Genre), ("type", Genre), ("copyright", Copyright),
    ]
};

/// Reads the header into `item`. Returns the byte at which the body begins.
pub fn read(text: &str, item: &mut WireItem, context: &dateline::Context<'_>) -> usize {
    let lines = lines(text, item, context);
    // A date with nothing after it leaves no body.
    let start = lines.first().map_or(if item.date.is_some() { text.len() } else { 0 }, |line| line.start);
    let body = Header { text, item }.take(&lines);
    body.unwrap_or_else(|| lines.last().map_or(start, |line| line.start + line.text.len()))
}

/// ` date 2026-03-10`, on a line of its own or glued to what follows. Returns the day and the bytes that both take.
fn glued_date(text: &str) -> Option<(&str, usize)> {
    let word = text.get(..4).filter(|word| word.eq_ignore_ascii_case("date"))?;
    let rest = text[word.len()..].trim_start_matches([' ', ':', '\t']);
    let day = rest.get(..10).filter(|day| calendar::day(day).is_some_and(|d| d.year.is_some()))?;
    let more = &rest[10..];
    let runs_on = more.starts_with(|c: char| c.is_alphanumeric() || c == '-')
        || more.trim_start_matches([' ', ',']).starts_with(|c: char| c.is_ascii_digit());
    (!runs_on).then_some((day, text.len() - more.len()))
}

/// The lines that may stand above the copy, up to the dateline. A block of several lines that are nothing but text ends the
/// search: it is copy.
fn lines<'a>(text: &'a str, item: &mut WireItem, context: &dateline::Context<'_>) -> Vec<Line<'a>> {
    let mut found: Vec<Line<'a>> = Vec::new();
    let mut apart = true;
    let mut at = 0;
    let mut run = 0;
    while at < text.len() {
        let raw = &text[at..memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |len| at + len)];
        let line = raw.trim();
        let line_start = at + (raw.len() - raw.trim_start().len());
        // The date may stand below marks; what is glued to it is a line of its own.
        if item.date.is_none()
            && found.iter().all(|line| line.what == What::Mark)
            && let Some((day, len)) = glued_date(line)
        {
            item.date = Some(day.to_owned());
            item.notes.push(RuleNote { field: "date", rule: "date before the copy", span: line[..len].to_owned() });
            at = line_start + len;
            apart = true;
            continue;
        }
        at += raw.len() + 1;
        if line.is_empty() {
            apart = true;
            continue;
        }
        let previous = found.last().map(|line| line.what);
        let what = classify(line, &text[line_start..], previous, context);
        run = if what != What::Other {
            0
        } else if apart {
            1
        } else {
            run + 1
        };
        found.push(Line { text: line, start: line_start, apart, what });
        if what == What::Dateline || run > MAX_HEADLINE_LINES || found.len() == MAX_LINES {
            break;
        }
        apart = false;
    }
    found
}

fn classify<'a>(line: &'a str, rest: &'a str, previous: Option<What<'a>>, context: &dateline::Context<'_>) -> What<'a> {
    // Long lines are copy: only a dateline is looked for.
    let short = line.len() <= 2 * MAX_HEADLINE_CHARS;
    if short {
        if let Some((label, value)) = label(line) {
            return What::Label(label, value);
        }
        if let Some(time) = lead::embargo(line) {
            return What::Embargo(time);
        }
        if marks::of_line(line).is_some() {
            return What::Mark;
        }
    }
    if opens_copy(line, rest, context) {
        return What::Dateline;
    }
    if !short {
        return What::Other;
    }
    if let Some(names) = lead::byline(line) {
        return What::Byline(names);
    }
    if let Some(title) = matches!(previous, Some(What::Byline(_))).then(|| lead::byline_title(line)).flatten() {
        return What::BylineTitle(title);
    }
    if lead::is_note(line) {
        return What::Note;
    }
    if is_slug(line) {
        return What::Slug;
    }
    if line.starts_with("* ") || line.starts_with("• ") { What::Point } else { What::Other }
}

/// A dateline opens the line, wrapped onto the next one if need be.
fn opens_copy(line: &str, rest: &str, context: &dateline::Context<'_>) -> bool {
    let paragraph = rest.find("\n\n").map_or(rest, |end| &rest[..end]);
    // A headline in the form of a bare dateline (`SPAIN - a history`) is one line without a full stop.
    dateline::find(paragraph, context)
        .is_some_and(|found| found.sure || paragraph.contains('\n') || layout::ends_sentence(line))
}

/// `Headline: Storm closes ports`.
fn label(line: &str) -> Option<(Label, &str)> {
    let colon = line.find(':').filter(|&at| at <= 20)?;
    let name = line[..colon].trim().to_lowercase();
    let label = LABELS.iter().find(|(known, _)| *known == name).map(|&(_, label)| label)?;
    let value = line[colon + 1..].trim();
    (!value.is_empty()).then_some((label, value))
}

/// `Germany-politics/`, `BC-BKN--Heat-Hawks, 1st Ld-Writethru,416`, `IRAN-NUCLEAR/TALKS (UPDATE 1)`.
fn is_slug(line: &str) -> bool {
    let line = line.trim_end_matches(['<', ' ']);
    if line.len() > 64 || line.len() < 3 {
        return false;
    }
    if line.ends_with('/') && line.split(' ').count() <= 3 {
        return true;
    }
    let (_, name) = marks::of_slug(line);
    let anpa = ["BC-", "AM-", "PM-", "AP-"].iter().any(|prefix| name.starts_with(prefix));
    if anpa {
        // AP's keyword may hold a space; then marks or a count of words must follow it.
        return !name.contains(' ') || name.len() < line.len();
    }
    let letters = name.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'/' | b'_' | b'&'));
    letters && name.contains(['-', '/']) && name.bytes().any(|b| b.is_ascii_uppercase())
}

/// Fills an item from the lines.
struct Header<'a> {
    text: &'a str,
    item: &'a mut WireItem,
}

impl Header<'_> {
    /// Returns the byte at which the body begins; `None` where all lines were taken.
    fn take(mut self, lines: &[Line<'_>]) -> Option<usize> {
        let dateline = lines.iter().position(|line| line.what == What::Dateline);
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            let taken = match line.what {
                What::Dateline => return Some(line.start),
                What::Other => self.headline(lines, at, dateline),
                What::Slug if self.item.slug.is_none() && at + 1 < lines.len() => self.slug(line),
                What::Slug => self.headline(lines, at, dateline),
                // Points before the headline, or with no dateline below, are copy.
                What::Point if dateline.is_none() || self.item.headline.is_none() => 0,
                What::Point => self.point(line),
                _ => self.field(line),
            };
            if taken == 0 {
                return Some(line.start);
            }
            at += taken;
        }
        self.rest_after(lines)
    }

    fn rest_after(&self, lines: &[Line<'_>]) -> Option<usize> {
        lines.last().map(|line| line.start + line.text.len()).filter(|&end| end < self.text.len())
    }

    fn note(&mut self, field: &'static str, rule: &'static str, span: &str) {
        self.item.notes.push(RuleNote { field, rule, span: span.to_owned() });
    }

    /// Lines that say themselves what they are. Returns the lines taken: 1.
    fn field(&mut self, line: Line<'_>) -> usize {
        match line.what {
            What::Mark => {
                self.note("kind", "mark on a line of its own", line.text);
                self.item.marks.push(line.text.to_owned());
            }
            What::Byline(names) => {
                self.note("by", "byline above the copy", line.text);
                match &mut self.item.byline {
                    Some(byline) => {
                        byline.push_str("; ");
                        byline.push_str(names);
                    }
                    None => self.item.byline = Some(names.to_owned()),
                }
            }
            What::BylineTitle(title) => {
                self.note("by", "title below the byline", line.text);
                if let Some(byline) = &mut self.item.byline {
                    byline.push_str(", ");
                    byline.push_str(title);
                }
            }
            What::Note => {
                self.note("edNote", "note above the copy", line.text);
                self.item.ed_notes.push(line.text.trim_end_matches('<').trim_end().to_owned());
            }
            What::Embargo(time) => {
                self.note("embargoedUntil", "embargo above the copy", line.text);
                self.embargo(time);
            }
            What::Label(label, value) => {
                self.note(label.field(), "labelled line above the copy", line.text);
                self.label(label, value);
            }
            What::Slug | What::Point | What::Dateline | What::Other => {}
        }
        1
    }

    fn embargo(&mut self, time: &str) {
        if time.is_empty() {
            self.item.marks.push("EMBARGOED".to_owned());
        } else if self.item.embargoed.is_none() {
            self.item.embargoed = Some(WireTime(time.to_owned()));
        }
    }

    fn slug(&mut self, line: Line<'_>) -> usize {
        self.note("slugline", "slug above the headline", line.text);
        self.item.slug = Some(line.text.trim_end_matches(['/', '<', ' ']).to_owned());
        1
    }

    /// Points between headline and dateline are the summary.
    fn point(&mut self, line: Line<'_>) -> usize {
        self.note("descriptions", "points above the dateline", line.text);
        let summary = self.item.summary.get_or_insert_default();
        if !summary.is_empty() {
            summary.push('\n');
        }
        summary.push_str(line.text);
        1
    }

    fn label(&mut self, label: Label, value: &str) {
        let item = &mut *self.item;
        let text = || Some(value.to_owned());
        let keywords = || value.split([',', ';', '/']).map(str::trim).filter(|k| !k.is_empty()).map(str::to_owned);
        match label {
            Label::Id => item.id = item.id.take().or_else(text),
            Label::Version => item.version = item.version.take().or_else(text),
            Label::Slug => item.slug = item.slug.take().or_else(text),
            Label::Headline => item.headline = item.headline.take().or_else(text),
            Label::Subheadline => item.subheadline = item.subheadline.take().or_else(text),
            Label::Byline => {
                item.byline = item.byline.take().or_else(|| Some(lead::byline(value).unwrap_or(value).to_owned()))
            }
            Label::Credit => item.credit = item.credit.take().or_else(text),
            Label::Embargo => self.embargo(value),
            Label::Urgency => item.urgency = item.urgency.take().or_else(text),
            Label::Language => item.language = item.language.take().or_else(text),
            Label::Category | Label::Keywords => item.keywords.extend(keywords()),
            Label::Note => item.ed_notes.push(value.to_owned()),
            Label::Genre => item.genre = item.genre.take().or_else(text),
            Label::Copyright => item.copyright_notice = item.copyright_notice.take().or_else(text),
            Label::Date if calendar::day(value).is_some() => item.date = item.date.take().or_else(text),
            Label::Date => {
                item.version_created = item.version_created.take().or_else(|| Some(WireTime(value.to_owned())))
            }
        }
    }

    /// The headline, and a second line that stands apart above the dateline. Returns the lines taken; 0 where the copy
    /// begins.
    fn headline(&mut self, lines: &[Line<'_>], at: usize, dateline: Option<usize>) -> usize {
        let Some(count) = headline_lines(lines, at, dateline, self.text) else { return 0 };
        let (headline, rule) = match (&self.item.headline, &self.item.subheadline, dateline) {
            (None, _, Some(_)) => (true, "line above the dateline"),
            (None, _, None) if self.item.byline.is_none() => (true, "first line, apart from the copy"),
            (Some(_), None, Some(_)) => (false, "second line above the dateline"),
            _ => return 0,
        };
        let joined = lines[at..at + count].iter().map(|line| line.text).collect::<Vec<_>>().join(" ");
        let joined = joined.trim_end_matches(['<', '=']).trim_end().to_owned();
        if headline {
            self.note("headline", rule, &joined);
            self.item.headline = Some(joined);
        } else {
            self.note("subheadline", rule, &joined);
            self.item.subheadline = Some(joined);
        }
        count
    }
}

/// The number of lines of a headline at `at`; `None` where no headline stands there.
fn headline_lines(lines: &[Line<'_>], at: usize, dateline: Option<usize>, text: &str) -> Option<usize> {
    let line = lines[at];
    let next = lines.get(at + 1);
    let alone = at == 0 && next.is_some_and(|next| next.apart) && has_copy(&text[line.start + line.text.len()..]);
    if !(looks_like_headline(line.text) || (alone && is_headline_alone(line.text))) {
        return None;
    }
    let end = line.start + line.text.len();
    if dateline.is_some() {
        let more = lines[at + 1..]
            .iter()
            .take_while(|l| !l.apart && l.what == What::Other && looks_like_headline(l.text))
            .count();
        let count = 1 + more;
        // More lines than a headline has are a list or a table.
        return (count <= MAX_HEADLINE_LINES && headline_ends(lines, at + count)).then_some(count);
    }
    match next {
        // Nothing but this line: copy, as far as anyone can tell.
        None => None,
        Some(next) if next.apart => has_copy(&text[end..]).then_some(1),
        Some(next)
            if matches!(next.what, What::Byline(_) | What::Note | What::Embargo(_) | What::Mark | What::Label(..)) =>
        {
            Some(1)
        }
        // Every line a paragraph: the first is short and no sentence, the second is.
        Some(next) => (next.text.chars().count() >= MIN_COPY_CHARS
            && layout::ends_sentence(next.text)
            && line.text.len() * 3 < next.text.len() * 2)
            .then_some(1),
    }
}

/// True where the line after a headline does not run on from it.
fn headline_ends(lines: &[Line<'_>], at: usize) -> bool {
    lines.get(at).is_none_or(|next| next.apart || next.what != What::Other)
}

fn has_copy(rest: &str) -> bool {
    rest.trim().len() >= 16
}

/// A line that stands alone at the top may begin small, hold a gap, or end in a full stop when it is all in capitals.
fn is_headline_alone(line: &str) -> bool {
    let line = if line.chars().any(char::is_lowercase) { line } else { line.trim_end_matches('.') };
    line.split("   ").count() <= 2 && looks_like_headline(&capitalized(line))
}

fn capitalized(line: &str) -> String {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or("");
    let mut chars = first.chars();
    let mut out: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    words.for_each(|word| {
        out.push(' ');
        out.push_str(word);
    });
    out
}

/// One line, no sentence, begins as a headline does.
fn looks_like_headline(line: &str) -> bool {
    if line.len() > 4 * MAX_HEADLINE_CHARS
        || line.chars().count() > MAX_HEADLINE_CHARS
        || line.contains('\t')
        || line.contains("   ")
    {
        return false;
    }
    let opens = line.trim_start_matches(['"', '“', '„', '«', '\'', '‘', '<', '(', '[', '¿', '¡', '`']).chars().next();
    let capital = opens.is_some_and(|c| c.is_numeric() || (c.is_alphabetic() && !c.is_lowercase()));
    let stops = line.trim_end_matches(['"', '”', '’', '\'', '»', ')', ']', '<', '=', ' ']);
    // Questions and cries are headlines too; an ellipsis as well.
    let sentence = stops.ends_with(['.', ',', ';', ':', '।']) && !stops.ends_with("...");
    let initials = stops.ends_with("U.S.") || stops.ends_with("U.N.") || stops.ends_with("U.K.");
    capital && (!sentence || initials) && line.split(' ').filter(|w| w.chars().any(char::is_alphabetic)).count() >= 2
}
