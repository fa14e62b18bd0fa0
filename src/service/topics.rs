//! The topics that wiredesk writes: made when missing and allowed, and checked for what delivery depends on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::admin::{
    AdminClient, AdminOptions, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::types::RDKafkaErrorCode as Code;

use super::health::Health;
use super::names::Names;
use super::shutdown::{Backoff, Shutdown};
use super::{Broker, Plan, clients};

/// What an operator must mend before the service can start.
#[derive(Debug, thiserror::Error)]
pub enum TopicsError {
    #[error("Kafka client: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    #[error("cannot run admin requests: {0}")]
    Runtime(std::io::Error),
    #[error("topics are missing and kafka.create_topics is false: {}", .0.join(", "))]
    Missing(Vec<String>),
    #[error("topic {topic} cannot be created: {error}")]
    Create { topic: String, error: RDKafkaErrorCode },
    #[error("topic {topic} has {setting} = {found}, and needs {wanted}: {why}")]
    Setting { topic: String, setting: &'static str, found: String, wanted: String, why: &'static str },
    #[error("topic {topic} has {found} partitions, and needs exactly 1: the sightings log is one order")]
    Partitions { topic: String, found: usize },
}

/// Remembers the last thing that the client said of its connections.
#[derive(Clone, Default)]
struct AdminContext {
    said: Arc<Mutex<Option<String>>>,
}

impl AdminContext {
    fn take(&self) -> Option<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for AdminContext {
    fn error(&self, error: KafkaError, reason: &str) {
        // "All brokers down" follows the cause, and says less.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
        }
    }
}

/// What to try again, and what not.
enum Step {
    Wait(String),
    Fail(TopicsError),
}

impl From<rdkafka::error::KafkaError> for Step {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Step::Wait(error.to_string())
    }
}

/// Makes and checks the topics; waits for the broker as long as it takes.
pub fn ensure(plan: &Plan, names: &Names, health: &Health, shutdown: &Shutdown) -> Result<(), TopicsError> {
    if plan.broker == Broker::Mock {
        health.ready("start");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TopicsError::Runtime)?;
    let context = AdminContext::default();
    let admin = AdminClient::from_config_and_context(&clients::base(&plan.connection(), "admin"), context.clone())?;
    let mut backoff = Backoff::default();
    while !shutdown.requested() {
        let check = Check { plan, names, admin: &admin };
        match runtime.block_on(check.once()) {
            Ok(()) => {
                health.ready("start");
                return Ok(());
            }
            Err(Step::Fail(error)) => return Err(error),
            Err(Step::Wait(reason)) => {
                let brokers = &plan.config.kafka.bootstrap_servers;
                // What the client says of its connections tells more than "no metadata": a refused login, an unknown host.
                let cause = context.take().unwrap_or(reason);
                health.not_ready("start", format!("waiting for Kafka at {brokers}: {cause}"));
                shutdown.sleep(backoff.step());
            }
        }
    }
    Ok(())
}

struct Check<'a> {
    plan: &'a Plan,
    names: &'a Names,
    admin: &'a AdminClient<AdminContext>,
}

impl Check<'_> {
    const TIMEOUT: Duration = Duration::from_secs(5);

    async fn once(&self) -> Result<(), Step> {
        let known = self.admin.inner().fetch_metadata(None, Self::TIMEOUT)?;
        let exists = |name: &str| known.topics().iter().any(|t| t.name() == name);
        let mut missing: Vec<String> = self.wanted().into_iter().filter(|name| !exists(name)).collect();
        missing.sort();
        if !missing.is_empty() {
            if !self.plan.config.kafka.create_topics {
                return Err(Step::Fail(TopicsError::Missing(missing)));
            }
            self.create(&missing).await?;
        }
        if let Some(log) = known.topics().iter().find(|t| t.name() == self.names.sightings)
            && log.partitions().len() != 1
        {
            let (topic, found) = (self.names.sightings.clone(), log.partitions().len());
            return Err(Step::Fail(TopicsError::Partitions { topic, found }));
        }
        self.check_settings().await
    }

    fn wanted(&self) -> Vec<String> {
        let internal = [&self.names.sightings, &self.names.audit, &self.names.dlq].into_iter().cloned();
        internal.chain(self.plan.streams.iter().map(|s| self.names.stream(s))).collect()
    }

    /// What the log's retention must cover: the window, and as much again for those who come back late.
    fn log_retention_ms(&self) -> u64 {
        self.plan.config.desk.window_secs.saturating_mul(2000).max(3_600_000)
    }

    /// Partitions of an output topic that is to be created.
    fn partitions(&self, topic: &str) -> i32 {
        let stream = self.plan.streams.iter().find(|stream| self.names.stream(stream) == topic);
        let asked = stream.and_then(|stream| self.plan.pipeline.routes.output(stream).partitions);
        asked.unwrap_or(self.plan.config.kafka.output_partitions)
    }

    async fn create(&self, missing: &[String]) -> Result<(), Step> {
        let config = &self.plan.config.kafka;
        let retention = self.log_retention_ms().to_string();
        let max_bytes = config.max_message_bytes.to_string();
        let topics: Vec<NewTopic<'_>> = missing
            .iter()
            .map(|name| {
                let replication = TopicReplication::Fixed(config.replication_factor);
                if *name == self.names.sightings {
                    NewTopic::new(name, 1, replication)
                        .set("message.timestamp.type", "LogAppendTime")
                        .set("cleanup.policy", "delete")
                        .set("retention.ms", &retention)
                        .set("retention.bytes", "-1")
                } else if *name == self.names.audit {
                    NewTopic::new(name, 1, replication)
                } else {
                    let partitions = if *name == self.names.dlq { 1 } else { self.partitions(name) };
                    NewTopic::new(name, partitions, replication).set("max.message.bytes", &max_bytes)
                }
            })
            .collect();
        let options = AdminOptions::new().request_timeout(Some(Self::TIMEOUT)).operation_timeout(Some(Self::TIMEOUT));
        for result in self.admin.create_topics(&topics, &options).await? {
            match result {
                Ok(topic) => tracing::info!(topic, "topic created"),
                Err((_, Code::TopicAlreadyExists)) => {}
                Err((topic, error)) if is_passing(error) => {
                    return Err(Step::Wait(format!("creating {topic}: {error}")));
                }
                Err((topic, error)) => return Err(Step::Fail(TopicsError::Create { topic, error })),
            }
        }
        Ok(())
    }

    /// Reads the settings of all topics and checks what delivery stands on.
    async fn check_settings(&self) -> Result<(), Step> {
        let wanted = self.wanted();
        let options = AdminOptions::new().request_timeout(Some(Self::TIMEOUT));
        let asked: Vec<ResourceSpecifier<'_>> = wanted.iter().map(|t| ResourceSpecifier::Topic(t)).collect();
        for result in self.admin.describe_configs(&asked, &options).await? {
            let resource = result.map_err(|error| Step::Wait(format!("reading the settings of topics: {error}")))?;
            let OwnedResourceSpecifier::Topic(topic) = &resource.specifier else { continue };
            let entries = resource.entry_map();
            if entries.is_empty() {
                // A topic that was made a moment ago: the broker that answers has not heard of it yet.
                return Err(Step::Wait(format!("the settings of {topic} are not to be had yet")));
            }
            let value = |name: &str| entries.get(name).and_then(|e| e.value.clone()).unwrap_or_default();
            if *topic == self.names.sightings {
                self.check_log(topic, value)?;
            } else if *topic != self.names.audit {
                let found = value("max.message.bytes");
                let wanted = self.plan.config.kafka.max_message_bytes;
                if found.parse::<usize>().is_ok_and(|bytes| bytes < wanted) {
                    let why = "an item between the two could never be published; or lower kafka.max_message_bytes";
                    return Err(wrong(topic, "max.message.bytes", found, format!("at least {wanted}"), why));
                }
            }
        }
        Ok(())
    }

    /// The log's settings are what its order, its clock and its memory stand on.
    fn check_log(&self, topic: &str, value: impl Fn(&str) -> String) -> Result<(), Step> {
        let stamp = value("message.timestamp.type");
        if stamp != "LogAppendTime" {
            let why = "the log's clock must be one for all instances";
            return Err(wrong(topic, "message.timestamp.type", stamp, "LogAppendTime".to_owned(), why));
        }
        let policy = value("cleanup.policy");
        if policy != "delete" {
            let why = "a compacted log would lose sightings";
            return Err(wrong(topic, "cleanup.policy", policy, "delete".to_owned(), why));
        }
        let retention = value("retention.ms");
        let window_ms = self.plan.config.desk.window_secs.saturating_mul(1000);
        if retention.parse::<i64>().is_ok_and(|ms| u64::try_from(ms).is_ok_and(|ms| ms < window_ms)) {
            let why = "the log must hold the desk's whole window";
            return Err(wrong(topic, "retention.ms", retention, format!("at least {window_ms}, or -1"), why));
        }
        Ok(())
    }
}

fn wrong(topic: &str, setting: &'static str, found: String, wanted: String, why: &'static str) -> Step {
    Step::Fail(TopicsError::Setting { topic: topic.to_owned(), setting, found, wanted, why })
}

/// Errors of a broker that is starting or electing: they pass.
fn is_passing(error: Code) -> bool {
    matches!(
        error,
        Code::RequestTimedOut
            | Code::OperationTimedOut
            | Code::NotController
            | Code::BrokerNotAvailable
            | Code::LeaderNotAvailable
            | Code::CoordinatorNotAvailable
            | Code::InvalidReplicationFactor
            | Code::BrokerTransportFailure
            | Code::AllBrokersDown
    )
}
