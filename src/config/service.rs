//! The service's file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `config/wiredesk.toml`: one instance's connection, bounds and addresses. Feeds and routes have files of their own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    pub kafka: KafkaConfig,
    #[serde(default)]
    pub desk: DeskConfig,
    #[serde(default)]
    pub knowledge: KnowledgeConfig,
    #[serde(default)]
    pub limits: LimitsConfig,
    #[serde(default)]
    pub admin: AdminConfig,
    #[serde(default)]
    pub shutdown: ShutdownConfig,
}

/// How to reach Kafka, and under which names.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// `host:port`, comma-separated. `WIREDESK_BOOTSTRAP_SERVERS` overrides it.
    #[schemars(length(min = 1))]
    pub bootstrap_servers: String,
    /// Consumer group of all instances of this desk.
    #[serde(default = "default_group_id")]
    #[schemars(length(min = 1))]
    pub group_id: String,
    /// Name of this instance, stable over its restarts and held by no other: its transactional id is made from it.
    /// `WIREDESK_INSTANCE_ID` overrides it; default: the host's name.
    #[schemars(length(min = 1))]
    pub instance_id: Option<String>,
    /// Put before the names of all topics that wiredesk writes. Raw topics are named in full in the feeds' files.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{0,100}$"))]
    pub topic_prefix: String,
    /// Create the internal and the output topics that are missing. When false, a missing topic is an error at start.
    #[serde(default = "yes")]
    pub create_topics: bool,
    /// Replicas of the topics that it creates; -1 takes the broker's default.
    #[serde(default = "default_replication")]
    #[schemars(range(min = -1, max = 32767))]
    pub replication_factor: i32,
    /// Partitions of the output topics that it creates.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10000))]
    pub output_partitions: i32,
    /// Largest record that the output topics take, in bytes; larger items go to the dead-letter topic.
    #[serde(default = "default_max_message_bytes")]
    #[schemars(range(min = 65536, max = 104_857_600))]
    pub max_message_bytes: usize,
    /// A member of the group that is silent for longer loses its partitions. In milliseconds.
    #[serde(default = "default_session_timeout_ms")]
    #[schemars(range(min = 1000, max = 1_800_000))]
    pub session_timeout_ms: u32,
    /// Further properties of librdkafka, for every client: `"security.protocol"`, `"sasl.mechanism"`, ... Those that
    /// exactly-once delivery depends on are refused.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Properties whose values are secrets: taken from the environment or from a file, never written here.
    #[serde(default)]
    pub secrets: BTreeMap<String, Secret>,
}

/// Where a secret stands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Secret {
    /// Name of an environment variable.
    Env(String),
    /// Path of a file, relative to the configuration's folder; a line end at its end is dropped.
    File(PathBuf),
}

/// The desk's memory.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct DeskConfig {
    /// How long an item is remembered, by the log's own clock, in seconds. The same on all instances.
    #[serde(default = "default_window_secs")]
    #[schemars(range(min = 1))]
    pub window_secs: u64,
    /// A log record whose writer had not read the log to within so many records does not count; its writer tries again.
    /// The same on all instances.
    #[serde(default = "default_max_lateness_records")]
    #[schemars(range(min = 100))]
    pub max_lateness_records: u64,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeConfig {
    /// A built knowledge base, relative to the configuration's folder; default: the one inside the program.
    pub path: Option<PathBuf>,
    /// Tables with names of the desk's own, CSV or JSON Lines, relative to the configuration's folder: `docs/knowledge.md` tells what
    /// stands in them. They hold for all feeds.
    #[serde(default)]
    pub tables: Vec<PathBuf>,
}

/// Bounds. Past one the input is paused, never dropped.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Records read but not yet published.
    #[serde(default = "default_in_flight_records")]
    #[schemars(range(min = 1))]
    pub in_flight_records: usize,
    /// Bytes of records read but not yet published.
    #[serde(default = "default_in_flight_bytes")]
    #[schemars(range(min = 1_048_576))]
    pub in_flight_bytes: usize,
    /// Records published in one transaction, at most.
    #[serde(default = "default_transaction_records")]
    #[schemars(range(min = 1))]
    pub transaction_records: usize,
    /// Threads that prepare items; default: one a core.
    #[schemars(range(min = 1, max = 256))]
    pub prepare_threads: Option<usize>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Address of `/metrics`, `/livez`, `/readyz` and `/desk`. `WIREDESK_ADMIN_LISTEN` overrides it.
    #[serde(default = "default_listen")]
    #[schemars(extend("format" = "socket-address"))]
    pub listen: SocketAddr,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long SIGTERM waits for the work in hand before it is left to the next owner, in seconds.
    #[serde(default = "default_shutdown_secs")]
    #[schemars(range(min = 1))]
    pub timeout_secs: u64,
}

impl Default for KafkaConfig {
    fn default() -> Self {
        Self {
            bootstrap_servers: String::new(),
            group_id: default_group_id(),
            instance_id: None,
            topic_prefix: String::new(),
            create_topics: true,
            replication_factor: default_replication(),
            output_partitions: one(),
            max_message_bytes: default_max_message_bytes(),
            session_timeout_ms: default_session_timeout_ms(),
            properties: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self { window_secs: default_window_secs(), max_lateness_records: default_max_lateness_records() }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            in_flight_records: default_in_flight_records(),
            in_flight_bytes: default_in_flight_bytes(),
            transaction_records: default_transaction_records(),
            prepare_threads: None,
        }
    }
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self { listen: default_listen() }
    }
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { timeout_secs: default_shutdown_secs() }
    }
}

fn yes() -> bool {
    true
}

fn one() -> i32 {
    1
}

fn default_group_id() -> String {
    "wiredesk".to_owned()
}

fn default_replication() -> i32 {
    -1
}

fn default_max_message_bytes() -> usize {
    4 * 1024 * 1024
}

fn default_session_timeout_ms() -> u32 {
    10_000
}

/// Three days: longer than a weekend's silence between an embargoed story and its correction.
fn default_window_secs() -> u64 {
    3 * 24 * 3600
}

fn default_max_lateness_records() -> u64 {
    50_000
}

fn default_in_flight_records() -> usize {
    8_192
}

fn default_in_flight_bytes() -> usize {
    64 * 1024 * 1024
}

fn default_transaction_records() -> usize {
    2_000
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9464))
}

fn default_shutdown_secs() -> u64 {
    20
}
