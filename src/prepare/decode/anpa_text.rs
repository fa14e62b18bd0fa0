//! The text of an ANPA 1312 message: its lines, and the body made of them.

use std::borrow::Cow;

use super::frames;
use crate::prepare::normalize::layout;

/// A line that is longer is a paragraph rather than an entry of a list, in characters.
const MAX_ENTRY_CHARS: usize = 80;

/// How a line is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quad {
    /// `<`, or `@`.
    Left,
    /// `=`.
    Centre,
    None,
}

/// One line, without its frame: `^` and TAB before it, quad marks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub text: Cow<'a, str>,
    /// It begins with `^`.
    pub heading: bool,
    /// It begins with a tab or an indent.
    pub opens_paragraph: bool,
    pub quad: Quad,
    /// Its columns, where it stands in a table.
    pub columns: Option<Vec<String>>,
}

/// The lines of a text. `tabular`: the header says that it is a table.
pub fn lines(text: &str, tabular: bool) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    // CR LF is one end of a line, CR or LF alone another.
    for raw in text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split(['\r', '\u{0C}'])) {
        let trimmed = raw.trim_start_matches([' ', '\t']);
        match trimmed.strip_prefix('^') {
            // Two heading lines may share one: `^*9006< ^AP-Top-Headlines,176<`.
            Some(heading) => {
                let mut rest = heading;
                while let Some((first, more)) = ["< ^", "<^", "= ^"].iter().find_map(|joint| rest.split_once(joint)) {
                    lines.push(line(first, true, false, tabular));
                    rest = more;
                }
                lines.push(line(rest, true, false, tabular));
            }
            None => lines.push(line(trimmed, false, trimmed.len() < raw.len(), tabular)),
        }
    }
    lines
}

fn line(raw: &str, heading: bool, indented: bool, tabular: bool) -> Line<'_> {
    let row = raw.starts_with('\u{8}');
    // `^` after the backspace stands for an empty first column's head.
    let content = if row { raw.trim_start_matches(['\u{8}', '^']) } else { raw };
    let content = content.trim_end_matches([' ', '\t', '\u{10}']);
    let set = content.trim_end_matches(['<', '=', '@']);
    let quad = match content.as_bytes().last().filter(|_| set.len() < content.len()) {
        Some(b'=') => Quad::Centre,
        Some(_) => Quad::Left,
        None => Quad::None,
    };
    let content = set;
    let text = characters(content.trim());
    let semicolons = text.matches(';').count();
    // In running copy a semicolon is followed by a space.
    let dense = semicolons >= 2 && text.matches("; ").count() == 0;
    let columns = (semicolons > 0 && (row || dense || (tabular && semicolons >= 2)))
        .then(|| text.split(';').map(|cell| cell.trim().to_owned()).collect());
    Line { text, heading, opens_paragraph: indented, quad, columns }
}

/// Fixed and thin spaces become spaces, `{` one half, and an accent struck over a letter becomes its own.
fn characters(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_control() || c == '{') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' => out.push('½'),
            '\u{10}' | '\u{1E}' | '\u{1F}' if out.ends_with(' ') || chars.peek() == Some(&' ') => {}
            '\u{10}' | '\u{1E}' | '\u{1F}' => out.push(' '),
            '\u{8}' if out.ends_with(char::is_alphabetic) => {
                if let Some(mark) = chars.peek().and_then(|c| overstruck(*c)) {
                    chars.next();
                    out.push(mark);
                }
            }
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The combining mark that a character struck over a letter is.
fn overstruck(c: char) -> Option<char> {
    Some(match c {
        '`' => '\u{300}',
        '\'' | '´' => '\u{301}',
        '^' => '\u{302}',
        '~' => '\u{303}',
        '"' | '¨' => '\u{308}',
        ',' | '¸' => '\u{327}',
        _ => return None,
    })
}

/// The body: paragraphs apart, tables set in columns, entries of lists under each other, wrapped lines left to be joined.
pub fn body(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        let rows = lines[at..].iter().map_while(|line| line.columns.clone()).collect::<Vec<_>>();
        if rows.is_empty() {
            paragraph(&mut out, &lines[at], at.checked_sub(1).and_then(|before| lines.get(before)));
            at += 1;
        } else {
            apart(&mut out);
            out.push_str(&frames::table(&rows));
            out.push('\n');
            at += rows.len();
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}

fn apart(out: &mut String) {
    while out.ends_with('\n') {
        out.pop();
    }
    if !out.is_empty() {
        out.push_str("\n\n");
    }
}

fn paragraph(out: &mut String, line: &Line<'_>, before: Option<&Line<'_>>) {
    if line.text.is_empty() {
        return apart(out);
    }
    let goes_on = before.is_some_and(|before| {
        let set = before.quad != Quad::None || before.columns.is_some() || before.text.is_empty();
        let entries = line.opens_paragraph && before.opens_paragraph && is_entry(before) && is_entry(line);
        !set && !line.heading && (!line.opens_paragraph || entries)
    });
    if goes_on {
        out.push('\n');
    } else {
        apart(out);
    }
    out.push_str(&line.text);
}

/// A short line that is no sentence: a score, a name.
fn is_entry(line: &Line<'_>) -> bool {
    let hour = line.text.ends_with("p.m.") || line.text.ends_with("a.m.");
    (hour || !layout::ends_sentence(&line.text))
        && line.text.chars().count() <= MAX_ENTRY_CHARS
        && line.text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> String {
        body(&lines(text, false))
    }

    #[test]
    fn paragraphs_entries_and_wrapped_lines() {
        assert_eq!(
            set("\tOne said.\n\tTwo said\nit again.\n \n\tThree.\n"),
            "One said.\n\nTwo said\nit again.\n\nThree."
        );
        assert_eq!(set("\tOne\r\ntwo.\r\n"), "One\ntwo.");
        assert_eq!(
            set("\tRiga 2, Tallinn 1 \n\tOslo 3, Bergen 3< \n^Monday's games= \n\tx"),
            "Riga 2, Tallinn 1\nOslo 3, Bergen 3\n\nMonday's games\n\nx"
        );
    }

    #[test]
    fn tables_stand_in_columns() {
        let table = set("^Standings=\n\u{8}^;W;L\u{10} \n\u{8}St.\u{10}Pauli;7{;2\u{10} \n");
        assert_eq!(table.trim_end(), "Standings\n\n            W    L\nSt. Pauli   7½   2");
        assert_eq!(set("\tRain; then sun; then rain."), "Rain; then sun; then rain.");
    }

    #[test]
    fn accents_are_struck_over_letters() {
        assert_eq!(characters("St.\u{10} Olaf\u{10}II"), "St. Olaf II");
        assert_eq!(characters("Cafe\u{8}' Mu\u{8}\"ller"), "Cafe\u{301} Mu\u{308}ller");
    }

    #[test]
    fn two_heading_lines_on_one() {
        let found = lines("^*9006< ^BC-Storm,120<", false);
        assert_eq!(found.iter().map(|line| &*line.text).collect::<Vec<_>>(), ["*9006", "BC-Storm,120"]);
    }
}
