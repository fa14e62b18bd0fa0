//! What the instances share: the sightings log, the raw partitions, the group's positions, the outputs.

use std::collections::{HashMap, HashSet, VecDeque};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plan::{Fault, Plan};
use super::wire::{RawPartition, RawRecord, partition_name};
use crate::desk::index::{DeskIndex, replay_span};
use crate::desk::owner::DecidedItem;
use crate::desk::sighting::{Begin, Body, LogEntry};

/// The log's entries at whose multiples the reference's digest is kept.
const DIGEST_EVERY: u64 = 8;

/// A record's place, in one life of its topic.
pub type Origin = (usize, u32, i64);

/// One raw record's outcome, as a reader of all outputs sees it.
#[derive(Clone, Debug)]
pub struct Output {
    pub origin: Origin,
    pub transaction: usize,
    /// Log offset of the sighting and the verdicts; `None` for a rejected record.
    pub decided: Option<(u64, Vec<DecidedItem>)>,
}

pub struct Broker {
    pub plan: Plan,
    pub dice: ChaCha8Rng,
    pub log: Vec<(i64, LogEntry)>,
    /// Retention has passed the entries before it.
    pub begin: u64,
    now_ms: i64,
    /// What the broker's clock is off by.
    pub skew_ms: i64,
    pub epoch: u64,
    /// An index that runs all along.
    pub truth: DeskIndex,
    pub digests: HashMap<u64, u64>,
    pub raw: Vec<RawPartition>,
    pub committed: Vec<i64>,
    pub generation: u64,
    pub owners: Vec<Option<usize>>,
    pub outputs: Vec<Output>,
    pub transactions: usize,
    /// Entries of dead instances that are still on the network.
    pub stray: Vec<VecDeque<LogEntry>>,
    /// Records that an operator skipped or read again, or that went with their topic before they were committed.
    pub touched: HashSet<Origin>,
    serial: u64,
    trace: Option<Vec<String>>,
}

impl Broker {
    pub fn new(plan: Plan, mut dice: ChaCha8Rng, traced: bool) -> Self {
        let mut serial = 0;
        let mut raw = vec![RawPartition::default(); plan.partitions];
        for _ in 0..plan.records {
            let at = dice.random_range(0..plan.partitions);
            raw[at].records.push(RawRecord::draw(&mut dice, &plan, &mut serial));
        }
        let partitions = plan.partitions;
        let mut broker = Self {
            truth: DeskIndex::new(plan.config),
            plan,
            dice,
            log: Vec::new(),
            begin: 0,
            now_ms: 1_000_000,
            skew_ms: 0,
            epoch: 0,
            digests: HashMap::new(),
            raw,
            committed: vec![0; partitions],
            generation: 0,
            owners: vec![None; partitions],
            outputs: Vec::new(),
            transactions: 0,
            stray: Vec::new(),
            touched: HashSet::new(),
            serial,
            trace: traced.then(Vec::new),
        };
        // Of several founders the first one's epoch counts.
        for founder in 0..broker.dice.random_range(1..=3) {
            let epoch = 100 + founder;
            broker.append(LogEntry {
                epoch,
                writer: "founder".to_owned(),
                body: Some(Body::Begin(Begin {})),
                ..LogEntry::default()
            });
        }
        broker.epoch = broker.truth.epoch().unwrap();
        broker
    }

    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(line());
        }
    }

    pub fn take_trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.dice.random_bool(p)
    }

    pub fn pick(&mut self, below: usize) -> usize {
        self.dice.random_range(0..below)
    }

    pub fn log_end(&self) -> u64 {
        self.log.len() as u64
    }

    pub fn raw_end(&self, partition: usize) -> i64 {
        i64::try_from(self.raw[partition].records.len()).unwrap()
    }

    pub fn advance(&mut self, ms: i64) {
        self.now_ms += ms;
    }

    pub fn append(&mut self, entry: LogEntry) {
        self.now_ms += self.dice.random_range(0..=self.plan.entry_ms);
        let time_ms = self.now_ms + self.skew_ms;
        let offset = self.log_end();
        self.log.push((time_ms, entry.clone()));
        let shown = self.trace.is_some().then(|| self.describe(&entry));
        let folded = self.truth.fold(offset, time_ms, entry);
        self.note(|| format!("  log {offset} at {time_ms}: {} => {folded:?}", shown.unwrap_or_default()));
        let next = self.truth.next_offset();
        if next.is_multiple_of(DIGEST_EVERY) {
            self.digests.insert(next, self.truth.digest());
        }
    }

    /// What an instance does at its start, as `service::restore` does it.
    pub fn restore(&mut self) -> DeskIndex {
        let config = self.plan.config;
        let end = self.log_end();
        let (last_ms, last) = self.log.last().unwrap();
        let from_ms = last_ms.saturating_sub(config.window_ms);
        let in_window = (self.begin..end).find(|o| self.log[usize::try_from(*o).unwrap()].0 >= from_ms).unwrap_or(end);
        let low = if self.plan.fault == Some(Fault::ForgetLow) { end } else { last.low };
        let mut span = replay_span(config, self.begin, end, in_window, low);
        if self.plan.fault == Some(Fault::NoWarmUp) {
            span.start = span.keep_from;
        }
        let mut index = DeskIndex::replaying(config, span.keep_from);
        for offset in span.start..end {
            let (time_ms, entry) = self.log[usize::try_from(offset).unwrap()].clone();
            // As the service: what is of another epoch is passed over.
            let _ = index.fold(offset, time_ms, entry);
        }
        self.note(|| format!("  replayed {span:?} to {end}, in window from {in_window}"));
        index
    }

    /// Retention: what no instance needs that starts now may go.
    pub fn truncate(&mut self) {
        let config = self.plan.config;
        let end = self.log_end();
        let (last_ms, last) = self.log.last().unwrap();
        let from_ms = last_ms.saturating_sub(config.window_ms);
        let in_window = (self.begin..end).find(|o| self.log[usize::try_from(*o).unwrap()].0 >= from_ms).unwrap_or(end);
        let span = replay_span(config, self.begin, end, in_window, last.low);
        self.begin = self.dice.random_range(self.begin..=span.start);
        let begin = self.begin;
        self.note(|| format!("retention: the log begins at {begin}"));
    }

    /// Commits a transaction if its writer owns the partitions in this generation.
    pub fn commit(
        &mut self,
        instance: usize,
        generation: u64,
        outputs: Vec<Output>,
        positions: &[(usize, i64)],
    ) -> bool {
        let fenced = generation != self.generation || positions.iter().any(|(p, _)| self.owners[*p] != Some(instance));
        if fenced && self.plan.fault != Some(Fault::Unfenced) {
            self.note(|| format!("i{instance}: fenced"));
            return false;
        }
        self.note(|| format!("i{instance}: transaction commits {positions:?}"));
        self.transactions += 1;
        for (partition, position) in positions {
            self.committed[*partition] = *position;
        }
        for mut output in outputs {
            output.transaction = self.transactions;
            self.outputs.push(output);
        }
        true
    }

    /// An operator sets the group's position of a partition while no instance is in the group.
    pub fn reset_position(&mut self) {
        let partition = self.pick(self.plan.partitions);
        let (old, end) = (self.committed[partition], self.raw_end(partition));
        let to = self.dice.random_range((old - 6).max(0)..=(old + 6).min(end));
        let life = self.raw[partition].life;
        for offset in old.min(to)..old.max(to) {
            self.touched.insert((partition, life, offset));
        }
        self.committed[partition] = to;
        self.note(|| format!("operator: {:?} from {old} to {to}", partition_name(partition)));
    }

    /// A raw topic is deleted and made again: offsets are used anew, the group's position is gone.
    pub fn recreate(&mut self) {
        let partition = self.pick(self.plan.partitions);
        let life = self.raw[partition].life;
        for offset in self.committed[partition]..self.raw_end(partition) {
            self.touched.insert((partition, life, offset));
        }
        let count = self.dice.random_range(0..=8);
        let records = (0..count).map(|_| RawRecord::draw(&mut self.dice, &self.plan, &mut self.serial)).collect();
        self.raw[partition] = RawPartition { life: life + 1, records };
        self.committed[partition] = 0;
        self.note(|| {
            format!("operator: {:?} is deleted and made again with {count} records", partition_name(partition))
        });
    }

    fn describe(&self, entry: &LogEntry) -> String {
        let body = match &entry.body {
            Some(Body::Sighting(s)) => {
                let uris: Vec<&str> = s.items.iter().map(|i| i.uri.as_str()).collect();
                format!("sighting {}@{} {:04x} {uris:?}", s.partition, s.offset, s.raw_hash >> 48)
            }
            Some(Body::Decision(d)) => {
                let seen = usize::try_from(d.sighting).ok().and_then(|at| self.log.get(at));
                let Some((_, LogEntry { body: Some(Body::Sighting(seen)), .. })) = seen else {
                    return format!("decision on {}, which is no sighting", d.sighting);
                };
                let verdicts: Vec<String> = d
                    .items
                    .iter()
                    .map(|v| {
                        let uri = seen.items.iter().find(|i| i.item == v.item).map_or("?", |i| &i.uri);
                        let of = v.of.as_deref().unwrap_or("-");
                        let after: Vec<String> =
                            v.after.iter().map(|r| format!("{}@{}", r.partition, r.offset)).collect();
                        format!(
                            "{uri} {:?} of {of} root {} to {} after {}",
                            v.verdict(),
                            v.root,
                            v.streams.join(","),
                            after.join(",")
                        )
                    })
                    .collect();
                format!("decision on {}, {}@{}: {}", d.sighting, seen.partition, seen.offset, verdicts.join("; "))
            }
            Some(Body::Done(d)) => format!("done {}@{}", d.partition, d.position),
            other => format!("{other:?}"),
        };
        format!("{} seen {} low {}: {body}", entry.writer, entry.seen, entry.low)
    }
}
