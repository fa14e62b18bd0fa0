//! Bytes to characters.
//!
//! A byte order mark decides; then UTF-8, which other encodings hardly ever look like; then the feed's encoding; then a guess
//! from the bytes. UTF-8 that is damaged in places is repaired rather than read in another encoding: a stray byte becomes
//! the character that windows-1252 has for it, the rest of a cut sequence U+FFFD, and each is counted. Bytes that are no text
//! are refused.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::item::{Reject, RejectReason};

/// First bytes of common files that are no text.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF file (sound, video or picture)"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"\x1F\x8B", "gzip data"),
    (b"\x28\xB5\x2F\xFD", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xFD7zXZ", "xz data"),
    (b"Obj\x01", "an Avro file"),
    (b"\x7FELF", "a program"),
    (b"\xD0\xCF\x11\xE0", "an old office document"),
    (b"ID3", "sound"),
];

/// Share of control characters from which bytes are no text, in percent.
const MAX_CONTROL_PERCENT: usize = 5;

/// A text, and the number of characters that had to be repaired to read it.
#[derive(Debug, PartialEq, Eq)]
pub struct Text<'a> {
    pub text: Cow<'a, str>,
    pub repaired_chars: u32,
}

/// Reads bytes as text.
///
/// # Errors
/// [`RejectReason::Binary`].
pub fn read<'a>(bytes: &'a [u8], feed: Option<&'static Encoding>) -> Result<Text<'a>, Reject> {
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Reject::decode(RejectReason::Binary, format!("the value looks like {what}")));
    }
    if let Some((encoding, bom_bytes)) = Encoding::for_bom(bytes) {
        return decode(&bytes[bom_bytes..], encoding);
    }
    if memchr::memchr(0, bytes).is_some() {
        return match utf_16_without_bom(bytes) {
            Some(encoding) => decode(bytes, encoding),
            None => Err(Reject::decode(RejectReason::Binary, "the value holds NUL bytes")),
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => checked(Cow::Borrowed(text), 0),
        Err(_) => other_than_utf_8(bytes, feed),
    }
}

fn decode<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Result<Text<'a>, Reject> {
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return checked(Cow::Borrowed(text), 0);
    }
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let repaired = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    checked(text, repaired)
}

/// Even or odd bytes that are mostly NUL are Latin text in UTF-16.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), bytes.len() / 2);
    match bytes.len() % 2 {
        0 if odd * 10 >= half * 4 && even * 20 <= half => Some(UTF_16LE),
        0 if even * 10 >= half * 4 && odd * 20 <= half => Some(UTF_16BE),
        _ => None,
    }
}

fn other_than_utf_8<'a>(bytes: &'a [u8], feed: Option<&'static Encoding>) -> Result<Text<'a>, Reject> {
    let (sequences, damaged) = utf_8_evidence(bytes);
    if (sequences > 0 && sequences >= damaged) || feed == Some(UTF_8) {
        let (text, repaired) = repair_utf_8(bytes);
        return checked(Cow::Owned(text), repaired);
    }
    let encoding = match feed {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ => guess(bytes),
    };
    decode(bytes, encoding)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

/// Counts of well-formed sequences of several bytes, and of places where UTF-8 is broken.
fn utf_8_evidence(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(sequences, damaged), chunk| {
        let valid = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (sequences + valid, damaged + usize::from(!chunk.invalid().is_empty()))
    })
}

fn repair_utf_8(bytes: &[u8]) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len() + 8);
    let mut repaired = 0;
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            // One byte before more text is a character of another encoding; at the end it is a cut.
            [stray] if chunks.peek().is_some() => {
                repaired += 1;
                text.push_str(&WINDOWS_1252.decode_without_bom_handling(&[*stray]).0);
            }
            _ => {
                repaired += 1;
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    (text, repaired)
}

/// Refuses what decoded but is no text: many control characters that no wire sends.
fn checked(text: Cow<'_, str>, repaired: usize) -> Result<Text<'_>, Reject> {
    // What transports use: the controls of ANPA 1312 and IPTC 7901, line ends, escapes.
    let foreign = |b: &u8| matches!(b, 0x00 | 0x05 | 0x06 | 0x0E | 0x0F | 0x15 | 0x17..=0x1A | 0x1D | 0x7F);
    let controls = text.bytes().filter(foreign).count();
    let lost = text.len() > 64 && repaired * 10 > text.len();
    if controls * 100 > text.len() * MAX_CONTROL_PERCENT || lost {
        let message =
            format!("{controls} control characters and {repaired} unreadable ones in {} bytes of text", text.len());
        return Err(Reject::decode(RejectReason::Binary, message));
    }
    Ok(Text { text, repaired_chars: u32::try_from(repaired).unwrap_or(u32::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(bytes: &[u8], feed: Option<&'static Encoding>) -> (String, u32) {
        let text = read(bytes, feed).unwrap();
        (text.text.into_owned(), text.repaired_chars)
    }

    #[test]
    fn marks_decide() {
        assert_eq!(reads(b"\xEF\xBB\xBFZ\xC3\xBCrich", None), ("Zürich".into(), 0));
        assert_eq!(reads(b"\xFF\xFEZ\x00\xFC\x00", None), ("Zü".into(), 0));
        assert_eq!(reads(b"\xFE\xFF\x00Z\x00\xFC", None), ("Zü".into(), 0));
        assert_eq!(reads(b"Z\x00u\x00r\x00i\x00", None), ("Zuri".into(), 0));
    }

    #[test]
    fn other_encodings() {
        assert_eq!(reads(b"Z\xFCrich \x96 Gen\xE8ve", Some(WINDOWS_1252)), ("Zürich – Genève".into(), 0));
        let german = b"Die Stra\xDFe nach M\xFCnchen ist wegen des \xD6lfilms f\xFCr Stunden gesperrt.";
        assert_eq!(reads(german, None).0, "Die Straße nach München ist wegen des Ölfilms für Stunden gesperrt.");
    }

    #[test]
    fn damage_is_repaired_and_counted() {
        let text = b"Z\xC3\xBCrich and Gen\xE8ve and K\xC3\xB6ln \xE2\x80";
        assert_eq!(reads(text, None), ("Zürich and Genève and Köln \u{FFFD}".into(), 2));
    }

    #[test]
    fn binary_is_refused() {
        for bytes in [&b"%PDF-1.4 x"[..], b"\x00\x00\x00\x05\x02text", b"\x05\x06\x0E\x0F\x15\x17\x18abc"] {
            assert_eq!(read(bytes, None).unwrap_err().reason, RejectReason::Binary);
        }
    }
}
