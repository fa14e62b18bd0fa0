//! Text to word hashes: what the lexicon is compiled to and what it is matched against.
//!
//! A word is a run of letters and digits. Apostrophes, hyphens and full stops end it, a possessive `'s` is dropped, so that
//! `vice-president's` is `vice` `president`. Words are compared by a 64-bit hash of their lower-case form (ASCII only; other
//! letters stay as they are), made byte by byte as the text is read: two instructions a byte, no copy of the text. That two
//! different words share a hash is as likely as a bit flipping in memory, and would cost a wrong hint, no more.

/// One word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub hash: u64,
    /// Byte offset of its first letter, by which its case is looked up when a term asks for it.
    pub start: u32,
}

/// Hash of the pseudo-word that stands for a result such as `2-1`.
pub(super) const SCORE: u64 = 1;
/// Hash of the pseudo-word that stands for a sum of money such as `$5`.
pub(super) const MONEY: u64 = 2;

/// For each byte the number that it adds to a word's hash; 0 for bytes that end a word.
static BYTES: [u64; 256] = byte_numbers();

const fn byte_numbers() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_alphanumeric() || (b >= 0x80 && !is_sign_lead(b)) {
            table[byte] = split_mix(b.to_ascii_lowercase() as u64);
        }
        byte += 1;
    }
    table
}

/// Lead bytes of U+0080 to U+00BF and U+2000 to U+2FFF: spaces, quotes, dashes, signs.
const fn is_sign_lead(byte: u8) -> bool {
    byte == 0xc2 || byte == 0xe2
}

/// SplitMix64's output function: a fixed sequence of well-spread numbers, the same in every build.
const fn split_mix(n: u64) -> u64 {
    let mut z = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Appends the words of `text`, in order.
pub(super) fn tokenize(text: &str, out: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut last_number = None;
    while let Some(&first) = bytes.get(at) {
        let mut hash = BYTES[usize::from(first)];
        if hash == 0 {
            at += if is_sign_lead(first) { sign_bytes(first) } else { 1 };
            continue;
        }
        let start = at;
        at += 1;
        for &byte in &bytes[at..] {
            let number = BYTES[usize::from(byte)];
            if number == 0 {
                break;
            }
            hash = hash.rotate_left(1) ^ number;
            at += 1;
        }
        if first.is_ascii_digit() {
            last_number = number_signs(bytes, start, at, last_number, out);
        }
        out.push(Token { hash, start: offset(start) });
        at = skip_possessive(bytes, at);
    }
}

fn sign_bytes(lead: u8) -> usize {
    if lead == 0xc2 { 2 } else { 3 }
}

/// Adds the pseudo-words for a number at `start..end`; returns where it ends if it may be the first half of a result.
fn number_signs(bytes: &[u8], start: usize, end: usize, last: Option<usize>, out: &mut Vec<Token>) -> Option<usize> {
    let small = end - start <= 3 && bytes[start..end].iter().all(u8::is_ascii_digit);
    if small && last.is_some_and(|last| matches!(&bytes[last..start], b"-" | [0xe2, 0x80, 0x93])) {
        out.push(Token { hash: SCORE, start: offset(start) });
        return None;
    }
    if matches!(&bytes[..start], [.., b'$'] | [.., 0xc2, 0xa3] | [.., 0xe2, 0x82, 0xac]) {
        out.push(Token { hash: MONEY, start: offset(start) });
    }
    small.then_some(end)
}

fn skip_possessive(bytes: &[u8], at: usize) -> usize {
    let after = match &bytes[at..] {
        [b'\'', b's' | b'S', ..] => at + 2,
        [0xe2, 0x80, 0x99, b's' | b'S', ..] => at + 4,
        _ => return at,
    };
    let ends = bytes.get(after).is_none_or(|&b| BYTES[usize::from(b)] == 0);
    if ends { after } else { at }
}

/// Items are far smaller than 4 GiB; in what lies beyond, case would be looked up at the wrong place.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u64> {
        let mut out = Vec::new();
        tokenize(text, &mut out);
        out.into_iter().map(|t| t.hash).collect()
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
    }

    #[test]
    fn words_with_the_same_letters_differ() {
        assert_ne!(hashes("listen"), hashes("silent"));
        assert_ne!(hashes("a"), hashes("aa"));
        assert_ne!(hashes("café"), hashes("cafe"));
        assert_eq!(hashes("d'etat").len(), 2);
        assert_eq!(hashes("it'sx").len(), 2);
    }

    #[test]
    fn results_and_sums_are_words_of_their_own() {
        assert!(hashes("won 2-1 at home").contains(&SCORE));
        assert!(hashes("a 6–4 win").contains(&SCORE));
        for no in ["in 1986-87", "2 - 1", "2.1", "the 2-year plan", "10,000"] {
            assert!(!hashes(no).contains(&SCORE), "{no}");
        }
        assert!(hashes("paid $5 bln").contains(&MONEY));
        assert!(hashes("paid £5m").contains(&MONEY));
        assert!(hashes("€5").contains(&MONEY));
        assert!(!hashes("5 dollars").contains(&MONEY));
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
