//! How rare a word is before the desk's own window knows: `kb/terms/frequencies.tsv`, built in.

use std::sync::LazyLock;

use super::{hash, stem};

static TABLE: &str = include_str!("../../../kb/terms/frequencies.tsv");

/// The share of items that hold a word which the table does not: a name, as a rule.
const UNKNOWN: f32 = 1e-4;

/// Steps of a stored level in a factor e.
const LEVEL_STEPS: f32 = 25.0;

/// Terms by the lower bits of their hash: open addressing, half full. An entry is the hash and a level, minus the logarithm of
/// the share; 0 is free, which no entry is, because no word stands in every item.
struct Background(Box<[u32]>);

const SLOTS: usize = 1 << 16;

static BACKGROUND: LazyLock<Background> = LazyLock::new(|| {
    // Words of one stem stand for each other.
    let mut shares: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let mut buffer = String::new();
    for (word, per_million) in TABLE.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        let without = shares.entry(hash(stem(word, &mut buffer))).or_insert(1.0);
        *without *= 1.0 - per_million.parse().unwrap_or(0.0) / 1e6;
    }
    let mut slots = vec![0_u32; SLOTS].into_boxed_slice();
    for (hash, without) in shares {
        let level = (-(1.0 - without).ln() as f32 * LEVEL_STEPS).round().clamp(1.0, 255.0) as u32;
        let mut at = hash as usize % SLOTS;
        while slots[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        slots[at] = (hash << 8) | level;
    }
    Background(slots)
});

/// Minus the logarithm of the share of items that hold a term.
pub fn rarity(hash: u32) -> f32 {
    let slots = &BACKGROUND.0;
    let mut at = hash as usize % SLOTS;
    while slots[at] != 0 {
        if slots[at] >> 8 == hash {
            return (slots[at] & 0xff) as f32 / LEVEL_STEPS;
        }
        at = (at + 1) % SLOTS;
    }
    -UNKNOWN.ln()
}

/// The share of items that hold a term, 0 to 1.
pub fn share(hash: u32) -> f32 {
    (-rarity(hash)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_common_and_names_are_rare() {
        let share_of = |word: &str| share(hash(word));
        assert!(share_of("government") > 0.05, "{}", share_of("government"));
        assert!(share_of("barrel") < share_of("president"));
        assert!((share_of("zembla") - UNKNOWN).abs() < 1e-6);
    }

    #[test]
    fn the_table_leaves_half_of_the_slots_free() {
        let used = BACKGROUND.0.iter().filter(|s| **s != 0).count();
        assert!((20_000..=SLOTS / 2 + SLOTS / 16).contains(&used), "{used}");
    }
}
