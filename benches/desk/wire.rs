//! Sightings as a busy desk gets them, from a seed: stories of which each item is a part, copies, updates with other numbers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use wiredesk::desk::sighting::{DedupeRules, ItemSighting, Sighting};

/// Stories that are told at a time.
const STORIES: usize = 3000;
/// Items that copies are made of: the last so many.
const RECENT: usize = 20_000;
const TERMS: usize = 32;
/// Terms that the items of a story have in common, about.
const STORY_TERMS: usize = 14;
const VOCABULARY: f64 = 400_000.0;
const SKETCH: usize = 64;

pub struct Wire {
    dice: ChaCha8Rng,
    written: u64,
    stories: Vec<Vec<u32>>,
    recent: Vec<ItemSighting>,
}

impl Wire {
    pub fn new(seed: u64) -> Self {
        Self { dice: ChaCha8Rng::seed_from_u64(seed), written: 0, stories: Vec::new(), recent: Vec::new() }
    }

    /// Records written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// The next record, of one item, a millisecond after the last.
    pub fn next(&mut self) -> Sighting {
        let choice = self.dice.random_range(0..100);
        let mut item = match choice {
            _ if self.recent.len() < RECENT => self.original(),
            0..12 => self.copy(false),
            12..18 => self.copy(true),
            _ => self.original(),
        };
        let n = self.written;
        item.uri = format!("urn:newsml:agency-{}.example:20261125:item-{n:08x}", n % 40);
        self.written += 1;
        if self.recent.len() < RECENT {
            self.recent.push(item.clone());
        } else {
            let at = n as usize % RECENT;
            self.recent[at] = item.clone();
        }
        Sighting {
            topic: format!("raw.feed-{}", n % 40 / 4),
            partition: (n % 4) as i32,
            offset: (n / 40) as i64,
            raw_hash: self.dice.random(),
            timestamp_ms: n as i64,
            feed: format!("feed-{}", n % 40 / 4),
            items: vec![item],
        }
    }

    /// Common words are drawn often: by Zipf's law.
    fn term(&mut self) -> u32 {
        let rank = VOCABULARY.powf(self.dice.random::<f64>()) as u32;
        rank.wrapping_mul(0x9E37_79B1) >> 8
    }

    fn original(&mut self) -> ItemSighting {
        if self.stories.len() < STORIES || self.dice.random_bool(0.3) {
            let told: Vec<u32> = (0..TERMS).map(|_| self.term()).collect();
            if self.stories.len() < STORIES {
                self.stories.push(told);
            } else {
                let at = self.dice.random_range(0..STORIES);
                self.stories[at] = told;
            }
        }
        let story = self.dice.random_range(0..self.stories.len());
        let mut terms: Vec<u32> = Vec::with_capacity(TERMS);
        for _ in 0..TERMS {
            let of_story = self.dice.random_bool(STORY_TERMS as f64 / TERMS as f64);
            let at = self.dice.random_range(0..TERMS);
            let term = if of_story { self.stories[story][at] } else { self.term() };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        let weighed = |(at, term): (usize, &u32)| (term << 8) | (80 - 2 * at as u32);
        let shingles = self.dice.random_range(40..800);
        let mut sketch: Vec<u32> = Vec::with_capacity(SKETCH);
        let step = u32::MAX / shingles;
        let mut value = 0_u32;
        while sketch.len() < SKETCH.min(shingles as usize) {
            value = value.saturating_add(self.dice.random_range(1..2 * step));
            sketch.push(value);
        }
        let mut numbers: Vec<u32> = (0..self.dice.random_range(0..14)).map(|_| self.dice.random()).collect();
        numbers.sort_unstable();
        let content: u128 = self.dice.random();
        ItemSighting {
            has_own_id: true,
            version: Some(1),
            content_hash: content.to_be_bytes().to_vec(),
            numbers,
            shingles,
            words: shingles + 3,
            sketch,
            slug_hash: self.dice.random_range(1..50_000),
            streams: vec![format!("news.topic-{}", self.dice.random_range(0..12)), "news.all".to_owned()],
            rules: Some(DedupeRules { similarity: 0.65, containment: 0.8, ..DedupeRules::default() }),
            terms: terms.iter().enumerate().map(weighed).collect(),
            ..ItemSighting::default()
        }
    }

    /// A recent item once more, with a few other shingles, and other numbers where it is an update.
    fn copy(&mut self, is_update: bool) -> ItemSighting {
        let mut item = self.recent[self.dice.random_range(0..RECENT)].clone();
        for _ in 0..item.sketch.len() / 16 {
            let at = self.dice.random_range(0..item.sketch.len());
            item.sketch[at] = item.sketch[at].wrapping_add(self.dice.random_range(0..1000));
        }
        item.sketch.sort_unstable();
        item.sketch.dedup();
        item.shingles = item.shingles.max(item.sketch.len() as u32);
        item.content_hash = self.dice.random::<u128>().to_be_bytes().to_vec();
        if is_update {
            item.numbers.push(self.dice.random());
            item.numbers.sort_unstable();
        }
        item
    }
}
