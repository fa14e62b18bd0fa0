//! `make bench`: how much of Kafka's own speed the service leaves.
//!
//! In one go on one broker: a bare exactly-once copy of the raw records, topic to topic, which does nothing with them; then
//! `wiredesk run` on the same records; then the copy again, because a machine is not equally fast at all times. Prints the
//! rates, the ratio of the service's to the better copy's, and the most memory that the service held.
//!
//! `WIREDESK_BENCH_RECORDS` sets the number of records (60,000 of about 2.3 KB), `WIREDESK_TEST_SEED` their texts.

// Here an error ends the benchmark, with a message for a person.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../tests/support/mod.rs"]
mod support;

mod copier;

use std::thread;
use std::time::{Duration, Instant};

use support::broker::Broker;
use support::copy::{Newsroom, Story};
use support::instance::{Desk, FeedSpec};
use support::topics::{self, Record, Writer};
use support::wait_for;

const RAW: [&str; 2] = ["bench.raw.alpha", "bench.raw.beta"];
/// Of each raw topic.
const PARTITIONS: i32 = 2;
/// One in so many records is an edited copy of an earlier one.
const COPIES: usize = 8;
const PATIENCE: Duration = Duration::from_secs(600);

fn main() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |n| n.parse().unwrap_or_else(|_| panic!("{name} must be a number: {n}")))
    };
    let count = usize::try_from(number("WIREDESK_BENCH_RECORDS", 60_000)).expect("it fits");
    let broker = Broker::start("bench");
    let bootstrap_servers = broker.bootstrap_servers();
    topics::create_topics(&bootstrap_servers, &[(RAW[0], PARTITIONS), (RAW[1], PARTITIONS)]);
    let bytes = fill(&bootstrap_servers, count, number("WIREDESK_TEST_SEED", 1));
    println!("{count} records of {} bytes on average, {} raw partitions", bytes / count, 2 * PARTITIONS);

    let before = bare_copy(&bootstrap_servers, "copy-before");
    println!("bare exactly-once copy      {before:>9.0} records/s");
    let service = service(&bootstrap_servers);
    println!("wiredesk                    {:>9.0} records/s", service.rate);
    let after = bare_copy(&bootstrap_servers, "copy-after");
    println!("bare exactly-once copy again {after:>8.0} records/s");
    println!("ratio                       {:>9.2}", service.rate / before.max(after));
    println!("memory of wiredesk          {:>9.0} MiB at the end", mebibytes(service.resident_bytes));
    println!("                            {:>9.0} MiB at most", mebibytes(service.peak_bytes));
}

/// Writes the raw records; returns their bytes.
fn fill(bootstrap_servers: &str, count: usize, seed: u64) -> usize {
    let mut newsroom = Newsroom::new(seed);
    let writer = Writer::new(bootstrap_servers);
    let mut recent: Vec<Story> = Vec::new();
    let mut bytes = 0;
    for n in 0..count {
        let story = if n % COPIES == COPIES - 1 {
            let at = newsroom.below(recent.len());
            newsroom.edited_copy(&recent[at])
        } else {
            newsroom.story()
        };
        let text = story.text();
        bytes += text.len();
        let lane = n % (RAW.len() * PARTITIONS as usize);
        let (topic, partition) = (RAW[lane % RAW.len()], (lane / RAW.len()) as i32);
        writer.send(&Record::to(topic, partition, text));
        if recent.len() < 1_000 {
            recent.push(story);
        } else {
            recent[n % 1_000] = story;
        }
    }
    writer.flush();
    bytes
}

/// Records a second of a bare copy.
fn bare_copy(bootstrap_servers: &str, name: &str) -> f64 {
    let target = format!("bench.{name}");
    topics::create_topics(bootstrap_servers, &[(&target, 1)]);
    let settings = copier::Settings { bootstrap_servers, group: name, from: &RAW, to: &target };
    let total: i64 = RAW.iter().flat_map(|t| topics::ends(bootstrap_servers, t).into_values()).sum();
    let mut progress = Progress::watch(bootstrap_servers, name, total);
    thread::scope(|scope| {
        scope.spawn(|| copier::run(&settings, total as u64));
        progress.until_done(|| None)
    })
}

struct Service {
    rate: f64,
    resident_bytes: u64,
    peak_bytes: u64,
}

fn service(bootstrap_servers: &str) -> Service {
    let feeds = [
        FeedSpec { id: "alpha", topics: vec![RAW[0].to_owned()], extra: "[dedupe]\nduplicates = \"drop\"\n" },
        FeedSpec { id: "beta", topics: vec![RAW[1].to_owned()], extra: "[dedupe]\nduplicates = \"flag\"\n" },
    ];
    let desk = Desk::new(bootstrap_servers, "bench", &[], &feeds, include_str!("../../tests/support/routes.toml"));
    let total: i64 = RAW.iter().flat_map(|t| topics::ends(bootstrap_servers, t).into_values()).sum();
    let mut progress = Progress::watch(bootstrap_servers, desk.group(), total);
    let mut instance = desk.start("bench");
    let rate = progress.until_done(|| {
        let exit = instance.process.exit_status()?;
        Some(format!("wiredesk ended with {exit}:\n{}", instance.log_tail()))
    });
    let memory = |line| instance.process.memory_bytes(line).unwrap_or_default();
    let (resident_bytes, peak_bytes) = (memory("VmRSS"), memory("VmHWM"));
    let exit = instance.terminate(Duration::from_secs(30));
    assert!(exit.success(), "wiredesk ended with {exit}:\n{}", instance.log_tail());
    Service { rate, resident_bytes, peak_bytes }
}

/// Measures a consumer group from outside, by its committed positions: the same way for the copy and for the service.
struct Progress {
    positions: topics::Positions,
    total: i64,
}

impl Progress {
    fn watch(bootstrap_servers: &str, group: &str, total: i64) -> Progress {
        Progress { positions: topics::Positions::of(bootstrap_servers, group, &RAW), total }
    }

    /// Waits until all is committed and returns the rate from the first commit on, in records a second. `failed` says when there
    /// is nothing to wait for.
    fn until_done(&mut self, mut failed: impl FnMut() -> Option<String>) -> f64 {
        let mut first: Option<(Instant, i64)> = None;
        let (start, already, end) = wait_for("all records to be committed", PATIENCE, || {
            if let Some(why) = failed() {
                panic!("{why}");
            }
            let done = self.positions.sum();
            let now = Instant::now();
            if done > 0 && first.is_none() {
                first = Some((now, done));
            }
            let (start, already) = first?;
            (done >= self.total).then_some((start, already, now))
        });
        (self.total - already) as f64 / (end - start).as_secs_f64()
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
