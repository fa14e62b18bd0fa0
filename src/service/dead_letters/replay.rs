//! Sends dead letters to where they came from once more.
//!
//! Records and the place that the replay has come to are written in one transaction: a run that is killed goes on where it was, and
//! sends nothing twice. The place is kept as the offsets of a consumer group of its own, one for each filter. A replayed record carries
//! in the header `wiredesk.replays` how often it was; past a limit it is left alone, so that a record which can never be read does not go
//! round for ever.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Offset, TopicPartitionList};

use super::reader::{Met, PATIENCE, Reader, place};
use super::{DeadLetter, DeadLetterError, Filter, REPLAYS};
use crate::config::KafkaProperties;
use crate::config::service::ServiceConfig;
use crate::service::clients;

/// Records of one transaction at most.
const BATCH_RECORDS: usize = 500;

/// What to replay, and how.
#[derive(Clone, Debug)]
pub struct Replay {
    pub filter: Filter,
    /// A record that was replayed so often is left alone.
    pub max_replays: u32,
    /// Records a second; `None`: as fast as it goes.
    pub rate: Option<u32>,
    /// Begins at the oldest dead letter although an earlier run of the same filter has come further.
    pub anew: bool,
    /// Says what would be sent, and sends nothing.
    pub dry_run: bool,
}

/// What became of the dead letters that a replay has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sent, or with a dry run: would be.
    pub sent: u64,
    /// Not meant by the filter, or by the caller's choice.
    pub passed_over: u64,
    /// Replayed too often.
    pub looping: u64,
    /// Longer than the dead-letter topic takes: their end is missing.
    pub truncated: u64,
    /// Further items of a record that was sent already.
    pub same_record: u64,
    /// Records that are no dead letters.
    pub foreign: u64,
}

/// A replay under way.
pub struct Replayer {
    replay: Replay,
    reader: Reader,
    /// `None` in a dry run.
    producer: Option<BaseProducer>,
    pub counts: Counts,
    met: Met,
    /// Next offset of each partition of the dead-letter topic, once what is in hand is committed.
    positions: BTreeMap<i32, i64>,
    batch: usize,
    started: Instant,
}

impl Replayer {
    /// Connects, and finds out where to go on.
    ///
    /// # Errors
    /// When the broker does not answer, the topic does not exist, or another run of the same filter takes this one's place.
    pub fn new(service: &ServiceConfig, properties: &KafkaProperties, replay: Replay) -> Result<Self, DeadLetterError> {
        let group = format!("{}-replay-{}", service.kafka.group_id, replay.filter.name());
        let reader = Reader::begin(service, properties, &group, replay.anew)?;
        let connection = clients::Connection { config: service.kafka.clone(), properties: properties.clone() };
        let producer = if replay.dry_run {
            None
        } else {
            let producer: BaseProducer = clients::replayer(&connection, &group).create()?;
            producer.init_transactions(PATIENCE)?;
            producer.begin_transaction()?;
            Some(producer)
        };
        Ok(Self {
            replay,
            reader,
            producer,
            counts: Counts::default(),
            met: Met::default(),
            positions: BTreeMap::new(),
            batch: 0,
            started: Instant::now(),
        })
    }

    /// Replays all dead letters that the filter takes and `choose` wants; `choose` also sees those of a dry run.
    ///
    /// # Errors
    /// What keeps it from going on; another run then begins after the last batch that was written.
    pub fn run(mut self, mut choose: impl FnMut(&DeadLetter) -> bool) -> Result<Counts, DeadLetterError> {
        while let Some(read) = self.reader.read_next()? {
            let (partition, offset) = place(&read);
            match read {
                Err(_) => self.counts.foreign += 1,
                Ok(letter) if !self.replay.filter.takes(&letter) => self.counts.passed_over += 1,
                Ok(letter) if letter.truncated_from_bytes.is_some() => self.counts.truncated += 1,
                Ok(letter) if letter.replays >= self.replay.max_replays => self.counts.looping += 1,
                Ok(letter) if !self.met.first(&letter) => self.counts.same_record += 1,
                Ok(letter) if !choose(&letter) => self.counts.passed_over += 1,
                Ok(letter) => {
                    self.send(&letter)?;
                    self.counts.sent += 1;
                    self.batch += 1;
                }
            }
            self.positions.insert(partition, offset + 1);
            if self.batch >= self.batch_records() {
                self.commit(true)?;
            }
        }
        self.commit(false)?;
        Ok(self.counts)
    }

    /// A tenth of a second's worth, so that a rate is even.
    fn batch_records(&self) -> usize {
        self.replay.rate.map_or(BATCH_RECORDS, |rate| (rate as usize / 10).clamp(1, BATCH_RECORDS))
    }

    fn send(&self, letter: &DeadLetter) -> Result<(), DeadLetterError> {
        let Some(producer) = &self.producer else { return Ok(()) };
        let raw = &letter.raw;
        let count = (letter.replays + 1).to_string();
        let mut headers = OwnedHeaders::new_with_capacity(raw.headers.len() + 1);
        for (key, value) in &raw.headers {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        headers = headers.insert(Header { key: REPLAYS, value: Some(&count) });
        // Its own partition, so that it stands behind what came before it; its own time, because dates in the copy are read by it.
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&raw.origin.topic)
            .partition(raw.origin.partition)
            .timestamp(raw.timestamp_ms)
            .headers(headers);
        if let Some(key) = &raw.key {
            record = record.key(key);
        }
        if let Some(payload) = &raw.payload {
            record = record.payload(payload);
        }
        let until = Instant::now() + PATIENCE;
        loop {
            match producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(rdkafka::types::RDKafkaErrorCode::QueueFull), again))
                    if Instant::now() < until =>
                {
                    record = again;
                    producer.poll(Duration::from_millis(10));
                }
                Err((error, _)) => {
                    let topic = raw.origin.topic.to_string();
                    return Err(DeadLetterError::NotWritten { topic, error: error.to_string() });
                }
            }
        }
    }

    /// Ends the transaction, with how far it has come, and keeps to the rate.
    fn commit(&mut self, more: bool) -> Result<(), DeadLetterError> {
        self.batch = 0;
        let Some(producer) = &self.producer else { return Ok(()) };
        let mut list = TopicPartitionList::new();
        for (partition, offset) in std::mem::take(&mut self.positions) {
            list.add_partition_offset(&self.reader.topic, partition, Offset::Offset(offset))?;
        }
        if list.count() > 0 {
            let group = self
                .reader
                .consumer
                .group_metadata()
                .ok_or(KafkaError::ClientCreation("the reader of the dead letters has no group".to_owned()))?;
            producer.send_offsets_to_transaction(&list, &group, PATIENCE)?;
        }
        // A record that could not be delivered fails the commit, and with it all of the batch.
        producer.commit_transaction(PATIENCE)?;
        if more {
            producer.begin_transaction()?;
            if let Some(rate) = self.replay.rate {
                let due = Duration::from_secs_f64(self.counts.sent as f64 / f64::from(rate));
                std::thread::sleep(due.saturating_sub(self.started.elapsed()));
            }
        }
        Ok(())
    }
}
