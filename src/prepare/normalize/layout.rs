//! Lines to paragraphs.
//!
//! Wires separate paragraphs by an empty line, by an indent, or by nothing but the line's end, and older ones break lines at
//! a fixed width (64 to 80 columns). [`reflow`] finds out which, and joins lines only where the copy is evidently wrapped:
//! tables, lists and short lines keep their breaks as `\n` within the paragraph. [`split`] is for text whose line breaks
//! already mean what they say. Neither drops or changes anything but white space and the wires' stand-ins for quotes and
//! dashes.

use std::borrow::Cow;

use super::text::typographic;

/// Copy is not taken for hard-wrapped when its lines are longer, in characters.
const MAX_WRAP_CHARS: usize = 100;
/// Nor when they are all shorter.
const MIN_WRAP_CHARS: usize = 40;
/// A line that is longer is a paragraph rather than a line of a list.
const LONG_LINE_CHARS: usize = 100;

/// One line of the wire, without its indent and trailing white space.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    indent: usize,
    chars: usize,
    /// Row of a table: two or more such lines stand together.
    row: bool,
}

/// Paragraphs of a text whose empty lines separate paragraphs and whose other line breaks are meant.
pub fn split(text: &str) -> Vec<Cow<'_, str>> {
    blocks(text).iter().map(|block| if let [line] = block { tidy(line.text) } else { keep_lines(block) }).collect()
}

/// Paragraphs of wire copy, hard-wrapped lines joined.
pub fn reflow(text: &str) -> Vec<Cow<'_, str>> {
    let blocks = blocks(text);
    if blocks.lines.len() == blocks.ends.len() {
        return blocks.lines.iter().map(|line| tidy(line.text)).collect();
    }
    let shape = Shape::of(&blocks);
    let mut paragraphs = Vec::with_capacity(blocks.ends.len() * 2);
    for block in blocks.iter() {
        if let [line] = block {
            paragraphs.push(tidy(line.text));
        } else {
            reflow_block(text, block, &shape, &mut paragraphs);
        }
    }
    paragraphs
}

/// Runs of lines that are not empty: the lines, and where each run ends.
struct Blocks<'a> {
    lines: Vec<Line<'a>>,
    ends: Vec<usize>,
}

impl<'a> Blocks<'a> {
    fn iter(&self) -> impl Iterator<Item = &[Line<'a>]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.lines[start..end])
    }
}

fn blocks(text: &str) -> Blocks<'_> {
    let (mut lines, mut ends): (Vec<Line<'_>>, Vec<usize>) = (Vec::with_capacity(32), Vec::with_capacity(32));
    let mut at = 0;
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |len| at + len);
        let raw = &text[at..end];
        at = end + 1;
        let line = raw.trim_matches([' ', '\t']);
        if line.is_empty() {
            if lines.len() > ends.last().copied().unwrap_or(0) {
                ends.push(lines.len());
            }
            continue;
        }
        let indent =
            raw.bytes().take_while(|b| matches!(b, b' ' | b'\t')).map(|b| if b == b'\t' { 4 } else { 1 }).sum();
        let chars = if line.is_ascii() { line.len() } else { line.chars().count() };
        lines.push(Line { text: line, indent, chars, row: false });
    }
    if lines.len() > ends.last().copied().unwrap_or(0) {
        ends.push(lines.len());
    }
    let mut start = 0;
    for &end in &ends {
        if end - start > 1 {
            mark_rows(&mut lines[start..end]);
        }
        start = end;
    }
    Blocks { lines, ends }
}

/// Marks the lines that stand in tables: columns show by gaps of three spaces, tabs, leaders or bars.
fn mark_rows(block: &mut [Line<'_>]) {
    let columns: Vec<bool> = block.iter().map(|line| has_columns(line.text)).collect();
    for at in 0..block.len() {
        let neighbour = (at > 0 && columns[at - 1]) || columns.get(at + 1).copied().unwrap_or(false);
        block[at].row = columns[at] && neighbour;
    }
}

fn has_columns(line: &str) -> bool {
    line.contains("   ") || line.contains('\t') || line.contains("....") || line.matches(" | ").count() >= 1
}

/// How a text's lines are laid out.
struct Shape {
    /// Width that lines were broken at, if they were.
    wrap_chars: Option<usize>,
    /// Indent of lines that do not open a paragraph.
    base_indent: usize,
}

impl Shape {
    /// Copy is wrapped when most lines that stop in mid-sentence could not have taken the next line's first word.
    fn of(blocks: &Blocks<'_>) -> Shape {
        let pairs = || blocks.iter().flat_map(|block| block.windows(2)).map(|pair| (pair[0], pair[1]));
        let base_indent = pairs().map(|(_, b)| b.indent).min().unwrap_or(0);
        let prose = |&(a, b): &(Line<'_>, Line<'_>)| {
            !a.row && !b.row && b.indent < base_indent + 2 && !is_list_item(b.text) && !ends_sentence(a.text)
        };
        let width = pairs().filter(prose).map(|(a, _)| a.chars).filter(|&c| c <= MAX_WRAP_CHARS).max().unwrap_or(0);
        let (mut broken, mut filled) = (0, 0);
        for (a, b) in pairs().filter(prose) {
            broken += 1;
            filled += usize::from(a.chars <= MAX_WRAP_CHARS && is_filled(a, b, width));
        }
        let wrapped = broken > 0 && filled * 10 >= broken * 6 && width >= MIN_WRAP_CHARS;
        Shape { wrap_chars: wrapped.then_some(width), base_indent }
    }
}

/// True where `b`'s first word would hardly have fitted on `a`.
fn is_filled(a: Line<'_>, b: Line<'_>, width: usize) -> bool {
    let word = b.text.split(' ').next().map_or(0, |w| w.chars().count());
    (a.chars + 1 + word) * 100 >= width * 88
}

/// What stands between two lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// One line, broken by the wire's width.
    Wrap,
    /// Two lines of one paragraph.
    Line,
    Paragraph,
}

fn reflow_block<'a>(text: &'a str, block: &[Line<'a>], shape: &Shape, paragraphs: &mut Vec<Cow<'a, str>>) {
    let mut current = Builder::start(block, 0);
    for at in 1..block.len() {
        match joint(block, at, shape, &current) {
            Joint::Wrap => current.wrap(text, block[at]),
            Joint::Line => current.line(block, at),
            Joint::Paragraph => {
                paragraphs.push(current.finish());
                current = Builder::start(block, at);
            }
        }
    }
    paragraphs.push(current.finish());
}

fn joint(block: &[Line<'_>], at: usize, shape: &Shape, current: &Builder) -> Joint {
    let (a, b) = (block[at - 1], block[at]);
    if a.row || b.row {
        return Joint::Line;
    }
    let list_item = is_list_item(b.text);
    let mid_sentence = !ends_sentence(a.text);
    let filled = shape.wrap_chars.is_some_and(|width| is_filled(a, b, width));
    if list_item && !(filled && mid_sentence && continues_after_dash(b.text)) {
        return Joint::Line;
    }
    if current.in_list && b.indent > current.indent {
        return Joint::Wrap;
    }
    if b.indent >= shape.base_indent + 2 {
        // A run of short indented lines is a table or a list without marks; anything else opens a paragraph.
        let prose =
            block.get(at + 1).is_some_and(|next| shape.wrap_chars.is_some_and(|width| is_filled(b, *next, width)));
        let entry = a.indent == b.indent && mid_sentence && !filled && !prose;
        return if entry { Joint::Line } else { Joint::Paragraph };
    }
    if filled || (mid_sentence && a.chars >= 25 && opens_lower_case(b.text)) {
        return Joint::Wrap;
    }
    let long = current.chars > LONG_LINE_CHARS || b.chars > LONG_LINE_CHARS;
    if long || !mid_sentence { Joint::Paragraph } else { Joint::Line }
}

/// A paragraph in the making.
struct Builder {
    text: String,
    /// Start of the current logical line.
    line_start: usize,
    /// Characters of the current logical line, about.
    chars: usize,
    in_list: bool,
    indent: usize,
}

impl Builder {
    fn start(block: &[Line<'_>], at: usize) -> Builder {
        let mut builder = Builder { text: String::new(), line_start: 0, chars: 0, in_list: false, indent: 0 };
        builder.add(block, at);
        builder
    }

    fn line(&mut self, block: &[Line<'_>], at: usize) {
        self.text.push('\n');
        self.line_start = self.text.len();
        self.add(block, at);
    }

    fn add(&mut self, block: &[Line<'_>], at: usize) {
        let line = block[at];
        self.chars = line.chars;
        self.indent = line.indent;
        self.in_list = is_list_item(line.text);
        if line.row {
            push_row(&mut self.text, block, at);
        } else {
            push_collapsed(&mut self.text, line.text);
        }
    }

    /// Joins a wrapped line. A hyphen at the line's end stays, unless the word stands unbroken elsewhere in the text.
    fn wrap(&mut self, source: &str, line: Line<'_>) {
        self.chars += line.chars + 1;
        let last = self.text.chars().next_back();
        let first = line.text.chars().next();
        let hyphenated = last == Some('-')
            && first.is_some_and(char::is_alphanumeric)
            && self.text[self.line_start..].chars().rev().nth(1).is_some_and(char::is_alphanumeric);
        if hyphenated {
            if is_broken_word(source, &self.text[self.line_start..], line.text) {
                self.text.pop();
            }
        } else if !(last.is_some_and(is_unspaced) && first.is_some_and(is_unspaced)) {
            self.text.push(' ');
        }
        push_collapsed(&mut self.text, line.text);
    }

    fn finish<'a>(self) -> Cow<'a, str> {
        match typographic(&self.text) {
            Cow::Owned(text) => Cow::Owned(text),
            Cow::Borrowed(_) => Cow::Owned(self.text),
        }
    }
}

/// True where `head`'s last and `tail`'s first word, joined without the hyphen, stand elsewhere in the source and the
/// hyphenated form does not.
fn is_broken_word(source: &str, head: &str, tail: &str) -> bool {
    let letter = |c: char| c.is_alphabetic();
    let head = head.trim_end_matches('-');
    let head = &head[head.trim_end_matches(letter).len()..];
    let tail = &tail[..tail.find(|c| !letter(c)).unwrap_or(tail.len())];
    head.chars().count() >= 2
        && tail.chars().next().is_some_and(char::is_lowercase)
        && source.contains(&format!("{head}{tail}"))
        && !source.contains(&format!("{head}-{tail}"))
}

fn keep_lines<'a>(block: &[Line<'_>]) -> Cow<'a, str> {
    let mut builder = Builder::start(block, 0);
    for at in 1..block.len() {
        builder.line(block, at);
    }
    builder.finish()
}

/// One line: white space collapsed, stand-ins replaced.
fn tidy(line: &str) -> Cow<'_, str> {
    let bytes = line.as_bytes();
    // Compiles to vector code; a line has no white space at its end.
    let gap = |(&a, &b): (&u8, &u8)| ((a == b' ') & (b == b' ')) | (a == b'\t');
    let spaced = bytes.iter().zip(bytes.get(1..).unwrap_or_default()).fold(false, |any, pair| any | gap(pair));
    if !spaced {
        return typographic(line);
    }
    let mut text = String::with_capacity(line.len());
    push_collapsed(&mut text, line);
    match typographic(&text) {
        Cow::Owned(text) => Cow::Owned(text),
        Cow::Borrowed(_) => Cow::Owned(text),
    }
}

fn push_collapsed(out: &mut String, line: &str) {
    let mut first = true;
    for word in line.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if !first {
            out.push(' ');
        }
        first = false;
        out.push_str(word);
    }
}

/// A table's row: its spacing stays, less the indent that all rows of the table share.
fn push_row(out: &mut String, block: &[Line<'_>], at: usize) {
    let before = block[..at].iter().rev().take_while(|line| line.row);
    let after = block[at..].iter().take_while(|line| line.row);
    let shared = before.chain(after).map(|line| line.indent).min().unwrap_or(0);
    out.extend(std::iter::repeat_n(' ', block[at].indent - shared));
    for c in block[at].text.chars() {
        if c == '\t' { out.push_str("    ") } else { out.push(c) }
    }
}

/// `- `, `* `, `• `, `1. `, `2) ` open an item of a list.
pub fn is_list_item(line: &str) -> bool {
    let bytes = line.as_bytes();
    match bytes.first() {
        Some(b'-' | b'*') => bytes.get(1) == Some(&b' '),
        Some(b'0'..=b'9') => {
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
            digits <= 2 && matches!(bytes.get(digits), Some(b'.' | b')')) && bytes.get(digits + 1) == Some(&b' ')
        }
        Some(0xE2) => ["• ", "– ", "— ", "▪ ", "● "].iter().any(|mark| line.starts_with(mark)),
        _ => false,
    }
}

/// A dash that the line break set at the start of a line of prose.
fn continues_after_dash(line: &str) -> bool {
    line.starts_with(['-', '–', '—']) && line.chars().nth(2).is_some_and(char::is_lowercase)
}

/// True where the line ends as a sentence does, quotes and brackets passed over.
pub fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', ' '])
        .ends_with(['.', '!', '?', ':', '…', '。', '।', '؟', '۔'])
}

fn opens_lower_case(line: &str) -> bool {
    line.chars().next().is_some_and(char::is_lowercase)
}

/// Scripts that write no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{FF01}'..='\u{FF60}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str) -> Vec<String> {
        reflow(text).into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn empty_lines_separate() {
        assert_eq!(flow("\n one  two\t three \n\n \n\nfour\n"), ["one two three", "four"]);
    }

    #[test]
    fn wrapped_copy_with_indents() {
        let copy = "The finance ministry said on Friday it would sell ten-\n\
                    year bonds worth 300 million crowns at the auction\n\
                    planned for next week.\n\
                    \x20   It did not say what it wants to do with the money\n\
                    that the sale brings in.\n\
                    \x20   Net 20.8 mln vs 14.9 mln\n\
                    \x20   Revs 328.7 mln vs 239.8 mln";
        assert_eq!(
            flow(copy),
            [
                "The finance ministry said on Friday it would sell ten-year bonds worth 300 million crowns at the auction \
                 planned for next week.",
                "It did not say what it wants to do with the money that the sale brings in.",
                "Net 20.8 mln vs 14.9 mln\nRevs 328.7 mln vs 239.8 mln",
            ]
        );
    }

    #[test]
    fn every_line_a_paragraph() {
        let copy = "One woman died on Saturday night.\nPolice said that they were called just after five.\nNo names were given.";
        assert_eq!(flow(copy).len(), 3);
    }

    #[test]
    fn tables_and_lists_keep_their_lines() {
        let table = "Team          P   W   L\nSparta       12   9   3\nSlavia       12   8   4";
        assert_eq!(flow(table), [table]);
        let list =
            "What is known:\n- The bridge is closed to traffic until Friday, the city\n  council said.\n- Ferries run.";
        assert_eq!(
            flow(list),
            ["What is known:\n- The bridge is closed to traffic until Friday, the city council said.\n- Ferries run."]
        );
    }

    #[test]
    fn words_broken_at_the_margin() {
        let copy = "The government said on Monday evening that the govern-\n\
                    ment of the neighbouring country had not answered yet,\n\
                    and that it did not expect an answer this week either.";
        assert!(flow(copy)[0].contains("the government of"), "{:?}", flow(copy));
    }

    #[test]
    fn meant_line_breaks_stay() {
        for text in ["a\nb\n\nc", "Row 1    2\nRow 2    3", "One\ntwo three four five six seven eight nine ten\neleven"]
        {
            let once = split(text).join("\n\n");
            assert_eq!(split(&once).join("\n\n"), once);
            assert_eq!(once, text);
        }
    }
}
