//! Folding: what each kind of entry does to the index, and which entries count.

use super::record::{Item, PartitionId, Record, State};
use super::tables::uri_hash;
use super::{DeskIndex, ItemRef};
use crate::desk::sighting::{Body, Decision, DedupeRules, Done, Gone, ItemSighting, KindCode, LogEntry, Sighting};
use crate::prepare::terms::TERMS;

/// Epoch of what stands in the log and is none of its entries.
const NO_EPOCH: u64 = 0;

/// What folding one entry did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folded {
    /// A sighting that counts: sequence number of its record; and those of records that it shows to be gone, because another
    /// one stands at the offset of the first of them: they became void if they were not decided.
    Sighted { seq: u64, gone: Vec<u64> },
    /// The record has been decided.
    Decided(u64),
    /// Positions moved; these records became void.
    Done { voided: Vec<u64> },
    /// These records went with their raw partition's end; they became void if they were not decided.
    Gone(Vec<u64>),
    /// Counts for nothing but the clock.
    Ignored(Ignored),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ignored {
    Tick,
    /// The record has a sighting that counts, or its offset has one that the writer had not read.
    Repeat,
    /// Stands further behind its writer's view of the log than entries may.
    Late,
    /// Follows a sighting of an earlier record of its raw partition that came too late, which its writer had not read when it
    /// wrote this one.
    Gap,
    /// The sighting has a decision that counts.
    AlreadyDecided,
    /// Decides a sighting that is not, or no longer, in the index.
    UnknownSighting,
    /// An entry that this version of the program does not know.
    UnknownBody,
}

/// The log is not the one that this index was folded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the sightings log was replaced: its entry {offset} belongs to epoch {found:016x}, this desk's is {expected:016x}; \
     restart to read the new log from its beginning"
)]
pub struct LogReplaced {
    pub offset: u64,
    pub found: u64,
    pub expected: u64,
}

/// A sighting that came too late.
#[derive(Clone, Copy, Debug)]
pub(super) struct LateSighting {
    log_offset: u64,
    offset: i64,
}

impl DeskIndex {
    /// Folds the entry at a log offset, appended at a time. Entries must come in order, none twice.
    ///
    /// # Errors
    /// When the entry belongs to another log than those before it.
    pub fn fold(&mut self, offset: u64, time_ms: i64, entry: LogEntry) -> Result<Folded, LogReplaced> {
        let is_begin = matches!(entry.body, Some(Body::Begin(_)));
        match self.epoch {
            Some(expected) if expected != entry.epoch && !is_begin && entry.epoch != NO_EPOCH && self.is_epoch_sure => {
                return Err(LogReplaced { offset, found: entry.epoch, expected });
            }
            _ if entry.epoch == NO_EPOCH => {}
            // Of several founders' entries the first one counts. Who reads on from a later one learns the epoch from the rest.
            Some(_) if is_begin => {}
            _ => {
                self.epoch = Some(entry.epoch);
                self.is_epoch_sure = !is_begin;
            }
        }
        self.next_offset = offset + 1;
        let known_ms = if self.epoch == Some(entry.epoch) { entry.clock_ms } else { time_ms };
        self.clock_ms = self.clock_ms.max(time_ms).max(known_ms);
        self.evict();
        if offset.saturating_sub(entry.seen) > self.config.max_lateness_records
            && !matches!(entry.body, Some(Body::Done(_) | Body::Tick(_) | Body::Begin(_)))
        {
            if let Some(Body::Sighting(sighting)) = entry.body {
                self.note_late(offset, entry.writer, &sighting);
            }
            return Ok(Folded::Ignored(Ignored::Late));
        }
        Ok(match entry.body {
            Some(Body::Sighting(sighting)) if self.follows_late(&entry.writer, entry.seen, &sighting) => {
                Folded::Ignored(Ignored::Gap)
            }
            Some(Body::Sighting(sighting)) => self.fold_sighting(offset, entry.seen, entry.replaces, sighting),
            Some(Body::Decision(decision)) => self.fold_decision(decision),
            Some(Body::Done(done)) => self.fold_done(&done),
            Some(Body::Gone(gone)) => self.fold_gone(entry.seen, &gone),
            Some(Body::Tick(_) | Body::Begin(_)) => Folded::Ignored(Ignored::Tick),
            None => Folded::Ignored(Ignored::UnknownBody),
        })
    }

    fn note_late(&mut self, log_offset: u64, writer: String, sighting: &Sighting) {
        let partition = self.partition_id(&sighting.topic, sighting.partition);
        let oldest = log_offset.saturating_sub(self.config.max_lateness_records);
        self.late.retain(|_, late| {
            late.retain(|l| l.log_offset >= oldest);
            !late.is_empty()
        });
        self.late.entry((writer, partition)).or_default().push(LateSighting { log_offset, offset: sighting.offset });
    }

    /// Whether a writer's sighting of an earlier record came too late, and the writer had not read that.
    fn follows_late(&self, writer: &str, seen: u64, sighting: &Sighting) -> bool {
        // Next to always there is none.
        if self.late.is_empty() {
            return false;
        }
        let Some(partition) = self.find_partition(&sighting.topic, sighting.partition) else { return false };
        let late = self.late.get(&(writer.to_owned(), partition));
        late.into_iter().flatten().any(|l| l.log_offset >= seen && l.offset < sighting.offset)
    }

    fn fold_sighting(&mut self, log_offset: u64, seen: u64, replaces: Option<bool>, sighting: Sighting) -> Folded {
        let partition = self.partition_id(&sighting.topic, sighting.partition);
        let standing = self.by_origin.get(&(partition, sighting.offset)).and_then(|seq| self.record(*seq));
        let is_other = standing.is_some_and(|record| !record.is_of(&sighting));
        // A writer that had read what stands there knew that its record is another one, or that it was skipped.
        let is_repeat = |r: &Record| r.log_offset >= seen || (!is_other && r.state != State::Void);
        if standing.is_some_and(is_repeat) {
            return Folded::Ignored(Ignored::Repeat);
        }
        let kept = log_offset >= self.keep_from;
        if kept && let Some(done) = self.done.get_mut(&partition) {
            // A counted sighting is by definition not out yet: an operator rewound the group, or the topic was made again.
            *done = sighting.offset.min(*done);
        }

        let gone =
            if replaces.unwrap_or(is_other) { self.give_up(partition, sighting.offset, seen) } else { Vec::new() };
        let later = self.undone.range((partition, sighting.offset + 1)..=(partition, i64::MAX));
        let out_of_turn = later.map(|(_, seq)| *seq).any(|seq| self.record(seq).is_some_and(|r| !r.done));
        let seq = self.base + self.records.len() as u64;
        let feed = self.intern(&sighting.feed);
        let items = sighting.items.into_iter().map(|item| self.admit(item)).collect();
        let record = Record {
            log_offset,
            time_ms: self.clock_ms,
            partition,
            offset: sighting.offset,
            raw_hash: sighting.raw_hash,
            timestamp_ms: sighting.timestamp_ms,
            feed,
            items,
            state: State::Pending,
            done: !kept,
            out_of_turn,
        };
        self.undone.insert((partition, record.offset), seq);
        self.pending.insert(seq);
        self.enter(seq, &record);
        self.by_origin.insert((partition, record.offset), seq);
        self.by_log_offset.insert(log_offset, seq);
        self.records.push_back(Some(record));
        Folded::Sighted { seq, gone }
    }

    fn fold_gone(&mut self, seen: u64, gone: &Gone) -> Folded {
        let partition = self.partition_id(&gone.topic, gone.partition);
        Folded::Gone(self.give_up(partition, gone.from, seen))
    }

    /// A raw partition's records from an offset on are gone, those that the writer had read of: nobody will publish them.
    fn give_up(&mut self, partition: PartitionId, from: i64, seen: u64) -> Vec<u64> {
        let gone: Vec<_> = self
            .undone
            .range((partition, from)..=(partition, i64::MAX))
            .map(|(key, seq)| (*key, *seq))
            .filter(|(_, seq)| self.record(*seq).is_some_and(|record| record.log_offset < seen))
            .collect();
        for (key, seq) in &gone {
            self.undone.remove(key);
            self.pass(*seq);
        }
        gone.into_iter().map(|(_, seq)| seq).collect()
    }

    /// A record is published, skipped or gone; true when it had no verdict.
    fn pass(&mut self, seq: u64) -> bool {
        let young = self.young;
        let Some(record) = self.record_mut(seq) else { return false };
        record.done = true;
        let is_void = record.state == State::Pending;
        if is_void {
            record.state = State::Void;
            self.pending.remove(&seq);
            self.unassume(seq);
        }
        if seq < young {
            self.leaving.push(seq);
        }
        is_void
    }

    fn admit(&mut self, item: ItemSighting) -> Item {
        let kind = item.kind();
        let mut content = [0; 16];
        if item.content_hash.len() == content.len() {
            content.copy_from_slice(&item.content_hash);
        }
        Item {
            index: item.item,
            uri: item.uri.into(),
            has_own_id: item.has_own_id,
            version: item.version,
            kind: KindCode::into(kind),
            content: u128::from_be_bytes(content),
            numbers: item.numbers.into(),
            shingles: item.shingles,
            sketch: item.sketch.into(),
            terms: item.terms.into_iter().take(TERMS).collect(),
            slug: item.slug_hash,
            refers_to: item.refers_to.map(Into::into),
            streams: item.streams.iter().map(|s| self.intern(s)).collect(),
            sometimes: (!item.sometimes.is_empty()).then(|| item.sometimes.into()),
            words: item.words,
            withheld_until_ms: item.withheld_until_ms,
            rules: item.rules.unwrap_or(DedupeRules { similarity: 1.0, containment: 1.0, ..DedupeRules::default() }),
            verdict: None,
        }
    }

    fn fold_decision(&mut self, decision: Decision) -> Folded {
        let Some(&seq) = self.by_log_offset.get(&decision.sighting) else {
            return Folded::Ignored(Ignored::UnknownSighting);
        };
        let Some(record) = self.record_mut(seq) else { return Folded::Ignored(Ignored::UnknownSighting) };
        if record.state != State::Pending {
            return Folded::Ignored(Ignored::AlreadyDecided);
        }
        record.state = State::Decided;
        record.items.iter_mut().for_each(|item| item.sometimes = None);
        self.pending.remove(&seq);
        let Some(record) = self.record_mut(seq) else { return Folded::Ignored(Ignored::UnknownSighting) };
        let mut roots = Vec::with_capacity(decision.items.len());
        for verdict in decision.items {
            if let Some(at) = record.items.iter().position(|i| i.index == verdict.item) {
                roots.push((uri_hash(&verdict.root), verdict.story, verdict.story_norm, at as u32));
                record.items[at].verdict = Some(Box::new(verdict));
            }
        }
        for (root, story, norm, at) in roots {
            let item = ItemRef { record: seq, at };
            self.chains.insert(root, item);
            self.stories.decide(item, story, norm);
        }
        Folded::Decided(seq)
    }

    fn fold_done(&mut self, done: &Done) -> Folded {
        let partition = self.partition_id(&done.topic, done.partition);
        let position = self.done.entry(partition).or_insert(done.position);
        *position = done.position.max(*position);
        let passed: Vec<_> =
            self.undone.range((partition, i64::MIN)..(partition, done.position)).map(|(k, seq)| (*k, *seq)).collect();
        let mut voided = Vec::new();
        for (key, seq) in passed {
            self.undone.remove(&key);
            if self.pass(seq) {
                voided.push(seq);
            }
        }
        Folded::Done { voided }
    }
}
