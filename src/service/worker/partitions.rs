//! Partitions that come, go, and are read again.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::Consumer;

use super::{Lane, Worker};
use crate::desk::owner::PartitionName;
use crate::service::ServiceError;
use crate::service::sightings_log::Command;
use crate::service::source::{Assigned, Rebalanced, Start, committed};

impl Worker<'_> {
    pub(super) fn rebalance(&mut self) -> Result<(), ServiceError> {
        for event in self.consumer.context().take_events() {
            match event {
                Rebalanced::Assigned(list) => {
                    for assigned in list {
                        // What the group gives is not paused.
                        self.paused.remove(&assigned.name);
                        self.assigned(assigned);
                    }
                    self.health.ready("group");
                }
                Rebalanced::Revoked(names) => {
                    for name in names {
                        self.paused.remove(&name);
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

    pub(super) fn close(&mut self, name: &PartitionName) {
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
            let _ = self.metrics.position.remove_label_values(&labels);
        }
    }

    /// Reads partitions again from their committed positions.
    pub(super) fn rewind(&mut self, names: &[PartitionName]) -> Result<(), ServiceError> {
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

    /// Reads unsettled partitions on from the group's positions. The new producer has ended its predecessor's transaction.
    pub(super) fn settle(&mut self) -> Result<(), ServiceError> {
        let unsettled = std::mem::take(&mut self.unsettled);
        if unsettled.is_empty() {
            return Ok(());
        }
        let mut list = rdkafka::TopicPartitionList::new();
        for (topic, partition) in unsettled.keys() {
            list.add_partition(topic, *partition);
        }
        let mut positions = BTreeMap::new();
        for (name, committed) in committed(self.consumer, &list)? {
            let known = unsettled.get(&name).copied().unwrap_or_default();
            if committed.is_none() {
                self.first_positions.insert(name.clone(), known);
            }
            positions.insert(name, committed.unwrap_or(known));
        }
        self.seek(&positions)
    }
}
