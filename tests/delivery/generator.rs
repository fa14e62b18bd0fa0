//! The made-up copy is what the other tests take it to be.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::support::copy::{Newsroom, Story};
use crate::test_seed;

/// Runs of four words, as the fingerprint takes them; by their hashes, which is enough for counting.
fn shingles(story: &Story) -> HashSet<u64> {
    let text = story.paragraphs.join(" ").to_lowercase();
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect();
    words.windows(4).map(|run| BuildHasherDefault::<DefaultHasher>::default().hash_one(run)).collect()
}

fn jaccard(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    a.intersection(b).count() as f64 / a.union(b).count() as f64
}

/// No two of 2,000 stories share more than a tenth of their four-word runs; they are as long as real wire copy.
#[test]
fn strangers_are_strange() {
    let mut newsroom = Newsroom::new(test_seed("strangers_are_strange"));
    let stories: Vec<Story> = (0..2_000).map(|_| newsroom.story()).collect();
    let bytes: usize = stories.iter().map(|s| s.text().len()).sum();
    let mean_bytes = bytes / stories.len();
    assert!((2_100..2_700).contains(&mean_bytes), "{mean_bytes} bytes a story");

    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    let sets: Vec<_> = stories.iter().map(shingles).collect();
    sets.iter().enumerate().for_each(|(i, set)| {
        set.iter().for_each(|s| holders.entry(*s).or_default().push(i));
    });
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for stories in holders.values() {
        for (at, &one) in stories.iter().enumerate() {
            stories[at + 1..].iter().for_each(|&other| *shared.entry((one, other)).or_default() += 1);
        }
    }
    let worst = shared.into_iter().map(|((a, b), n)| (n as f64 / sets[a].len().min(sets[b].len()) as f64, a, b));
    let (containment, a, b) = worst.max_by(|x, y| x.0.total_cmp(&y.0)).unwrap_or_default();
    assert!(containment < 0.1, "stories {a} and {b} share {containment} of their runs of four words");
}

/// Edited copies of one story stay close to it and to each other, and keep its numbers.
#[test]
fn edited_copies_are_alike() {
    let mut newsroom = Newsroom::new(test_seed("edited_copies_are_alike"));
    for _ in 0..300 {
        let story = newsroom.story();
        let copies: Vec<Story> = (0..4).map(|_| newsroom.edited_copy(&story)).collect();
        for one in &copies {
            assert_eq!(numbers(one), numbers(&story));
            for other in copies.iter().chain([&story]) {
                let similarity = jaccard(&shingles(one), &shingles(other));
                assert!(similarity > 0.85, "{similarity}:\n{}\n\n{}", one.text(), other.text());
            }
        }
    }
}

fn numbers(story: &Story) -> Vec<String> {
    let text = story.paragraphs.join(" ");
    let mut numbers: Vec<String> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    numbers.sort();
    numbers
}
