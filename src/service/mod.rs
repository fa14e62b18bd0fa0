//! The service: the pure core between Kafka topics.
//!
//! ```text
//!            +--------- worker (one thread; owns consumer and transactions) ---------+
//! raw.* ---> source --> prepare pool --> offer -----+        +--> outbox --> publisher --> news.*, audit, dlq, offsets
//!                       (n threads)                 v        |
//!                                      sightings log (one thread; owns index, log producer, log consumer)
//! ```
//!
//! Rebalance callbacks run in the worker's thread, inside `poll`, and a transaction is begun, filled and committed between two
//! polls: so none is ever open in a callback. Every queue is bounded by `limits.in_flight_records` and `in_flight_bytes`,
//! because each holds only records that the worker has read and not yet published.

mod admin_http;
mod clients;
pub mod dead_letters;
mod health;
mod names;
mod prepare_pool;
mod publisher;
mod render;
mod restore;
mod schema_registry;
mod shutdown;
mod sightings_log;
mod source;
mod topics;
mod worker;

use std::sync::Arc;
use std::time::Duration;

pub use names::Names;
pub use shutdown::Shutdown;

use crate::config::KafkaProperties;
use crate::config::routes::OutputFormat;
use crate::config::service::ServiceConfig;
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::prepare::feed::Feed;
use health::Health;
use schema_registry::Framing;

/// Everything that a run of the service needs.
#[derive(Clone, Debug)]
pub struct Plan {
    pub config: ServiceConfig,
    /// Further properties for every Kafka client, secrets resolved.
    pub kafka_properties: KafkaProperties,
    pub feeds: Vec<Arc<Feed>>,
    pub pipeline: Arc<Pipeline>,
    /// All streams that routes can lead to, without prefix.
    pub streams: Vec<String>,
    pub broker: Broker,
}

impl Plan {
    fn connection(&self) -> clients::Connection {
        clients::Connection { config: self.config.kafka.clone(), properties: self.kafka_properties.clone() }
    }

    /// Topics of the streams whose values are ninjs objects.
    fn ninjs_topics(&self, names: &Names) -> Vec<String> {
        let is_ninjs = |stream: &&String| self.pipeline.routes.output(stream).format == OutputFormat::Ninjs;
        self.streams.iter().filter(is_ninjs).map(|stream| names.stream(stream)).collect()
    }
}

/// What stands behind `bootstrap_servers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broker {
    Kafka,
    /// librdkafka's mock cluster, for the demo: it stores no transactional offsets, knows no log-append time and no look-up by
    /// time, and its topics are made beforehand.
    Mock,
}

/// Why the service ended by itself. The supervisor restarts it; nothing uncommitted was published.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("Kafka client: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    #[error("{0}")]
    Topics(#[from] topics::TopicsError),
    #[error("{0}")]
    Registry(#[from] schema_registry::RegistryError),
    #[error("sightings log: {0}")]
    Log(String),
    #[error("admin address {address}: {error}")]
    Admin { address: std::net::SocketAddr, error: std::io::Error },
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error("{0}")]
    Fatal(String),
}

/// Runs the service until `shutdown` is requested or something fatal happens. Blocks.
///
/// # Errors
/// What a restart by the supervisor, or a person, must mend. An unreachable broker is not among them: it is waited for, and
/// `/readyz` says so.
pub fn run(plan: Plan, shutdown: &Shutdown) -> Result<(), ServiceError> {
    let feeds: Vec<String> = plan.feeds.iter().map(|f| f.id.to_string()).collect();
    let metrics = Metrics::new(&feeds, plan.pipeline.kb.version())?;
    let health = Health::new();
    let names = Names::new(&plan.config.kafka);
    let instance = clients::instance_id(&plan.config.kafka);
    let (desk, desk_inbox, desk_events) = sightings_log::channel();

    let admin = admin_http::serve(plan.config.admin.listen, metrics.clone(), health.clone(), desk.clone(), shutdown)?;
    tracing::info!(instance, admin = %admin.address(), "wiredesk is starting");

    topics::ensure(&plan, &names, &health, shutdown)?;
    let framing = match &plan.config.schema_registry {
        Some(registry) => schema_registry::register(registry, &plan.ninjs_topics(&names), &health, shutdown)?,
        None => Framing::default(),
    };
    if shutdown.requested() {
        return Ok(());
    }
    // The desk outlives the worker, which needs it to finish the work in hand.
    let desk_stop = Shutdown::default();
    let log = sightings_log::spawn(
        sightings_log::Setup {
            connection: plan.connection(),
            desk: plan.config.desk.clone(),
            topic: names.sightings.clone(),
            instance: instance.clone(),
            broker: plan.broker,
        },
        desk_inbox,
        metrics.clone(),
        health.clone(),
        shutdown.clone(),
        desk_stop.clone(),
    )?;
    let worked = worker::run(
        worker::Setup { plan: &plan, names: &names, instance: &instance, framing: &framing },
        &desk,
        &desk_events,
        &metrics,
        &health,
        shutdown,
    );
    desk_stop.request();
    let logged = log.join(Duration::from_secs(plan.config.shutdown.timeout_secs));
    admin.stop();
    worked.and(logged)
}
