//! Reads the dead-letter topic, to the end that it had at the beginning: what is added meanwhile is for the next time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::{DeadLetter, DeadLetterError, NotALetter};
use crate::config::KafkaProperties;
use crate::config::service::ServiceConfig;
use crate::service::{Names, clients};

/// How long a broker may be silent.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The dead-letter topic, being read.
pub struct Reader {
    pub(super) consumer: BaseConsumer,
    pub(super) topic: String,
    /// Partitions that are not read to their end, each with the end that counts.
    open: BTreeMap<i32, i64>,
}

impl Reader {
    /// Begins at the oldest dead letter.
    ///
    /// # Errors
    /// When the broker does not answer, or the topic does not exist.
    pub fn open(service: &ServiceConfig, properties: &KafkaProperties) -> Result<Self, DeadLetterError> {
        // Nothing is ever committed under this group.
        Self::begin(service, properties, &format!("{}-dlq-reader", service.kafka.group_id), true)
    }

    /// Begins where the group's last run ended; at the oldest dead letter with `anew`, and the first time.
    pub(super) fn begin(
        service: &ServiceConfig,
        properties: &KafkaProperties,
        group: &str,
        anew: bool,
    ) -> Result<Self, DeadLetterError> {
        let connection = clients::Connection { config: service.kafka.clone(), properties: properties.clone() };
        let consumer: BaseConsumer = clients::dead_letters(&connection, group).create()?;
        let topic = Names::new(&service.kafka).dlq;
        let metadata = consumer.fetch_metadata(Some(&topic), PATIENCE)?;
        let partitions: Vec<i32> = metadata
            .topics()
            .iter()
            .filter(|t| t.error().is_none())
            .flat_map(|t| t.partitions())
            .map(|p| p.id())
            .collect();
        if partitions.is_empty() {
            return Err(DeadLetterError::NoTopic(topic));
        }
        let mut starts = TopicPartitionList::new();
        partitions.iter().for_each(|partition| {
            starts.add_partition(&topic, *partition);
        });
        if !anew {
            starts = consumer.committed_offsets(starts, PATIENCE)?;
        }
        let mut open = BTreeMap::new();
        let mut assigned = TopicPartitionList::new();
        for partition in partitions {
            let (low, end) = consumer.fetch_watermarks(&topic, partition, PATIENCE)?;
            let known = starts.find_partition(&topic, partition).and_then(|found| match found.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            });
            // What retention took is gone; a topic that was made again begins anew.
            let start = known.filter(|offset| (low..=end).contains(offset)).unwrap_or(low);
            if start < end {
                open.insert(partition, end);
                assigned.add_partition_offset(&topic, partition, Offset::Offset(start))?;
            }
        }
        consumer.assign(&assigned)?;
        Ok(Self { consumer, topic, open })
    }

    /// The next dead letter, or what stands in its place; `None` when all are read.
    ///
    /// # Errors
    /// When the broker refuses, or is silent for half a minute.
    pub fn read_next(&mut self) -> Result<Option<Result<DeadLetter, NotALetter>>, DeadLetterError> {
        let mut since = Instant::now();
        while !self.open.is_empty() {
            match self.consumer.poll(Duration::from_millis(200)) {
                Some(Ok(message)) => {
                    let (partition, offset) = (message.partition(), message.offset());
                    let Some(end) = self.open.get(&partition).copied() else { continue };
                    if offset + 1 >= end {
                        self.open.remove(&partition);
                    }
                    if offset < end {
                        return Ok(Some(DeadLetter::read(&message)));
                    }
                }
                // Transactions' marks stand at the end and are not delivered: then only this tells it.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.open.remove(&partition);
                }
                Some(Err(error)) if !crate::service::restore::is_passing(&error) => return Err(error.into()),
                _ if since.elapsed() > PATIENCE => return Err(DeadLetterError::Silent(PATIENCE.as_secs())),
                _ => continue,
            }
            since = Instant::now();
        }
        Ok(None)
    }

    /// Reads one dead letter at a known place.
    ///
    /// # Errors
    /// As [`Reader::read_next`].
    pub fn find(
        mut self,
        partition: i32,
        offset: i64,
    ) -> Result<Option<Result<DeadLetter, NotALetter>>, DeadLetterError> {
        let Some(end) = self.open.get(&partition).copied().filter(|end| offset < *end) else { return Ok(None) };
        let mut only = TopicPartitionList::new();
        only.add_partition_offset(&self.topic, partition, Offset::Offset(offset))?;
        self.consumer.assign(&only)?;
        self.open = BTreeMap::from([(partition, end)]);
        let found = self.read_next()?;
        // Another one, after it, is read when it is not there.
        Ok(found.filter(|found| place(found) == (partition, offset)))
    }
}

/// Partition and offset of what was read.
pub(super) fn place(read: &Result<DeadLetter, NotALetter>) -> (i32, i64) {
    match read {
        Ok(letter) => letter.place,
        Err(other) => (other.partition, other.offset),
    }
}

/// Records that were met before: a record of several items has several dead letters, and is sent again once.
#[derive(Debug, Default)]
pub(super) struct Met {
    seen: BTreeSet<(String, i32, i64)>,
}

impl Met {
    /// A bound of memory: a record's dead letters are written in one transaction, so they never stand that far apart.
    const MOST: usize = 100_000;

    /// True when it is met for the first time.
    pub fn first(&mut self, letter: &DeadLetter) -> bool {
        if self.seen.len() >= Self::MOST {
            self.seen.clear();
        }
        let origin = &letter.raw.origin;
        self.seen.insert((origin.topic.to_string(), origin.partition, origin.offset))
    }
}
