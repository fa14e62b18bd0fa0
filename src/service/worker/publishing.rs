//! Transactions: what is ready goes out with its audit lines and positions, or is read again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Publishing, Ready, Worker, now_ms};
use crate::desk::outbox::Batch;
use crate::desk::owner::PartitionName;
use crate::item::Outcome;
use crate::service::ServiceError;
use crate::service::publisher::{Opening, PublishError};
use crate::service::render::{Line, Rendered};
use crate::service::sightings_log::Command;

impl Worker<'_> {
    /// Makes, or goes on making, the transactional producer.
    pub(super) fn open_publisher(&mut self) -> Result<(), ServiceError> {
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
    pub(super) fn publish(&mut self) -> Result<bool, ServiceError> {
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
        // Rendered one by one, as they are sent: of a record, only its lines stay.
        let mut told = Vec::with_capacity(batch.records.len());
        let outgoing = batch.records.iter().flat_map(|r| {
            let Rendered { outgoing, lines } = self.renderer.render(&r.prepared, &r.decided);
            told.push(lines);
            outgoing
        });
        let started = Instant::now();
        match publisher.publish(outgoing, &positions, self.consumer) {
            Ok(()) => {
                self.metrics.transaction_duration.observe(started.elapsed().as_secs_f64());
                self.metrics.transactions.with_label_values(&["committed"]).inc();
                self.committed(&batch, &told, positions);
                Ok(true)
            }
            Err(error) => self.failed(error).map(|()| false),
        }
    }

    fn committed(&mut self, batch: &Batch<Ready>, told: &[Vec<Line>], positions: BTreeMap<PartitionName, i64>) {
        self.backoff.reset();
        self.full_since = None;
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
        for (record, lines) in batch.records.iter().zip(told) {
            self.count(record, lines);
        }
    }

    /// Counters follow the audit lines of what is committed.
    fn count(&self, record: &Ready, lines: &[Line]) {
        let m = self.metrics;
        let feed = &*record.prepared.feed.id;
        let sent_ms = record.prepared.raw.timestamp_ms;
        for Line { audit: line, reject } in lines {
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
}
