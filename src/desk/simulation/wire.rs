//! Raw records as feeds would send them: copies, near-copies, version chains, corrections, kills.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::plan::Plan;
use crate::desk::owner::PartitionName;
use crate::desk::sighting::{DedupeRules, ItemSighting, KindCode, Sighting};
use crate::prepare::terms::{TERMS, Term};

/// Clusters with an even number hold copies only, the others version chains too.
const CLUSTERS: usize = 6;
const WORDS: usize = 24;
const STREAMS: [&str; 3] = ["news.a", "news.b", "news.c"];

#[derive(Clone, Debug)]
pub struct RawRecord {
    pub hash: u64,
    pub timestamp_ms: i64,
    items: Vec<ItemSighting>,
    /// Refused by the older, by the newer program.
    rejected: [bool; 2],
    /// The newer program finds one item less.
    shrinks: bool,
}

/// A raw partition; a topic that is deleted and made again has another life.
#[derive(Clone, Debug, Default)]
pub struct RawPartition {
    pub life: u32,
    pub records: Vec<RawRecord>,
}

pub fn partition_name(partition: usize) -> PartitionName {
    (format!("raw.{}", partition % 2), i32::try_from(partition).unwrap())
}

pub fn partition_at(name: &PartitionName) -> usize {
    usize::try_from(name.1).unwrap()
}

/// The cluster of copies that an item belongs to, by its id.
pub fn copies_cluster(uri: &str) -> Option<&str> {
    uri.strip_prefix("copy:").and_then(|rest| rest.split(':').next())
}

impl RawRecord {
    pub fn draw(dice: &mut ChaCha8Rng, plan: &Plan, serial: &mut u64) -> Self {
        let items = (0..dice.random_range(1..=3)).map(|at| draw_item(dice, at, serial)).collect();
        *serial += 1;
        let mut rejected = [false; 2];
        if plan.rejects && dice.random_bool(0.15) {
            rejected = [true; 2];
        }
        if plan.versions && dice.random_bool(0.2) {
            rejected[dice.random_range(0..2)] = true;
        }
        let shrinks = plan.versions && dice.random_bool(0.3);
        Self {
            hash: xxh3_64(&serial.to_le_bytes()),
            timestamp_ms: dice.random_range(0..1000),
            items,
            rejected,
            shrinks,
        }
    }

    /// What a version of the program makes of it; `None` when it is refused.
    pub fn prepare(&self, version: usize, name: &PartitionName, offset: i64) -> Option<Sighting> {
        if self.rejected[version] {
            return None;
        }
        let mut items = self.items.clone();
        if version == 1 && self.shrinks && items.len() > 1 {
            items.pop();
        }
        let (similarity, containment) = if version == 0 { (0.65, 0.8) } else { (0.95, 0.99) };
        for item in &mut items {
            item.rules = Some(DedupeRules { similarity, containment, ..item.rules.unwrap_or_default() });
        }
        Some(Sighting {
            topic: name.0.clone(),
            partition: name.1,
            offset,
            raw_hash: self.hash,
            timestamp_ms: self.timestamp_ms,
            feed: name.0.clone(),
            items,
        })
    }
}

/// An original with a text of its kind; see [`write`].
pub fn item(uri: &str, kind: &str, variant: usize, streams: &[&str]) -> ItemSighting {
    let mut item = ItemSighting { uri: uri.to_owned(), has_own_id: true, ..ItemSighting::default() };
    item.streams = streams.iter().map(|s| (*s).to_owned()).collect();
    item.rules = Some(DedupeRules { similarity: 0.65, containment: 0.8, ..DedupeRules::default() });
    write(&mut item, kind, variant);
    item
}

fn draw_item(dice: &mut ChaCha8Rng, at: u32, serial: &mut u64) -> ItemSighting {
    *serial += 1;
    let cluster = dice.random_range(0..CLUSTERS);
    let kind = [KindCode::Original, KindCode::Update, KindCode::Correction, KindCode::Kill][dice.random_range(0..4)];
    let mut item = ItemSighting { item: at, has_own_id: true, ..ItemSighting::default() };
    item.streams = STREAMS.iter().filter(|_| dice.random_bool(0.5)).map(|s| (*s).to_owned()).collect();
    if item.streams.is_empty() {
        item.streams.push("news.unrouted".to_owned());
    }
    let variant = if dice.random_bool(0.5) { 0 } else { dice.random_range(1..4) };
    match (cluster % 2, dice.random_range(0..10)) {
        (_, 0) => {
            item.uri = format!("other:{serial}");
            write(&mut item, &format!("x{serial}"), 0);
        }
        (0, _) => {
            item.uri = format!("copy:{cluster}:{serial}");
            if dice.random_bool(0.2) {
                item.withheld_until_ms = i64::MAX;
            }
            write(&mut item, &format!("c{cluster}"), variant);
        }
        (_, 1..=3) => {
            item.uri = format!("mixed:{cluster}:{serial}");
            item.slug_hash = cluster as u64;
            write(&mut item, &format!("c{cluster}"), variant);
        }
        (_, 4) => {
            item.uri = format!("said:{cluster}:{serial}");
            item.kind = kind.into();
            item.refers_to = Some(format!("id:{cluster}"));
            write(&mut item, &format!("r{serial}"), 0);
        }
        (_, 5) => {
            item.uri = format!("slug:{cluster}:{serial}");
            item.kind = kind.into();
            item.slug_hash = cluster as u64;
            write(&mut item, &format!("s{cluster}"), variant);
        }
        _ => {
            item.uri = format!("id:{cluster}");
            item.kind = kind.into();
            item.version = dice.random_bool(0.6).then(|| dice.random_range(1..5));
            write(&mut item, &format!("v{cluster}"), variant);
        }
    }
    item
}

/// Gives an item a text of so many words of its own kind, and as many more as its variant says; an odd variant's are numbers.
fn write(item: &mut ItemSighting, kind: &str, variant: usize) {
    let mut words: Vec<String> = (0..WORDS).map(|n| format!("{kind}.{n}")).collect();
    words.extend((0..variant).map(|n| format!("{}", 10 * variant + n)));
    let hash = |word: &String| xxh3_64(word.as_bytes()) as u32;
    let mut sketch: Vec<u32> = words.iter().map(hash).collect();
    sketch.sort_unstable();
    sketch.dedup();
    if variant % 2 == 1 {
        item.numbers = words[WORDS..].iter().map(hash).collect();
        item.numbers.sort_unstable();
    }
    item.content_hash = xxh3_128(words.join(" ").as_bytes()).to_be_bytes().to_vec();
    item.terms = words.iter().take(TERMS).map(|word| Term::new(hash(word) >> 8, 16).0).collect();
    item.shingles = u32::try_from(sketch.len()).unwrap();
    item.sketch = sketch;
    item.words = u32::try_from(words.len()).unwrap();
}
