//! What the worker tells of itself: metrics, and raw topics that are missing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;

use super::{Worker, now_ms};
use crate::desk::owner::PartitionName;
use crate::service::Broker;

impl Worker<'_> {
    pub(super) fn tell(&mut self) {
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
        for (name, position) in &committed {
            self.metrics.position.with_label_values(&[&name.0, &name.1.to_string()]).set(*position);
        }
        let kills = self.lanes.values().flat_map(|lane| &lane.unpublished).filter(|record| record.is_kill);
        let oldest_kill = kills.map(|record| record.timestamp_ms).min();
        self.metrics.kill_wait_seconds.set(age_secs(oldest_kill));
        for (name, lane) in &self.lanes {
            let oldest = lane.unpublished.front().map(|r| r.timestamp_ms);
            self.metrics.lag_seconds.with_label_values(&[&name.0, &name.1.to_string()]).set(age_secs(oldest));
        }
        self.look_for_topics(false);
    }

    /// Names raw topics that do not exist: at start, when one was not found, and until all are there.
    pub(super) fn look_for_topics(&mut self, now: bool) {
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

/// Seconds since a Kafka timestamp; 0 for none.
fn age_secs(timestamp_ms: Option<i64>) -> f64 {
    timestamp_ms.map_or(0.0, |time_ms| (now_ms() - time_ms).max(0) as f64 / 1000.0)
}
