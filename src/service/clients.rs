//! Settings of the Kafka clients. The reasons and figures stand in `docs/delivery.md`.

use rdkafka::ClientConfig;

use crate::config::service::{KafkaConfig, Secret};

/// A transaction that is open for longer is aborted by the broker, and its producer fenced. Short, because an open one stalls
/// all read_committed readers of its output partitions.
pub const TRANSACTION_TIMEOUT_MS: u32 = 15_000;

/// A configuration that only shows to be wrong when the clients are made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("kafka.secrets.\"{property}\": the environment variable {variable} is not set")]
    MissingVariable { property: String, variable: String },
    #[error("kafka.secrets.\"{property}\": {path}: {error}")]
    SecretFile { property: String, path: String, error: std::io::Error },
}

/// This instance's name: configured, or the host's.
pub fn instance_id(config: &KafkaConfig) -> String {
    config
        .instance_id
        .clone()
        .or_else(|| std::env::var("HOSTNAME").ok().filter(|h| !h.is_empty()))
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok().map(|h| h.trim().to_owned()))
        .unwrap_or_else(|| "wiredesk-0".to_owned())
}

/// What all clients share: addresses, the operator's properties, secrets.
pub fn base(config: &KafkaConfig, role: &str) -> Result<ClientConfig, ClientError> {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &config.bootstrap_servers).set("client.id", format!("wiredesk-{role}"));
    for (name, value) in &config.properties {
        client.set(name, value);
    }
    for (property, secret) in &config.secrets {
        client.set(property, read_secret(property, secret)?);
    }
    Ok(client)
}

fn read_secret(property: &str, secret: &Secret) -> Result<String, ClientError> {
    match secret {
        Secret::Env(variable) => std::env::var(variable)
            .map_err(|_| ClientError::MissingVariable { property: property.to_owned(), variable: variable.clone() }),
        Secret::File(path) => {
            std::fs::read_to_string(path).map(|text| text.trim_end_matches(['\r', '\n']).to_owned()).map_err(|error| {
                ClientError::SecretFile { property: property.to_owned(), path: path.display().to_string(), error }
            })
        }
    }
}

/// Reads raw topics, as a member of the group.
pub fn source(config: &KafkaConfig) -> Result<ClientConfig, ClientError> {
    let mut client = base(config, "source")?;
    client
        .set("group.id", &config.group_id)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        // A lost position is an error that an operator decides on, never a silent jump.
        .set("auto.offset.reset", "error")
        // The classic protocol: KIP-848 in this librdkafka has reports of silent stalls (fixed in 2.15).
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", config.session_timeout_ms.to_string())
        .set("heartbeat.interval.ms", (config.session_timeout_ms / 10).clamp(200, 3000).to_string())
        .set("max.poll.interval.ms", config.session_timeout_ms.max(300_000).to_string())
        .set("topic.metadata.refresh.interval.ms", "10000")
        // A full queue stops fetching for this long; the default of 1 s costs three quarters of the catch-up rate.
        .set("fetch.queue.backoff.ms", "10")
        .set("queued.max.messages.kbytes", "16384")
        .set("statistics.interval.ms", "1000");
    Ok(client)
}

/// Publishes, in transactions.
pub fn publisher(config: &KafkaConfig, instance: &str) -> Result<ClientConfig, ClientError> {
    let mut client = base(config, "publisher")?;
    client
        .set("transactional.id", format!("{}-{instance}-0", config.group_id))
        .set("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS.to_string())
        .set("message.max.bytes", config.max_message_bytes.to_string())
        .set("linger.ms", "1")
        .set("compression.type", "lz4")
        .set("queue.buffering.max.kbytes", "262144")
        // As the Java client does, so that other producers and readers by key agree on partitions.
        .set("partitioner", "murmur2_random");
    Ok(client)
}

/// Appends to the sightings log.
pub fn log_producer(config: &KafkaConfig) -> Result<ClientConfig, ClientError> {
    let mut client = base(config, "sightings-writer")?;
    client
        .set("enable.idempotence", "true")
        // Entries of a partition stand in order or not at all: an outage is waited out.
        .set("enable.gapless.guarantee", "true")
        .set("message.timeout.ms", "0")
        .set("linger.ms", "1")
        .set("compression.type", "lz4")
        .set("queue.buffering.max.kbytes", "131072");
    Ok(client)
}

/// Reads the sightings log, without a group.
pub fn log_consumer(config: &KafkaConfig) -> Result<ClientConfig, ClientError> {
    let mut client = base(config, "sightings-reader")?;
    client
        // librdkafka wants one; nothing is ever committed under it.
        .set("group.id", format!("{}-sightings", config.group_id))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_uncommitted")
        .set("auto.offset.reset", "error")
        .set("fetch.queue.backoff.ms", "10")
        .set("queued.max.messages.kbytes", "65536");
    Ok(client)
}
