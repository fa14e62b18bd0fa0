//! Finds phrases of a large table in text: tokens first, then a hash lookup a token.
//!
//! Contract: [`tokenize`] reads a text once and gives its words with a hash of each word's folded form (lower case, no
//! diacritics); [`PhraseMap`] maps sequences of such hashes to a payload. A phrase matches whatever its spaces, hyphens,
//! apostrophes and case are; what case means is the caller's rule, for which each token carries its own.
//!
//! Why not Aho-Corasick: names sit on token boundaries and begin with a capital, so that nine tokens in ten need no lookup
//! at all, and the table is a few megabytes however many bytes its names have. The tokens are needed for
//! disambiguation anyway. A phrase is known by a 64-bit hash of its tokens' hashes; with a million phrases, one lookup in
//! 10^13 would be wrong.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// What stands between a token and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing: scripts that write no spaces, each character being a token.
    None,
    /// Spaces, or one line break.
    Space,
    /// A hyphen or dash without spaces.
    Hyphen,
    /// `Iran's`, `Sana'a`.
    Apostrophe,
    /// `AT&T`, `Booking.com`.
    Inner,
    /// A full stop and a space: the end of a sentence or of an abbreviation.
    Dot,
    /// A comma and a space.
    Comma,
    /// A slash.
    Slash,
    /// Start of the text, end of a sentence that is no full stop, or an empty line.
    Break,
    /// Quotes, brackets, colons, dashes with spaces.
    Other,
}

/// The letters' case in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Lower,
    /// Begins with a capital.
    Title,
    /// Two capitals or more, and no small letter.
    Upper,
    /// A script without case, or digits.
    Caseless,
}

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Bytes from the start of the text.
    pub start: u32,
    pub end: u32,
    /// Hash of the folded form; see [`hash_word`].
    pub hash: u64,
    pub gap: Gap,
    pub case: Case,
}

impl Token {
    /// Length in bytes.
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }

    /// Whether the token may begin a name: capital, or a script that has none.
    pub fn may_begin_name(&self) -> bool {
        self.case != Case::Lower
    }
}

const SEED: u64 = 0x51_7c_c1_b7_27_22_0a_95;

fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn finish(hash: u64) -> u64 {
    hash ^ (hash >> 29)
}

/// Hash of bytes that are folded already, eight at a time.
fn hash_folded(bytes: &[u8]) -> u64 {
    let mut hash = SEED ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        hash = mix(
            hash,
            u64::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]]),
        );
    }
    finish(mix(hash, tail(chunks.remainder())))
}

/// The same for ASCII letters and digits in any case: bit 5 makes letters small and leaves digits alone.
fn hash_ascii(bytes: &[u8]) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    let mut hash = SEED ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = [chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]];
        hash = mix(hash, u64::from_le_bytes(word) | SMALL);
    }
    let rest = chunks.remainder();
    let used = if rest.is_empty() { 0 } else { u64::MAX >> (64 - 8 * rest.len()) };
    finish(mix(hash, tail(rest) | (SMALL & used)))
}

/// Up to seven bytes as a number.
fn tail(rest: &[u8]) -> u64 {
    // Two reads that may overlap, instead of one a byte.
    let four = |at: usize| u64::from(u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]));
    match rest.len() {
        0 => 0,
        length @ 1..4 => {
            u64::from(rest[0])
                | u64::from(rest[length / 2]) << (8 * (length / 2))
                | u64::from(rest[length - 1]) << (8 * (length - 1))
        }
        length => four(0) | four(length - 4) << (8 * (length - 4)),
    }
}

/// Hash of one word's folded form; equal for `Zürich`, `ZURICH` and `zurich`.
pub fn hash_word(word: &str) -> u64 {
    if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return hash_ascii(word.as_bytes());
    }
    hash_folded(fold(word).as_bytes())
}

/// Lower case without diacritics and without the dots of an acronym.
pub fn fold(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        decompose_canonical(c, |part| fold_part(part, &mut out));
    }
    out
}

fn fold_part(c: char, out: &mut String) {
    match c {
        // Marks that news leave out freely: Latin, Greek and Cyrillic accents, Arabic vowel signs.
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '.' => {}
        'ł' => out.push('l'),
        'ø' => out.push('o'),
        'đ' | 'ð' => out.push('d'),
        'ħ' => out.push('h'),
        'ı' => out.push('i'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        _ => out.push(c),
    }
}

/// Scripts that write no spaces: each character is a token of its own.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Appends the tokens of `text` to `tokens`, which is cleared first. One pass; about 1 microsecond a kilobyte of English.
pub fn tokenize(text: &str, tokens: &mut Vec<Token>) {
    tokens.clear();
    let bytes = text.as_bytes();
    let (mut at, mut gap_start) = (0, 0);
    while at < bytes.len() {
        if bytes[at].is_ascii_alphanumeric() {
            let (end, hash, case) = scan_word(text, at);
            tokens.push(token(bytes, gap_start, at, end, hash, case));
            (at, gap_start) = (end, end);
        } else if bytes[at].is_ascii() {
            at += 1;
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            if !is_word_char(c) {
                at += c.len_utf8();
                continue;
            }
            let (end, hash, case) = scan_word(text, at);
            tokens.push(token(bytes, gap_start, at, end, hash, case));
            (at, gap_start) = (end, end);
        }
    }
}

fn token(bytes: &[u8], gap_start: usize, start: usize, end: usize, hash: u64, case: Case) -> Token {
    let gap = if gap_start == 0 { Gap::Break } else { gap_of(&bytes[gap_start..start]) };
    Token { start: start as u32, end: end as u32, hash, gap, case }
}

/// What a byte is to a word: nothing, digit, small letter, capital.
static BYTE_CLASS: [u8; 256] = byte_classes();
const DIGIT: u8 = 1;
const SMALL_LETTER: u8 = 2;
const CAPITAL: u8 = 4;

const fn byte_classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => SMALL_LETTER,
            b'A'..=b'Z' => CAPITAL,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// Reads the word that begins at `start`: its end, hash and case.
fn scan_word(text: &str, start: usize) -> (usize, u64, Case) {
    let bytes = text.as_bytes();
    let mut classes = 0;
    let mut length = 0;
    for byte in &bytes[start..] {
        let class = BYTE_CLASS[usize::from(*byte)];
        if class == 0 {
            break;
        }
        classes |= class;
        length += 1;
    }
    let end = start + length;
    if length == 1
        && classes == CAPITAL
        && bytes.get(end) == Some(&b'.')
        && let Some(acronym_end) = dotted_acronym(bytes, start)
    {
        return (acronym_end, hash_word(&text[start..acronym_end]), Case::Upper);
    }
    if bytes.get(end).is_some_and(|b| !b.is_ascii()) {
        return scan_wide_word(text, start);
    }
    let word = &bytes[start..end];
    let case = match classes & (CAPITAL | SMALL_LETTER) {
        0 => Case::Caseless,
        SMALL_LETTER => Case::Lower,
        CAPITAL if word.iter().filter(|b| b.is_ascii_uppercase()).count() > 1 => Case::Upper,
        _ if word[0].is_ascii_uppercase() => Case::Title,
        // `iPhone`, `al-Qaeda` after its hyphen: a capital inside does not make a name's first word.
        _ => Case::Lower,
    };
    (end, hash_ascii(word), case)
}

/// `U.S.`, `U.S`, `D.C.`: the end of the acronym, its last dot included.
fn dotted_acronym(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = start;
    let mut letters = 0;
    while end < bytes.len() && bytes[end].is_ascii_uppercase() {
        letters += 1;
        end += 1;
        if bytes.get(end) == Some(&b'.') {
            end += 1;
        } else {
            break;
        }
    }
    let ends_clean = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    (letters >= 2 && ends_clean).then_some(end)
}

/// A word with characters beyond ASCII.
fn scan_wide_word(text: &str, start: usize) -> (usize, u64, Case) {
    let mut end = start;
    let (mut upper, mut lower, mut first_upper) = (0, 0, false);
    for c in text[start..].chars() {
        if !is_word_char(c) || (is_unspaced(c) && end > start) {
            break;
        }
        first_upper |= end == start && c.is_uppercase();
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
        end += c.len_utf8();
        if is_unspaced(c) {
            break;
        }
    }
    let case = match (upper, lower) {
        (0, 0) => Case::Caseless,
        (2.., 0) => Case::Upper,
        _ if first_upper => Case::Title,
        _ => Case::Lower,
    };
    (end, hash_folded(fold(&text[start..end]).as_bytes()), case)
}

fn gap_of(bytes: &[u8]) -> Gap {
    match bytes {
        [] => Gap::None,
        b" " => Gap::Space,
        b"-" => Gap::Hyphen,
        b"'" => Gap::Apostrophe,
        b", " | b"," => Gap::Comma,
        b". " | b".\n" => Gap::Dot,
        b"&" | b"." | b" & " => Gap::Inner,
        b"/" => Gap::Slash,
        _ => long_gap(bytes),
    }
}

fn long_gap(bytes: &[u8]) -> Gap {
    let text = std::str::from_utf8(bytes).unwrap_or("?");
    if bytes.windows(2).any(|w| w == b"\n\n") || text.contains(['!', '?', '…']) {
        return Gap::Break;
    }
    match text.trim() {
        "" => Gap::Space,
        "’" | "ʼ" | "‘" | "`" => Gap::Apostrophe,
        "‐" | "‑" | "–" if text.len() == 3 => Gap::Hyphen,
        "·" | "・" | "&" => Gap::Inner,
        // A closing quote after the stop still ends the sentence.
        "." | ".”" | ".\"" | ".'" | ".’" | ".)" | ". “" | ". \"" | ".” “" => Gap::Dot,
        "," => Gap::Comma,
        _ => Gap::Other,
    }
}

/// Whether a phrase may go on over this gap. A full stop only after a word as short as `St` or `Jr`.
fn joins(previous: &Token, next: &Token) -> bool {
    match next.gap {
        Gap::None | Gap::Space | Gap::Hyphen | Gap::Apostrophe | Gap::Inner => true,
        Gap::Dot => previous.len() <= 3,
        Gap::Comma | Gap::Slash | Gap::Break | Gap::Other => false,
    }
}

/// The keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash_folded(bytes);
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A map whose keys are hashes already.
pub type HashKeyed<V> = HashMap<u64, V, BuildHasherDefault<Identity>>;

/// Phrases of one or more tokens with a payload each.
#[derive(Clone, Debug)]
pub struct PhraseMap<V> {
    nodes: HashKeyed<Node<V>>,
}

#[derive(Clone, Copy, Debug)]
struct Node<V> {
    value: Option<V>,
    /// Some longer phrase begins like this one.
    continues: bool,
}

impl<V> Default for PhraseMap<V> {
    fn default() -> Self {
        PhraseMap { nodes: HashKeyed::default() }
    }
}

impl<V: Copy> PhraseMap<V> {
    pub fn with_capacity(phrases: usize) -> Self {
        PhraseMap { nodes: HashKeyed::with_capacity_and_hasher(phrases, BuildHasherDefault::default()) }
    }

    /// Adds a phrase; returns the payload that it had before, which stays. No tokens, no phrase.
    pub fn insert(&mut self, phrase: &[Token], value: V) -> Option<V> {
        let (last, prefix) = phrase.split_last()?;
        let mut key = SEED;
        for token in prefix {
            key = extend(key, token);
            self.nodes.entry(key).or_insert(Node { value: None, continues: true }).continues = true;
        }
        let node = self.nodes.entry(extend(key, last)).or_insert(Node { value: None, continues: false });
        let before = node.value;
        node.value = before.or(Some(value));
        before
    }

    /// The payload of exactly this phrase.
    pub fn get(&self, phrase: &[Token]) -> Option<V> {
        let key = phrase.iter().fold(SEED, extend);
        self.nodes.get(&key).and_then(|node| node.value)
    }

    /// Calls `found(length in tokens, payload)` for every phrase that begins at `tokens[at]`, shortest first.
    pub fn matches_at(&self, tokens: &[Token], at: usize, mut found: impl FnMut(usize, V)) {
        let mut key = SEED;
        for (length, index) in (at..tokens.len()).enumerate() {
            if length > 0 && !joins(&tokens[index - 1], &tokens[index]) {
                return;
            }
            key = extend(key, &tokens[index]);
            let Some(node) = self.nodes.get(&key) else { return };
            if let Some(value) = node.value {
                found(length + 1, value);
            }
            if !node.continues {
                return;
            }
        }
    }

    /// Number of nodes: phrases and their beginnings.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn extend(key: u64, token: &Token) -> u64 {
    mix(key, token.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut out = Vec::new();
        tokenize(text, &mut out);
        out
    }

    fn words(text: &str) -> Vec<String> {
        tokens(text).iter().map(|t| text[t.start as usize..t.end as usize].to_owned()).collect()
    }

    #[test]
    fn words_end_where_readers_end_them() {
        assert_eq!(words("Iran’s U.S.-led talks"), ["Iran", "s", "U.S.", "led", "talks"]);
        assert_eq!(words("São Tomé (AT&T)"), ["São", "Tomé", "AT", "T"]);
        assert_eq!(words("東京と"), ["東", "京", "と"]);
        assert_eq!(words("नई दिल्ली में"), ["नई", "दिल्ली", "में"]);
        assert_eq!(words("the U.S. Then D.C"), ["the", "U.S.", "Then", "D.C"]);
        assert_eq!(words("J. Smith, A.Br"), ["J", "Smith", "A", "Br"]);
    }

    #[test]
    fn folding_makes_spellings_equal() {
        for (a, b) in
            [("Zürich", "ZURICH"), ("Łódź", "Lodz"), ("U.S.", "us"), ("Göteborg", "göteborg"), ("Αθήνα", "ΑΘΗΝΑ")]
        {
            assert_eq!(hash_word(a), hash_word(b), "{a} {b}");
            assert_eq!(tokens(a)[0].hash, tokens(b)[0].hash, "{a} {b}");
        }
        assert_ne!(hash_word("Mali"), hash_word("Malis"));
        assert_ne!(hash_word("abcdefgh"), hash_word("abcdefghi"));
    }

    #[test]
    fn case_is_told() {
        let cases: Vec<Case> = tokens("Iran US iPhone in 2026 तेहरान McDonald A").iter().map(|t| t.case).collect();
        use Case::{Caseless, Lower, Title, Upper};
        assert_eq!(cases, [Title, Upper, Lower, Lower, Caseless, Caseless, Title, Title]);
    }

    #[test]
    fn gaps_are_told() {
        let gaps: Vec<Gap> = tokens("A b-c, d. e\n\nf/g’s (h) AT&T").iter().map(|t| t.gap).collect();
        use Gap::{Apostrophe, Break, Comma, Dot, Hyphen, Inner, Other, Slash, Space};
        assert_eq!(gaps, [Break, Space, Hyphen, Comma, Dot, Break, Slash, Apostrophe, Other, Other, Inner]);
    }

    #[test]
    fn phrases_match_over_joints_and_not_over_stops() {
        let mut map = PhraseMap::default();
        for (value, phrase) in
            ["New York", "York", "New York City", "Port-au-Prince", "St. Petersburg", "Sana'a"].iter().enumerate()
        {
            assert_eq!(map.insert(&tokens(phrase), value), None);
        }
        let found = |text: &str| {
            let tokens = tokens(text);
            let mut all = Vec::new();
            for at in 0..tokens.len() {
                map.matches_at(&tokens, at, |length, value| all.push((at, length, value)));
            }
            all
        };
        assert_eq!(found("in NEW YORK city"), [(1, 2, 0), (1, 3, 2), (2, 1, 1)]);
        assert_eq!(found("Port au Prince"), [(0, 3, 3)]);
        assert_eq!(found("St Petersburg, St. Petersburg"), [(0, 2, 4), (2, 2, 4)]);
        assert_eq!(found("in the Port. au Prince, New, York"), [(6, 1, 1)]);
        assert_eq!(found("Sana’a"), [(0, 2, 5)]);
    }
}
