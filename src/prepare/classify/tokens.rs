//! Text to word hashes: what the lexicon is compiled to and what it is matched against.
//!
//! A word is a run of letters and digits. Apostrophes, hyphens and full stops end it, a possessive `'s` is dropped, so that
//! `vice-president's` is `vice` `president`. Words are compared by a 64-bit hash of their lower-case form (in ASCII and Latin-1;
//! other letters as they are). That two different words share a hash is as likely as a bit flipping in memory, and would cost
//! a wrong hint, no more.
//!
//! Where words end cannot be predicted, and a mispredicted branch costs as much as reading a word. So the bytes of a text are
//! told apart 64 at a time, without a branch, and words of up to 16 bytes are hashed at once.

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub hash: u64,
    /// Byte offset of its first letter, by which its case is looked up when a term asks for it.
    pub start: u32,
}

/// What numbers say by their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A result such as `2-1`.
    Score,
    /// A sum of money such as `$5`.
    Money,
}

/// Bytes whose bits fill one number.
const BLOCK_BYTES: usize = 64;
/// Each byte 0x01.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGH: u64 = 0x80 * ONES;
/// The bit by which ASCII's capitals differ from its small letters; digits have it anyway.
const FOLD: u64 = 0x20 * ONES;

/// Appends the words of `text`, in order. Texts of 4 GiB and more are read up to there.
pub(super) fn tokenize(text: &str, out: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    // English has six bytes a word, the space included.
    out.reserve(bytes.len() / 5);
    let mut reader = Reader { bytes, out, word_before: 0, sign_bytes_left: 0, begun: 0 };
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    let mut starts = (0..u32::MAX - BLOCK_BYTES as u32).step_by(BLOCK_BYTES);
    blocks.iter().zip(&mut starts).for_each(|(block, at)| reader.read(block, at));
    // What is left is shorter than a block, so that a space ends its last word.
    let mut last = [b' '; BLOCK_BYTES];
    last[..rest.len()].copy_from_slice(rest);
    starts.next().into_iter().for_each(|at| reader.read(&last, at));
}

/// Reads a text block by block.
struct Reader<'a> {
    bytes: &'a [u8],
    out: &'a mut Vec<Token>,
    /// 1 if the byte before the block belongs to a word, which began at `begun`.
    word_before: u64,
    begun: u32,
    sign_bytes_left: u64,
}

impl Reader<'_> {
    fn read(&mut self, block: &[u8; BLOCK_BYTES], at: u32) {
        let word;
        (word, self.sign_bytes_left) = word_bits(block, self.sign_bytes_left);
        // The last bytes of words, of which each but the first is preceded by the next one's first byte.
        let mut starts = word & !(word << 1 | self.word_before);
        let mut ends = !word & (word << 1 | self.word_before);
        let mut start = self.begun;
        if self.word_before == 0 {
            start = at + starts.trailing_zeros();
            starts &= starts.wrapping_sub(1);
        }
        while ends != 0 {
            let end = at + ends.trailing_zeros();
            ends &= ends - 1;
            self.word(start, end);
            start = at + starts.trailing_zeros();
            starts &= starts.wrapping_sub(1);
        }
        self.begun = start;
        self.word_before = word >> 63;
    }

    fn word(&mut self, start: u32, end: u32) {
        let (from, to) = (start as usize, end as usize);
        if to - from > 1 || !is_possessive(self.bytes, from) {
            self.out.push(Token { hash: hash(self.bytes, from, to), start });
        }
    }
}

/// Whether the letter at `at` is the `s` after an apostrophe.
fn is_possessive(bytes: &[u8], at: usize) -> bool {
    matches!(&bytes[..=at], [.., b'\'', b's' | b'S'] | [.., 0xe2, 0x80, 0x99, b's' | b'S'])
}

/// The bits of the bytes that belong to words, and, for the next block, of those of its bytes that a sign begun here takes.
fn word_bits(block: &[u8; BLOCK_BYTES], sign_bytes_left: u64) -> (u64, u64) {
    // 0x80 for each byte that is an ASCII letter or digit: a loop that the compiler makes vectors of.
    let mut marks = [0u8; BLOCK_BYTES];
    for (mark, byte) in marks.iter_mut().zip(block) {
        let is_digit = byte.wrapping_sub(b'0') < 10;
        let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        *mark = u8::from(is_digit | is_letter) << 7;
    }
    let ascii = bits(&marks, |eight| eight);
    let beyond = block.as_chunks::<8>().0.iter().fold(0, |all, eight| all | u64::from_le_bytes(*eight)) & HIGH;
    if beyond == 0 {
        return (ascii, 0);
    }
    let beyond = bits(block, |eight| eight & HIGH);
    // Lead bytes of U+0080 to U+00BF and U+2000 to U+2FFF: spaces, quotes, dashes, signs. They and what follows are no letters.
    let two = bits(block, |eight| equal(eight, 0xc2));
    let three = bits(block, |eight| equal(eight, 0xe2));
    let signs = two | two << 1 | three | three << 1 | three << 2 | sign_bytes_left;
    (ascii | beyond & !signs, two >> 63 | three >> 62 | three >> 63)
}

/// One bit a byte: the highest ones of what `of` makes of eight bytes.
fn bits(block: &[u8; BLOCK_BYTES], of: impl Fn(u64) -> u64) -> u64 {
    let (eights, _) = block.as_chunks::<8>();
    (0..).step_by(8).zip(eights).fold(0, |all, (at, eight)| all | gather(of(u64::from_le_bytes(*eight))) << at)
}

/// The highest bits of eight bytes, side by side; their other bits are 0.
fn gather(high: u64) -> u64 {
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The highest bit of each byte that is `byte`.
fn equal(eight: u64, byte: u8) -> u64 {
    let differs = eight ^ (u64::from(byte) * ONES);
    !(((differs & !HIGH) + !HIGH) | differs) & HIGH
}

/// Hash of the word at `start..end`.
fn hash(bytes: &[u8], start: usize, end: usize) -> u64 {
    let Some(first) = bytes.get(start..).and_then(|rest| rest.first_chunk::<16>()) else {
        return long_hash(bytes.get(start..end).unwrap_or_default());
    };
    let length = end - start;
    if length > 16 {
        return long_hash(bytes.get(start..end).unwrap_or_default());
    }
    mix(0, u128::from_le_bytes(*first) & MASKS[length])
}

/// The same of a word of any length, and of one near the text's end.
fn long_hash(word: &[u8]) -> u64 {
    word.chunks(16).fold(0, |hash, part| mix(hash, padded(part)))
}

/// The low bytes of a number, by how many.
const MASKS: [u128; 17] = {
    let mut masks = [u128::MAX; 17];
    let mut bytes = 0;
    while bytes < 16 {
        masks[bytes] = (1 << (8 * bytes)) - 1;
        bytes += 1;
    }
    masks
};

fn padded(bytes: &[u8]) -> u128 {
    let mut all = [0; 16];
    all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u128::from_le_bytes(all)
}

/// Multiplies the halves by odd numbers and folds the sum.
fn mix(before: u64, sixteen: u128) -> u64 {
    let (low, high) = (sixteen as u64 | FOLD, (sixteen >> 64) as u64 | FOLD);
    let sum =
        (low ^ before).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ high.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(32);
    (sum ^ sum >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// Calls `found` for each sign in `text`.
pub(super) fn signs(text: &str, mut found: impl FnMut(Sign)) {
    let bytes = text.as_bytes();
    // Last bytes of `-` and the en dash, and of `$`, `£` and `€`.
    for at in memchr::memchr2_iter(b'-', 0x93, bytes) {
        let before = match &bytes[..=at] {
            [before @ .., b'-'] | [before @ .., 0xe2, 0x80, 0x93] => before,
            _ => continue,
        };
        if is_small_number(before.iter().rev()) && is_small_number(bytes[at + 1..].iter()) {
            found(Sign::Score);
        }
    }
    for at in memchr::memchr3_iter(b'$', 0xa3, 0xac, bytes) {
        let is_sign = matches!(&bytes[..=at], [.., b'$'] | [.., 0xc2, 0xa3] | [.., 0xe2, 0x82, 0xac]);
        if is_sign && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            found(Sign::Money);
        }
    }
}

/// One to three digits, and then no letter or digit.
fn is_small_number<'a>(bytes: impl Iterator<Item = &'a u8>) -> bool {
    let mut digits = 0;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return (1..=3).contains(&digits) && !byte.is_ascii_alphanumeric();
        }
        digits += 1;
    }
    (1..=3).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        tokenize(text, &mut out);
        out.into_iter().map(|t| t.hash).collect()
    }

    /// The words of a text by a plain reading, to hold the arithmetic to.
    fn plain_words(text: &str) -> Vec<&str> {
        let is_sign = |c: char| matches!(c, '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{2fff}');
        let no_word = |c: char| !c.is_ascii_alphanumeric() && (c.is_ascii() || is_sign(c));
        let starts = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let possessive = |word: &&str| {
            let before = &text[..starts(word)];
            word.eq_ignore_ascii_case("s") && (before.ends_with('\'') || before.ends_with('’'))
        };
        text.split(no_word).filter(|word| !word.is_empty()).filter(|word| !possessive(word)).collect()
    }

    #[test]
    fn words_are_those_of_a_plain_reading_wherever_blocks_end() {
        let texts = [
            "Prince’s day: cafés—“10,000” @ [a-z] `A` {Z}~ 0/9:; £ €5… naïve Москва 東京 it's S's s",
            "a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9",
            "internationalisation of deinstitutionalisation-electroencephalographically",
            "’s ’’s '' 's",
            "",
        ];
        for text in texts {
            for before in 0..2 * BLOCK_BYTES {
                for pad in [" ", "x", "’"] {
                    let text = format!("{}{text}", pad.repeat(before));
                    let expected: Vec<u64> =
                        plain_words(&text).iter().map(|w| hash(w.as_bytes(), 0, w.len())).collect();
                    assert_eq!(hashes(&text), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn case_punctuation_and_possessives_do_not_matter() {
        let plain = hashes("vice president putin");
        assert_eq!(plain.len(), 3);
        for same in [
            "Vice-President Putin's",
            "VICE PRESIDENT PUTIN’S",
            "“vice—president” (Putin)",
            "vice\u{a0}president putin…",
        ] {
            assert_eq!(hashes(same), plain, "{same}");
        }
        assert_eq!(hashes("Élan À Ø"), hashes("élan à ø"));
    }

    #[test]
    fn different_words_differ() {
        let words = [
            "listen",
            "silent",
            "a",
            "aa",
            "café",
            "cafe",
            "cafè",
            "0",
            "00",
            "sixteen-letters",
            "p",
            "abcdefghijklmnopq",
            "abcdefghijklmnopr",
        ];
        for (at, a) in words.iter().enumerate() {
            for b in &words[at + 1..] {
                assert_ne!(hashes(a), hashes(b), "{a} {b}");
            }
        }
    }

    fn all_signs(text: &str) -> Vec<Sign> {
        let mut out = Vec::new();
        signs(text, |sign| out.push(sign));
        out
    }

    #[test]
    fn results_and_sums_are_told_by_their_form() {
        for text in ["won 2-1 at home", "a 6–4 win", "2-1", "(101-98)"] {
            assert_eq!(all_signs(text), [Sign::Score], "{text}");
        }
        for text in ["paid $5 bln", "paid £5m", "€5"] {
            assert_eq!(all_signs(text), [Sign::Money], "{text}");
        }
        for no in
            ["in 1986-87", "2 - 1", "2.1", "the 2-year plan", "10,000", "-1", "2-", "F2-1", "5 dollars", "$", "£", ""]
        {
            assert_eq!(all_signs(no), [], "{no}");
        }
    }

    #[test]
    fn offsets_point_at_first_letters() {
        let text = "“Who” said WHO?";
        let mut out = Vec::new();
        tokenize(text, &mut out);
        let starts: Vec<&str> = out.iter().map(|t| &text[t.start as usize..]).collect();
        assert!(starts[0].starts_with("Who") && starts[1].starts_with("said") && starts[2].starts_with("WHO"));
    }
}
