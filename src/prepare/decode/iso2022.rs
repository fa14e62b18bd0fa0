//! The character sets that a message of the teleprinter age designates by escape sequences (ISO/IEC 2022): the national
//! variants of ISO 646 in seven bits, the parts of ISO 8859 in eight, and ISO 6937 with its accents before the letter.
//!
//! Bytes are read in the set that they designate, or in the feed's encoding, or as windows-1252; then the variants' twelve
//! places are put right and the escapes are dropped. ISO-IR numbers and final bytes: the International Register of Coded
//! Character Sets.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::encoding;
use crate::item::Reject;

const ESC: u8 = 0x1B;
/// Shifts to G1 and back.
const SHIFT_OUT: char = '\u{0E}';
const SHIFT_IN: char = '\u{0F}';

/// The places that the variants of ISO 646 assign, in the order of the variants' rows.
const PLACES: [char; 12] = ['#', '$', '@', '[', '\\', ']', '^', '`', '{', '|', '}', '~'];

/// Variants of ISO 646 by their final byte.
#[rustfmt::skip]
const VARIANTS: &[(char, [char; 12])] = &[
    ('A', ['£', '$', '@', '[', '\\', ']', '^', '`', '{', '|', '}', '‾']), // British
    ('K', ['#', '$', '§', 'Ä', 'Ö', 'Ü', '^', '`', 'ä', 'ö', 'ü', 'ß']), // German, DIN 66003
    ('R', ['£', '$', 'à', '°', 'ç', '§', '^', '`', 'é', 'ù', 'è', '¨']), // French, 1973
    ('f', ['£', '$', 'à', '°', 'ç', '§', '^', 'µ', 'é', 'ù', 'è', '¨']), // French, 1982
    ('Y', ['£', '$', '§', '°', 'ç', 'é', '^', 'ù', 'à', 'ò', 'è', 'ì']), // Italian
    ('Z', ['£', '$', '§', '¡', 'Ñ', '¿', '^', '`', '°', 'ñ', 'ç', '~']), // Spanish
    ('h', ['#', '$', '·', '¡', 'Ñ', 'Ç', '¿', '`', '´', 'ñ', 'ç', '¨']), // Spanish, second
    ('L', ['#', '$', '§', 'Ã', 'Ç', 'Õ', '^', '`', 'ã', 'ç', 'õ', '°']), // Portuguese
    ('g', ['#', '$', '´', 'Ã', 'Ç', 'Õ', '^', '`', 'ã', 'ç', 'õ', '~']), // Portuguese, second
    ('G', ['#', '¤', '@', 'Ä', 'Ö', 'Å', '^', '`', 'ä', 'ö', 'å', '‾']), // Swedish
    ('H', ['#', '¤', 'É', 'Ä', 'Ö', 'Å', 'Ü', 'é', 'ä', 'ö', 'å', 'ü']), // Swedish names
    ('`', ['#', '$', '@', 'Æ', 'Ø', 'Å', '^', '`', 'æ', 'ø', 'å', '‾']), // Norwegian
    ('a', ['§', '$', '@', 'Æ', 'Ø', 'Å', '^', '`', 'æ', 'ø', 'å', '|']), // Norwegian, second
    ('E', ['#', '$', '@', 'Æ', 'Ø', 'Å', '^', '`', 'æ', 'ø', 'å', '~']), // Danish, as used
    ('i', ['#', '$', 'Á', 'É', 'Ö', 'Ü', '^', 'á', 'é', 'ö', 'ü', '˝']), // Hungarian
    ('z', ['#', '$', 'Ž', 'Š', 'Đ', 'Ć', 'Č', 'ž', 'š', 'đ', 'ć', 'č']), // Yugoslav
];

/// What bytes above ASCII mean, by what the message designates.
enum Upper {
    Encoding(&'static Encoding),
    Iso6937,
}

/// Reads the bytes of a message as text, escapes resolved and dropped.
///
/// # Errors
/// As [`encoding::read`].
pub fn read<'a>(bytes: &'a [u8], feed: Option<&'static Encoding>) -> Result<encoding::Text<'a>, Reject> {
    let upper = if memchr::memchr(ESC, bytes).is_some() { designated(bytes) } else { None };
    let mut read = match upper {
        Some(Upper::Iso6937) => encoding::Text { text: Cow::Owned(iso_6937(bytes)), repaired_chars: 0 },
        Some(Upper::Encoding(encoding)) => {
            encoding::Text { text: encoding.decode_without_bom_handling(bytes).0, repaired_chars: 0 }
        }
        // Seven bits with escapes are text, however many shifts stand in a short one.
        None if bytes.is_ascii() && memchr::memchr(ESC, bytes).is_some() => {
            encoding::Text { text: String::from_utf8_lossy(bytes), repaired_chars: 0 }
        }
        None => encoding::read(bytes, feed.or(Some(WINDOWS_1252)))?,
    };
    if read.text.contains(['\u{1B}', SHIFT_OUT, SHIFT_IN]) {
        read.text = Cow::Owned(resolve(&read.text));
    }
    Ok(read)
}

/// The set of the upper half that an escape names: `ESC - F`, `ESC . F`, `ESC / F` for sets of 96 characters.
fn designated(bytes: &[u8]) -> Option<Upper> {
    memchr::memchr_iter(ESC, bytes).find_map(|at| match (bytes.get(at + 1)?, bytes.get(at + 2)?) {
        (b'-' | b'.' | b'/', b'J' | b'R') | (b')' | b'*' | b'+', b'l' | b'v') => Some(Upper::Iso6937),
        (b'-' | b'.' | b'/', last) => {
            let label: &[u8] = match last {
                b'A' => b"windows-1252",
                b'B' => b"iso-8859-2",
                b'C' => b"iso-8859-3",
                b'D' => b"iso-8859-4",
                b'L' => b"iso-8859-5",
                b'G' => b"iso-8859-6",
                b'F' => b"iso-8859-7",
                b'H' => b"iso-8859-8",
                b'M' => b"windows-1254",
                b'V' => b"iso-8859-10",
                b'b' => b"iso-8859-15",
                _ => return None,
            };
            Encoding::for_label(label).map(Upper::Encoding)
        }
        _ => None,
    })
}

/// Characters of ISO 6937 from 0xA0; `\0` where none is, or where an accent is.
const ISO_6937: &str = "\u{A0}¡¢£$¥#§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0―¹®©™♪¬¦\0\0\0\0⅛⅜⅝⅞ΩÆĐªĦ\0ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u{AD}";

/// Combining marks for the accents of ISO 6937 from 0xC0.
const ACCENTS: [char; 16] = [
    '\0', '\u{300}', '\u{301}', '\u{302}', '\u{303}', '\u{304}', '\u{306}', '\u{307}', '\u{308}', '\u{308}', '\u{30A}',
    '\u{327}', '\0', '\u{30B}', '\u{328}', '\u{30C}',
];

/// The accent stands before its letter; Unicode's combining mark after it, where cleaning composes the two.
fn iso_6937(bytes: &[u8]) -> String {
    let upper: Vec<char> = ISO_6937.chars().collect();
    let mut out = String::with_capacity(bytes.len() + 16);
    let mut accent = None;
    for &b in bytes {
        match b {
            0xC0..=0xCF => accent = Some(ACCENTS[usize::from(b - 0xC0)]).filter(|&c| c != '\0'),
            0x80..=0x9F => {}
            _ => {
                let c =
                    if b < 0x80 { char::from(b) } else { upper.get(usize::from(b - 0xA0)).copied().unwrap_or('\0') };
                if c != '\0' {
                    out.push(c);
                }
                out.extend(accent.take().filter(|_| c.is_alphabetic()));
            }
        }
    }
    out
}

/// Drops escape sequences and shifts, and gives the characters of the variant of ISO 646 that holds.
fn resolve(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut g0, mut g1, mut shifted): (Option<&[char; 12]>, Option<&[char; 12]>, bool) = (None, None, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1B}' => {
                let mut set = None;
                while let Some(intermediate) = chars.next_if(|c| ('\u{20}'..='\u{2F}').contains(c)) {
                    set = Some(intermediate);
                }
                let last = chars.next_if(|c| ('\u{30}'..='\u{7E}').contains(c));
                let variant = last.and_then(|last| VARIANTS.iter().find(|(name, _)| *name == last)).map(|(_, row)| row);
                match set {
                    Some('(') => g0 = variant,
                    Some(')') => g1 = variant,
                    _ => {}
                }
            }
            SHIFT_OUT => shifted = true,
            SHIFT_IN => shifted = false,
            _ => {
                let variant = if shifted { g1 } else { g0 };
                let place = variant.and_then(|row| PLACES.iter().position(|p| *p == c).map(|at| row[at]));
                out.push(place.unwrap_or(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        read(bytes, None).unwrap().text.into_owned()
    }

    #[test]
    fn variants_of_iso_646() {
        assert_eq!(text(b"\x1B(KM}nchen, Stra~e\x1B(B [x]"), "München, Straße [x]");
        assert_eq!(text(b"\x1B)R caf\x0E{\x0F {2}"), " café {2}");
        assert_eq!(text(b"[x] {y}"), "[x] {y}");
    }

    #[test]
    fn upper_halves() {
        assert_eq!(text(b"\x1B-L\xBC\xDE\xE1\xDA\xD2\xD0"), "Москва");
        assert_eq!(text(b"\x1B-R Gen\xC1eve, M\xC8unchen, \xE9rsted"), " Gene\u{300}ve, Mu\u{308}nchen, Ørsted");
        assert_eq!(text(b"M\xFCnchen"), "München");
    }

    #[test]
    fn all_places_are_assigned() {
        assert_eq!(ISO_6937.chars().count(), 96);
        for (at, (name, row)) in VARIANTS.iter().enumerate() {
            assert!(VARIANTS[at + 1..].iter().all(|(other, _)| other != name));
            assert!(row.iter().all(|c| *c != '\0'));
        }
    }
}
