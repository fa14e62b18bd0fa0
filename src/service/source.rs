//! The consumer of the raw topics, and its partitions' coming and going.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::statistics::Statistics;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};

use super::shutdown::Shutdown;
use crate::config::feed::StartAt;
use crate::desk::owner::PartitionName;

/// How long a callback tries to learn the committed positions. A dead predecessor's open transaction is aborted after
/// `transaction.timeout.ms`, which the broker looks at every 10 s.
const POSITIONS_TIMEOUT: Duration = Duration::from_secs(60);

/// What happened in a callback; handled right after the `poll` that it ran in.
#[derive(Debug)]
pub enum Rebalanced {
    Assigned(Vec<Assigned>),
    Revoked(Vec<PartitionName>),
    /// The group's positions cannot be learnt.
    Failed(String),
}

/// A partition that this instance owns now.
#[derive(Debug)]
pub struct Assigned {
    pub name: PartitionName,
    pub start: Start,
    /// The partition's last stable offset: no record that could be read stands at or after it.
    pub end: i64,
}

#[derive(Debug)]
pub enum Start {
    /// The group's committed position.
    Committed(i64),
    /// The group has none yet: this is to be committed.
    First(i64),
    /// The committed position is not in the topic any more.
    Lost { committed: i64, low: i64, high: i64 },
}

/// A raw partition's ends, from librdkafka's statistics.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends {
    pub last_stable: i64,
    pub high: i64,
}

/// Collects what callbacks say. They run in the thread that is in `poll`.
pub struct SourceContext {
    starts: HashMap<String, StartAt>,
    /// A consumer that is being closed answers no more questions, but still calls back.
    closing: Shutdown,
    events: Mutex<Vec<Rebalanced>>,
    ends: Mutex<HashMap<PartitionName, Ends>>,
}

/// The source's consumer.
pub type SourceConsumer = BaseConsumer<SourceContext>;

impl SourceContext {
    /// `starts` says for each raw topic where a group that never read it begins.
    pub fn new(starts: HashMap<String, StartAt>, closing: Shutdown) -> Self {
        Self { starts, closing, events: Mutex::default(), ends: Mutex::default() }
    }

    pub fn take_events(&self) -> Vec<Rebalanced> {
        std::mem::take(&mut lock(&self.events))
    }

    pub fn take_ends(&self) -> HashMap<PartitionName, Ends> {
        std::mem::take(&mut lock(&self.ends))
    }

    fn say(&self, event: Rebalanced) {
        lock(&self.events).push(event);
    }

    /// Finds each partition's start and begins to read there.
    fn take_over(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> Result<(), KafkaError> {
        if self.closing.requested() {
            // Nothing of it will be read; the callback that gives it up comes next.
            return consumer.incremental_assign(list);
        }
        let mut assigned = Vec::new();
        let mut explicit = TopicPartitionList::new();
        let mut lost = TopicPartitionList::new();
        for (name, committed) in committed(consumer, list)? {
            let (low, end) = patiently(consumer, "the ends of a raw partition", || {
                consumer.fetch_watermarks(&name.0, name.1, Duration::from_secs(5))
            })?;
            let start = self.start(consumer, &name, committed, (low, end))?;
            let offset = match start {
                Start::Committed(offset) | Start::First(offset) => offset,
                Start::Lost { high, .. } => {
                    lost.add_partition(&name.0, name.1);
                    high
                }
            };
            explicit.add_partition_offset(&name.0, name.1, Offset::Offset(offset))?;
            assigned.push(Assigned { name, start, end });
        }
        consumer.incremental_assign(&explicit)?;
        if lost.count() > 0 {
            consumer.pause(&lost)?;
        }
        self.say(Rebalanced::Assigned(assigned));
        Ok(())
    }

    fn start(
        &self,
        consumer: &BaseConsumer<Self>,
        name: &PartitionName,
        committed: Option<i64>,
        (low, high): (i64, i64),
    ) -> Result<Start, KafkaError> {
        if let Some(committed) = committed {
            let there = (low..=high).contains(&committed);
            return Ok(if there { Start::Committed(committed) } else { Start::Lost { committed, low, high } });
        }
        let latest = self.starts.get(&name.0) == Some(&StartAt::Latest) && !self.known_topic(consumer, &name.0)?;
        Ok(Start::First(if latest { high } else { low }))
    }

    /// Whether the group has read another partition of the topic: then this one is new, and its first records count.
    fn known_topic(&self, consumer: &BaseConsumer<Self>, topic: &str) -> Result<bool, KafkaError> {
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10))?;
        let mut all = TopicPartitionList::new();
        for partition in metadata.topics().iter().flat_map(|t| t.partitions()) {
            all.add_partition(topic, partition.id());
        }
        Ok(committed(consumer, &all)?.iter().any(|(_, offset)| offset.is_some()))
    }
}

/// The group's committed positions, waiting for a predecessor's open transaction to end.
pub fn committed(
    consumer: &BaseConsumer<SourceContext>,
    list: &TopicPartitionList,
) -> Result<Vec<(PartitionName, Option<i64>)>, KafkaError> {
    let mut names = TopicPartitionList::new();
    for element in list.elements() {
        names.add_partition(element.topic(), element.partition());
    }
    patiently(consumer, "the group's positions", || {
        let found = consumer.committed_offsets(names.clone(), Duration::from_secs(5))?;
        let mut offsets = Vec::new();
        for element in found.elements() {
            element.error()?;
            let offset = match element.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            };
            offsets.push(((element.topic().to_owned(), element.partition()), offset));
        }
        Ok(offsets)
    })
}

/// Asks the broker until it answers, for as long as a callback may wait.
fn patiently<T>(
    consumer: &BaseConsumer<SourceContext>,
    what: &str,
    mut ask: impl FnMut() -> Result<T, KafkaError>,
) -> Result<T, KafkaError> {
    let until = Instant::now() + POSITIONS_TIMEOUT;
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) if Instant::now() > until || consumer.context().closing.requested() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, what, "not to be had yet: trying again");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

impl ClientContext for SourceContext {
    fn stats(&self, statistics: Statistics) {
        let mut ends = lock(&self.ends);
        for (topic, stats) in statistics.topics {
            for (partition, stats) in stats.partitions {
                if stats.hi_offset >= 0 && stats.ls_offset >= 0 {
                    let found = Ends { last_stable: stats.ls_offset, high: stats.hi_offset };
                    ends.insert((topic.clone(), partition), found);
                }
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "raw consumer");
    }
}

impl ConsumerContext for SourceContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, list: &mut TopicPartitionList) {
        match err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                let taken = match self.take_over(consumer, list) {
                    Err(_) if self.closing.requested() => consumer.incremental_assign(list),
                    taken => taken,
                };
                if let Err(error) = taken {
                    self.say(Rebalanced::Failed(format!("taking over partitions: {error}")));
                }
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => {
                // No transaction is open here: see the module docs of the service.
                let names = list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect();
                self.say(Rebalanced::Revoked(names));
                if let Err(error) = consumer.incremental_unassign(list) {
                    self.say(Rebalanced::Failed(format!("giving up partitions: {error}")));
                }
            }
            other => self.say(Rebalanced::Failed(format!("rebalance: {other:?}"))),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
