//! `wiredesk demo`: the service on an in-process broker, with a day of a small desk in nine records.

mod script;
mod view;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::BaseConsumer;
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

use super::error::{CliError, Exit};
use super::run::plan;
use crate::config::{self, Configuration};
use crate::item::outcome::AuditRecord;
use crate::service::{self, Broker, Names, Plan, ServiceError, Shutdown};
use script::{FILES, SCRIPT, Step};

const EXAMPLES: &str = "\
Examples:
  wiredesk demo                  nine records, and what becomes of each
  wiredesk demo --stay-secs 600  then ten minutes to look around with kcat and curl; Ctrl-C ends it";

/// How long a record may take from being sent to its line in the audit topic. The mock group's first join takes 3 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// Run the service on an in-process broker with sample feeds, and show what comes out, where, and why
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Seconds to stay up after the last record; default: 20 on a terminal, else 0.
    #[arg(long, value_name = "SECS")]
    stay_secs: Option<u64>,
}

impl Args {
    pub fn run(&self) -> Result<Exit, CliError> {
        tracing_subscriber::fmt().with_env_filter("warn,librdkafka=off").with_writer(std::io::stderr).init();
        let folder = Folder::new()?;
        let broker = MockBroker::start()?;
        let (config, admin) = configure(&folder.0, &broker.address)?;
        let plan = plan(&config, Broker::Mock);
        broker.create(topics(&plan))?;
        let shutdown = Shutdown::default();
        let service = {
            let (plan, shutdown) = (plan.clone(), shutdown.clone());
            std::thread::spawn(move || service::run(plan, &shutdown))
        };
        let shown = show(&plan, &broker.address, &admin, &shutdown);
        if shown.is_ok() && !shutdown.requested() {
            let terminal = std::io::stdout().is_terminal();
            let stay = self.stay_secs.unwrap_or(if terminal { 20 } else { 0 });
            if stay > 0 {
                println!("\nStaying up for {stay} s; Ctrl-C ends it now.");
                shutdown.sleep(Duration::from_secs(stay));
            }
        }
        shutdown.request();
        let ended = join(service);
        broker.stop();
        shown.and(ended)
    }
}

fn join(service: JoinHandle<Result<(), ServiceError>>) -> Result<Exit, CliError> {
    match service.join() {
        Ok(Ok(())) => Ok(Exit::Fine),
        Ok(Err(error)) => Err(CliError::Internal(format!("the service ended: {error}"))),
        Err(_) => Err(CliError::Internal("the service panicked".to_owned())),
    }
}

/// The demo's configuration as files, so that it is read like any other. Removed at the end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Result<Self, CliError> {
        let dir = std::env::temp_dir().join(format!("wiredesk-demo-{}", std::process::id()));
        let folder = Folder(dir);
        for (name, text) in FILES {
            let path = folder.0.join(name);
            let write = || {
                std::fs::create_dir_all(path.parent().unwrap_or(&folder.0))?;
                std::fs::write(&path, text)
            };
            write().map_err(|source| CliError::Write { path: path.clone(), source })?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary directory does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads the demo's files, with the broker's address and a free admin port.
fn configure(dir: &Path, broker: &str) -> Result<(Configuration, String), CliError> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(CliError::Output)?;
    let admin = free.to_string();
    let environment = |name: &str| match name {
        "WIREDESK_BOOTSTRAP_SERVERS" => Some(broker.to_owned()),
        "WIREDESK_ADMIN_LISTEN" => Some(admin.clone()),
        "WIREDESK_INSTANCE_ID" => Some("demo".to_owned()),
        _ => None,
    };
    let config = config::load_with(dir, &environment).map_err(CliError::Configuration)?;
    Ok((config, admin))
}

fn topics(plan: &Plan) -> Vec<String> {
    let names = Names::new(&plan.config.kafka);
    let raw = plan.feeds.iter().flat_map(|feed| feed.config.topics.clone());
    let internal = [names.sightings.clone(), names.audit.clone(), names.dlq.clone()];
    raw.chain(internal).chain(plan.streams.iter().map(|s| names.stream(s))).collect()
}

/// librdkafka's mock cluster, owned by a thread of its own because it must outlive every client.
struct MockBroker {
    address: String,
    requests: mpsc::Sender<Vec<String>>,
    answers: mpsc::Receiver<Result<(), String>>,
    thread: JoinHandle<()>,
}

impl MockBroker {
    fn start() -> Result<Self, CliError> {
        let (requests, inbox) = mpsc::channel::<Vec<String>>();
        let (replies, answers) = mpsc::channel();
        let (addresses, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let cluster = match MockCluster::new(1) {
                Ok(cluster) => cluster,
                Err(error) => {
                    let _ = addresses.send(Err(error.to_string()));
                    return;
                }
            };
            let _ = addresses.send(Ok(cluster.bootstrap_servers()));
            for topics in inbox {
                let made = topics.iter().try_for_each(|t| cluster.create_topic(t, 1, 1)).map_err(|e| e.to_string());
                let _ = replies.send(made);
            }
        });
        let address = address
            .recv()
            .unwrap_or_else(|_| Err("its thread ended".to_owned()))
            .map_err(|error| CliError::Internal(format!("the in-process broker does not start: {error}")))?;
        Ok(Self { address, requests, answers, thread })
    }

    fn create(&self, topics: Vec<String>) -> Result<(), CliError> {
        let _ = self.requests.send(topics);
        self.answers
            .recv()
            .unwrap_or_else(|_| Err("its thread ended".to_owned()))
            .map_err(|error| CliError::Internal(format!("topics on the in-process broker: {error}")))
    }

    fn stop(self) {
        drop(self.requests);
        let _ = self.thread.join();
    }
}

/// Sends the script's records one after another, and shows what becomes of each.
fn show(plan: &Plan, broker: &str, admin: &str, shutdown: &Shutdown) -> Result<Exit, CliError> {
    let kafka = |error: rdkafka::error::KafkaError| CliError::Internal(error.to_string());
    let names = Names::new(&plan.config.kafka);
    let producer: ThreadedProducer<DefaultProducerContext> =
        ClientConfig::new().set("bootstrap.servers", broker).set("linger.ms", "1").create().map_err(kafka)?;
    let mut reader = view::Reader::new(broker, &names, plan).map_err(kafka)?;
    view::opening(plan, broker, admin);
    for (number, step) in (1..).zip(SCRIPT) {
        if shutdown.requested() {
            return Ok(Exit::Fine);
        }
        view::sent(number, step);
        send(&producer, step).map_err(kafka)?;
        let until = Instant::now() + PATIENCE;
        let line = loop {
            if let Some(line) = reader.audit_line().map_err(kafka)? {
                break line;
            }
            if shutdown.requested() {
                return Ok(Exit::Fine);
            }
            if Instant::now() > until {
                let message = format!("record {number} had no outcome within {} s", PATIENCE.as_secs());
                return Err(CliError::Internal(message));
            }
        };
        let item = reader.published(&line).map_err(kafka)?;
        view::outcome(&line, item.as_ref());
        std::io::stdout().flush()?;
    }
    view::closing(plan, broker, admin);
    Ok(Exit::Fine)
}

fn send(producer: &ThreadedProducer<DefaultProducerContext>, step: &Step) -> Result<(), rdkafka::error::KafkaError> {
    let mut headers = OwnedHeaders::new();
    if let Some(version) = step.version {
        headers = headers.insert(Header { key: "version", value: Some(version) });
    }
    let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(step.topic).headers(headers);
    if let Some(key) = step.key {
        record = record.key(key);
    }
    if let Some(payload) = step.payload {
        record = record.payload(payload);
    }
    producer.send(record).map_err(|(error, _)| error)?;
    producer.flush(Duration::from_secs(10))
}

/// Reads a topic from its beginning, without a group.
fn consumer(broker: &str) -> Result<BaseConsumer, rdkafka::error::KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("group.id", "wiredesk-demo-reader")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
}

/// The next audit line of a consumer, if one comes soon.
fn next_line(consumer: &BaseConsumer) -> Result<Option<AuditRecord>, rdkafka::error::KafkaError> {
    let Some(message) = consumer.poll(Duration::from_millis(100)) else { return Ok(None) };
    Ok(message?.payload().and_then(|payload| serde_json::from_slice(payload).ok()))
}
