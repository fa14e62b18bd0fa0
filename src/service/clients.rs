//! Settings of the Kafka clients. The reasons and figures stand in `docs/delivery.md`.

use rdkafka::ClientConfig;

use crate::config::KafkaProperties;
use crate::config::service::KafkaConfig;

/// A transaction that is open for longer is aborted by the broker, and its producer fenced. Short, because an open one stalls
/// all read_committed readers of its output partitions.
pub const TRANSACTION_TIMEOUT_MS: u32 = 15_000;

/// How to reach Kafka: the configuration, and the operator's properties with their secrets resolved.
#[derive(Clone, Debug)]
pub struct Connection {
    pub config: KafkaConfig,
    pub properties: KafkaProperties,
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
pub fn base(connection: &Connection, role: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &connection.config.bootstrap_servers).set("client.id", format!("wiredesk-{role}"));
    for (name, value) in connection.properties.iter() {
        client.set(name, value);
    }
    client
}

/// What all readers share: positions move when the desk says so.
fn consumer(connection: &Connection, role: &str, group: &str) -> ClientConfig {
    let mut client = base(connection, role);
    client
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // A full queue stops fetching for this long; the default of 1 s costs three quarters of the catch-up rate.
        .set("fetch.queue.backoff.ms", "10");
    client
}

/// What all writers share.
fn producer(connection: &Connection, role: &str) -> ClientConfig {
    let mut client = base(connection, role);
    client.set("linger.ms", "1").set("compression.type", "lz4");
    client
}

/// Reads raw topics, as a member of the group.
pub fn source(connection: &Connection) -> ClientConfig {
    let config = &connection.config;
    let mut client = consumer(connection, "source", &config.group_id);
    client
        .set("isolation.level", "read_committed")
        // A lost position is an error that an operator decides on, never a silent jump.
        .set("auto.offset.reset", "error")
        // The classic protocol: KIP-848 in this librdkafka has reports of silent stalls (fixed in 2.15).
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", config.session_timeout_ms.to_string())
        .set("heartbeat.interval.ms", (config.session_timeout_ms / 10).clamp(200, 3000).to_string())
        .set("max.poll.interval.ms", config.session_timeout_ms.max(300_000).to_string())
        .set("topic.metadata.refresh.interval.ms", "10000")
        .set("queued.max.messages.kbytes", "16384")
        .set("statistics.interval.ms", "1000");
    client
}

/// Publishes, in transactions.
pub fn publisher(connection: &Connection, instance: &str) -> ClientConfig {
    let config = &connection.config;
    let mut client = producer(connection, "publisher");
    client
        .set("transactional.id", format!("{}-{instance}-0", config.group_id))
        .set("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS.to_string())
        .set("message.max.bytes", config.max_message_bytes.to_string())
        .set("queue.buffering.max.kbytes", "262144")
        // A record that was delivered needs no word.
        .set("delivery.report.only.error", "true")
        // As the Java client does, so that other producers and readers by key agree on partitions.
        .set("partitioner", "murmur2_random");
    client
}

/// Appends to the sightings log.
pub fn log_producer(connection: &Connection) -> ClientConfig {
    let mut client = producer(connection, "sightings-writer");
    client
        .set("enable.idempotence", "true")
        // Entries of a partition stand in order or not at all: an outage is waited out.
        .set("enable.gapless.guarantee", "true")
        .set("message.timeout.ms", "0")
        .set("delivery.report.only.error", "true")
        .set("queue.buffering.max.kbytes", "131072");
    client
}

/// Reads the sightings log, without a group.
pub fn log_consumer(connection: &Connection) -> ClientConfig {
    let config = &connection.config;
    // librdkafka wants a group; nothing is ever committed under it.
    let mut client = consumer(connection, "sightings-reader", &format!("{}-sightings", config.group_id));
    client
        .set("isolation.level", "read_uncommitted")
        .set("auto.offset.reset", "error")
        .set("queued.max.messages.kbytes", "65536");
    client
}

/// Reads the dead-letter topic, by assignment: its group only keeps a place, and has no members.
pub fn dead_letters(connection: &Connection, group: &str) -> ClientConfig {
    let mut client = consumer(connection, "dead-letters", group);
    client
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "earliest")
        .set("enable.partition.eof", "true");
    client
}

/// Sends dead letters again. Its id is the group's name: of two runs with the same filters the later one takes over.
pub fn replayer(connection: &Connection, group: &str) -> ClientConfig {
    let mut client = producer(connection, "replayer");
    client
        .set("transactional.id", group)
        .set("transaction.timeout.ms", "60000")
        .set("message.max.bytes", connection.config.max_message_bytes.to_string());
    client
}
