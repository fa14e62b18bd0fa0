//! The window: what enters the look-up tables, and what leaves them, by the log's clock.

use super::record::{Record, bytes, keys};
use super::tables::uri_hash;
use super::{DeskIndex, ItemRef};

impl DeskIndex {
    /// Puts a record's items into the look-up tables.
    pub(super) fn enter(&mut self, seq: u64, record: &Record) {
        for (at, item) in (0..).zip(&record.items) {
            let reference = ItemRef { record: seq, at };
            self.by_uri.insert(uri_hash(&item.uri), reference);
            if let Some(named) = &item.refers_to {
                self.by_reference.insert(uri_hash(named), reference);
            }
            self.by_content.insert(item.content, reference);
            if item.slug != 0 {
                self.by_slug.insert(item.slug, reference);
            }
            for key in keys(item) {
                self.by_key.insert(key, reference);
            }
            self.stories.enter(item, reference);
        }
        self.live_items += record.items.len();
        self.live_bytes += bytes(record);
    }

    /// Takes a record and all that it put into the look-up tables out of the index.
    fn remove(&mut self, seq: u64) {
        let Some(at) = seq.checked_sub(self.base).and_then(|at| usize::try_from(at).ok()) else { return };
        let Some(record) = self.records.get_mut(at).and_then(Option::take) else { return };
        self.live_items -= record.items.len();
        self.live_bytes -= bytes(&record);
        self.pending.remove(&seq);
        if self.undone.get(&(record.partition, record.offset)) == Some(&seq) {
            self.undone.remove(&(record.partition, record.offset));
        }
        self.by_log_offset.remove(&record.log_offset);
        if self.by_origin.get(&(record.partition, record.offset)) == Some(&seq) {
            self.by_origin.remove(&(record.partition, record.offset));
        }
        for (at, item) in (0..).zip(&record.items) {
            let reference = ItemRef { record: seq, at };
            self.by_uri.withdraw(uri_hash(&item.uri), reference);
            if let Some(named) = &item.refers_to {
                self.by_reference.withdraw(uri_hash(named), reference);
            }
            self.by_content.withdraw(item.content, reference);
            self.by_slug.withdraw(item.slug, reference);
            for key in keys(item) {
                self.by_key.withdraw(key, reference);
            }
            self.stories.remove(item, reference);
            if let Some(verdict) = &item.verdict {
                self.chains.withdraw(uri_hash(&verdict.root), reference);
            }
        }
    }

    pub(super) fn evict(&mut self) {
        for seq in std::mem::take(&mut self.leaving) {
            self.remove(seq);
        }
        let older_than = self.clock_ms.saturating_sub(self.config.window_ms);
        let end = self.base + self.records.len() as u64;
        while self.young < end {
            let seq = self.young;
            if let Some(record) = self.record(seq) {
                let near_end = record.log_offset.saturating_add(self.config.max_lateness_records) >= self.next_offset;
                if record.time_ms >= older_than || near_end {
                    break;
                }
                if record.done {
                    self.remove(seq);
                }
            }
            self.young += 1;
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.base < self.young && self.records.front().is_some_and(Option::is_none) {
            self.records.pop_front();
            self.base += 1;
        }
    }
}
