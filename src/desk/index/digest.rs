//! A hash of the whole index, by which two instances are compared.

use std::hash::Hasher;

use xxhash_rust::xxh3::Xxh3;

use super::DeskIndex;
use super::record::{ItemRef, Record, State};

impl DeskIndex {
    /// A hash over everything that a later verdict can depend on. Two instances that have folded the log to the same offset
    /// have the same digest.
    pub fn digest(&self) -> u64 {
        let mut hasher = Xxh3::new();
        hasher.write_i64(self.clock_ms);
        hasher.write_u64(self.next_offset);
        for record in self.records.iter().flatten() {
            self.digest_record(record, &mut hasher);
        }
        let name = |item: &ItemRef| (self.record(item.record).map_or(0, |r| r.log_offset), item.at);
        self.by_uri.digest(&mut hasher, name);
        self.by_content.digest(&mut hasher, name);
        self.by_slug.digest(&mut hasher, name);
        self.by_key.digest(&mut hasher, name);
        self.chains.digest(&mut hasher, name);
        self.stories.digest(&mut hasher, name);
        hasher.finish()
    }

    fn digest_record(&self, record: &Record, hasher: &mut Xxh3) {
        let (topic, partition) = self.partition_name(record.partition);
        hasher.update(topic.as_bytes());
        hasher.write_i32(partition);
        hasher.write_i64(record.offset);
        hasher.write_u64(record.log_offset);
        hasher.write_i64(record.time_ms);
        hasher.write_u64(record.raw_hash);
        hasher.write_u8(match record.state {
            State::Pending => 0,
            State::Decided => 1,
            State::Void => 2,
        });
        hasher.write_u8(u8::from(record.done));
        for item in &record.items {
            hasher.update(item.uri.as_bytes());
            hasher.write_u128(item.content);
            std::hash::Hash::hash(&item.terms, hasher);
            if let Some(verdict) = &item.verdict {
                hasher.update(&prost::Message::encode_to_vec(verdict.as_ref()));
            }
        }
    }
}
