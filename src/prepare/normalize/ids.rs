//! Ids and versions.
//!
//! An id that is a URI stays. Any other becomes a URN within its feed, so that two feeds' item numbers cannot be taken for
//! one item: `urn:wiredesk:<feed>:<percent-encoded id>`. Colons of the id are encoded too, which keeps it apart from the URN of
//! an origin (`urn:wiredesk:<topic>:<partition>:<offset>:<item>`).
//!
//! A feed that gives each version an id of its own (`itemid:3`) says in its file which part of it names the item: [`Ids`].

use regex::Regex;

/// Role in `alt_ids` of an id as the wire writes it.
pub const WIRE_ROLE: &str = "wire";

/// Schemes that make an id a URI. Others (`reuters:1`) are names that happen to hold a colon.
const SCHEMES: &[&str] = &["http", "https", "urn", "tag", "info", "doi", "ni", "ftp"];

/// How a feed's ids are read: `id_pattern` of its file.
#[derive(Clone, Debug)]
pub struct Ids {
    feed: String,
    pattern: Option<Regex>,
}

impl Ids {
    /// Ids that are taken whole.
    pub fn of_feed(feed: &str) -> Ids {
        Ids { feed: feed.to_owned(), pattern: None }
    }

    /// Ids of which `pattern` says what names the item.
    ///
    /// # Errors
    /// What is wrong with the pattern, for whoever wrote it.
    pub fn compile(feed: &str, pattern: Option<&str>) -> Result<Ids, String> {
        let Some(pattern) = pattern else { return Ok(Ids::of_feed(feed)) };
        let regex =
            Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("not a regular expression: {error}"))?;
        if !regex.capture_names().flatten().any(|name| name == "id") {
            return Err(
                "no group named `id`, for the part that all versions share: `(?<id>.+):(?<version>[0-9]+)`".into()
            );
        }
        if let Some(other) = regex.capture_names().flatten().find(|name| !matches!(*name, "id" | "version")) {
            return Err(format!("a group named `{other}`; only `id` and `version` mean something"));
        }
        Ok(Ids { feed: feed.to_owned(), pattern: Some(regex) })
    }

    /// The URI of the item that the feed names `id`, without the version in it. `None` for an id without a printing character.
    pub fn uri_of(&self, id: &str) -> Option<String> {
        let id = id.trim();
        let item = self.group(id, "id").filter(|item| !item.trim().is_empty());
        uri_of(&self.feed, item.unwrap_or(id))
    }

    /// The version that an id carries.
    pub fn version_in<'a>(&self, id: &'a str) -> Option<&'a str> {
        self.group(id.trim(), "version")
    }

    fn group<'a>(&self, id: &'a str, name: &str) -> Option<&'a str> {
        Some(self.pattern.as_ref()?.captures(id)?.name(name)?.as_str())
    }
}

/// The URI of an item that the feed names `id`. `None` for an id without a printing character.
fn uri_of(feed: &str, id: &str) -> Option<String> {
    let id = id.trim();
    if id.is_empty() {
        return None;
    }
    let is_uri = id.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty() && SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    });
    if is_uri {
        let mut uri = String::with_capacity(id.len());
        encode(id, |b| is_unreserved(b) || b"%:/?#[]@!$&'()*+,;=".contains(&b), &mut uri);
        return Some(uri);
    }
    let mut urn = String::with_capacity(feed.len() + id.len() + 16);
    urn.push_str("urn:wiredesk:");
    urn.push_str(feed);
    urn.push(':');
    encode(id, |b| is_unreserved(b) || b"!$&'()*+,;=@/".contains(&b), &mut urn);
    Some(urn)
}

/// RFC 3986, section 2.3.
fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')
}

fn encode(text: &str, keep: impl Fn(u8) -> bool, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for b in text.bytes() {
        if keep(b) {
            out.push(char::from(b));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(b >> 4)]));
            out.push(char::from(HEX[usize::from(b & 15)]));
        }
    }
}

/// A version that orders: digits (`3`, `1542761538`), or a time (`2026-03-10T10:15:00Z` gives 20260310101500).
pub fn version(text: &str) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let timestamp: jiff::Timestamp = text.parse().ok()?;
    timestamp.strftime("%Y%m%d%H%M%S").to_string().parse().ok()
}

/// Words after which a kill or a correction names the item that it means.
#[rustfmt::skip]
const ITEM_WORDS: &[&str] = &[
    "item", "story", "no", "number", "id", "slug", "slugged", "dispatch", "take", "meldung", "nr", "nummer",
    "dépêche", "depeche", "numéro", "despacho", "noticia", "nota", "número", "notícia", "despacho", "lancio",
    "numero", "сообщение", "номер", "№", "الخبر", "رقم",
];

/// How far into a kill's text its item is looked for, in bytes.
const REFERENCE_BYTES: usize = 2000;

/// The id of the item that a kill, hold or correction names in its text: `Please kill item dpa 157`, `story L4N1FL0N0`, a URI.
pub fn reference(text: &str) -> Option<&str> {
    let text = &text[..text.floor_char_boundary(REFERENCE_BYTES)];
    let words: Vec<(usize, &str)> = words(text).collect();
    let mut named = false;
    for (at, &(start, word)) in words.iter().enumerate() {
        if ["urn:", "tag:", "http://", "https://"].iter().any(|scheme| word.starts_with(scheme)) {
            return Some(word);
        }
        let agency = super::agencies::is_known(word, None);
        if named && is_item_number(word) {
            return Some(word);
        }
        // `dpa 157`: an agency's name before the number belongs to it.
        if let Some(&(next_start, next)) = words.get(at + 1).filter(|(_, next)| named && agency && is_item_number(next))
        {
            return text.get(start..next_start + next.len());
        }
        let folded = word.trim_end_matches([':', '.']).to_lowercase();
        named = ITEM_WORDS.contains(&folded.as_str()) || (named && (agency || folded == "with"));
    }
    None
}

/// Words without the punctuation around them, each with its place.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(char::is_whitespace).filter_map(move |raw| {
        let start = at;
        at += raw.len() + text[at + raw.len()..].chars().next().map_or(0, char::len_utf8);
        let opened = raw.trim_start_matches(['(', '[', '"', '“', '\'', '‘', '<']);
        let word = opened.trim_end_matches(['.', ',', ';', ')', ']', '"', '”', '\'', '’', '>', '!']);
        (!word.is_empty()).then_some((start + raw.len() - opened.len(), word))
    })
}

/// A number of an item: at least three letters and digits, two digits among them, no more than marks of an id between.
fn is_item_number(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    digits >= 2
        && word.len() >= 3
        && !year
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':' | b'.' | b'#'))
        && !word.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        assert_eq!(uri_of("ap", "tag:ap.org,2026:x:1").as_deref(), Some("tag:ap.org,2026:x:1"));
        assert_eq!(uri_of("ap", "https://e.org/a b?é").as_deref(), Some("https://e.org/a%20b?%C3%A9"));
        assert_eq!(uri_of("dpa", "dpa 157/é:2").as_deref(), Some("urn:wiredesk:dpa:dpa%20157/%C3%A9%3A2"));
        assert_eq!(uri_of("r", "reuters:1").as_deref(), Some("urn:wiredesk:r:reuters%3A1"));
        assert_eq!(uri_of("r", "  "), None);
    }

    #[test]
    fn an_id_that_carries_the_version_is_one_item() {
        let ids = Ids::compile("ap", Some(r"(?<id>[0-9a-f]+):(?<version>\d+)")).unwrap();
        assert_eq!(ids.uri_of(" 8e2f:3 ").as_deref(), Some("urn:wiredesk:ap:8e2f"));
        assert_eq!(ids.version_in("8e2f:3"), Some("3"));
        assert_eq!(ids.uri_of("8e2f:3:x").as_deref(), Some("urn:wiredesk:ap:8e2f%3A3%3Ax"), "another form stays whole");
        assert_eq!(ids.version_in("8e2f:3:x"), None);
        let without = Ids::compile("ap", Some("(?<id>.*)/v.*")).unwrap();
        assert_eq!(without.uri_of("https://e.org/a/v2").as_deref(), Some("https://e.org/a"));
        assert_eq!(without.version_in("https://e.org/a/v2"), None);
        assert_eq!(without.uri_of("/v2").as_deref(), Some("urn:wiredesk:ap:/v2"), "an empty id names nothing");
    }

    #[test]
    fn versions() {
        assert_eq!(version("1542761538"), Some(1_542_761_538));
        assert_eq!(version("2026-03-10T10:15:00Z"), Some(20_260_310_101_500));
        assert_eq!(version("2.0"), None);
    }

    #[test]
    fn references() {
        for (text, id) in [
            ("Please kill item dpa 157, headlined Storm.", Some("dpa 157")),
            ("Kill story L4N1FL0N0. A substitute follows", Some("L4N1FL0N0")),
            ("The story with id eca0045 is withdrawn.", Some("eca0045")),
            ("Bitte Meldung Nr. 0412 nicht verwenden", Some("0412")),
            ("replaces urn:newsml:x.org:20260310:7:1.", Some("urn:newsml:x.org:20260310:7:1")),
            ("The 2026 story is wrong, there were 45 dead", None),
            ("kill item", None),
        ] {
            assert_eq!(reference(text), id, "{text}");
        }
    }
}
