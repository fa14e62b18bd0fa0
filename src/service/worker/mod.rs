//! The thread between consumer and transactions: reads, has prepared, offers to the desk, publishes what is decided.
//!
//! | file | what |
//! | --- | --- |
//! | [`reading`] | records in, within bounds |
//! | [`partitions`] | partitions that come, go, and are read again |
//! | [`publishing`] | transactions |
//! | [`telling`] | metrics and health |

mod partitions;
mod publishing;
mod reading;
mod telling;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rdkafka::consumer::Consumer;

use super::clients;
use super::health::Health;
use super::names::Names;
use super::prepare_pool::{PreparePool, Prepared};
use super::publisher::{Opening, Publisher};
use super::render::Renderer;
use super::shutdown::{Backoff, Shutdown};
use super::sightings_log::{Command, DeskHandle, Event};
use super::source::{SourceConsumer, SourceContext};
use super::{Plan, ServiceError};
use crate::desk::outbox::Outbox;
use crate::desk::owner::{DecidedItem, PartitionName};
use crate::desk::sighting::KindCode;
use crate::metrics::Metrics;
use crate::prepare::feed::Feed;

/// What the worker needs.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    pub plan: &'a Plan,
    pub names: &'a Names,
    pub instance: &'a str,
}

/// A record between reading and publishing.
struct Ready {
    prepared: Prepared,
    decided: Vec<DecidedItem>,
}

/// A partition's way from reading to the desk.
#[derive(Default)]
struct Lane {
    /// Which assignment this is: results of an earlier one are thrown away.
    epoch: u64,
    /// Offsets read, in order, that are not yet offered.
    reading: VecDeque<i64>,
    /// Prepared out of order.
    prepared: HashMap<i64, Prepared>,
    /// Offered to the desk, each with the hash of the raw bytes that were sighted.
    offered: HashMap<i64, (u64, Prepared)>,
    /// What is read and not yet published, oldest first.
    unpublished: VecDeque<Unpublished>,
}

impl Lane {
    /// Says of a record that is read and not yet published that it holds a kill.
    fn mark_kill(&mut self, offset: i64) {
        if let Ok(at) = self.unpublished.binary_search_by_key(&offset, |record| record.offset) {
            self.unpublished[at].is_kill = true;
        }
    }
}

struct Unpublished {
    offset: i64,
    bytes: usize,
    timestamp_ms: i64,
    /// Known once it is prepared.
    is_kill: bool,
}

/// Runs until shutdown is requested or something fatal happens.
pub fn run(
    setup: Setup<'_>,
    desk: &DeskHandle,
    events: &Receiver<Event>,
    metrics: &Metrics,
    health: &Health,
    shutdown: &Shutdown,
) -> Result<(), ServiceError> {
    // The index must be whole before any partition is owned.
    loop {
        match events.recv_timeout(Duration::from_millis(100)) {
            Ok(Event::Restored) => break,
            _ if shutdown.requested() => return Ok(()),
            _ => {}
        }
    }
    let config = &setup.plan.config;
    let mut feeds = HashMap::new();
    let mut starts = HashMap::new();
    for feed in &setup.plan.feeds {
        for topic in &feed.config.topics {
            feeds.insert(topic.clone(), feed.clone());
            starts.insert(topic.clone(), feed.config.start);
        }
    }
    let consumer: SourceConsumer =
        clients::source(&setup.plan.connection()).create_with_context(SourceContext::new(starts, shutdown.clone()))?;
    let topics: Vec<String> = feeds.keys().cloned().collect();
    consumer.subscribe(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
    health.not_ready("group", "joining the consumer group");

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // One a core: the other threads mostly wait for the broker.
    let threads = config.limits.prepare_threads.unwrap_or(cores);
    let pool = PreparePool::start(threads, &setup.plan.pipeline, metrics)?;
    let audit_partitions = partitions_of(&consumer, &setup.names.audit);
    let worker = Worker {
        setup,
        renderer: Renderer {
            names: setup.names,
            instance: setup.instance,
            audit_partitions,
            max_bytes: config.kafka.max_message_bytes,
        },
        feeds,
        topics,
        desk,
        events,
        metrics,
        health,
        consumer: &consumer,
        pool: &pool,
        publishing: Publishing::Closed { again: Instant::now() },
        backoff: Backoff::default(),
        outbox: Outbox::default(),
        lanes: HashMap::new(),
        first_positions: BTreeMap::new(),
        unsettled: BTreeMap::new(),
        epoch: 0,
        bytes: 0,
        full_since: None,
        paused: BTreeSet::new(),
        told: Instant::now(),
        looked: None,
    };
    let result = worker.run(shutdown);
    pool.stop();
    // Leaves the group.
    drop(consumer);
    health.ended("worker");
    result
}

/// Partitions of a topic; 1 when it cannot be learnt.
fn partitions_of(consumer: &SourceConsumer, topic: &str) -> i32 {
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10));
    let count = metadata.map(|m| m.topics().iter().map(|t| t.partitions().len()).sum::<usize>());
    i32::try_from(count.unwrap_or(1)).unwrap_or(1).max(1)
}

/// The transactional producer's state.
enum Publishing {
    /// None; one is made at `again`.
    Closed {
        again: Instant,
    },
    /// Its id is being taken over from whoever had it before.
    Opening(Opening),
    Open {
        publisher: Publisher,
        not_before: Instant,
    },
}

struct Worker<'a> {
    setup: Setup<'a>,
    renderer: Renderer<'a>,
    feeds: HashMap<String, Arc<Feed>>,
    topics: Vec<String>,
    desk: &'a DeskHandle,
    events: &'a Receiver<Event>,
    metrics: &'a Metrics,
    health: &'a Health,
    consumer: &'a SourceConsumer,
    pool: &'a PreparePool,
    publishing: Publishing,
    backoff: Backoff,
    outbox: Outbox<Ready>,
    lanes: HashMap<PartitionName, Lane>,
    /// Where partitions begin that the group had no position for: to be committed.
    first_positions: BTreeMap<PartitionName, i64>,
    /// Partitions whose last transaction ended no one knows how, with the last position known: they are read on from what the
    /// group says once a new producer has settled it.
    unsettled: BTreeMap<PartitionName, i64>,
    epoch: u64,
    /// Bytes of all records in flight.
    bytes: usize,
    full_since: Option<Instant>,
    /// Partitions that deliver nothing for now.
    paused: BTreeSet<PartitionName>,
    told: Instant,
    looked: Option<Instant>,
}

impl Worker<'_> {
    fn run(mut self, shutdown: &Shutdown) -> Result<(), ServiceError> {
        let mut deadline = None;
        loop {
            self.open_publisher()?;
            self.take_results();
            self.take_events()?;
            let published = self.publish()?;
            self.tell();
            if shutdown.requested() {
                let patience = Duration::from_secs(self.setup.plan.config.shutdown.timeout_secs);
                let until = *deadline.get_or_insert_with(|| Instant::now() + patience);
                if self.outbox.is_empty() || Instant::now() > until {
                    return Ok(());
                }
                self.attend()?;
                continue;
            }
            self.read(published)?;
        }
    }

    fn take_results(&mut self) {
        while let Ok(prepared) = self.pool.done.try_recv() {
            let origin = &prepared.raw.origin;
            let name = (origin.topic.to_string(), origin.partition);
            let offset = origin.offset;
            let Some(lane) = self.lanes.get_mut(&name).filter(|lane| lane.epoch == prepared.epoch) else { continue };
            lane.prepared.insert(offset, prepared);
            while let Some(mut prepared) = lane.reading.front().and_then(|offset| lane.prepared.remove(offset)) {
                lane.reading.pop_front();
                let offset = prepared.raw.origin.offset;
                match prepared.sighting.take() {
                    Some(sighting) => {
                        if sighting.items.iter().any(|item| item.kind() == KindCode::Kill) {
                            lane.mark_kill(offset);
                        }
                        lane.offered.insert(offset, (sighting.raw_hash, prepared));
                        self.desk.send(Command::Offer(sighting));
                    }
                    // What is refused is never sighted.
                    None => {
                        self.outbox.ready(&name, offset, Ready { prepared, decided: Vec::new() }, Vec::new());
                    }
                }
            }
        }
    }

    fn take_events(&mut self) -> Result<(), ServiceError> {
        while let Ok(event) = self.events.try_recv() {
            match event {
                Event::Restored => {}
                Event::Decided(record) => {
                    let name = (record.origin.topic, record.origin.partition);
                    let offset = record.origin.offset;
                    let Some(lane) = self.lanes.get_mut(&name) else { continue };
                    // After the topic was made again, a verdict on its way may be about another record of this offset.
                    if lane.offered.get(&offset).map(|(raw_hash, _)| *raw_hash) != Some(record.raw_hash) {
                        continue;
                    }
                    let Some((_, prepared)) = lane.offered.remove(&offset) else { continue };
                    self.outbox.ready(&name, offset, Ready { prepared, decided: record.items }, record.after);
                }
                Event::Out(record) => self.outbox.out(&record),
                Event::Skipped(record) => {
                    let name = (record.topic, record.partition);
                    tracing::warn!(topic = name.0, partition = name.1, offset = record.offset, "skipped by the group");
                    self.rewind(&[name])?;
                }
                Event::Rewind(name) => {
                    tracing::warn!(topic = name.0, partition = name.1, "the log has a gap: reading again");
                    self.rewind(&[name])?;
                }
            }
        }
        Ok(())
    }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
