//! Characters: one Unicode form, one kind of space, one kind of line end, no invisible characters.
//!
//! [`clean`] changes characters and never the layout: its result has `\n` line ends, and spaces and tabs where the wire had
//! white space. It borrows when there is nothing to do, which is the common case. [`line()`] is for fields of one line.
//!
//! What is dropped carries no meaning in print: soft hyphens, zero-width spaces and joiners between Latin letters, direction
//! marks, control characters of the transport. Joiners stay in scripts that spell with them (Persian, Indic, emoji).
//!
//! Characters that show that bytes were read in the wrong encoding before they reached us are repaired and counted:
//! C1 controls are windows-1252 punctuation, and `â€™` or `Ã©` are UTF-8 read as windows-1252.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Cleans a text of several lines. Adds the number of characters that had to be repaired to `repaired_chars`.
pub fn clean<'a>(text: &'a str, repaired_chars: &mut u32) -> Cow<'a, str> {
    let needs = survey(text);
    if !needs.edit && !needs.compose {
        return Cow::Borrowed(text);
    }
    let edited = settle(text, repaired_chars);
    if needs.compose && is_nfc_quick(edited.chars()) != IsNormalized::Yes {
        // Composing can bring back an ordinary character (U+2001 becomes U+2003) that a second look would edit.
        let composed: String = edited.nfc().collect();
        return Cow::Owned(settle(&composed, repaired_chars));
    }
    Cow::Owned(edited)
}

/// Edits and repairs until neither finds anything: what one of them changes can show the other something. Each repair
/// shortens the text, so this ends.
fn settle(text: &str, repaired_chars: &mut u32) -> String {
    let mut settled = match repair(text, repaired_chars) {
        Some(repaired) => edit(&repaired, repaired_chars),
        None => edit(text, repaired_chars),
    };
    while let Some(repaired) = repair(&settled, repaired_chars) {
        settled = edit(&repaired, repaired_chars);
    }
    settled
}

fn repair(text: &str, repaired_chars: &mut u32) -> Option<String> {
    let (repaired, count) = survey(text).repair.then(|| undo_double_encoding(text)).flatten()?;
    *repaired_chars += count;
    Some(repaired)
}

/// Cleans a field of one line as [`words`] does; quotes and dashes become typographic.
pub fn line(text: &str, repaired_chars: &mut u32) -> String {
    let out = words(text, repaired_chars);
    match typographic(&out) {
        Cow::Owned(set) => set,
        Cow::Borrowed(_) => out,
    }
}

/// Cleans a field of one line: every run of white space becomes one space. For slugs and names, which are keys to match by.
pub fn words(text: &str, repaired_chars: &mut u32) -> String {
    let cleaned = clean(text, repaired_chars);
    let mut out = String::with_capacity(cleaned.len());
    for word in cleaned.split([' ', '\t', '\n']).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What a text needs, found in one pass over its bytes.
#[derive(Clone, Copy, Default)]
struct Needs {
    /// Some character must be replaced or dropped.
    edit: bool,
    /// Some character may not be in NFC.
    compose: bool,
    /// Some characters look like another encoding's bytes.
    repair: bool,
}

/// The classes are by lead byte where that decides, so that most scripts cost one table look-up a byte. Everything below
/// U+0300 and most letters are NFC by themselves; marks, compatibility characters and rarer blocks are left to the slow check.
fn survey(text: &str) -> Needs {
    let bytes = text.as_bytes();
    let mut needs = Needs::default();
    let mut at = 0;
    while let Some(offset) = special(&bytes[at..]) {
        at += offset;
        let next = |i: usize| bytes.get(at + i).copied().unwrap_or(0);
        match CLASS[usize::from(bytes[at])] {
            EDIT => needs.edit = true,
            LATIN1 => {
                if matches!(next(1), 0x80..=0xA0 | 0xAD) {
                    needs.edit = true;
                    needs.repair |= next(1) < 0xA0;
                }
            }
            // `Â`, `Ã`, `â`, `Ð`, `Ñ`, `Ø`, `Ù`, `à` before something that is no ASCII character.
            DOUBLE if matches!(next(1), 0x82 | 0x83 | 0xA2 | 0x90 | 0x91 | 0x98 | 0x99 | 0xA0) && next(2) >= 0x80 => {
                needs.repair = true;
                needs.edit = true;
            }
            PUNCTUATION => match (next(1), next(2)) {
                // U+2010 to U+2027 and U+2030 to U+203E: dashes, quotes, bullets, ellipsis, per mille, primes.
                (0x80, 0x90..=0xA7 | 0xB0..=0xBE) => {}
                // U+2000 to U+200F, U+2028 to U+202F, U+2060 to U+206F: spaces, joiners, separators, direction marks.
                (0x80, _) => {
                    needs.edit = true;
                    needs.compose = true;
                }
                (0x81, 0x9F..=0xAF) => needs.edit = true,
                // The euro sign and its neighbours, the trade mark, arrows, bullets.
                (0x82, 0xA0..=0xBF) | (0x84, 0x80..=0xA5 | 0xAC..=0xBF) | (0x86, 0x80..=0x99) | (0x96 | 0x97, _) => {}
                _ => needs.compose = true,
            },
            SLOW => {
                needs.compose = true;
                needs.edit |= matches!(
                    (bytes[at], next(1), next(2)),
                    (0xD8, 0x9C, _) | (0xE1, 0x9A, 0x80) | (0xE1, 0xA0, 0x8E) | (0xE3, 0x80, 0x80) | (0xEF, 0xBB, 0xBF)
                );
            }
            _ => {}
        }
        // The rest of the character is passed over with its first byte.
        at += 1 + bytes[at + 1..].iter().take_while(|b| matches!(b, 0x80..=0xBF)).count();
    }
    needs
}

/// The first byte that is not plain. ASCII is passed over a block at a time, which compiles to vector code.
fn special(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let plain = |b: u8| (0x20..0x7F).contains(&b) | (b == b'\n') | (b == b'\t');
    let mut at = 0;
    for block in bytes.chunks(BLOCK) {
        if !block.iter().fold(true, |all, &b| all & plain(b))
            && let Some(offset) = block.iter().position(|&b| CLASS[usize::from(b)] != PLAIN)
        {
            return Some(at + offset);
        }
        at += block.len();
    }
    None
}

const PLAIN: u8 = 0;
const EDIT: u8 = 1;
const LATIN1: u8 = 2;
const DOUBLE: u8 = 3;
const PUNCTUATION: u8 = 4;
const SLOW: u8 = 5;

/// Class of each byte; continuation bytes are plain.
static CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b'\n' | b'\t' => PLAIN,
            0x00..=0x1F | 0x7F => EDIT,
            0xC2 => LATIN1,
            0xC3 => DOUBLE,
            // Latin extended, Greek, Cyrillic, Armenian letters; CJK ideographs and Hangul syllables.
            0xC4..=0xCB | 0xD0 | 0xD1 | 0xE4..=0xED => PLAIN,
            0xE2 => PUNCTUATION,
            0xCC..=0xFF => SLOW,
            _ => PLAIN,
        };
        b += 1;
    }
    class
};

/// Replaces and drops single characters.
fn edit(text: &str, repaired_chars: &mut u32) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' | ' '..='~' => out.push(c),
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{0B}' | '\u{0C}' | '\u{2028}' => out.push('\n'),
            '\u{2029}' => out.push_str("\n\n"),
            '\0'..='\u{1F}' | '\u{7F}' => {}
            '\u{80}'..='\u{9F}' => {
                *repaired_chars += 1;
                out.extend(windows_1252(c));
            }
            '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
            '\u{200C}' | '\u{200D}' => {
                if out.chars().next_back().is_some_and(spells_with_joiners)
                    && chars.peek().copied().is_some_and(spells_with_joiners)
                {
                    out.push(c);
                }
            }
            _ if is_invisible(c) => {}
            _ => out.push(c),
        }
    }
    out
}

/// Characters that print nothing and that no spelling needs.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Arabic and Indic letters and marks, and pictographs: joiners between them change what is read.
fn spells_with_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}' | '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

/// The printing character that windows-1252 has where Latin-1 has a control; none for its five unused positions.
fn windows_1252(control: char) -> Option<char> {
    const TABLE: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”',
        '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    TABLE.get((u32::from(control) as usize).checked_sub(0x80)?).copied().filter(|&c| c != '\0')
}

/// The byte that windows-1252 (and, for its unused positions, Latin-1) writes a character as.
fn as_windows_1252_byte(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ 0..=0xFF => u8::try_from(code).ok(),
        _ => (0x80..=0x9Fu8).find(|&b| windows_1252(char::from(b)) == Some(c)),
    }
}

/// Reads what was UTF-8, was taken for windows-1252 and written as UTF-8 again. `None` where nothing shows that.
///
/// A text is repaired when one of its sequences can hardly be anything else (`Ã©`, `â€™`), or when every character above
/// ASCII fits and there are several.
fn undo_double_encoding(text: &str) -> Option<(String, u32)> {
    let mut out = String::with_capacity(text.len());
    let (mut repaired, mut sure, mut misfits) = (0, 0, 0);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !c.is_ascii()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((c, len, certain)) = double_encoded(rest) {
            out.push(c);
            repaired += 1;
            sure += u32::from(certain);
            rest = &rest[len..];
        } else {
            let c = rest.chars().next()?;
            out.push(c);
            misfits += 1;
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push_str(rest);
    let all_fit = misfits == 0 && repaired >= 2;
    if all_fit || (sure >= 1 && sure == repaired) { Some((out, repaired)) } else { None }
}

/// One character that stands doubly encoded at the start of `text`, the bytes it takes there, and whether it is certain.
fn double_encoded(text: &str) -> Option<(char, usize, bool)> {
    let mut bytes = [0u8; 4];
    let mut chars = text.char_indices();
    let (_, lead) = chars.next()?;
    bytes[0] = as_windows_1252_byte(lead)?;
    let count = match bytes[0] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    for byte in bytes.iter_mut().take(count).skip(1) {
        let (_, c) = chars.next()?;
        *byte = as_windows_1252_byte(c).filter(|b| (0x80..=0xBF).contains(b))?;
    }
    let c = std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?;
    let len = chars.next().map_or(text.len(), |(at, _)| at);
    let certain = matches!(bytes, [0xC3, ..] | [0xE2, 0x80, ..]) || (bytes[0] == 0xC2 && bytes[1] >= 0xA0);
    Some((c, len, certain))
}

/// The wires' stand-ins for quotes and dashes, made typographic by one rule: ` `` ` and `''` become curly quotes, a lone `_`
/// and `--` between words an em dash. A `--` that opens a line (a sign-off, a list) or a word (an option) stays.
pub fn typographic(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if !may_hold_stand_ins(bytes) {
        return Cow::Borrowed(text);
    }
    let candidate = |at: usize| match bytes[at] {
        b'`' | b'\'' | b'-' => bytes.get(at + 1) == Some(&bytes[at]),
        b'_' => true,
        _ => false,
    };
    let underscores = memchr::memchr(b'_', bytes).is_some();
    let next = |at: usize| {
        let other = memchr::memchr3(b'`', b'\'', b'-', &bytes[at..]);
        let underscore = if underscores { memchr::memchr(b'_', &bytes[at..]) } else { None };
        other.map_or(underscore, |o| Some(underscore.map_or(o, |u| u.min(o))))
    };
    let mut out: Option<String> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(offset) = next(at) {
        at += offset;
        let before = (at > 0).then(|| bytes[at - 1]);
        let found = if candidate(at) { stand_in(bytes, at, before) } else { None };
        let Some((len, replacement)) = found else {
            // A longer run of the same character is a rule or an ornament, not several stand-ins.
            at += bytes[at..].iter().take_while(|&&b| b == bytes[at]).count();
            continue;
        };
        let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 8));
        out.push_str(&text[copied..at]);
        out.push_str(replacement);
        at += len;
        copied = at;
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

/// True where a text holds an underscore, or a quote or hyphen twice in a row. Compiles to vector code: most paragraphs end here.
fn may_hold_stand_ins(bytes: &[u8]) -> bool {
    let twice = |a: u8, b: u8| (a == b) & ((a == b'`') | (a == b'\'') | (a == b'-'));
    let rest = bytes.get(1..).unwrap_or_default();
    bytes.last() == Some(&b'_') || bytes.iter().zip(rest).fold(false, |any, (&a, &b)| any | (a == b'_') | twice(a, b))
}

/// The stand-in at `at`: its length and what it becomes.
fn stand_in(bytes: &[u8], at: usize, before: Option<u8>) -> Option<(usize, &'static str)> {
    let run = bytes[at..].iter().take_while(|&&b| b == bytes[at]).count();
    let after = bytes.get(at + run).copied();
    let blank = |b: Option<u8>| b.is_none_or(|b| b.is_ascii_whitespace());
    match (bytes[at], run) {
        (b'`', 2) => Some((2, "“")),
        (b'\'', 2) if blank(before) && !blank(after) => Some((2, "“")),
        (b'\'', 2) => Some((2, "”")),
        (b'_', 1) if blank(before) && after == Some(b' ') => Some((1, "—")),
        (b'-', 2) => {
            let opens_line = before.is_none_or(|b| b == b'\n');
            let opens_word = before == Some(b' ') && !blank(after);
            // `BC-EU--Storm` is a slug.
            let word = bytes[..at].iter().rposition(u8::is_ascii_whitespace).map_or(0, |space| space + 1);
            let slug = ["BC-", "AM-", "PM-", "AP-"].iter().any(|prefix| bytes[word..at].starts_with(prefix.as_bytes()));
            (!opens_line && !opens_word && !slug).then_some((2, "—"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        clean(text, &mut 0).into_owned()
    }

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "Putin’s “offer”\n\n– said", "Владимир Путин", "普京", "Zürich, façade\tx"]
        {
            assert!(matches!(clean(text, &mut 0), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn line_ends_spaces_and_invisible_characters() {
        assert_eq!(cleaned("a\r\nb\rc\u{2028}d\u{2029}e\u{0C}f"), "a\nb\nc\nd\n\ne\nf");
        assert_eq!(cleaned("a\u{A0}b\u{202F}c\u{3000}d"), "a b c d");
        assert_eq!(cleaned("co\u{AD}op\u{200B}er\u{FEFF}ate\u{2}\u{7F}"), "cooperate");
        assert_eq!(cleaned("می\u{200C}خواهم a\u{200C}b"), "می\u{200C}خواهم ab");
    }

    #[test]
    fn composes() {
        assert_eq!(cleaned("Cafe\u{301}"), "Café");
        assert_eq!(cleaned("e\u{200B}\u{301}"), "é");
        assert_eq!(cleaned("\u{212B}ngstrom"), "Ångstrom");
    }

    #[test]
    fn repairs_and_counts_wrong_encodings() {
        for (broken, right, count) in [
            ("Putin\u{92}s \u{93}offer\u{94}", "Putin’s “offer”", 3),
            ("Putinâ€™s visit", "Putin’s visit", 1),
            ("Syriaâ\u{80}\u{99}s", "Syria’s", 1),
            ("MÃ¼nchen und KÃ¶ln", "München und Köln", 2),
            ("Ðœ\u{d0}\u{be}Ñ\u{81}\u{d0}\u{ba}Ð²Ð°", "Москва", 6),
        ] {
            let mut repaired = 0;
            assert_eq!(clean(broken, &mut repaired), right);
            assert_eq!(repaired, count, "{broken}");
        }
        for fine in ["CAFÉ–BAR", "São Paulo, Nîmes, Ångström", "ÂGE", "Ärger über „Ä“"] {
            let mut repaired = 0;
            assert_eq!(clean(fine, &mut repaired), fine);
            assert_eq!(repaired, 0);
        }
    }

    #[test]
    fn typographic_stand_ins() {
        for (wire, set) in [
            ("``I gave it,'' he said", "“I gave it,” he said"),
            ("highs _ a record _ and", "highs — a record — and"),
            ("highs -- a record--and", "highs — a record—and"),
            ("--IANS", "--IANS"),
            ("kill BC-EU--Storm at once", "kill BC-EU--Storm at once"),
            ("said. --IANS", "said. --IANS"),
            ("x\n-- first\n-- second", "x\n-- first\n-- second"),
            ("___", "___"),
            ("snake_case a---b", "snake_case a---b"),
            ("it's 'fine'", "it's 'fine'"),
        ] {
            assert_eq!(typographic(wire), set);
            assert_eq!(typographic(set), set);
        }
    }
}
