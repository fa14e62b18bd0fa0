//! The thread that owns the desk: the index, the log's consumer and the log's producer.
//!
//! The log has no transactions: an entry is a fact or a decision, and the first that counts stays. A producer that dies leaves a
//! prefix of its entries, which its partitions' next owner finds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use prost::Message as _;
use rdkafka::ClientContext;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use serde::Serialize;

use super::health::Health;
use super::restore::{LogReader, RestoreError};
use super::shutdown::{Backoff, Shutdown};
use super::{Broker, ServiceError, clients};
use crate::config::service::DeskConfig;
use crate::desk::index::{DeskIndex, Folded, Ignored, IndexConfig};
use crate::desk::owner::{Action, DecidedRecord, Owner, PartitionName};
use crate::desk::sighting::{Begin, Body, RecordRef, Sighting, Tick};
use crate::metrics::Metrics;

/// Entries folded between two looks at the inbox.
const FOLD_BURST: usize = 500;

/// What the worker and the admin port ask of the desk.
#[derive(Debug)]
pub enum Command {
    Assign {
        name: PartitionName,
        start: i64,
    },
    /// An assigned partition holds no record at or after this offset.
    RawEnd {
        name: PartitionName,
        end: i64,
    },
    Revoke(PartitionName),
    Offer(Sighting),
    Committed(Vec<(PartitionName, i64)>),
    Inspect(Sender<DeskStatus>),
}

/// What the desk tells the worker.
#[derive(Debug)]
pub enum Event {
    /// The window is replayed: the group may be joined.
    Restored,
    Decided(DecidedRecord),
    Out(RecordRef),
    Skipped(RecordRef),
    Rewind(PartitionName),
}

/// The desk's state, for operators and tests.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeskStatus {
    /// Hash over all that a verdict can depend on: equal on all instances at equal `logOffset`.
    pub digest: String,
    /// Position in the log.
    pub log_offset: u64,
    /// Offset of the oldest entry that is still needed.
    pub low: u64,
    pub items: usize,
    pub bytes: usize,
    /// Sighted records without a verdict.
    pub pending: usize,
}

/// Speaks to the desk's thread. Cloning shares it.
#[derive(Clone, Debug)]
pub struct DeskHandle {
    commands: Sender<Command>,
}

impl DeskHandle {
    /// Sends a command; when the thread has ended, the service is ending too.
    pub fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// Asks for the desk's state; `None` when it does not answer within 5 s.
    pub fn inspect(&self) -> Option<DeskStatus> {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.send(Command::Inspect(reply));
        answer.recv_timeout(Duration::from_secs(5)).ok()
    }
}

/// The desk thread's ends of its channels. They hold only what the worker has in flight, which is bounded.
#[derive(Debug)]
pub struct Inbox {
    commands: Receiver<Command>,
    events: Sender<Event>,
}

pub fn channel() -> (DeskHandle, Inbox, Receiver<Event>) {
    let (commands, inbox) = unbounded();
    let (events, outbox) = unbounded();
    (DeskHandle { commands }, Inbox { commands: inbox, events }, outbox)
}

/// What the thread needs.
#[derive(Clone, Debug)]
pub struct Setup {
    pub connection: clients::Connection,
    pub desk: DeskConfig,
    pub topic: String,
    pub instance: String,
    pub broker: Broker,
}

/// The running thread.
#[derive(Debug)]
pub struct LogThread {
    thread: JoinHandle<Result<(), ServiceError>>,
}

impl LogThread {
    /// Waits for its end; what does not end in time is left to the end of the process.
    pub fn join(self, timeout: Duration) -> Result<(), ServiceError> {
        let until = Instant::now() + timeout;
        while !self.thread.is_finished() {
            if Instant::now() > until {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.thread.join().unwrap_or_else(|_| Err(ServiceError::Fatal("the desk's thread panicked".to_owned())))
    }
}

pub fn spawn(
    setup: Setup,
    inbox: Inbox,
    metrics: Metrics,
    health: Health,
    shutdown: Shutdown,
    stop: Shutdown,
) -> Result<LogThread, ServiceError> {
    health.not_ready("desk", "restoring the window from the sightings log");
    let thread = std::thread::Builder::new().name("desk".to_owned()).spawn(move || {
        let result = run(&setup, &inbox, &metrics, &health, &shutdown, &stop);
        if let Err(error) = &result {
            health.not_ready("desk", error.to_string());
        }
        health.ended("desk");
        // The worker cannot go on without it.
        shutdown.request();
        result
    })?;
    Ok(LogThread { thread })
}

/// Sees to it that an entry that cannot be appended ends the service: its order would have a gap.
#[derive(Clone)]
struct AppendContext {
    failed: Arc<AtomicBool>,
}

impl ClientContext for AppendContext {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "sightings log producer");
    }
}

impl ProducerContext for AppendContext {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        // The first one tells all; those behind it fail with it.
        if let Err((error, _)) = result
            && !self.failed.swap(true, Ordering::AcqRel)
        {
            tracing::error!(%error, "an entry could not be appended to the sightings log");
        }
    }
}

fn run(
    setup: &Setup,
    inbox: &Inbox,
    metrics: &Metrics,
    health: &Health,
    shutdown: &Shutdown,
    stop: &Shutdown,
) -> Result<(), ServiceError> {
    let consumer: BaseConsumer = clients::log_consumer(&setup.connection).create()?;
    let context = AppendContext { failed: Arc::default() };
    let producer: ThreadedProducer<AppendContext> =
        clients::log_producer(&setup.connection).create_with_context(context.clone())?;
    let reader = LogReader { consumer: &consumer, topic: &setup.topic, broker: setup.broker };
    let mut appender = Appender { producer, context, topic: &setup.topic };

    let started = Instant::now();
    let Some((index, epoch)) = open(setup, &reader, &mut appender, health, shutdown)? else { return Ok(()) };
    metrics.restore_seconds.set(started.elapsed().as_secs_f64());
    tracing::info!(
        items = index.live_items(),
        log_offset = index.next_offset(),
        secs = started.elapsed().as_secs_f64(),
        "the desk is restored"
    );
    health.ready("desk");
    let _ = inbox.events.send(Event::Restored);

    let owner = Owner::new(index, &setup.instance, epoch);
    Desk { owner, reader, appender, inbox, metrics, health, tick: Ticker::new(&setup.desk), told: Instant::now() }
        .run(stop)
}

/// Finds or founds the log, and replays it: tried again until it works or shutdown is requested.
fn open(
    setup: &Setup,
    reader: &LogReader<'_>,
    appender: &mut Appender<'_>,
    health: &Health,
    shutdown: &Shutdown,
) -> Result<Option<(DeskIndex, u64)>, ServiceError> {
    let config = IndexConfig {
        window_ms: i64::try_from(setup.desk.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX),
        max_lateness_records: setup.desk.max_lateness_records,
    };
    let mut backoff = Backoff::default();
    let mut founding = false;
    while !shutdown.requested() {
        match replay(config, reader, shutdown) {
            Ok(Some(index)) => {
                let epoch = index.epoch().unwrap_or_default();
                return Ok(Some((index, epoch)));
            }
            // Of several founders the first one's entry counts; all read it back.
            Ok(None) if !founding => {
                founding = true;
                let founder = Owner::new(DeskIndex::new(config), &setup.instance, new_epoch());
                appender.append(&founder, Body::Begin(Begin {}))?;
            }
            Ok(None) => shutdown.sleep(Duration::from_millis(20)),
            Err(RestoreError::Shutdown) => return Ok(None),
            Err(error) => {
                health.not_ready("desk", format!("restoring from {}: {error}", setup.topic));
                shutdown.sleep(backoff.step());
            }
        }
    }
    Ok(None)
}

/// The index of what the log holds; `None` when it holds nothing.
fn replay(config: IndexConfig, reader: &LogReader<'_>, shutdown: &Shutdown) -> Result<Option<DeskIndex>, RestoreError> {
    let (begin, end) = reader.bounds()?;
    let Some(span) = reader.span(config, begin, end)? else { return Ok(None) };
    reader.restore(config, span, end, shutdown).map(Some)
}

/// A log's identity: any number that another founding would not give.
fn new_epoch() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut seed = now.as_nanos().to_le_bytes().to_vec();
    seed.extend(std::process::id().to_le_bytes());
    xxhash_rust::xxh3::xxh3_64(&seed).max(1)
}

struct Appender<'a> {
    producer: ThreadedProducer<AppendContext>,
    context: AppendContext,
    topic: &'a str,
}

impl Appender<'_> {
    fn append(&mut self, owner: &Owner, body: Body) -> Result<(), ServiceError> {
        let bytes = owner.entry(body).encode_to_vec();
        let mut record: BaseRecord<'_, (), [u8]> = BaseRecord::to(self.topic).partition(0).payload(&bytes);
        loop {
            self.check()?;
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), again)) => {
                    record = again;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(ServiceError::Log(format!("an entry was refused: {error}"))),
            }
        }
    }

    fn check(&self) -> Result<(), ServiceError> {
        if self.context.failed.load(Ordering::Acquire) {
            return Err(ServiceError::Log("an entry could not be appended, see the log above".to_owned()));
        }
        Ok(())
    }
}

/// When to move the log's clock although nothing happens.
struct Ticker {
    every: Duration,
    last: Instant,
}

impl Ticker {
    fn new(desk: &DeskConfig) -> Self {
        let every = Duration::from_secs((desk.window_secs / 10).clamp(1, 60));
        Self { every, last: Instant::now() }
    }

    fn due(&mut self) -> bool {
        let due = self.last.elapsed() >= self.every;
        if due {
            self.last = Instant::now();
        }
        due
    }
}

struct Desk<'a> {
    owner: Owner,
    reader: LogReader<'a>,
    appender: Appender<'a>,
    inbox: &'a Inbox,
    metrics: &'a Metrics,
    health: &'a Health,
    tick: Ticker,
    told: Instant,
}

impl Desk<'_> {
    fn run(mut self, stop: &Shutdown) -> Result<(), ServiceError> {
        loop {
            let folded = self.fold_some()?;
            let commanded = self.obey()?;
            self.act()?;
            self.appender.check()?;
            if self.tick.due() {
                self.ask_ends();
                self.appender.append(&self.owner, Body::Tick(Tick {}))?;
            }
            if self.told.elapsed() >= Duration::from_millis(500) {
                self.tell();
            }
            // The worker ends first, and its last positions are to be said still.
            if !folded && !commanded && stop.requested() && self.inbox.commands.is_empty() {
                return self.close();
            }
        }
    }

    /// Folds what has arrived; waits a millisecond for the first entry.
    fn fold_some(&mut self) -> Result<bool, ServiceError> {
        let mut timeout = Duration::from_millis(1);
        for n in 0..FOLD_BURST {
            let next = self.reader.next(timeout).map_err(|error| {
                ServiceError::Log(format!(
                    "cannot be read on at offset {}: {error}; if its retention passed this instance, a restart restores \
                     what is left",
                    self.owner.index().next_offset()
                ))
            })?;
            let Some(stamped) = next else { return Ok(n > 0) };
            timeout = Duration::ZERO;
            if stamped.offset < self.owner.index().next_offset() {
                continue;
            }
            let folded = self
                .owner
                .fold(stamped.offset, stamped.time_ms, stamped.entry)
                .map_err(|error| ServiceError::Log(error.to_string()))?;
            self.metrics.log_entries.with_label_values(&[effect(&folded)]).inc();
        }
        Ok(true)
    }

    fn obey(&mut self) -> Result<bool, ServiceError> {
        let mut any = false;
        for command in self.inbox.commands.try_iter() {
            any = true;
            match command {
                Command::Offer(sighting) => self.owner.offer(sighting),
                Command::Committed(positions) => {
                    for (name, position) in positions {
                        self.owner.committed(&name, position);
                    }
                }
                Command::Assign { name, start } => {
                    // What a predecessor sighted stands before this end.
                    let end = loop {
                        match self.reader.bounds() {
                            Ok((_, end)) => break end,
                            Err(error) => {
                                tracing::warn!(%error, "the log's end cannot be read: trying again");
                                std::thread::sleep(Duration::from_millis(200));
                                self.health.beat("desk");
                            }
                        }
                    };
                    self.owner.assign(name, start, end);
                }
                Command::RawEnd { name, end } => self.owner.raw_end(&name, end),
                Command::Revoke(name) => self.owner.revoke(&name),
                Command::Inspect(reply) => {
                    let _ = reply.send(status(&self.owner));
                }
            }
        }
        Ok(any)
    }

    /// Asks where raw partitions end that hold others up; what fails is asked again with the next tick.
    fn ask_ends(&mut self) {
        for name in self.owner.ends_wanted() {
            match self.reader.raw_end(&name) {
                Ok(end) => self.owner.raw_end(&name, end),
                Err(error) => {
                    tracing::warn!(topic = name.0, partition = name.1, %error, "the end of a raw partition is not to be had");
                    return;
                }
            }
        }
    }

    fn act(&mut self) -> Result<(), ServiceError> {
        for action in self.owner.take_actions() {
            let event = match action {
                Action::Append(body) => {
                    self.appender.append(&self.owner, body)?;
                    continue;
                }
                Action::Decided(record) => Event::Decided(record),
                Action::Out(record) => Event::Out(record),
                Action::Skipped(record) => Event::Skipped(record),
                Action::Rewind(name) => Event::Rewind(name),
            };
            let _ = self.inbox.events.send(event);
        }
        Ok(())
    }

    fn tell(&mut self) {
        self.told = Instant::now();
        self.health.beat("desk");
        let index = self.owner.index();
        let set = |gauge: &prometheus::IntGauge, value: usize| gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        set(&self.metrics.index_items, index.live_items());
        set(&self.metrics.index_bytes, index.live_bytes());
        set(&self.metrics.index_overdue, index.overdue_records());
        let (pending, oldest_ms) = index.pending();
        set(&self.metrics.pending_records, pending);
        let waits_ms = oldest_ms.map_or(0, |oldest| index.clock_ms().saturating_sub(oldest));
        self.metrics.oldest_wait_seconds.set(waits_ms as f64 / 1000.0);
        self.metrics.log_offset.set(i64::try_from(index.next_offset()).unwrap_or(i64::MAX));
    }

    /// Sends what is still on its way, so that the next owner need not make up for it.
    fn close(self) -> Result<(), ServiceError> {
        let until = Instant::now() + Duration::from_secs(3);
        while self.appender.producer.in_flight_count() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

fn status(owner: &Owner) -> DeskStatus {
    let index = owner.index();
    DeskStatus {
        digest: format!("{:016x}", index.digest()),
        log_offset: index.next_offset(),
        low: index.low(),
        items: index.live_items(),
        bytes: index.live_bytes(),
        pending: index.pending().0,
    }
}

fn effect(folded: &Folded) -> &'static str {
    match folded {
        Folded::Sighted { .. } => "sighted",
        Folded::Decided(_) => "decided",
        Folded::Done { .. } => "done",
        Folded::Gone(_) => "gone",
        Folded::Ignored(Ignored::Tick) => "tick",
        Folded::Ignored(Ignored::Repeat) => "repeat",
        Folded::Ignored(Ignored::Late) => "late",
        Folded::Ignored(Ignored::Gap) => "gap",
        Folded::Ignored(Ignored::AlreadyDecided) => "already_decided",
        Folded::Ignored(Ignored::UnknownSighting) => "unknown_sighting",
        Folded::Ignored(Ignored::UnknownBody) => "unknown_body",
    }
}
