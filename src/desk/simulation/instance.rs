//! One instance: the worker's thread and the desk's, as `service::worker` and `service::sightings_log` run them.

use std::collections::{BTreeMap, VecDeque};

use super::broker::{Broker, Output};
use super::plan::Fault;
use super::wire::{partition_at, partition_name};
use crate::desk::index::DeskIndex;
use crate::desk::outbox::Outbox;
use crate::desk::owner::{Action, DecidedItem, Owner, PartitionName};
use crate::desk::sighting::{Body, LogEntry, Sighting, Tick, VerdictCode};
use crate::prepare::route::NOTICES;

/// From the worker to the desk.
#[derive(Debug)]
enum Command {
    Assign(PartitionName, i64),
    Revoke(PartitionName),
    Offer(Sighting),
    Committed(Vec<(PartitionName, i64)>),
}

/// What waits in the outbox.
#[derive(Debug)]
pub struct Ready {
    output: Output,
}

#[derive(Debug)]
struct Lane {
    /// Offset of the next record to read.
    position: i64,
    life: u32,
    /// Hashes of the records offered to the desk, by offset.
    offered: BTreeMap<i64, u64>,
}

/// A transaction that was begun.
#[derive(Debug)]
struct Open {
    outputs: Vec<Output>,
    positions: BTreeMap<PartitionName, i64>,
}

pub struct Instance {
    pub id: usize,
    version: usize,
    pub generation: u64,
    owner: Owner,
    /// Entries on their way to the log, in order.
    pub in_flight: VecDeque<LogEntry>,
    commands: VecDeque<Command>,
    events: VecDeque<Action>,
    outbox: Outbox<Ready>,
    lanes: BTreeMap<PartitionName, Lane>,
    open: Option<Open>,
    /// Stopped: it does nothing, and does not know that it does nothing.
    pub paused: bool,
}

impl Instance {
    pub fn start(id: usize, life: u32, broker: &mut Broker) -> Result<Self, String> {
        let version = if broker.plan.versions { broker.pick(2) } else { 0 };
        broker.note(|| format!("i{id}: starts as version {version}"));
        let index = broker.restore();
        compare(broker, id, &index, "replayed")?;
        let name = if broker.plan.stable_names { format!("i{id}") } else { format!("i{id}.{life}") };
        let epoch = index.epoch().unwrap_or_default();
        Ok(Self {
            id,
            version,
            generation: 0,
            owner: Owner::new(index, name, epoch),
            in_flight: VecDeque::new(),
            commands: VecDeque::new(),
            events: VecDeque::new(),
            outbox: Outbox::default(),
            lanes: BTreeMap::new(),
            open: None,
            paused: false,
        })
    }

    /// Nothing is left for it to do but to read.
    pub fn is_idle(&self, broker: &Broker) -> bool {
        self.in_flight.is_empty()
            && self.commands.is_empty()
            && self.events.is_empty()
            && self.outbox.is_empty()
            && self.open.is_none()
            && self.owner.index().next_offset() == broker.log_end()
    }

    pub fn describe(&self) -> String {
        let lanes: Vec<String> = self
            .lanes
            .iter()
            .map(|((_, p), lane)| format!("{p} read to {} offered {:?}", lane.position, lane.offered.keys()))
            .collect();
        format!("i{} undecided {} outbox {} lanes {lanes:?}", self.id, self.owner.undecided(), self.outbox.len())
    }

    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    // The worker's thread.

    fn begin(&mut self, name: PartitionName, position: i64, broker: &Broker) {
        self.revoke(&name);
        self.outbox.open(name.clone(), position);
        let life = broker.raw[partition_at(&name)].life;
        self.lanes.insert(name.clone(), Lane { position, life, offered: BTreeMap::new() });
        self.commands.push_back(Command::Assign(name, position));
    }

    pub fn assign(&mut self, partition: usize, broker: &mut Broker) {
        let id = self.id;
        let start = broker.committed[partition];
        broker.note(|| format!("i{id}: gets {:?} at {start}", partition_name(partition)));
        self.begin(partition_name(partition), start, broker);
    }

    pub fn revoke(&mut self, name: &PartitionName) {
        self.outbox.close(name);
        if self.lanes.remove(name).is_some() {
            self.commands.push_back(Command::Revoke(name.clone()));
        }
    }

    pub fn owns(&self, partition: usize) -> bool {
        self.lanes.contains_key(&partition_name(partition))
    }

    pub fn revoke_all(&mut self) {
        self.open = None;
        let names: Vec<PartitionName> = self.lanes.keys().cloned().collect();
        for name in names {
            self.revoke(&name);
        }
    }

    fn rewind(&mut self, names: &[PartitionName], broker: &mut Broker) {
        let id = self.id;
        broker.note(|| format!("i{id}: rewinds {names:?}"));
        let positions: Vec<(PartitionName, i64)> =
            self.outbox.lanes().filter(|(name, _)| names.contains(name)).map(|(n, p)| (n.clone(), p)).collect();
        for (name, position) in positions {
            self.begin(name, position, broker);
        }
    }

    /// Reads the next record of one of its partitions.
    pub fn read(&mut self, broker: &mut Broker) {
        if self.open.is_some() || self.lanes.is_empty() {
            return;
        }
        let at = broker.pick(self.lanes.len());
        let Some((name, lane)) = self.lanes.iter_mut().nth(at) else { return };
        // However full it is: a lane that holds nothing is read, because others may wait for what comes there.
        let is_full = self.outbox.len() >= broker.plan.in_flight;
        let bound_by_all = broker.plan.fault == Some(Fault::OneBoundForAll);
        if is_full && (bound_by_all || self.outbox.lane_len(name) > 0) {
            return;
        }
        let partition = partition_at(name);
        // A zombie of a topic's earlier life reads nothing: its fetches fail.
        if broker.raw[partition].life != lane.life {
            return;
        }
        let offset = lane.position;
        let Some(record) = broker.raw[partition].records.get(usize::try_from(offset).unwrap()) else { return };
        lane.position += 1;
        assert!(self.outbox.push(name, offset), "a lane is open");
        let prepared = record.prepare(self.version, name, offset);
        let (id, refused) = (self.id, prepared.is_none());
        match prepared {
            Some(sighting) => {
                lane.offered.insert(offset, sighting.raw_hash);
                self.commands.push_back(Command::Offer(sighting));
            }
            None => {
                let output = Output { origin: (partition, lane.life, offset), transaction: 0, decided: None };
                self.outbox.ready(name, offset, Ready { output }, Vec::new());
            }
        }
        if broker.plan.fault == Some(Fault::DoneOnRead) {
            self.commands.push_back(Command::Committed(vec![(name.clone(), offset + 1)]));
        }
        broker.note(|| format!("i{id}: reads {}/{offset}{}", partition, if refused { ", refused" } else { "" }));
    }

    /// Heeds what the desk says.
    pub fn take_events(&mut self, broker: &mut Broker) {
        if self.open.is_some() {
            return;
        }
        while let Some(event) = self.events.pop_front() {
            match event {
                Action::Append(_) => unreachable!("appended by the desk's thread"),
                Action::Decided(record) => {
                    let name = (record.origin.topic, record.origin.partition);
                    let offset = record.origin.offset;
                    let Some(lane) = self.lanes.get_mut(&name) else { continue };
                    if lane.offered.get(&offset) != Some(&record.raw_hash) {
                        continue;
                    }
                    lane.offered.remove(&offset);
                    let origin = (partition_at(&name), lane.life, offset);
                    let items = self::published(broker, record.sighting, record.items);
                    let output = Output { origin, transaction: 0, decided: Some((record.sighting, items)) };
                    let after = if broker.plan.fault == Some(Fault::IgnoreAfter) { Vec::new() } else { record.after };
                    self.outbox.ready(&name, offset, Ready { output }, after);
                }
                Action::Out(record) => self.outbox.out(&record),
                Action::Skipped(record) => self.rewind(&[(record.topic, record.partition)], broker),
                Action::Rewind(name) => self.rewind(&[name], broker),
            }
        }
    }

    /// Begins a transaction with what may be published.
    pub fn begin_transaction(&mut self, broker: &mut Broker) {
        if self.open.is_some() {
            return;
        }
        let batch = self.outbox.take(broker.plan.batch);
        if batch.records.is_empty() {
            return;
        }
        let outputs: Vec<Output> = batch.records.into_iter().map(|r| r.output).collect();
        self.open = Some(Open { outputs, positions: batch.positions });
    }

    /// Commits the open transaction, if there is one and the broker lets it; else reads all of its partitions again.
    pub fn end_transaction(&mut self, broker: &mut Broker, fails: bool) {
        let Some(open) = self.open.take() else { return };
        let positions: Vec<(usize, i64)> = open.positions.iter().map(|(n, p)| (partition_at(n), *p)).collect();
        if !fails && broker.commit(self.id, self.generation, open.outputs, &positions) {
            self.outbox.committed(&open.positions);
            if broker.plan.fault != Some(Fault::NeverDone) {
                self.commands.push_back(Command::Committed(open.positions.into_iter().collect()));
            }
            return;
        }
        let names: Vec<PartitionName> = self.lanes.keys().cloned().collect();
        self.rewind(&names, broker);
    }

    // The desk's thread.

    pub fn obey(&mut self, broker: &mut Broker) {
        while let Some(command) = self.commands.pop_front() {
            match command {
                Command::Assign(name, start) => {
                    let end = broker.log_end();
                    self.owner.assign(name.clone(), start, end);
                    self.ask_end(&name, broker);
                }
                Command::Revoke(name) => self.owner.revoke(&name),
                Command::Offer(sighting) => self.owner.offer(sighting),
                Command::Committed(positions) => {
                    for (name, position) in positions {
                        self.owner.committed(&name, position);
                    }
                }
            }
        }
        self.act(broker.plan.fault);
    }

    /// Asks where a raw partition ends. A zombie of a topic's earlier life gets no answer.
    fn ask_end(&mut self, name: &PartitionName, broker: &mut Broker) {
        let partition = partition_at(name);
        let lives = self.lanes.get(name).is_some_and(|lane| lane.life == broker.raw[partition].life);
        let lost = broker.plan.lost_answers && broker.chance(0.3);
        if lives && !lost {
            self.owner.raw_end(name, broker.raw_end(partition));
        }
    }

    /// Folds entries of the log, at most so many.
    pub fn fold(&mut self, most: usize, broker: &mut Broker) -> Result<(), String> {
        for _ in 0..most {
            let offset = self.owner.index().next_offset();
            let Some((time_ms, entry)) = broker.log.get(usize::try_from(offset).unwrap()).cloned() else { break };
            if offset < broker.begin {
                return Err(format!("i{}: retention passed it", self.id));
            }
            self.owner.fold(offset, time_ms, entry).map_err(|error| error.to_string())?;
            compare(broker, self.id, self.owner.index(), "running")?;
        }
        self.act(broker.plan.fault);
        Ok(())
    }

    fn act(&mut self, fault: Option<Fault>) {
        for action in self.owner.take_actions() {
            match action {
                Action::Append(mut body) => {
                    plant(fault, &mut body, self.owner.index());
                    self.in_flight.push_back(self.owner.entry(body));
                }
                other => self.events.push_back(other),
            }
        }
    }

    /// What the service says every so often.
    pub fn tick(&mut self, broker: &mut Broker) {
        if broker.plan.fault != Some(Fault::AskEndOnce) {
            for name in self.owner.ends_wanted() {
                self.ask_end(&name, broker);
            }
        }
        self.act(broker.plan.fault);
        self.in_flight.push_back(self.owner.entry(Body::Tick(Tick {})));
    }

    pub fn deliver(&mut self, broker: &mut Broker) {
        if let Some(entry) = self.in_flight.pop_front() {
            if broker.plan.fault == Some(Fault::LoseEntries) && broker.chance(0.02) {
                return;
            }
            broker.append(entry);
        }
    }
}

/// What a faulty program would have decided.
fn plant(fault: Option<Fault>, body: &mut Body, index: &DeskIndex) {
    let Body::Decision(decision) = body else { return };
    let Some(record) = index.at_log_offset(decision.sighting) else { return };
    for verdict in &mut decision.items {
        let Some(item) = record.items.iter().find(|i| i.index == verdict.item) else { continue };
        let own = || item.streams.iter().map(|s| s.to_string()).collect();
        match (fault, verdict.verdict()) {
            (Some(Fault::StaleKill), VerdictCode::Kill) if verdict.streams.iter().any(|s| s == NOTICES) => {
                verdict.set_verdict(VerdictCode::Stale);
                verdict.streams.clear();
            }
            (Some(Fault::ShortKill), VerdictCode::Kill) if verdict.streams.len() > 1 => {
                verdict.streams.remove(0);
            }
            (Some(Fault::SilentKill), VerdictCode::Kill) => verdict.streams.retain(|s| s != NOTICES),
            (Some(Fault::HarmfulKill), VerdictCode::Kill) => verdict.streams = verdict.reached.clone(),
            (Some(Fault::WithheldSwallows), VerdictCode::Duplicate) => verdict.streams.clear(),
            (Some(Fault::ForgetKill), VerdictCode::Killed) => {
                verdict.set_verdict(VerdictCode::New);
                verdict.streams = own();
            }
            _ => {}
        }
    }
}

/// Verdicts as they go out: those that the desk gave, but for a planted fault.
fn published(broker: &Broker, sighting: u64, items: Vec<DecidedItem>) -> Vec<DecidedItem> {
    if broker.plan.fault != Some(Fault::LastDecision) {
        return items;
    }
    let last = broker.log.iter().rev().find_map(|(_, entry)| match &entry.body {
        Some(Body::Decision(d)) if d.sighting == sighting => Some(d),
        _ => None,
    });
    let Some(last) = last else { return items };
    let verdict = |item: u32| last.items.iter().find(|v| v.item == item).cloned();
    items
        .into_iter()
        .map(|item| DecidedItem { verdict: verdict(item.item).unwrap_or_else(|| item.verdict.clone()), ..item })
        .collect()
}

/// An index must be what one that ran all along was at the same place.
fn compare(broker: &mut Broker, id: usize, index: &DeskIndex, how: &str) -> Result<(), String> {
    let next = index.next_offset();
    let expected = if next == broker.truth.next_offset() && how == "replayed" {
        Some(broker.truth.digest())
    } else {
        broker.digests.get(&next).copied()
    };
    match expected {
        Some(expected) if expected != index.digest() => {
            let (truth, other) = (records(&broker.truth), records(index));
            broker.note(|| format!("the reference: {truth:#?}\ni{id}: {other:#?}"));
            Err(format!("digest: i{id}'s {how} index differs at {next}"))
        }
        _ => Ok(()),
    }
}

fn records(index: &DeskIndex) -> Vec<String> {
    let held = (0..index.next_offset()).filter_map(|offset| index.at_log_offset(offset));
    held.map(|r| {
        let (_, partition) = index.partition_name(r.partition);
        let (at, time_ms, done) = (r.log_offset, r.time_ms, r.done);
        format!("{partition}@{} at {at} in {time_ms} {:?} done {done}", r.offset, r.state)
    })
    .chain([format!("clock {}", index.clock_ms())])
    .collect()
}
