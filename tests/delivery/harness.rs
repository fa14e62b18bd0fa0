//! The tests' own instruments: the readers see what a `read_committed` reader sees, a killed broker keeps its data, and a law
//! that is broken is reported.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use wiredesk::desk::sighting::{Body, Decision, Done, ItemSighting, ItemVerdict, LogEntry, RecordRef, Sighting};
use wiredesk::item::outcome::{AuditRecord, Outcome, RejectReason};
use wiredesk::item::published::{self, Verdict};

use crate::evidence::{Audited, Evidence, Output, Place};
use crate::laws;
use crate::support::broker::Broker;
use crate::support::topics::{Follower, Record, Writer, create_topics, ends, list_topics, read_all};

const TIMEOUT: Duration = Duration::from_secs(10);

fn transactional(bootstrap_servers: &str) -> ThreadedProducer<DefaultProducerContext> {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers)
        .set("transactional.id", "harness")
        .create()
        .expect("the producer's settings are right");
    producer.init_transactions(TIMEOUT).expect("the broker takes transactions");
    producer
}

fn in_transaction(producer: &ThreadedProducer<DefaultProducerContext>, topic: &str, value: &str) {
    producer.begin_transaction().expect("none is open");
    producer.send(BaseRecord::<str, str>::to(topic).payload(value)).map_err(|(e, _)| e).expect("there is room");
    while producer.in_flight_count() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn readers_see_what_is_committed_and_a_killed_broker_keeps_it() {
    let mut broker = Broker::start("harness");
    let address = broker.bootstrap_servers();
    create_topics(&address, &[("harness.a", 2), ("harness.b", 1), ("harness.empty", 1)]);
    let plain = Record::to("harness.a", 1, "plain").key("k").header("h", "v");
    Writer::new(&address).write_all([&plain, &Record::to("harness.a", 0, "").tombstone()]);
    let producer = transactional(&address);
    in_transaction(&producer, "harness.b", "committed");
    producer.commit_transaction(TIMEOUT).expect("it commits");
    in_transaction(&producer, "harness.b", "aborted");
    producer.abort_transaction(TIMEOUT).expect("it aborts");

    let topics = ["harness.a", "harness.b", "harness.empty", "harness.missing"];
    let read = read_all(&address, topics);
    let values: Vec<_> = read.iter().map(|r| (r.place(), r.payload.clone())).collect();
    let expected = [
        ("harness.a/0/0".to_owned(), None),
        ("harness.a/1/0".to_owned(), Some(b"plain".to_vec())),
        ("harness.b/0/0".to_owned(), Some(b"committed".to_vec())),
    ];
    assert_eq!(values, expected);
    assert_eq!((read[1].key_str(), read[1].header_str("h")), (Some("k"), Some("v")));
    assert_eq!(list_topics(&address, "harness.").len(), 3);

    let mut follower = Follower::new(&address, &["harness.a", "harness.b"]);
    follower.read_until("all that was written", TIMEOUT, |r| r.len() == 3);
    broker.kill();
    broker.up();
    assert_eq!(read_all(&address, topics).len(), 3);
    Writer::new(&address).write_all([&plain]);
    follower.read_until("what is written after the restart", TIMEOUT * 3, |r| r.len() == 4);
    assert_eq!(ends(&address, "harness.a")[&1], 2);
    broker.stop();
}

const STREAM: &str = "news.world";

fn place(offset: i64) -> Place {
    ("raw".to_owned(), 0, offset)
}

fn audited(offset: i64, outcome: Outcome, verdict: Option<Verdict>) -> Audited {
    let line = AuditRecord {
        feed: "alpha".to_owned(),
        topic: "raw".to_owned(),
        partition: 0,
        offset,
        item: 0,
        outcome,
        uri: verdict.map(|_| format!("urn:{offset}")),
        verdict,
        of: (offset == 1).then(|| "urn:0".to_owned()),
        streams: if outcome == Outcome::Published { vec![STREAM.to_owned()] } else { vec![] },
        reason: (outcome == Outcome::Rejected).then_some(RejectReason::Binary),
        instance: "one".to_owned(),
    };
    Audited { partition: 0, offset, line }
}

fn output(offset: i64, verdict: Verdict) -> Output {
    let decision = published::Decision {
        kind: Default::default(),
        verdict,
        of: (offset == 1).then(|| "urn:0".to_owned()),
        similarity: None,
        matched: None,
        root: "urn:0".to_owned(),
        story: None,
        related_stories: Vec::new(),
        routes: vec![STREAM.to_owned()],
    };
    let record = Record { offset, ..Record::to(&format!("p.{STREAM}"), 0, "").key("urn:0") };
    Output { record, uri: format!("urn:{offset}"), origin: place(offset), decision }
}

fn entry(body: Body) -> LogEntry {
    LogEntry { epoch: 1, body: Some(body), ..LogEntry::default() }
}

fn sighted(offset: i64) -> LogEntry {
    let items = vec![ItemSighting { uri: format!("urn:{offset}"), ..ItemSighting::default() }];
    entry(Body::Sighting(Sighting { topic: "raw".to_owned(), offset, items, ..Sighting::default() }))
}

fn decided(sighting: u64, verdict: Verdict, of: Option<&str>) -> LogEntry {
    let after = of.map(|_| RecordRef { topic: "raw".to_owned(), partition: 0, offset: 0 });
    let item = ItemVerdict {
        verdict: wiredesk::desk::sighting::VerdictCode::from(verdict).into(),
        of: of.map(str::to_owned),
        root: "urn:0".to_owned(),
        streams: vec![STREAM.to_owned()],
        after: after.into_iter().collect(),
        ..ItemVerdict::default()
    };
    entry(Body::Decision(Decision { sighting, items: vec![item] }))
}

/// An original, its update, a record that cannot be read, a tombstone: all as it should be.
fn sound() -> Evidence {
    let input = |offset: i64| Record { offset, ..Record::to("raw", 0, "x").header("case", offset.to_string()) };
    let inputs = [input(0), input(1), input(2), input(3).tombstone()];
    let log = [sighted(0), sighted(1), decided(0, Verdict::New, None), decided(1, Verdict::Update, Some("urn:0"))];
    Evidence {
        dead_letters: vec![Record { topic: "p.dlq".to_owned(), ..inputs[2].clone() }],
        inputs: inputs.into_iter().map(|r| (place(r.offset), r)).collect(),
        audit: vec![
            audited(0, Outcome::Published, Some(Verdict::New)),
            audited(1, Outcome::Published, Some(Verdict::Update)),
            audited(2, Outcome::Rejected, None),
            audited(3, Outcome::Skipped, None),
        ],
        outputs: vec![output(0, Verdict::New), output(1, Verdict::Update)],
        log: (0..).zip(log).collect(),
    }
}

/// Makes one thing wrong with sound evidence.
type Break = fn(&mut Evidence);

#[test]
fn each_law_notices_when_it_is_broken() {
    let check = |evidence: &Evidence| laws::check_all(evidence, "p.", 100);
    check(&sound());
    let breaks: [(&str, Break); 14] = [
        ("no outcome", |e| drop(e.audit.remove(2))),
        ("two outcomes", |e| e.audit.push(audited(3, Outcome::Skipped, None))),
        ("an outcome of nothing", |e| drop(e.inputs.remove(&place(3)))),
        ("a tombstone rejected", |e| e.audit[3].line.outcome = Outcome::Suppressed),
        ("an output lost", |e| drop(e.outputs.remove(1))),
        ("an output twice", |e| e.outputs.push(output(1, Verdict::Update))),
        ("an output that the audit does not know", |e| e.audit[1].line.streams[0] = "news.sport".to_owned()),
        ("another verdict than the log's", |e| e.outputs[1].decision.verdict = Verdict::Correction),
        ("the log's second decision", |e| e.log.insert(2, (1, decided(1, Verdict::Kill, Some("urn:0"))))),
        ("a dead letter lost", |e| drop(e.dead_letters.pop())),
        ("a dead letter without its bytes", |e| e.dead_letters[0].payload = None),
        ("a dead letter without a header", |e| {
            let input = e.inputs.get_mut(&place(2)).expect("it is there");
            input.headers.push(("x".to_owned(), None));
        }),
        ("an update before its original", |e| e.audit[0].offset = 9),
        ("an update suppressed", |e| {
            e.audit[1].line.outcome = Outcome::Suppressed;
            e.audit[1].line.streams.clear();
            e.outputs.pop();
            let Some(Body::Decision(decision)) = &mut e.log[3].1.body else { panic!("a decision") };
            decision.items[0].streams.clear();
        }),
    ];
    for (what, break_it) in breaks {
        let mut evidence = sound();
        break_it(&mut evidence);
        assert!(catch_unwind(AssertUnwindSafe(|| check(&evidence))).is_err(), "nobody noticed: {what}");
    }
}

/// A writer's sighting comes too late, the next one of its partition in time; it had not read the first one when it wrote the
/// second, so neither counts, and both are sighted again.
#[test]
fn what_follows_a_late_sighting_is_read_as_the_desk_reads_it() {
    let at = |log_offset: u64, seen: u64, entry: LogEntry| {
        (log_offset, LogEntry { seen, writer: "one".to_owned(), ..entry })
    };
    let log = vec![
        at(200, 50, sighted(0)),
        at(201, 150, sighted(1)),
        at(202, 202, sighted(0)),
        at(203, 202, sighted(1)),
        at(204, 204, decided(202, Verdict::New, None)),
        at(205, 204, decided(203, Verdict::Update, Some("urn:0"))),
        at(206, 206, entry(Body::Done(Done { topic: "raw".to_owned(), partition: 0, position: 2 }))),
    ];
    let evidence = Evidence { log, ..sound() };
    let counted: Vec<_> = evidence.remembered(100).into_values().map(|r| r.sighting_offset).collect();
    assert_eq!(counted, [202, 203]);
    laws::check_all(&evidence, "p.", 100);
}
