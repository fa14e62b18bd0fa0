//! What the service promises, checked on a real broker with real processes: each input's outcome exactly once, the first verdict
//! in the log, order across instances, one memory whoever replays it.
//!
//! | file | what happens | what must hold |
//! | --- | --- | --- |
//! | `smoke.rs` | one of each kind of record, a restart, SIGTERM | outcomes, outputs, dead letters, counters |
//! | `chaos.rs` | 20,000 records, instances killed over and over, one joining late, the broker restarted | all laws |
//! | `near_copies.rs` | both halves of copies reach different instances at once | exactly one of each pair is `new` |
//! | `fencing.rs` | an instance is stopped past its session and wakes up | it commits nothing twice |
//! | `ordering.rs` | originals lie with a stopped instance | what depends on them waits |
//! | `kills.rs` | kills before, after and between the versions of their items | they reach all that these reached, and what they stand against goes nowhere |
//! | `replay.rs` | windows so small that they roll many times | a fresh index equals an old one |
//! | `rolling.rs` | instances end and start one after the other, each in the rebalance of the one before | ends are prompt; all laws |
//! | `faults.rs` | no broker, no topic, a lost position, a deleted log, a broken configuration | a clear message, and recovery |
//! | `harness.rs` | the tests' own instruments | readers see what is committed; each law notices when it is broken |
//! | `generator.rs` | | the made-up copy is as alike, and as different, as the other tests take it to be |
//!
//! `evidence.rs` reads all topics; `laws.rs` states what must be true of them, whatever happened before.
//!
//! Randomness comes from a seed that every test prints; `WIREDESK_TEST_SEED=n` repeats a run. `WIREDESK_CHAOS_RECORDS=n`
//! scales the long one. Processes' logs stay under `target/tmp/desk-*`, the broker's under `target/tmp/broker-*`.

// Helpers outside of #[test] functions fail a test by panicking, as the tests themselves do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod chaos;
mod dead_letters;
mod drive;
mod evidence;
mod faults;
mod fencing;
mod generator;
mod harness;
mod kills;
mod laws;
mod near_copies;
mod ordering;
mod replay;
mod rolling;
mod smoke;
mod traffic;

use std::sync::OnceLock;

use support::broker::Broker;
use support::instance::FeedSpec;

/// Address of the broker that all tests share which neither stop nor kill it.
fn shared_broker() -> String {
    static BROKER: OnceLock<Broker> = OnceLock::new();
    BROKER.get_or_init(|| Broker::start("shared")).bootstrap_servers()
}

/// The seed of a test's randomness: `WIREDESK_TEST_SEED`, or one of its own; printed, so that a run can be repeated.
fn test_seed(test: &str) -> u64 {
    let seed = match std::env::var("WIREDESK_TEST_SEED") {
        Ok(given) => given.parse().expect("WIREDESK_TEST_SEED is a number"),
        Err(_) => rand::random::<u32>().into(),
    };
    println!("{test}: WIREDESK_TEST_SEED={seed}");
    seed
}

/// Longest item, in bytes, that the two feeds below take: their `max_item_bytes`.
const MAX_ITEM_BYTES: usize = 65536;

/// Two feeds whose items carry their id in the key and their version in a header. `alpha` drops duplicates, `beta` flags them.
fn two_feeds(name: &str) -> [FeedSpec; 2] {
    const ALPHA: &str = "id_from = \"key\"\nversion_from = \"header:version\"\nmax_item_bytes = 65536\n\
                         [dedupe]\nduplicates = \"drop\"\n";
    const BETA: &str = "id_from = \"key\"\nversion_from = \"header:version\"\nmax_item_bytes = 65536\n\
                        [dedupe]\nduplicates = \"flag\"\n";
    [
        FeedSpec { id: "alpha", topics: vec![raw_topic(name, "alpha")], extra: ALPHA },
        FeedSpec { id: "beta", topics: vec![raw_topic(name, "beta")], extra: BETA },
    ]
}

fn raw_topic(name: &str, feed: &str) -> String {
    format!("{name}.raw.{feed}")
}

/// Routes by which items reach several streams.
const ROUTES: &str = include_str!("../support/routes.toml");
