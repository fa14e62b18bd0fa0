//! Messages framed by control characters: what ANPA 1312 and IPTC 7901 share.
//!
//! ```text
//! SOH header STX text ETX trailer EOT
//! ```
//!
//! A record may hold several. A message whose end is missing is read to where the next begins, and says so in its notes: half a
//! story is better than none, and an editor must know.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Input;
use crate::item::news::RuleNote;
use crate::item::wire::LinkRel;
use crate::item::{WireItem, wire::WireLink};
use crate::prepare::normalize::{calendar, ids};

pub const SOH: u8 = 0x01;
pub const STX: u8 = 0x02;
pub const ETX: u8 = 0x03;
pub const EOT: u8 = 0x04;

/// Messages in one record, at most; the last holds whatever follows.
const MAX_MESSAGES: usize = 1000;
/// Two spaces after each column of a table and one for its edge: what [`crate::prepare::normalize::layout`] knows a row by.
const GAP: usize = 3;
/// A column is set no wider, so that one long cell does not make every row as long.
const MAX_COLUMN_CHARS: usize = 48;
/// Columns of a table that are set; what is beyond them follows the last one.
const MAX_COLUMNS: usize = 64;

/// One message, its parts as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    pub header: &'a str,
    pub text: &'a str,
    /// What follows the text.
    pub trailer: &'a str,
    /// False where the end of the text is missing.
    pub whole: bool,
}

/// The messages of a record; those without a start of text are none.
pub fn messages(record: &str) -> Vec<Message<'_>> {
    let mut starts: Vec<usize> =
        memchr::memchr_iter(SOH, record.as_bytes()).map(|at| at + 1).take(MAX_MESSAGES).collect();
    if starts.is_empty() {
        starts.push(0);
    }
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([record.len()]);
    starts.iter().zip(ends).filter_map(|(&start, end)| message(&record[start..end])).collect()
}

fn message(frame: &str) -> Option<Message<'_>> {
    let (header, rest) = frame.split_once(char::from(STX))?;
    let end = memchr::memchr2(ETX, EOT, rest.as_bytes());
    let whole = end.is_some_and(|end| rest.as_bytes()[end] == ETX);
    let (text, trailer) = match end {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (rest, ""),
    };
    Some(Message { header, text, trailer, whole })
}

/// The day that the record was received on, in the feed's zone.
pub fn received_day(input: &Input<'_>) -> Date {
    Timestamp::from_millisecond(input.raw.timestamp_ms)
        .map_or(Date::constant(1970, 1, 1), |received| received.to_zoned(input.feed.time_zone.clone()).date())
}

pub fn note(item: &mut WireItem, field: &'static str, rule: &'static str, span: &str) {
    item.notes.push(RuleNote { field, rule, span: span.trim().to_owned() });
}

/// Notes a message that has no end.
pub fn note_if_cut(item: &mut WireItem, message: &Message<'_>) {
    if !message.whole {
        note(item, "bodies", "the message has no end: it may be cut", "");
    }
}

/// Numbers of items start anew every day, so that the day belongs to the id: `dpa 157` of 10 March 2026 is
/// `dpa 157/2026-03-10`. Zeros before a number do not count: `dpa 0157` is the same.
pub fn id_of_day(number: &str, day: Date) -> String {
    let digits = number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (name, figure) = number.split_at(digits);
    // `KNA 170123-89-00065` is a name of its own.
    if name.ends_with('-') {
        return format!("{number}/{day}");
    }
    let figure = figure.trim_start_matches('0');
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let gap = if number[..digits].ends_with(' ') { " " } else { "" };
    format!("{name}{gap}{}/{day}", if figure.is_empty() { "0" } else { figure })
}

/// Links the item that a kill, hold or correction names by its number. The number is of the same day, unless the text names
/// another one after it: `kill item dpa 157 of March 9`.
pub fn link_to_named(item: &mut WireItem, text: &str, day: Date) {
    let Some(number) = ids::reference(text) else { return };
    if number.contains(':') {
        return;
    }
    let after = number.as_ptr() as usize - text.as_ptr() as usize + number.len();
    let named = text.get(after..).and_then(|rest| day_named(rest, day)).unwrap_or(day);
    note(item, "refersTo", "item named in the text, by its number and day", number);
    item.links.push(WireLink { rel: LinkRel::Replaces, id: id_of_day(number, named), title: None });
}

/// ` of March 9`, ` vom 9. März`.
fn day_named(rest: &str, near: Date) -> Option<Date> {
    let mut words = rest.split_whitespace();
    if !matches!(words.next()?.trim_matches([',', '(']), "of" | "from" | "vom" | "du" | "del" | "de" | "от") {
        return None;
    }
    let (a, b) = (words.next()?, words.next()?);
    calendar::day(&format!("{a} {}", b.trim_end_matches(['.', ',', ')', ';']))).and_then(|day| day.nearest(near))
}

/// Rows of a table, each cut into its columns, as lines whose columns stand under each other.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).min(MAX_COLUMNS);
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|at| width(at).min(MAX_COLUMN_CHARS)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths.iter().chain(std::iter::repeat(&0))) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + GAP));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_several_messages() {
        let found = messages("\u{16}\u{16}\u{1}h1\u{2}t1\u{3}x\u{4}\u{1}h2\u{2}t2\u{1}no text");
        let message = |header, text, trailer, whole| Message { header, text, trailer, whole };
        assert_eq!(found, [message("h1", "t1", "x\u{4}", true), message("h2", "t2", "", false)]);
        assert_eq!(messages("h\u{2}t\u{3}"), [message("h", "t", "", true)]);
        assert_eq!(messages("text"), []);
    }

    #[test]
    fn ids_carry_their_day() {
        let day = Date::constant(2026, 3, 10);
        assert_eq!(id_of_day("dpa 0157", day), "dpa 157/2026-03-10");
        assert_eq!(id_of_day("eca062", day), "eca62/2026-03-10");
        assert_eq!(id_of_day("KNA 260310-89-00065", day), "KNA 260310-89-00065/2026-03-10");
        for (text, id) in [
            ("Please kill item dpa 0157, headlined Storm.", "dpa 157/2026-03-10"),
            ("Please kill item dpa 157 of March 9.", "dpa 157/2026-03-09"),
            ("Bitte Meldung dpa 157 vom 9. März nicht verwenden.", "dpa 157/2026-03-09"),
        ] {
            let mut item = WireItem::default();
            link_to_named(&mut item, text, day);
            assert_eq!(item.links[0].id, id, "{text}");
        }
    }

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [vec!["Riga".to_owned(), "12".to_owned()], vec!["St. Petersburg".to_owned(), "3".to_owned()]];
        assert_eq!(table(&rows), "Riga             12\nSt. Petersburg   3\n");
    }
}
