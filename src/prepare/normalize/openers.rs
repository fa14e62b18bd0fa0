//! Lines that are known by how they begin. Most lines begin otherwise: these functions find that out in a few nanoseconds.

use std::hash::Hasher;

/// The first `chars` characters of a line, folded.
pub fn folded_head(line: &str, chars: usize) -> String {
    match line.as_bytes().get(..chars) {
        Some(head) if head.is_ascii() => line[..chars].to_ascii_lowercase(),
        _ => line.chars().take(chars).flat_map(char::to_lowercase).collect(),
    }
}

/// True where a folded line begins with one of the openers.
pub fn opens_with(head: &str, openers: &[&str]) -> bool {
    let Some(first) = head.as_bytes().first() else { return false };
    openers.iter().any(|opener| opener.as_bytes().first() == Some(first) && head.starts_with(opener))
}

/// A word folded for a look-up, without an allocation where it is ASCII. `N` is the longest name's bytes.
pub fn with_folded<const N: usize, T>(word: &str, look_up: impl Fn(&str) -> T) -> T {
    let mut buffer = [0; N];
    match buffer.get_mut(..word.len()) {
        Some(folded) if word.is_ascii() => {
            folded.copy_from_slice(word.as_bytes());
            folded.make_ascii_lowercase();
            look_up(std::str::from_utf8(folded).unwrap_or(word))
        }
        _ => look_up(&word.to_lowercase()),
    }
}

/// FNV-1a (Fowler, Noll, Vo): for the short names of fixed tables, where nobody can choose keys that collide.
#[derive(Clone, Copy)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Builds [`Fnv`] for the maps of the standard library.
pub type BuildFnv = std::hash::BuildHasherDefault<Fnv>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_folded_by_characters() {
        assert_eq!(folded_head("EDS: Updates", 4), "eds:");
        assert_eq!(folded_head("Über uns", 4), "über");
        assert_eq!(folded_head("ÀB", 4), "àb");
        assert!(opens_with("eds: x", &["ap", "eds:"]));
        assert!(!opens_with("", &["ap"]));
        assert_eq!(with_folded::<8, _>("March", str::to_owned), "march");
        assert_eq!(with_folded::<4, _>("FÉVRIER", str::to_owned), "février");
    }
}
