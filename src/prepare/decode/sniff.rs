//! Which format a value looks like, from its first bytes.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

/// Bytes at the start of a value that are looked at.
const HEAD_BYTES: usize = 4096;

/// How sure a format is of a value. The surest reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// The format cannot read it.
    No,
    /// It is read so when nothing else fits: plain text.
    LastResort,
    /// The shape fits (any JSON object, any HTML), and other formats' values have it too.
    Maybe,
    /// Some of its own words stand there.
    Likely,
    /// Its own root element, header bytes or schema's name.
    Certain,
}

impl fmt::Display for Sure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sure::No => "it does not look like that",
            Sure::LastResort => "it looks like nothing else",
            Sure::Maybe => "its shape fits",
            Sure::Likely => "it looks like that",
            Sure::Certain => "it says so",
        })
    }
}

/// What a format is recognized by.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// The first bytes, at most 4096, without byte order mark and white space; in UTF-8 where they are UTF-16.
    pub head: &'a [u8],
    /// The whole value as it came.
    pub value: &'a [u8],
}

impl<'a> Sample<'a> {
    /// The root element's start tag of an XML document, as far as the head shows it. `None` for anything else.
    pub fn xml_root(&self) -> Option<XmlRoot<'a>> {
        let mut rest = self.head;
        loop {
            rest = rest.trim_ascii_start();
            rest = if let Some(after) = rest.strip_prefix(b"<?") {
                after_first(after, b"?>")?
            } else if let Some(after) = rest.strip_prefix(b"<!--") {
                after_first(after, b"-->")?
            } else if rest.starts_with(b"<!") {
                after_doctype(rest)?
            } else {
                break;
            };
        }
        let tag = rest.strip_prefix(b"<")?;
        let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
        let tag = utf_8_prefix(&tag[..end]);
        let name_end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        let local = name.rsplit(':').next().unwrap_or(name);
        local.starts_with(char::is_alphabetic).then_some(XmlRoot { local, attributes })
    }

    /// True where the value may be a JSON object or list.
    pub fn is_json(&self) -> bool {
        match self.head.first() {
            Some(b'{') => matches!(self.head[1..].trim_ascii_start().first(), Some(b'"' | b'}')),
            Some(b'[') => matches!(self.head[1..].trim_ascii_start().first(), Some(b'{' | b']')),
            _ => false,
        }
    }

    /// True where the head holds the bytes.
    pub fn holds(&self, needle: &[u8]) -> bool {
        memchr::memmem::find(self.head, needle).is_some()
    }
}

/// The start tag of a document's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlRoot<'a> {
    /// Its name without a prefix.
    pub local: &'a str,
    /// Its attributes as written, cut where the head ends.
    pub attributes: &'a str,
}

/// The start of a value for [`Sample::head`].
pub fn head(value: &[u8]) -> Cow<'_, [u8]> {
    let cut = |bytes: &'_ [u8]| bytes.len().min(HEAD_BYTES);
    let wide = match value {
        [0xFF, 0xFE, ..] | [b'<' | b'{' | b'[', 0, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<' | b'{' | b'[', ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = wide {
        let (text, _) = encoding.decode_with_bom_removal(&value[..cut(value)]);
        return Cow::Owned(text.trim_start().as_bytes().to_vec());
    }
    let value = match encoding_rs::Encoding::for_bom(value) {
        Some((encoding, bom_bytes)) if encoding == UTF_8 => &value[bom_bytes..],
        _ => value,
    };
    let value = value.trim_ascii_start();
    Cow::Borrowed(&value[..cut(value)])
}

fn after_first<'a>(bytes: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    memchr::memmem::find(bytes, end).map(|at| &bytes[at + end.len()..])
}

/// What follows a document type declaration, its internal subset passed over.
fn after_doctype(bytes: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr2(b'[', b'>', bytes)?;
    if bytes[end] == b'>' {
        return Some(&bytes[end + 1..]);
    }
    let subset = after_first(&bytes[end..], b"]")?;
    after_first(subset, b">")
}

/// The longest start of bytes that is UTF-8.
fn utf_8_prefix(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(value: &[u8]) -> Option<String> {
        let head = head(value);
        let sample = Sample { head: &head, value };
        sample.xml_root().map(|root| root.local.to_owned())
    }

    #[test]
    fn roots() {
        for (value, expected) in [
            (&b"<nitf>"[..], Some("nitf")),
            (b"\xEF\xBB\xBF \n<?xml version='1.0'?>\n<!-- a > b -->\n<n:newsItem a='b'>", Some("newsItem")),
            (b"<!DOCTYPE nitf SYSTEM \"nitf.dtd\" [ <!ENTITY a \"b\"> ]><nitf/>", Some("nitf")),
            (b"<\0n\0i\0t\0f\0>\0", Some("nitf")),
            (b"\xFE\xFF\0<\0a\0>", Some("a")),
            (b"<!-- not closed", None),
            (b"< a>", None),
            (b"text", None),
            (b"", None),
            (b"<", None),
        ] {
            assert_eq!(root(value).as_deref(), expected, "{}", String::from_utf8_lossy(value));
        }
    }
}
