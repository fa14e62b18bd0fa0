//! The bare exactly-once copy: what Kafka and its client cost, with nothing done to the records.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

const TRANSACTION_RECORDS: usize = 2_000;
const TRANSACTION_TIME: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(30);

/// From where to where.
pub struct Settings<'a> {
    pub bootstrap_servers: &'a str,
    pub group: &'a str,
    pub from: &'a [&'a str],
    pub to: &'a str,
}

/// Copies that many records and ends.
pub fn run(settings: &Settings<'_>, total: u64) {
    let consumer = consumer(settings);
    let producer = producer(settings);
    producer.init_transactions(TIMEOUT).expect("the broker takes transactions");
    let mut copied = 0;
    while copied < total {
        producer.begin_transaction().expect("no transaction is open");
        let (records, positions) = fill(&consumer, &producer, settings.to);
        // A flush would wait in steps of 100 ms.
        while producer.in_flight_count() > 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
        let Some(metadata) = consumer.group_metadata().filter(|_| records > 0) else {
            producer.abort_transaction(TIMEOUT).expect("nothing was sent");
            continue;
        };
        producer.send_offsets_to_transaction(&positions, &metadata, TIMEOUT).expect("the only member is not fenced");
        producer.commit_transaction(TIMEOUT).expect("the transaction commits");
        copied += records;
    }
}

/// Sends one transaction's records; returns their number and the positions after them.
fn fill(
    consumer: &BaseConsumer,
    producer: &ThreadedProducer<DefaultProducerContext>,
    to: &str,
) -> (u64, TopicPartitionList) {
    let mut positions = std::collections::BTreeMap::new();
    let mut records = 0;
    let start = Instant::now();
    while records < TRANSACTION_RECORDS as u64 && start.elapsed() < TRANSACTION_TIME {
        let Some(message) = consumer.poll(Duration::from_millis(10)) else { continue };
        let message = message.expect("the broker is up");
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(to);
        if let Some(key) = message.key() {
            record = record.key(key);
        }
        if let Some(payload) = message.payload() {
            record = record.payload(payload);
        }
        producer.send(record).map_err(|(error, _)| error).expect("the queue holds a transaction");
        positions.insert((message.topic().to_owned(), message.partition()), message.offset() + 1);
        records += 1;
    }
    let mut list = TopicPartitionList::new();
    for ((topic, partition), offset) in positions {
        list.add_partition_offset(&topic, partition, Offset::Offset(offset)).expect("an offset can be named");
    }
    (records, list)
}

fn consumer(settings: &Settings<'_>) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", settings.bootstrap_servers)
        .set("group.id", settings.group)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("fetch.queue.backoff.ms", "10")
        .set("queued.max.messages.kbytes", "16384")
        .create()
        .expect("the consumer's settings are right");
    consumer.subscribe(settings.from).expect("topics can be subscribed to");
    consumer
}

fn producer(settings: &Settings<'_>) -> ThreadedProducer<DefaultProducerContext> {
    ClientConfig::new()
        .set("bootstrap.servers", settings.bootstrap_servers)
        .set("transactional.id", settings.group)
        .set("linger.ms", "1")
        .create()
        .expect("the producer's settings are right")
}
