//! The thread between consumer and transactions: reads, has prepared, offers to the desk, publishes what is decided.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};

use super::clients;
use super::health::Health;
use super::names::Names;
use super::prepare_pool::{Content, Job, PreparePool, Prepared};
use super::publisher::{Opening, PublishError, Publisher};
use super::render::{Rendered, Renderer};
use super::restore::is_passing;
use super::shutdown::{Backoff, Shutdown};
use super::sightings_log::{Command, DeskHandle, Event};
use super::source::{Assigned, Rebalanced, SourceConsumer, SourceContext, Start, committed};
use super::{Broker, Plan, ServiceError};
use crate::desk::outbox::{Batch, Outbox};
use crate::desk::owner::{DecidedItem, PartitionName};
use crate::item::{Outcome, RawItem, RecordOrigin};
use crate::metrics::Metrics;
use crate::prepare::feed::Feed;

/// Records read in one go, before results are looked at. As many as a few transactions take, because nothing is read while one
/// commits. (No gain was measured over 256 yet: preparation is the bound.)
const READ_BURST: usize = 4096;
/// A worker whose bound is reached for so long pauses its partitions, so that it can go on polling for the group's sake.
/// Before that it polls less: a resumed partition takes up to a second to deliver again.
const PAUSE_AFTER: Duration = Duration::from_secs(5);

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
    /// Offered to the desk.
    offered: HashMap<i64, Prepared>,
    /// What is read and not yet published, oldest first.
    unpublished: VecDeque<Unpublished>,
}

struct Unpublished {
    offset: i64,
    bytes: usize,
    timestamp_ms: i64,
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
    let threads = config.limits.prepare_threads.unwrap_or(cores.saturating_sub(1).max(1));
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
        paused: false,
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
    paused: bool,
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

    /// Polls the consumer: for records while there is room, and in any case for the group's sake.
    fn read(&mut self, busy: bool) -> Result<(), ServiceError> {
        if self.is_full() {
            let since = *self.full_since.get_or_insert_with(Instant::now);
            if since.elapsed() < PAUSE_AFTER {
                std::thread::sleep(Duration::from_micros(500));
                return Ok(());
            }
            self.pause(true)?;
        } else {
            self.full_since = None;
            self.pause(false)?;
        }
        let idle = self.outbox.is_empty();
        let mut timeout = match (busy, idle) {
            (true, _) => Duration::ZERO,
            (false, false) => Duration::from_millis(1),
            (false, true) => Duration::from_millis(20),
        };
        for _ in 0..READ_BURST {
            let polled = self.consumer.poll(timeout);
            timeout = Duration::ZERO;
            match polled {
                None => break,
                Some(Ok(message)) => self.take(&message),
                Some(Err(error)) => self.heed(&error)?,
            }
            // Callbacks run inside poll, and what they say comes before the next record.
            self.rebalance()?;
            if self.is_full() {
                break;
            }
        }
        self.rebalance()
    }

    /// Polls for the group's sake only, and takes nothing more: the work in hand may wait for a partition that is changing
    /// hands, and the group cannot give it to anybody while a member is silent.
    fn attend(&mut self) -> Result<(), ServiceError> {
        self.pause(true)?;
        // A record that comes all the same is dropped: its position does not move, and the next owner reads it.
        if let Some(Err(error)) = self.consumer.poll(Duration::from_millis(1)) {
            self.heed(&error)?;
        }
        self.rebalance()
    }

    fn is_full(&self) -> bool {
        let limits = &self.setup.plan.config.limits;
        self.outbox.len() >= limits.in_flight_records || self.bytes >= limits.in_flight_bytes
    }

    fn pause(&mut self, pause: bool) -> Result<(), ServiceError> {
        if pause == self.paused {
            return Ok(());
        }
        let mut list = rdkafka::TopicPartitionList::new();
        for (topic, partition) in self.lanes.keys() {
            list.add_partition(topic, *partition);
        }
        if pause {
            self.consumer.pause(&list)?
        } else {
            self.consumer.resume(&list)?
        }
        tracing::info!(pause, in_flight = self.outbox.len(), "input paused or resumed: the bound of records in flight");
        self.paused = pause;
        Ok(())
    }

    fn take(&mut self, message: &BorrowedMessage<'_>) {
        let name = (message.topic().to_owned(), message.partition());
        let Some(feed) = self.feeds.get(message.topic()) else { return };
        if !self.outbox.push(&name, message.offset()) {
            return;
        }
        let raw = raw_item(message);
        let Some(lane) = self.lanes.get_mut(&name) else { return };
        let size = raw.size_bytes();
        self.bytes += size;
        lane.reading.push_back(raw.origin.offset);
        lane.unpublished.push_back(Unpublished {
            offset: raw.origin.offset,
            bytes: size,
            timestamp_ms: raw.timestamp_ms,
        });
        self.pool.submit(Job { feed: feed.clone(), raw, epoch: lane.epoch });
    }

    fn heed(&mut self, error: &KafkaError) -> Result<(), ServiceError> {
        match error {
            KafkaError::MessageConsumption(RDKafkaErrorCode::UnknownTopicOrPartition) => self.look_for_topics(true),
            KafkaError::MessageConsumption(RDKafkaErrorCode::TopicAuthorizationFailed)
            | KafkaError::MessageConsumption(RDKafkaErrorCode::GroupAuthorizationFailed) => {
                self.health
                    .not_ready("access", format!("{error}: grant this user READ on the raw topics and the group"));
            }
            KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) => {
                // Which partition it is, is not said; a restart finds it and names it in /readyz, and the others go on.
                let message = "retention has passed the position of a raw partition that is read too slowly";
                return Err(ServiceError::Fatal(message.to_owned()));
            }
            KafkaError::MessageConsumptionFatal(code) => {
                return Err(ServiceError::Fatal(format!("the consumer failed: {code}")));
            }
            error if is_passing(error) => tracing::warn!(%error, "raw consumer"),
            error => tracing::error!(%error, "raw consumer"),
        }
        Ok(())
    }

    fn rebalance(&mut self) -> Result<(), ServiceError> {
        for event in self.consumer.context().take_events() {
            match event {
                Rebalanced::Assigned(list) => {
                    for assigned in list {
                        self.assigned(assigned);
                    }
                    self.health.ready("group");
                }
                Rebalanced::Revoked(names) => {
                    for name in names {
                        self.revoked(&name);
                    }
                }
                Rebalanced::Failed(reason) => return Err(ServiceError::Fatal(reason)),
            }
            self.metrics.assigned_partitions.set(i64::try_from(self.lanes.len()).unwrap_or(i64::MAX));
            tracing::info!(partitions = self.lanes.len(), "the group was rebalanced");
        }
        Ok(())
    }

    fn assigned(&mut self, assigned: Assigned) {
        let Assigned { name, start, end } = assigned;
        let part = format!("position {}/{}", name.0, name.1);
        let position = match start {
            Start::Committed(position) => position,
            Start::First(position) => {
                self.first_positions.insert(name.clone(), position);
                position
            }
            Start::Lost { committed, low, high } => {
                let group = &self.setup.plan.config.kafka.group_id;
                self.health.not_ready(
                    &part,
                    format!(
                        "the committed offset {committed} is not in the topic any more, which holds {low} to {high}: stop \
                         the instances, set the group's offset (kafka-consumer-groups.sh --group {group} --reset-offsets \
                         --to-earliest or --to-latest --topic {} --execute), and start them again",
                        name.0
                    ),
                );
                return;
            }
        };
        self.health.ready(&part);
        self.begin(name.clone(), position);
        self.desk.send(Command::RawEnd { name, end });
    }

    /// Opens a partition at a committed position, under a new epoch.
    fn begin(&mut self, name: PartitionName, position: i64) {
        self.revoked(&name);
        self.epoch += 1;
        self.outbox.open(name.clone(), position);
        self.lanes.insert(name.clone(), Lane { epoch: self.epoch, ..Lane::default() });
        self.desk.send(Command::Assign { name, start: position });
    }

    fn revoked(&mut self, name: &PartitionName) {
        self.unsettled.remove(name);
        self.close(name);
    }

    fn close(&mut self, name: &PartitionName) {
        self.outbox.close(name);
        self.first_positions.remove(name);
        if let Some(lane) = self.lanes.remove(name) {
            self.bytes -= lane.unpublished.iter().map(|r| r.bytes).sum::<usize>();
            self.desk.send(Command::Revoke(name.clone()));
            let labels = [name.0.as_str(), &name.1.to_string()];
            // An error means that it was never set.
            let _ = self.metrics.lag_records.remove_label_values(&labels);
            let _ = self.metrics.lag_seconds.remove_label_values(&labels);
            let _ = self.metrics.unstable_records.remove_label_values(&labels);
        }
    }

    /// Reads partitions again from their committed positions.
    fn rewind(&mut self, names: &[PartitionName]) -> Result<(), ServiceError> {
        let positions: BTreeMap<PartitionName, i64> =
            self.outbox.lanes().filter(|(name, _)| names.contains(name)).map(|(n, p)| (n.clone(), p)).collect();
        self.seek(&positions)
    }

    /// Begins partitions anew at positions.
    fn seek(&mut self, positions: &BTreeMap<PartitionName, i64>) -> Result<(), ServiceError> {
        let mut list = rdkafka::TopicPartitionList::new();
        for ((topic, partition), position) in positions {
            list.add_partition_offset(topic, *partition, rdkafka::Offset::Offset(*position))?;
        }
        let sought = self.consumer.seek_partitions(list, Duration::from_secs(10))?;
        for element in sought.elements() {
            if let Err(error) = element.error() {
                // Not ours any more: its revocation is on its way.
                tracing::warn!(topic = element.topic(), partition = element.partition(), %error, "cannot rewind");
            }
        }
        for (name, position) in positions {
            let first = self.first_positions.get(name).copied();
            self.begin(name.clone(), *position);
            if let Some(first) = first {
                self.first_positions.insert(name.clone(), first);
            }
        }
        Ok(())
    }

    fn take_results(&mut self) {
        while let Ok(prepared) = self.pool.done.try_recv() {
            let origin = &prepared.raw.origin;
            let name = (origin.topic.to_string(), origin.partition);
            let offset = origin.offset;
            let Some(lane) = self.lanes.get_mut(&name).filter(|lane| lane.epoch == prepared.epoch) else { continue };
            lane.prepared.insert(offset, prepared);
            while let Some(prepared) = lane.reading.front().and_then(|offset| lane.prepared.remove(offset)) {
                lane.reading.pop_front();
                let offset = prepared.raw.origin.offset;
                let sighting = match &prepared.content {
                    Content::Items { sighting, .. } => sighting.clone(),
                    Content::Tombstone | Content::Rejected(_) => None,
                };
                match sighting {
                    Some(sighting) => {
                        lane.offered.insert(offset, prepared);
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
                    if lane.offered.get(&offset).and_then(|p| p.content.raw_hash()) != Some(record.raw_hash) {
                        continue;
                    }
                    let Some(prepared) = lane.offered.remove(&offset) else { continue };
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

    /// Makes, or goes on making, the transactional producer.
    fn open_publisher(&mut self) -> Result<(), ServiceError> {
        let state = std::mem::replace(&mut self.publishing, Publishing::Closed { again: Instant::now() });
        self.publishing = match state {
            Publishing::Closed { again } if Instant::now() >= again => {
                Publishing::Opening(Opening::new(&self.setup.plan.connection(), self.setup.instance)?)
            }
            Publishing::Opening(opening) => match opening.take_over(Duration::from_secs(2)) {
                Ok(publisher) => {
                    self.health.ready("publisher");
                    self.settle()?;
                    Publishing::Open { publisher, not_before: Instant::now() }
                }
                Err((again, cause)) => {
                    self.health.not_ready("publisher", format!("taking over the transactional id: {cause}"));
                    match again {
                        Some(opening) => Publishing::Opening(opening),
                        None => Publishing::Closed { again: Instant::now() + self.backoff.step() },
                    }
                }
            },
            other => other,
        };
        Ok(())
    }

    /// Publishes what may go now; true when something went.
    fn publish(&mut self) -> Result<bool, ServiceError> {
        let Publishing::Open { publisher, not_before, .. } = &self.publishing else { return Ok(false) };
        if Instant::now() < *not_before {
            return Ok(false);
        }
        let batch = self.outbox.take(self.setup.plan.config.limits.transaction_records);
        let mut positions = self.first_positions.clone();
        positions.extend(batch.positions.clone());
        if positions.is_empty() {
            return Ok(false);
        }
        let rendered: Vec<Rendered> =
            batch.records.iter().map(|r| self.renderer.render(&r.prepared, &r.decided)).collect();
        let outgoing = rendered.iter().flat_map(|r| &r.outgoing);
        let started = Instant::now();
        match publisher.publish(outgoing, &positions, self.consumer) {
            Ok(()) => {
                self.metrics.transaction_duration.observe(started.elapsed().as_secs_f64());
                self.metrics.transactions.with_label_values(&["committed"]).inc();
                self.committed(&batch, &rendered, positions);
                Ok(true)
            }
            Err(error) => self.failed(error).map(|()| false),
        }
    }

    fn committed(&mut self, batch: &Batch<Ready>, rendered: &[Rendered], positions: BTreeMap<PartitionName, i64>) {
        self.backoff.reset();
        self.health.ready("transactions");
        self.first_positions.clear();
        self.outbox.committed(&positions);
        for (name, position) in &positions {
            let Some(lane) = self.lanes.get_mut(name) else { continue };
            while let Some(done) = lane.unpublished.pop_front_if(|r| r.offset < *position) {
                self.bytes -= done.bytes;
            }
        }
        self.desk.send(Command::Committed(positions.into_iter().collect()));
        for (record, rendered) in batch.records.iter().zip(rendered) {
            self.count(record, rendered);
        }
    }

    /// Counters follow the audit lines of what is committed.
    fn count(&self, record: &Ready, rendered: &Rendered) {
        let m = self.metrics;
        let feed = &*record.prepared.feed.id;
        let sent_ms = record.prepared.raw.timestamp_ms;
        for (line, reject) in rendered.audit.iter().zip(&rendered.rejects) {
            m.items_consumed.with_label_values(&[feed]).inc();
            let verdict = line.verdict.map_or("none", |v| v.as_str());
            match line.outcome {
                Outcome::Published => m.items_published.with_label_values(&[feed]).inc(),
                Outcome::Suppressed => m.items_suppressed.with_label_values(&[feed, verdict]).inc(),
                Outcome::Held => m.items_held.with_label_values(&[feed]).inc(),
                Outcome::Skipped => m.items_skipped.with_label_values(&[feed]).inc(),
                Outcome::Rejected => {
                    if let Some(reject) = reject {
                        let labels = [feed, reject.stage.as_str(), reject.reason.as_str()];
                        m.items_rejected.with_label_values(&labels).inc();
                    }
                }
            }
            if line.verdict.is_some() {
                m.verdicts.with_label_values(&[feed, verdict]).inc();
                m.feed_last_item.with_label_values(&[feed]).set(sent_ms as f64 / 1000.0);
            }
            for stream in &line.streams {
                m.stream_records.with_label_values(&[stream]).inc();
            }
            if line.outcome == Outcome::Published {
                let took = (now_ms() - sent_ms).max(0) as f64 / 1000.0;
                m.wire_to_publish.with_label_values(&[feed]).observe(took);
            }
        }
    }

    /// Nothing of the batch is out: read it all again, after a while.
    fn failed(&mut self, error: PublishError) -> Result<(), ServiceError> {
        tracing::warn!(%error, "a batch was not published: reading it again");
        self.health.not_ready("transactions", error.to_string());
        let wait = Instant::now() + self.backoff.step();
        let names: Vec<PartitionName> = self.lanes.keys().cloned().collect();
        let state = std::mem::replace(&mut self.publishing, Publishing::Closed { again: wait });
        if let (PublishError::Aborted(_), Publishing::Open { publisher, .. }) = (&error, state) {
            self.metrics.transactions.with_label_values(&["aborted"]).inc();
            self.publishing = Publishing::Open { publisher, not_before: wait };
            return self.rewind(&names);
        }
        // Whether the commit reached the broker is not known. Only a new producer of the same id settles it.
        self.metrics.transactions.with_label_values(&["fenced"]).inc();
        let known: BTreeMap<PartitionName, i64> = self.outbox.lanes().map(|(n, p)| (n.clone(), p)).collect();
        for name in &names {
            self.close(name);
        }
        self.unsettled.extend(known);
        Ok(())
    }

    /// Reads unsettled partitions on from the group's positions. The new producer has ended its predecessor's transaction.
    fn settle(&mut self) -> Result<(), ServiceError> {
        let unsettled = std::mem::take(&mut self.unsettled);
        if unsettled.is_empty() {
            return Ok(());
        }
        let mut list = rdkafka::TopicPartitionList::new();
        for (topic, partition) in unsettled.keys() {
            list.add_partition(topic, *partition);
        }
        for (name, committed) in committed(self.consumer, &list)? {
            let known = unsettled.get(&name).copied().unwrap_or_default();
            if committed.is_none() {
                self.first_positions.insert(name.clone(), known);
            }
            self.seek(&BTreeMap::from([(name, committed.unwrap_or(known))]))?;
        }
        Ok(())
    }

    fn tell(&mut self) {
        if self.told.elapsed() < Duration::from_millis(500) {
            return;
        }
        self.told = Instant::now();
        self.health.beat("worker");
        if self.outbox.is_empty() {
            // What failed was read again, here or by another instance, and is out: nothing waits for a transaction.
            self.health.ready("transactions");
        }
        self.metrics.in_flight_records.set(i64::try_from(self.outbox.len()).unwrap_or(i64::MAX));
        self.metrics.in_flight_bytes.set(i64::try_from(self.bytes).unwrap_or(i64::MAX));
        let committed: HashMap<PartitionName, i64> = self.outbox.lanes().map(|(n, p)| (n.clone(), p)).collect();
        for (name, ends) in self.consumer.context().take_ends() {
            let Some(position) = committed.get(&name) else { continue };
            let labels = [name.0.as_str(), &name.1.to_string()];
            self.metrics.lag_records.with_label_values(&labels).set((ends.last_stable - position).max(0));
            self.metrics.unstable_records.with_label_values(&labels).set((ends.high - ends.last_stable).max(0));
        }
        for (name, lane) in &self.lanes {
            let oldest = lane.unpublished.front().map(|r| r.timestamp_ms);
            let age = oldest.map_or(0.0, |time_ms| (now_ms() - time_ms).max(0) as f64 / 1000.0);
            self.metrics.lag_seconds.with_label_values(&[&name.0, &name.1.to_string()]).set(age);
        }
        self.look_for_topics(false);
    }

    /// Names raw topics that do not exist: at start, when one was not found, and until all are there.
    fn look_for_topics(&mut self, now: bool) {
        let missing_before = self.health.reasons().contains_key("topics");
        let due = match self.looked {
            None => true,
            Some(at) => (now || missing_before) && at.elapsed() > Duration::from_secs(5),
        };
        if !due || self.setup.plan.broker == Broker::Mock {
            return;
        }
        self.looked = Some(Instant::now());
        let Ok(metadata) = self.consumer.fetch_metadata(None, Duration::from_secs(2)) else { return };
        let missing: Vec<&str> = self
            .topics
            .iter()
            .map(String::as_str)
            .filter(|topic| !metadata.topics().iter().any(|t| t.name() == *topic && !t.partitions().is_empty()))
            .collect();
        if missing.is_empty() {
            self.health.ready("topics");
        } else {
            let reason = format!("raw topics do not exist: {}; the other feeds go on", missing.join(", "));
            self.health.not_ready("topics", reason);
        }
    }
}

fn raw_item(message: &BorrowedMessage<'_>) -> RawItem {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect()
    });
    RawItem {
        origin: RecordOrigin {
            topic: Arc::from(message.topic()),
            partition: message.partition(),
            offset: message.offset(),
        },
        key: message.key().map(<[u8]>::to_vec),
        payload: message.payload().map(<[u8]>::to_vec),
        headers,
        timestamp_ms: message.timestamp().to_millis().unwrap_or_else(now_ms),
    }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
