//! A desk in memory that reads one raw partition: what the tests of verdicts and of stories drive.

use super::index::IndexConfig;
use super::memory::MemoryDesk;
use super::owner::DecidedItem;
use super::sighting::{DedupeRules, ItemSighting, KindCode, Sighting};
use crate::item::news::Kind;

pub const DAY_MS: i64 = 24 * 3600 * 1000;

pub struct TestDesk {
    pub desk: MemoryDesk,
    /// Offset of the next record.
    pub next: i64,
}

impl TestDesk {
    pub fn new() -> Self {
        let config = IndexConfig { window_ms: DAY_MS, max_lateness_records: 100 };
        Self { desk: MemoryDesk::new(config), next: 0 }
    }

    /// The next record, with these items.
    pub fn record(&mut self, time_ms: i64, items: Vec<ItemSighting>) -> Vec<DecidedItem> {
        let items = (0..).zip(items).map(|(item, i)| ItemSighting { item, ..i }).collect();
        let sighting = Sighting {
            topic: "raw.a".to_owned(),
            partition: 0,
            offset: self.next,
            raw_hash: self.next as u64,
            timestamp_ms: time_ms,
            feed: "a".to_owned(),
            items,
        };
        self.next += 1;
        self.desk.decide(sighting).unwrap()
    }

    pub fn at(&mut self, time_ms: i64, item: ItemSighting) -> DecidedItem {
        self.record(time_ms, vec![item]).pop().unwrap()
    }

    pub fn see(&mut self, item: ItemSighting) -> DecidedItem {
        self.at(0, item)
    }
}

/// An original of feed `a` with that id and text, for the stream `news.a`.
pub fn item(uri: &str, text: &str) -> ItemSighting {
    // A sketch by words is enough to test the rules; that of real texts is tested with the fingerprint.
    let mut sketch: Vec<u32> = text.split(' ').map(|w| xxhash_rust::xxh3::xxh3_64(w.as_bytes()) as u32).collect();
    sketch.sort_unstable();
    sketch.dedup();
    let numbers = text.split(' ').filter_map(|w| w.parse().ok()).collect();
    ItemSighting {
        uri: uri.to_owned(),
        has_own_id: true,
        content_hash: xxhash_rust::xxh3::xxh3_128(text.as_bytes()).to_be_bytes().to_vec(),
        numbers,
        shingles: sketch.len() as u32,
        sketch,
        words: text.split(' ').count() as u32,
        streams: vec!["news.a".to_owned()],
        rules: Some(DedupeRules { similarity: 0.65, containment: 0.8, ..DedupeRules::default() }),
        ..ItemSighting::default()
    }
}

/// So many words of their own, by number.
pub fn text(from: u32, to: u32) -> String {
    (from..to).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ")
}

pub fn kind(mut item: ItemSighting, kind: Kind) -> ItemSighting {
    item.kind = KindCode::from(kind).into();
    item
}

pub fn version(mut item: ItemSighting, version: u64) -> ItemSighting {
    item.version = Some(version);
    item
}

pub fn streams(mut item: ItemSighting, streams: &[&str]) -> ItemSighting {
    item.streams = streams.iter().map(|s| s.to_string()).collect();
    item
}
