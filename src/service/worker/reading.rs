//! Reading raw records, within the bounds of what is in flight.
//!
//! Two bounds, of records and of bytes, hold for all lanes together. When one is reached, a lane that holds nothing is read on by
//! one record all the same: the head of another lane may wait for it, and would hold the room until it comes. One record a lane
//! is enough, because a lane's head is the earliest of its partition in the log, and the earliest of all heads waits for
//! nothing. (The simulation's fault `OneBoundForAll` is what happens otherwise.)

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};

use super::{Unpublished, Worker, now_ms};
use crate::desk::owner::PartitionName;
use crate::item::{RawItem, RecordOrigin};
use crate::service::ServiceError;
use crate::service::prepare_pool::Job;
use crate::service::restore::is_passing;

/// Records read in one go, before results are looked at. As many as a few transactions take, because nothing is read while one
/// commits.
const READ_BURST: usize = 4096;
/// A worker that has been full for so long without a commit pauses the lanes that hold records, and polls again: for those
/// that hold none, and for the group's sake. Before that it only polls less, because a resumed partition takes up to a
/// second to deliver again.
const PAUSE_AFTER: Duration = Duration::from_secs(1);

/// Which partitions deliver nothing for now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    None,
    /// Those that have records in flight.
    Held,
    All,
}

impl Worker<'_> {
    /// Polls the consumer: for records while there is room, and in any case for the group's sake.
    pub(super) fn read(&mut self, busy: bool) -> Result<(), ServiceError> {
        if self.is_full() {
            let since = *self.full_since.get_or_insert_with(Instant::now);
            if since.elapsed() < PAUSE_AFTER {
                std::thread::sleep(Duration::from_micros(500));
                return Ok(());
            }
            self.pause(Pause::Held)?;
        } else {
            self.full_since = None;
            self.pause(Pause::None)?;
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
    pub(super) fn attend(&mut self) -> Result<(), ServiceError> {
        self.pause(Pause::All)?;
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

    /// Sees to it that just these partitions are paused.
    fn pause(&mut self, what: Pause) -> Result<(), ServiceError> {
        if what == Pause::None && self.paused.is_empty() {
            return Ok(());
        }
        let wanted: BTreeSet<PartitionName> = match what {
            Pause::None => BTreeSet::new(),
            Pause::All => self.lanes.keys().cloned().collect(),
            Pause::Held => self.lanes.keys().filter(|name| self.outbox.lane_len(name) > 0).cloned().collect(),
        };
        let list = |names: &mut dyn Iterator<Item = &PartitionName>| {
            let mut list = rdkafka::TopicPartitionList::new();
            names.for_each(|(topic, partition)| {
                list.add_partition(topic, *partition);
            });
            list
        };
        let pausing = list(&mut wanted.difference(&self.paused));
        let resuming = list(&mut self.paused.difference(&wanted));
        if pausing.count() > 0 {
            self.consumer.pause(&pausing)?;
        }
        if resuming.count() > 0 {
            self.consumer.resume(&resuming)?;
        }
        if self.paused.is_empty() != wanted.is_empty() {
            tracing::info!(
                paused = wanted.len(),
                partitions = self.lanes.len(),
                in_flight = self.outbox.len(),
                "input paused or resumed: the bound of records in flight"
            );
        }
        self.paused = wanted;
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
            is_kill: false,
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
