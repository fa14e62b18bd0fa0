//! Words that say nothing about what an item is about: `kb/terms/stop-words.txt`, built in.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_64;

static FILE: &str = include_str!("../../../kb/terms/stop-words.txt");

/// The section that counts for every language.
const ANY: &str = "any";
/// What an item without a language is read as: most wire copy is English.
const DEFAULT: &str = "en";

/// The stop words of a language, by their hashes.
#[derive(Debug, Default)]
pub struct StopWords {
    words: HashSet<u64, FixedState>,
}

impl StopWords {
    /// Whether the word with this `xxh3_64` is one.
    pub fn contains(&self, word_hash: u64) -> bool {
        self.words.contains(&word_hash)
    }
}

static BY_LANGUAGE: LazyLock<HashMap<&'static str, StopWords>> = LazyLock::new(|| {
    let mut sections: HashMap<&'static str, StopWords> = HashMap::new();
    let mut language = ANY;
    for line in FILE.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            Some(name) => language = name,
            None => sections
                .entry(language)
                .or_default()
                .words
                .extend(line.split_whitespace().map(|word| xxh3_64(word.as_bytes()))),
        }
    }
    let any: Vec<u64> = sections.get(ANY).map(|s| s.words.iter().copied().collect()).unwrap_or_default();
    for section in sections.values_mut() {
        section.words.extend(&any);
    }
    sections
});

/// The stop words for a BCP 47 tag.
pub fn of(language: Option<&str>) -> &'static StopWords {
    static NONE: LazyLock<StopWords> = LazyLock::new(StopWords::default);
    let tag = language.unwrap_or(DEFAULT);
    let primary = tag.split('-').next().unwrap_or(tag);
    BY_LANGUAGE.get(primary).or_else(|| BY_LANGUAGE.get(ANY)).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_by_language_and_hold_what_counts_for_all() {
        let holds = |language: Option<&str>, word: &str| of(language).contains(xxh3_64(word.as_bytes()));
        assert!(holds(Some("de-AT"), "und") && holds(Some("de"), "reuters"));
        assert!(!holds(Some("en"), "und") && holds(None, "the"));
        assert!(!holds(Some("tlh"), "the") && holds(Some("tlh"), "afp"));
    }

    #[test]
    fn the_file_holds_folded_words() {
        for line in FILE.lines().filter(|line| !line.starts_with(['#', '['])) {
            assert!(line.chars().all(|c| c.is_ascii_lowercase() || c == ' '), "{line}");
        }
    }
}
