//! The desk's index at size: what a verdict takes, and what an item holds in memory. One core, no broker, made-up sightings.
//!
//! `cargo bench --bench desk` fills a window of 3 million items; `cargo bench --bench desk -- 300000` a smaller one.
//!
//! Prints for each size reached, per record: microseconds of processor time to take it through the desk (sighting and decision
//! encoded, decoded and folded, and judged in between), and of these what judging takes; and the bytes of resident memory an
//! item. The last line is the full window, where one record leaves for each that comes. Then a fresh index is made of the log: what a
//! restart costs besides reading it.

#![allow(clippy::unwrap_used)]

mod wire;

use std::time::Duration;

use prost::Message as _;
use wiredesk::desk::index::{DeskIndex, Folded, IndexConfig};
use wiredesk::desk::sighting::{Body, Decision, Done, LogEntry, Sighting};
use wiredesk::desk::verdict::{Judgement, judge};

use wire::Wire;

const ITEMS: u64 = 3_000_000;
/// Records measured at each size.
const MEASURED: u64 = 50_000;
/// Records between two entries that say what is committed.
const COMMIT_RECORDS: u64 = 200;
/// Sightings that are restored, at most.
const RESTORED: u64 = 1_000_000;

struct Desk {
    index: DeskIndex,
    log_end: u64,
    bytes: u64,
    /// The log's entries, kept while they are wanted for the restore.
    log: Option<Vec<(u64, i64, Vec<u8>)>>,
    verdicts: [u64; 7],
    /// Number of the last record seen.
    last: u64,
}

impl Desk {
    fn append(&mut self, time_ms: i64, body: Body) -> Vec<u8> {
        let entry = LogEntry {
            epoch: 1,
            seen: self.log_end,
            low: self.index.low(),
            writer: "bench".to_owned(),
            clock_ms: time_ms,
            replaces: self.index.replaces(&body),
            body: Some(body),
        };
        let bytes = entry.encode_to_vec();
        self.bytes += bytes.len() as u64;
        if let Some(log) = &mut self.log {
            log.push((self.log_end, time_ms, bytes.clone()));
        }
        bytes
    }

    fn fold(&mut self, time_ms: i64, bytes: &[u8]) -> Folded {
        let offset = self.log_end;
        self.log_end += 1;
        self.index.fold(offset, time_ms, LogEntry::decode(bytes).unwrap()).unwrap()
    }

    fn see(&mut self, sighting: Sighting) {
        let time_ms = sighting.timestamp_ms;
        let (topic, partition, offset) = (sighting.topic.clone(), sighting.partition, sighting.offset);
        let at = self.log_end;
        let bytes = self.append(time_ms, Body::Sighting(sighting));
        let folded = self.fold(time_ms, &bytes);
        let Folded::Sighted { seq, .. } = folded else { panic!("{folded:?}") };

        let judged = judge(&self.index, seq);
        let Some(Judgement::Decided(items)) = judged else { panic!("{judged:?}") };
        self.verdicts[items[0].verdict as usize] += 1;

        let bytes = self.append(time_ms, Body::Decision(Decision { sighting: at, items }));
        self.fold(time_ms, &bytes);
        self.last = seq;
        if offset as u64 % COMMIT_RECORDS == COMMIT_RECORDS - 1 {
            let bytes = self.append(time_ms, Body::Done(Done { topic, partition, position: offset + 1 }));
            self.fold(time_ms, &bytes);
        }
    }
}

fn main() {
    let items: u64 = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(ITEMS);
    let window_ms = i64::try_from(items).unwrap();
    let config = IndexConfig { window_ms, max_lateness_records: 10_000 };
    let before = resident_bytes();
    let mut desk = Desk { index: DeskIndex::new(config), log_end: 0, bytes: 0, log: None, verdicts: [0; 7], last: 0 };
    let mut wire = Wire::new(1);
    println!("{:>9} {:>9} {:>9} {:>11}", "items", "all us", "judge us", "bytes/item");
    let sizes = [100_000, 1_000_000, items, items + items / 10];
    for size in sizes.into_iter().filter(|s| *s <= items + items / 10) {
        while wire.written() + MEASURED < size {
            desk.see(wire.next());
        }
        let sightings: Vec<Sighting> = (wire.written()..size).map(|_| wire.next()).collect();
        let start = processor_time();
        sightings.into_iter().for_each(|sighting| desk.see(sighting));
        let all = processor_time() - start;
        let start = processor_time();
        for seq in desk.last - MEASURED..desk.last {
            std::hint::black_box(judge(&desk.index, seq));
        }
        let judging = processor_time() - start;
        let micros = |d: Duration| d.as_secs_f64() * 1e6 / MEASURED as f64;
        let (held, live) = (resident_bytes().saturating_sub(before), desk.index.live_items());
        println!("{live:>9} {:>9.2} {:>9.2} {:>11}", micros(all), micros(judging), held / live as u64);
    }
    let [_, new, update, _, duplicate, ..] = desk.verdicts;
    println!(
        "verdicts: {new} new, {update} updates, {duplicate} duplicates; {} bytes of log a record",
        desk.bytes / wire.written()
    );
    drop(desk);
    restore(config);
}

/// Folds a log that another index wrote into a fresh one.
fn restore(config: IndexConfig) {
    let mut desk =
        Desk { index: DeskIndex::new(config), log_end: 0, bytes: 0, log: Some(Vec::new()), verdicts: [0; 7], last: 0 };
    let mut wire = Wire::new(2);
    while wire.written() < RESTORED.min(config.window_ms as u64) {
        desk.see(wire.next());
    }
    let log = desk.log.take().unwrap();
    let start = processor_time();
    let mut fresh = DeskIndex::new(config);
    for (offset, time_ms, bytes) in &log {
        fresh.fold(*offset, *time_ms, LogEntry::decode(bytes.as_slice()).unwrap()).unwrap();
    }
    let secs = (processor_time() - start).as_secs_f64();
    println!("restore: {} sightings and their decisions decoded and folded in {secs:.2} s", wire.written());
    assert_eq!(fresh.live_items(), desk.index.live_items());
}

/// Resident memory of this process.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// Processor time of this thread: wall time says little on a machine that does other things.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}
