//! What each pure stage costs on one core, on made-up copy of about 2.3 KB with the knowledge base that is built in. No broker.
//!
//! `cargo bench --bench pipeline`; `WIREDESK_BENCH_RECORDS` sets the number of items (4,000), `WIREDESK_TEST_SEED` their texts.
//!
//! Every stage is timed on its own, item by item, in the order of the pipeline, over several rounds of all items; the best round
//! counts, because a shared machine only ever adds. The bars are those of the design: 40 microseconds an item.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../tests/support/copy.rs"]
#[allow(dead_code)]
mod copy;
#[path = "../tests/support/vocabulary.rs"]
mod vocabulary;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use copy::Newsroom;
use wiredesk::item::{RawItem, RecordOrigin, Stage};
use wiredesk::pipeline::Pipeline;
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::fingerprint::fingerprint;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 7;
/// Stages in their order, with the bar of each in microseconds.
const STAGES: [(&str, f64); 7] = [
    ("decode", 5.0),
    ("normalize", 5.0),
    ("enrich", 14.0),
    ("classify", 4.0),
    ("route", 1.0),
    ("render", 5.0),
    ("fingerprint", 6.0),
];

fn main() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |n| n.parse().unwrap());
    let count = number("WIREDESK_BENCH_RECORDS", 4_000);
    let mut newsroom = Newsroom::new(number("WIREDESK_TEST_SEED", 1));
    let records: Vec<RawItem> = (0..count).map(|n| record(n as i64, newsroom.story().text())).collect();
    let bytes: usize = records.iter().map(RawItem::size_bytes).sum();
    let (pipeline, feed) = desk();
    let best = (0..ROUNDS).map(|_| round(&pipeline, &feed, &records)).reduce(faster).unwrap();

    let items = records.iter().flat_map(|raw| pipeline.prepare(&feed, raw, |_| ()).unwrap());
    let published: usize = items.map(|item| item.unwrap().head.len()).sum();

    let micros = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    println!(
        "{count} items of {} bytes on average, {} as published; best of {ROUNDS} rounds, microseconds an item",
        bytes as u64 / count,
        published as u64 / count
    );
    for ((name, bar), time) in STAGES.iter().zip(best) {
        println!("{name:<12} {:>7.1}   bar {bar:>4.0}", micros(time));
    }
    let total: Duration = best.iter().sum();
    println!("{:<12} {:>7.1}   bar   40   {:.0} items/s on one core", "all", micros(total), 1e6 / micros(total));
}

type Times = [Duration; STAGES.len()];

fn faster(a: Times, b: Times) -> Times {
    if a.iter().sum::<Duration>() <= b.iter().sum() { a } else { b }
}

fn round(pipeline: &Pipeline, feed: &Feed, records: &[RawItem]) -> Times {
    let mut times = Times::default();
    for raw in records {
        let mut last = Instant::now();
        let mut lap = |at: usize| {
            let now = Instant::now();
            times[at] += now - last;
            last = now;
        };
        let items = pipeline.prepare(feed, raw, |stage| {
            lap(match stage {
                Stage::Decode => 0,
                Stage::Normalize => 1,
                Stage::Enrich => 2,
                Stage::Classify => 3,
                _ => 4,
            });
        });
        lap(5);
        let items = items.unwrap();
        let ready: Vec<_> = (0..).zip(&items).map(|(n, item)| (n, item.as_ref().unwrap())).collect();
        std::hint::black_box(fingerprint(feed, raw, &ready));
        lap(6);
    }
    times
}

/// The pipeline and one feed of the sample configuration.
fn desk() -> (Arc<Pipeline>, Arc<Feed>) {
    let config = wiredesk::config::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap();
    (config.pipeline.clone(), config.feed("ians").unwrap().clone())
}

fn record(offset: i64, text: String) -> RawItem {
    RawItem {
        origin: RecordOrigin { topic: Arc::from("bench.raw"), partition: 0, offset },
        key: None,
        payload: Some(text.into_bytes()),
        headers: Vec::new(),
        timestamp_ms: 1_773_100_800_000,
    }
}
