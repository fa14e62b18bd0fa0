//! Topics made, written and read, for tests that know what must be in them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// Long enough for a broker that is being restarted on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A record as it stands in a topic, or, with `offset` -1, as it is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub key: Option<Vec<u8>>,
    pub payload: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub timestamp_ms: i64,
}

impl Record {
    /// A record to be written.
    pub fn to(topic: &str, partition: i32, payload: impl Into<Vec<u8>>) -> Record {
        Record { topic: topic.to_owned(), partition, offset: -1, payload: Some(payload.into()), ..Record::default() }
    }

    pub fn key(mut self, key: &str) -> Record {
        self.key = Some(key.into());
        self
    }

    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Record {
        self.headers.push((name.to_owned(), Some(value.as_ref().to_vec())));
        self
    }

    pub fn tombstone(mut self) -> Record {
        self.payload = None;
        self
    }

    /// The value of its first header of that name, as text.
    pub fn header_str(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n == name)?;
        std::str::from_utf8(value.as_deref()?).ok()
    }

    pub fn key_str(&self) -> Option<&str> {
        std::str::from_utf8(self.key.as_deref()?).ok()
    }

    /// Its value as JSON.
    pub fn json(&self) -> serde_json::Value {
        let payload = self.payload.as_deref().unwrap_or_default();
        serde_json::from_slice(payload)
            .unwrap_or_else(|e| panic!("{} is not JSON: {e}: {}", self.place(), String::from_utf8_lossy(payload)))
    }

    /// `topic/partition/offset`.
    pub fn place(&self) -> String {
        format!("{}/{}/{}", self.topic, self.partition, self.offset)
    }

    fn of(message: &BorrowedMessage<'_>) -> Record {
        Record {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            payload: message.payload().map(<[u8]>::to_vec),
            headers: message.headers().map_or_else(Vec::new, |headers| {
                headers.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect()
            }),
            timestamp_ms: message.timestamp().to_millis().unwrap_or(-1),
        }
    }
}

/// Makes topics, each with so many partitions.
pub fn create_topics(bootstrap_servers: &str, topics: &[(&str, i32)]) {
    let new: Vec<_> = topics.iter().map(|(t, n)| NewTopic::new(t, *n, TopicReplication::Fixed(1))).collect();
    let results = block_on(admin(bootstrap_servers).create_topics(&new, &AdminOptions::new()));
    for result in results.expect("the broker takes the request") {
        if let Err((topic, error)) = result {
            panic!("cannot create {topic}: {error}");
        }
    }
}

/// Deletes a topic, and waits until it is gone.
pub fn delete_topic(bootstrap_servers: &str, topic: &str) {
    let done = block_on(admin(bootstrap_servers).delete_topics(&[topic], &AdminOptions::new()));
    done.expect("the broker takes the request").into_iter().for_each(|r| drop(r.expect("the topic can be deleted")));
    super::wait_for(&format!("{topic} to be gone"), PATIENCE, || {
        list_topics(bootstrap_servers, topic).is_empty().then_some(())
    });
}

/// Takes all records before an offset out of a partition, as retention does.
pub fn delete_records_before(bootstrap_servers: &str, topic: &str, partition: i32, offset: i64) {
    let mut until = TopicPartitionList::new();
    until.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset can be named");
    let done = block_on(admin(bootstrap_servers).delete_records(&until, &AdminOptions::new()));
    done.expect("the broker deletes the records");
}

/// Names of all topics that start with `prefix`.
pub fn list_topics(bootstrap_servers: &str, prefix: &str) -> BTreeSet<String> {
    let consumer = reader(bootstrap_servers);
    let metadata = consumer.fetch_metadata(None, PATIENCE).expect("the broker answers");
    metadata.topics().iter().map(|t| t.name().to_owned()).filter(|t| t.starts_with(prefix)).collect()
}

/// Offset after the last record that a `read_committed` reader can see, for each partition of the topic.
pub fn ends(bootstrap_servers: &str, topic: &str) -> BTreeMap<i32, i64> {
    let consumer = reader(bootstrap_servers);
    let partitions = partitions_of(&consumer, topic);
    let end = |p: i32| consumer.fetch_watermarks(topic, p, PATIENCE).expect("the broker answers").1;
    partitions.into_iter().map(|p| (p, end(p))).collect()
}

/// The group's committed offset for each partition of the topic; absent where it has none.
pub fn committed(bootstrap_servers: &str, group: &str, topic: &str) -> BTreeMap<i32, i64> {
    Positions::of(bootstrap_servers, group, &[topic]).now().into_iter().map(|((_, p), offset)| (p, offset)).collect()
}

/// Looks at a consumer group's positions without being a member of it.
pub struct Positions {
    consumer: BaseConsumer,
    partitions: TopicPartitionList,
}

impl Positions {
    pub fn of(bootstrap_servers: &str, group: &str, topics: &[&str]) -> Positions {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap_servers)
            .set("group.id", group)
            // Answers with the old positions while a transaction is open, where read_committed would wait for its end.
            .set("isolation.level", "read_uncommitted")
            .create()
            .expect("the consumer's settings are right");
        let mut partitions = TopicPartitionList::new();
        for topic in topics {
            for partition in partitions_of(&consumer, topic) {
                partitions.add_partition(topic, partition);
            }
        }
        Positions { consumer, partitions }
    }

    /// The committed offset of each partition that has one.
    pub fn now(&self) -> BTreeMap<(String, i32), i64> {
        let found = self.consumer.committed_offsets(self.partitions.clone(), PATIENCE).expect("the broker answers");
        let elements = found.elements();
        let offsets = elements.iter().filter_map(|e| match e.offset() {
            Offset::Offset(offset) => Some(((e.topic().to_owned(), e.partition()), offset)),
            _ => None,
        });
        offsets.collect()
    }

    /// Records that the group is done with, where topics begin at offset 0.
    pub fn sum(&self) -> i64 {
        self.now().values().sum()
    }
}

/// Every record that a `read_committed` reader finds in the topics now, by topic, partition and offset. Topics that do not
/// exist hold none.
pub fn read_all<'a>(bootstrap_servers: &str, topics: impl IntoIterator<Item = &'a str>) -> Vec<Record> {
    let mut records = Vec::new();
    for topic in topics {
        // One reader a topic: the client's report of an end names the partition, not the topic.
        let consumer = reader(bootstrap_servers);
        let mut open: BTreeSet<i32> = assign_all(&consumer, &[topic]).into_iter().map(|(_, p)| p).collect();
        let mut found = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while !open.is_empty() {
            assert!(Instant::now() < deadline, "no end of {topic} in sight: partitions {open:?}");
            match consumer.poll(Duration::from_millis(100)) {
                None => {}
                Some(Ok(message)) => found.push(Record::of(&message)),
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(error)) => assert!(is_transient(&error), "the reader of {topic} failed: {error}"),
            }
        }
        found.sort_by_key(|r| (r.partition, r.offset));
        records.append(&mut found);
    }
    records
}

/// A `read_committed` reader of topics from their beginning on, that keeps what it read.
pub struct Follower {
    consumer: BaseConsumer,
    pub records: Vec<Record>,
}

impl Follower {
    /// Reads all partitions that the topics have now.
    pub fn new(bootstrap_servers: &str, topics: &[&str]) -> Follower {
        let consumer = reader(bootstrap_servers);
        let assigned = assign_all(&consumer, topics);
        for topic in topics {
            assert!(assigned.iter().any(|(t, _)| t == topic), "{topic} does not exist");
        }
        Follower { consumer, records: Vec::new() }
    }

    /// Waits up to `wait` for the next record and keeps it; `None` when none came.
    pub fn next(&mut self, wait: Duration) -> Option<&Record> {
        match self.consumer.poll(wait)? {
            Ok(message) => {
                self.records.push(Record::of(&message));
                self.records.last()
            }
            Err(KafkaError::PartitionEOF(_)) => None,
            Err(error) => {
                assert!(is_transient(&error), "the reader failed: {error}");
                None
            }
        }
    }

    /// Reads on until `done` says so of all that was read.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn read_until(&mut self, what: &str, within: Duration, mut done: impl FnMut(&[Record]) -> bool) {
        let deadline = Instant::now() + within;
        while !done(&self.records) {
            let round = Instant::now();
            assert!(
                round < deadline,
                "waited {} s in vain for: {what}; {} records read",
                within.as_secs(),
                self.records.len()
            );
            // Takes what comes for a while, so that `done` is not asked for every record.
            while round.elapsed() < Duration::from_millis(100) {
                self.next(Duration::from_millis(5));
            }
        }
    }
}

/// Assigns all partitions of the topics to the consumer, from the beginning on, and returns them.
fn assign_all(consumer: &BaseConsumer, topics: &[&str]) -> Vec<(String, i32)> {
    let mut assignment = TopicPartitionList::new();
    for topic in topics {
        for partition in partitions_of(consumer, topic) {
            assignment
                .add_partition_offset(topic, partition, Offset::Beginning)
                .expect("the beginning is an offset to start from");
        }
    }
    consumer.assign(&assignment).expect("topics that exist can be assigned");
    assignment.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect()
}

/// Writes records in order, idempotently, and keeps none back silently.
pub struct Writer {
    producer: ThreadedProducer<DefaultProducerContext>,
}

impl Writer {
    pub fn new(bootstrap_servers: &str) -> Writer {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap_servers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "1")
            .set("message.max.bytes", "20000000")
            .set("delivery.timeout.ms", "120000")
            .create()
            .expect("the producer's settings are right");
        Writer { producer }
    }

    /// Hands the record over; it is written for certain when [`Writer::flush`] returns.
    pub fn send(&self, record: &Record) {
        let headers =
            record.headers.iter().fold(OwnedHeaders::new_with_capacity(record.headers.len()), |all, (n, v)| {
                all.insert(Header { key: n, value: v.as_deref() })
            });
        let mut message: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(&record.topic).partition(record.partition).headers(headers);
        if let Some(key) = &record.key {
            message = message.key(key);
        }
        if let Some(payload) = &record.payload {
            message = message.payload(payload);
        }
        if record.timestamp_ms > 0 {
            message = message.timestamp(record.timestamp_ms);
        }
        while let Err((error, back)) = self.producer.send(message) {
            let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
            assert!(full, "{} cannot be written: {error}", record.topic);
            message = back;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until all is written.
    pub fn flush(&self) {
        self.producer.flush(PATIENCE * 2).expect("the broker takes the records");
    }

    pub fn write_all<'a>(&self, records: impl IntoIterator<Item = &'a Record>) {
        records.into_iter().for_each(|r| self.send(r));
        self.flush();
    }
}

fn reader(bootstrap_servers: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers)
        // Required by the client, never joined.
        .set("group.id", "wiredesk-test-reader")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error")
        .set("enable.partition.eof", "true")
        .set("fetch.queue.backoff.ms", "10")
        .create()
        .expect("the consumer's settings are right")
}

fn partitions_of(consumer: &BaseConsumer, topic: &str) -> Vec<i32> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("the broker answers");
    let found = metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none());
    found.map_or_else(Vec::new, |t| t.partitions().iter().map(|p| p.id()).collect())
}

/// The client reports these and goes on by itself; a broker that is being restarted gives them.
fn is_transient(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{AllBrokersDown, BrokerTransportFailure, OperationTimedOut, Resolve};
    matches!(error.rdkafka_error_code(), Some(AllBrokersDown | BrokerTransportFailure | OperationTimedOut | Resolve))
}

fn admin(bootstrap_servers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", bootstrap_servers).create().expect("the client's settings are right")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts").block_on(future)
}
