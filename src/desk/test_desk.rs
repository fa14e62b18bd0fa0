//! A desk in memory that reads one raw partition: what the tests of verdicts and of stories drive.

use super::index::IndexConfig;
use super::memory::MemoryDesk;
use super::owner::DecidedItem;
use super::sighting::{ItemSighting, Sighting};

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
