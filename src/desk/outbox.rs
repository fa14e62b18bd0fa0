//! What may be published next: the records of an instance's raw partitions, in the order in which they may go.
//!
//! Each partition is a lane, and leaves in offset order. A record that must wait for one that is not out yet holds up its own
//! lane, and no other. Within one transaction a record may follow the one that it waits for, because both become visible at
//! once.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::owner::PartitionName;
use super::sighting::RecordRef;

/// Lanes of records of which each carries a `T` once it is ready.
#[derive(Debug)]
pub struct Outbox<T> {
    lanes: BTreeMap<PartitionName, Lane<T>>,
    records: usize,
}

#[derive(Debug)]
struct Lane<T> {
    /// All before it is published.
    committed: i64,
    queue: VecDeque<Slot<T>>,
}

#[derive(Debug)]
struct Slot<T> {
    offset: i64,
    ready: Option<Ready<T>>,
}

#[derive(Debug)]
struct Ready<T> {
    payload: T,
    after: Vec<RecordRef>,
}

/// Records that may be published in one transaction, in order, and the positions to commit with them.
#[derive(Debug)]
pub struct Batch<T> {
    pub records: Vec<T>,
    /// Offset of the next record to read, for each partition that the batch has records of.
    pub positions: BTreeMap<PartitionName, i64>,
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        Self { lanes: BTreeMap::new(), records: 0 }
    }
}

impl<T> Outbox<T> {
    /// Opens a lane for a partition that is read from a committed position on.
    pub fn open(&mut self, name: PartitionName, committed: i64) {
        self.close(&name);
        self.lanes.insert(name, Lane { committed, queue: VecDeque::new() });
    }

    /// Closes a lane and forgets its records: they are the next owner's.
    pub fn close(&mut self, name: &PartitionName) {
        if let Some(lane) = self.lanes.remove(name) {
            self.records -= lane.queue.len();
        }
    }

    pub fn is_open(&self, name: &PartitionName) -> bool {
        self.lanes.contains_key(name)
    }

    pub fn lanes(&self) -> impl Iterator<Item = (&PartitionName, i64)> {
        self.lanes.iter().map(|(name, lane)| (name, lane.committed))
    }

    /// Records in all lanes.
    pub fn len(&self) -> usize {
        self.records
    }

    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Records in one lane. However many are in all of them: one that holds none must be read on, because what others wait for
    /// may come there, and they hold the room until it does.
    pub fn lane_len(&self, name: &PartitionName) -> usize {
        self.lanes.get(name).map_or(0, |lane| lane.queue.len())
    }

    /// A record was read; it is not ready yet. Offsets rise. False when there is no such lane.
    pub fn push(&mut self, name: &PartitionName, offset: i64) -> bool {
        let Some(lane) = self.lanes.get_mut(name) else { return false };
        lane.queue.push_back(Slot { offset, ready: None });
        self.records += 1;
        true
    }

    /// A record is ready, once all in `after` are out. False when it is not in a lane (any more), or was ready before.
    pub fn ready(&mut self, name: &PartitionName, offset: i64, payload: T, after: Vec<RecordRef>) -> bool {
        let Some(lane) = self.lanes.get_mut(name) else { return false };
        let Ok(at) = lane.queue.binary_search_by_key(&offset, |s| s.offset) else { return false };
        let slot = &mut lane.queue[at];
        if slot.ready.is_some() {
            return false;
        }
        slot.ready = Some(Ready { payload, after });
        true
    }

    /// A record of another instance, or of a lane that was closed, is out.
    pub fn out(&mut self, record: &RecordRef) {
        for slot in self.lanes.values_mut().flat_map(|lane| &mut lane.queue) {
            if let Some(ready) = &mut slot.ready {
                ready.after.retain(|r| r != record);
            }
        }
    }

    /// Takes what may be published now: at most `most` records.
    pub fn take(&mut self, most: usize) -> Batch<T> {
        let mut batch = Batch { records: Vec::new(), positions: BTreeMap::new() };
        let mut taken: HashSet<(String, i32, i64)> = HashSet::new();
        let names: Vec<PartitionName> = self.lanes.keys().cloned().collect();
        loop {
            let before = batch.records.len();
            for name in &names {
                self.take_from(name, most, &mut batch, &mut taken);
            }
            // A lane may have been held up by one that came later in this round.
            if batch.records.len() == before || batch.records.len() >= most {
                return batch;
            }
        }
    }

    fn take_from(
        &mut self,
        name: &PartitionName,
        most: usize,
        batch: &mut Batch<T>,
        taken: &mut HashSet<(String, i32, i64)>,
    ) {
        while batch.records.len() < most {
            let Some(head) = self.lanes.get(name).and_then(|lane| lane.queue.front()) else { return };
            let free = head.ready.as_ref().is_some_and(|ready| ready.after.iter().all(|r| self.is_out(r, taken)));
            if !free {
                return;
            }
            let Some(slot) = self.lanes.get_mut(name).and_then(|lane| lane.queue.pop_front()) else { return };
            let Some(ready) = slot.ready else { return };
            self.records -= 1;
            taken.insert((name.0.clone(), name.1, slot.offset));
            batch.positions.insert(name.clone(), slot.offset + 1);
            batch.records.push(ready.payload);
        }
    }

    /// Published by this instance, in this batch or before it.
    fn is_out(&self, record: &RecordRef, taken: &HashSet<(String, i32, i64)>) -> bool {
        let name = (record.topic.clone(), record.partition);
        self.lanes.get(&name).is_some_and(|lane| record.offset < lane.committed)
            || taken.contains(&(name.0, name.1, record.offset))
    }

    /// A batch's transaction is committed.
    pub fn committed(&mut self, positions: &BTreeMap<PartitionName, i64>) {
        for (name, position) in positions {
            if let Some(lane) = self.lanes.get_mut(name) {
                lane.committed = lane.committed.max(*position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(n: i32) -> PartitionName {
        ("raw".to_owned(), n)
    }

    fn record(partition: i32, offset: i64) -> RecordRef {
        RecordRef { topic: "raw".to_owned(), partition, offset }
    }

    fn outbox(offsets: &[(i32, i64)]) -> Outbox<(i32, i64)> {
        let mut outbox = Outbox::default();
        for n in 0..2 {
            outbox.open(lane(n), 0);
        }
        for (n, offset) in offsets {
            assert!(outbox.push(&lane(*n), *offset));
        }
        outbox
    }

    #[test]
    fn a_lane_leaves_in_offset_order() {
        let mut outbox = outbox(&[(0, 0), (0, 1)]);
        assert!(outbox.ready(&lane(0), 1, (0, 1), vec![]));
        assert!(outbox.take(10).records.is_empty());
        assert!(outbox.ready(&lane(0), 0, (0, 0), vec![]));
        let batch = outbox.take(10);
        assert_eq!(batch.records, [(0, 0), (0, 1)]);
        assert_eq!(batch.positions[&lane(0)], 2);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_record_may_follow_what_it_waits_for_within_one_batch() {
        let mut outbox = outbox(&[(0, 0), (1, 5)]);
        outbox.ready(&lane(0), 0, (0, 0), vec![record(1, 5)]);
        outbox.ready(&lane(1), 5, (1, 5), vec![]);
        assert_eq!(outbox.take(10).records, [(1, 5), (0, 0)]);
    }

    #[test]
    fn one_that_waits_holds_up_its_own_lane_only() {
        let mut outbox = outbox(&[(0, 0), (0, 1), (1, 0)]);
        outbox.ready(&lane(0), 0, (0, 0), vec![record(7, 3)]);
        outbox.ready(&lane(0), 1, (0, 1), vec![]);
        outbox.ready(&lane(1), 0, (1, 0), vec![]);
        assert_eq!(outbox.take(10).records, [(1, 0)]);
        outbox.out(&record(7, 3));
        assert_eq!(outbox.take(10).records, [(0, 0), (0, 1)]);
    }

    #[test]
    fn what_an_earlier_batch_committed_is_out() {
        let mut outbox = outbox(&[(0, 0), (1, 0)]);
        outbox.ready(&lane(1), 0, (1, 0), vec![]);
        let batch = outbox.take(10);
        outbox.ready(&lane(0), 0, (0, 0), vec![record(1, 0)]);
        assert!(outbox.take(10).records.is_empty(), "taken is not yet out");
        outbox.committed(&batch.positions);
        assert_eq!(outbox.take(10).records, [(0, 0)]);
    }

    #[test]
    fn a_batch_has_a_bound_and_a_closed_lane_nothing() {
        let mut outbox = outbox(&[(0, 0), (0, 1), (1, 0)]);
        for (n, offset) in [(0, 0), (0, 1), (1, 0)] {
            outbox.ready(&lane(n), offset, (n, offset), vec![]);
        }
        assert_eq!(outbox.take(1).records.len(), 1);
        outbox.close(&lane(0));
        assert_eq!(outbox.take(10).records, [(1, 0)]);
        assert_eq!(outbox.len(), 0);
        assert!(!outbox.ready(&lane(0), 1, (0, 1), vec![]));
    }
}
