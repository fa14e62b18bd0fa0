//! A text to its words: folding, word hashes, numbers. Made for speed: it is half the cost of a fingerprint.
//!
//! Text is folded a run at a time, and words are found by a bit mask of 64 bytes, without a branch a byte. Measured with
//! `cargo bench --bench prepare`.

use xxhash_rust::xxh3::xxh3_64;

use crate::item::NewsItem;

/// Headline and body with one case, one kind of quote and dash, and single spaces: two agencies' typography of the same words
/// gives the same text.
#[derive(Debug, Default)]
pub struct Folded {
    pub text: String,
    /// Of each byte of `text`, a capital letter of ASCII where the wire has one, of any script; else something that is none.
    cased: Vec<u8>,
    /// Length of the headline.
    pub headline_bytes: usize,
}

pub fn fold(news: &NewsItem) -> Folded {
    let room = news.body.len() + 128;
    let mut folded = Folded { text: String::with_capacity(room), cased: Vec::with_capacity(room), headline_bytes: 0 };
    folded.push(news.headline.as_deref().unwrap_or_default());
    folded.headline_bytes = folded.text.len();
    folded.push(&news.body);
    folded
}

impl Folded {
    /// Whether the word that starts there begins with a capital letter in the wire.
    pub fn is_capital(&self, start: usize) -> bool {
        self.cased.get(start).is_some_and(u8::is_ascii_uppercase)
    }

    fn push(&mut self, text: &str) {
        // A space is due before the next character.
        let mut due = !self.text.is_empty();
        let mut at = 0;
        while at < text.len() {
            let run = plain_run(&text.as_bytes()[at..]);
            if run > 0 {
                due = self.push_run(&text[at..at + run], due);
                at += run;
            }
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if c.is_whitespace() {
                due = true;
                continue;
            }
            self.separate(&mut due);
            match c {
                '\u{2018}' | '\u{2019}' | '\u{201b}' => self.text.push('\''),
                '\u{201c}' | '\u{201d}' | '\u{201e}' => self.text.push('"'),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => self.text.push('-'),
                c => self.text.extend(c.to_lowercase()),
            }
            self.cased.resize(self.text.len(), if c.is_uppercase() { b'A' } else { b'a' });
        }
    }

    fn separate(&mut self, due: &mut bool) {
        if std::mem::take(due) && !self.text.is_empty() {
            self.text.push(' ');
            self.cased.push(b' ');
        }
    }

    /// Folds ASCII without control characters. Returns whether a space is due after it.
    fn push_run(&mut self, run: &str, due: bool) -> bool {
        let bytes = run.as_bytes();
        let gaps = bytes.iter().zip(&bytes[1..]).fold(false, |any, (a, b)| any | ((*a == b' ') & (*b == b' ')));
        if gaps {
            return run.split_inclusive(' ').fold(due, |due, word| self.push_words(word, due));
        }
        self.push_words(run, due)
    }

    /// Folds words with single spaces between them, and perhaps one before and after.
    fn push_words(&mut self, run: &str, due: bool) -> bool {
        let words = run.trim_matches(' ');
        let mut due = due || run.starts_with(' ');
        if words.is_empty() {
            return due;
        }
        self.separate(&mut due);
        let start = self.text.len();
        self.cased.extend_from_slice(words.as_bytes());
        self.text.push_str(words);
        self.text[start..].make_ascii_lowercase();
        run.ends_with(' ')
    }
}

/// Bytes at the start that are ASCII and no control characters. A block at a time, which compiles to vector code.
fn plain_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let plain = |b: &u8| (0x20..0x80).contains(b);
    let mut at = 0;
    for block in bytes.chunks(BLOCK) {
        if !block.iter().fold(true, |all, b| all & plain(b)) {
            return at + block.iter().position(|b| !plain(b)).unwrap_or(block.len());
        }
        at += block.len();
    }
    at
}

/// Hashes of a text's words, in order, and of its numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub words: Vec<u64>,
    /// Where each word begins and ends, in bytes.
    pub spans: Vec<(usize, usize)>,
    /// In the text's order, repeats included.
    pub numbers: Vec<u64>,
}

/// Words of a folded text are its runs of letters and digits.
pub fn words(folded: &str) -> Words {
    const BLOCK: usize = 64;
    let bytes = folded.as_bytes();
    let most = bytes.len() / 5 + 1;
    let mut found = Words { words: Vec::with_capacity(most), spans: Vec::with_capacity(most), numbers: Vec::new() };
    let mut start = None;
    let mut number_end = 0;
    // Letters and digits of a character that the last block cut, in its first bytes.
    let mut cut = 0;
    for (at, block) in (0..).step_by(BLOCK).zip(bytes.chunks(BLOCK)) {
        let Masks { mut word, digit, upper } = masks(block);
        word |= cut;
        cut = 0;
        if upper != 0 {
            let (more, rest) = beyond_ascii(folded, at, block.len());
            word |= more;
            cut = rest;
        }
        // Bits that differ from the one before them begin or end a word.
        let mut edges = word ^ (word << 1 | u64::from(start.is_some()));
        while edges != 0 {
            let edge = at + edges.trailing_zeros() as usize;
            edges &= edges - 1;
            match start.take() {
                None => start = Some(edge),
                Some(start) => found.push(bytes, start, edge.min(bytes.len())),
            }
        }
        let mut digits = digit;
        while digits != 0 {
            let digit = at + digits.trailing_zeros() as usize;
            digits &= digits - 1;
            if digit >= number_end {
                number_end = memchr::memchr(b' ', &bytes[digit..]).map_or(bytes.len(), |len| digit + len);
                let number_start = memchr::memrchr(b' ', &bytes[..digit]).map_or(0, |space| space + 1);
                if let Some(number) = number(&folded[number_start..number_end]) {
                    found.numbers.push(xxh3_64(number.as_bytes()));
                }
            }
        }
    }
    if let Some(start) = start {
        found.push(bytes, start, bytes.len());
    }
    found
}

impl Words {
    fn push(&mut self, text: &[u8], start: usize, end: usize) {
        self.words.push(xxh3_64(&text[start..end]));
        self.spans.push((start, end));
    }
}

/// One bit a byte of a block of up to 64.
struct Masks {
    /// Small letters and digits of ASCII.
    word: u64,
    digit: u64,
    /// Bytes above ASCII.
    upper: u64,
}

/// Eight bytes at a time, by arithmetic within one register (as in "Bit Twiddling Hacks", S. E. Anderson).
fn masks(block: &[u8]) -> Masks {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let every = |b: u8| u64::from(b) * 0x0101_0101_0101_0101;
    // The high bit of each byte that lies within the range; bytes above ASCII do not.
    let within = |eight: u64, first: u8, last: u8| {
        let low = eight & !HIGH;
        (low + every(0x80 - first)) & !(low + every(0x7F - last)) & !eight & HIGH
    };
    // Gathers the high bits of eight bytes into one byte.
    let gather = |high: u64| (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    let mut masks = Masks { word: 0, digit: 0, upper: 0 };
    for (at, eight) in (0..64).step_by(8).zip(block.chunks(8)) {
        let mut padded = [0; 8];
        padded[..eight.len()].copy_from_slice(eight);
        let eight = u64::from_le_bytes(padded);
        let digit = within(eight, b'0', b'9');
        masks.word |= gather(digit | within(eight, b'a', b'z')) << at;
        masks.digit |= gather(digit) << at;
        masks.upper |= gather(eight & HIGH) << at;
    }
    masks
}

/// Bits of the letters and digits above ASCII that begin in a block, and those that fall into the next one.
fn beyond_ascii(folded: &str, at: usize, len: usize) -> (u64, u64) {
    let mut bits = 0u128;
    let first = folded.ceil_char_boundary(at);
    for (offset, c) in folded[first..].char_indices().take_while(|(offset, _)| first + offset < at + len) {
        if !c.is_ascii() && c.is_alphanumeric() {
            bits |= ((1 << c.len_utf8()) - 1) << (first + offset - at);
        }
    }
    (bits as u64, (bits >> 64) as u64)
}

/// The number that a word is, with its sign and decimals, without currency, unit and closing punctuation: `-1.5` of `$-1.5m,`.
fn number(word: &str) -> Option<&str> {
    let digit = word.find(|c: char| c.is_ascii_digit())?;
    let signed = digit > 0 && matches!(word.as_bytes()[digit - 1], b'-' | b'+');
    // A hyphen inside a word is no sign: `covid-19`.
    let first = if signed && !word[..digit - 1].ends_with(char::is_alphanumeric) { digit - 1 } else { digit };
    let last = word.rfind(|c: char| c.is_ascii_digit())?;
    Some(&word[first..=last])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_without_currency_units_and_punctuation() {
        let cases = [
            ("$-1.5m,", Some("-1.5")),
            ("(3,000)", Some("3,000")),
            ("covid-19", Some("19")),
            ("-7%.", Some("-7")),
            ("word", None),
            ("2026-03-10", Some("2026-03-10")),
        ];
        for (word, expected) in cases {
            assert_eq!(number(word), expected, "{word}");
        }
    }

    fn item(headline: Option<String>, body: String) -> NewsItem {
        NewsItem { headline, body, ..NewsItem::default() }
    }

    /// What folding means, character by character.
    fn plainly_folded(news: &NewsItem) -> String {
        let fold = |c: char| match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' => "'".to_owned(),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => "\"".to_owned(),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => "-".to_owned(),
            c => c.to_lowercase().collect(),
        };
        let texts = [news.headline.as_deref(), Some(news.body.as_str())];
        let words = texts.into_iter().flatten().flat_map(str::split_whitespace);
        words.map(|word| word.chars().map(fold).collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// What words and numbers are.
    fn plainly_split(folded: &str) -> Words {
        let words = || folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let start = |word: &str| word.as_ptr() as usize - folded.as_ptr() as usize;
        Words {
            spans: words().map(|word| (start(word), start(word) + word.len())).collect(),
            words: words().map(|word| xxh3_64(word.as_bytes())).collect(),
            numbers: folded.split_whitespace().filter_map(number).map(|n| xxh3_64(n.as_bytes())).collect(),
        }
    }

    #[test]
    fn what_begins_with_a_capital_letter_is_remembered() {
        let folded = fold(&item(
            Some("Fire in \u{dc}r\u{fc}mqi".to_owned()),
            "\u{201c}\u{c9}lys\u{e9}e  said 3 Of iPhones".to_owned(),
        ));
        let capitals: Vec<bool> =
            words(&folded.text).spans.iter().map(|(start, _)| folded.is_capital(*start)).collect();
        assert_eq!(capitals, [true, false, true, true, false, false, true, false], "{}", folded.text);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_and_splitting_are_what_they_mean(
            headline in prop::option::of("\\PC{0,20}"),
            body in "([a-zA-Z]{1,9}[ ,.]{1,2}|[0-9]{1,4}|[-+$ %.]|[äßжİ’“–\u{a0}\u{3000}नि१½]|\n|\t|\\PC){0,120}",
        ) {
            let news = item(headline, body);
            let folded = fold(&news);
            prop_assert_eq!(&folded.text, &plainly_folded(&news));
            prop_assert_eq!(folded.cased.len(), folded.text.len());
            prop_assert_eq!(words(&folded.text), plainly_split(&folded.text));
        }
    }
}
