//! From the sightings log to an index: what an instance does before it joins the group.

use std::time::{Duration, Instant};

use prost::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::Broker;
use super::shutdown::Shutdown;
use crate::desk::index::{DeskIndex, IndexConfig, ReplaySpan, replay_span};
use crate::desk::owner::PartitionName;
use crate::desk::sighting::LogEntry;

const TIMEOUT: Duration = Duration::from_secs(10);
const RAW_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a restore failed. All but a foreign entry are tried again.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("{0}")]
    Kafka(#[from] KafkaError),
    #[error("nothing arrived from the log within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("shutdown was requested")]
    Shutdown,
}

/// An entry as it stands in the log.
#[derive(Debug)]
pub struct Stamped {
    pub offset: u64,
    pub time_ms: i64,
    pub entry: LogEntry,
}

/// Reads the sightings log with a consumer that has no group.
pub struct LogReader<'a> {
    pub consumer: &'a BaseConsumer,
    pub topic: &'a str,
    pub broker: Broker,
}

impl LogReader<'_> {
    /// Where the log begins and ends.
    pub fn bounds(&self) -> Result<(u64, u64), RestoreError> {
        let (begin, end) = self.consumer.fetch_watermarks(self.topic, 0, TIMEOUT)?;
        Ok((unsigned(begin), unsigned(end)))
    }

    /// Where a raw partition ends: its last stable offset or one after it. Asked with little patience, because the log waits meanwhile.
    pub fn raw_end(&self, name: &PartitionName) -> Result<i64, RestoreError> {
        Ok(self.consumer.fetch_watermarks(&name.0, name.1, RAW_TIMEOUT)?.1)
    }

    /// Reads on from an offset.
    pub fn seek(&self, offset: u64) -> Result<(), RestoreError> {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(self.topic, 0, Offset::Offset(signed(offset)))?;
        Ok(self.consumer.assign(&list)?)
    }

    /// The next entry, if one arrives in time. What is no entry at all is passed over with a warning: it counts for nothing.
    pub fn next(&self, timeout: Duration) -> Result<Option<Stamped>, RestoreError> {
        match self.consumer.poll(timeout) {
            None => Ok(None),
            Some(Err(error)) if is_passing(&error) => Ok(None),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(message)) => {
                let offset = unsigned(message.offset());
                let entry = LogEntry::decode(message.payload().unwrap_or_default()).unwrap_or_else(|error| {
                    tracing::warn!(offset, %error, "a record of the sightings log is no entry: passed over");
                    LogEntry::default()
                });
                let time_ms = message.timestamp().to_millis().unwrap_or(0);
                Ok(Some(Stamped { offset, time_ms, entry }))
            }
        }
    }

    /// One entry at a known offset.
    fn at(&self, offset: u64) -> Result<Stamped, RestoreError> {
        self.seek(offset)?;
        let until = Instant::now() + TIMEOUT;
        while Instant::now() < until {
            if let Some(entry) = self.next(Duration::from_millis(100))? {
                return Ok(entry);
            }
        }
        Err(RestoreError::Silent(TIMEOUT))
    }

    /// The first offset whose time is at or after `time_ms`.
    fn offset_at(&self, time_ms: i64, begin: u64, end: u64) -> Result<u64, RestoreError> {
        if self.broker == Broker::Mock {
            // The mock cluster looks nothing up by time; its logs are short.
            return Ok(begin);
        }
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(self.topic, 0, Offset::Offset(time_ms.max(0)))?;
        let found = self.consumer.offsets_for_times(list, TIMEOUT)?;
        Ok(match found.find_partition(self.topic, 0).map(|e| e.offset()) {
            Some(Offset::Offset(offset)) => unsigned(offset),
            _ => end,
        })
    }

    /// From where to read, given the log's bounds; `None` for an empty log.
    pub fn span(&self, config: IndexConfig, begin: u64, end: u64) -> Result<Option<ReplaySpan>, RestoreError> {
        let Some(last) = end.checked_sub(1).filter(|last| *last >= begin) else { return Ok(None) };
        let last = self.at(last)?;
        let in_window = self.offset_at(last.time_ms.saturating_sub(config.window_ms), begin, end)?;
        Ok(Some(replay_span(config, begin, end, in_window, last.entry.low)))
    }

    /// Folds the span into a fresh index. The consumer is left after it.
    pub fn restore(
        &self,
        config: IndexConfig,
        span: ReplaySpan,
        end: u64,
        shutdown: &Shutdown,
    ) -> Result<DeskIndex, RestoreError> {
        let mut index = DeskIndex::replaying(config, span.keep_from);
        self.seek(span.start)?;
        let started = Instant::now();
        let (mut heard, mut told) = (Instant::now(), Instant::now());
        while index.next_offset() < end {
            if shutdown.requested() {
                return Err(RestoreError::Shutdown);
            }
            let Some(stamped) = self.next(Duration::from_millis(200))? else {
                if heard.elapsed() > TIMEOUT {
                    return Err(RestoreError::Silent(TIMEOUT));
                }
                continue;
            };
            heard = Instant::now();
            if let Err(error) = index.fold(stamped.offset, stamped.time_ms, stamped.entry) {
                tracing::warn!(%error, "passed over while restoring");
            }
            if told.elapsed() > Duration::from_secs(5) {
                told = Instant::now();
                let done = index.next_offset().saturating_sub(span.start);
                tracing::info!(done, of = end - span.start, secs = started.elapsed().as_secs(), "restoring the desk");
            }
        }
        Ok(index)
    }
}

/// Errors that librdkafka mends by itself.
pub fn is_passing(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::NotCoordinator
                | RDKafkaErrorCode::CoordinatorNotAvailable
                | RDKafkaErrorCode::CoordinatorLoadInProgress
                | RDKafkaErrorCode::LeaderNotAvailable
                | RDKafkaErrorCode::NotLeaderForPartition
                | RDKafkaErrorCode::PartitionEOF
        )
    )
}

fn unsigned(offset: i64) -> u64 {
    u64::try_from(offset).unwrap_or(0)
}

fn signed(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}
