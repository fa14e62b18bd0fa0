//! Windows of two seconds and a lateness of a hundred records: what the index holds turns over many times. Whoever reads the log
//! anew must come to the same index as those who ran all along.

use std::time::Duration;

use serde_json::Value;

use crate::drive::Driver;
use crate::support::instance::Instance;
use crate::support::wait_for;
use crate::traffic::Builder;
use crate::{shared_broker, test_seed};

const RECORDS: usize = 3_000;
const ROUNDS: usize = 3;

/// The digests of two instances at the same log offset.
fn same_offset(one: &Instance, two: &Instance) -> (Value, Value) {
    let what = format!("{} and {} at the same log offset", one.id, two.id);
    wait_for(&what, Duration::from_secs(30), || {
        let (a, b) = (one.desk()?, two.desk()?);
        // Only the records of the log move the index: at one offset there is one digest.
        (a["logOffset"].is_u64() && a["logOffset"] == b["logOffset"]).then_some((a, b))
    })
}

#[test]
fn a_fresh_index_equals_an_old_one() {
    let seed = test_seed("a_fresh_index_equals_an_old_one");
    let settings = [("desk.window_secs", "2"), ("desk.max_lateness_records", "100")];
    let driver = Driver::new(&shared_broker(), "replay", 2, &settings);
    let traffic = Builder::new(seed, driver.partitions(2)).mixed(RECORDS);
    let mut old = driver.desk.start_ready("old");
    let mut second = driver.desk.start_ready("second");

    let round = traffic.records.len().div_ceil(ROUNDS);
    for (n, records) in traffic.records.chunks(round).enumerate() {
        let mut killed = false;
        driver.send_over(records, Duration::from_secs(8), |share| {
            // One instance is killed in the middle of each round, and its successor replays while the traffic goes on.
            if share > 0.5 && !killed {
                killed = true;
                second.process.kill();
                second = driver.desk.start("second");
            }
        });
        second.wait_ready(Duration::from_secs(60));
        driver.wait_for_outcomes(Duration::from_secs(60), &[&old, &second]);

        let fresh = driver.desk.start_ready(&format!("fresh-{n}"));
        for (one, two) in [(&old, &fresh), (&second, &fresh)] {
            let (a, b) = same_offset(one, two);
            println!("round {n}: {}: {a}; {}: {b}", one.id, two.id);
            assert_eq!(a["digest"], b["digest"], "{} and {} at {}", one.id, two.id, a["logOffset"]);
            assert!(a["digest"].as_str().is_some_and(|d| !d.is_empty()), "{a}");
        }
    }
    // All but the last window's records have left the index.
    let left = old.desk().and_then(|d| d["items"].as_u64());
    assert!(left.is_some_and(|n| n < RECORDS as u64 / 2), "the window has rolled: {left:?} items left");
    assert_eq!(old.terminate(Duration::from_secs(20)).code(), Some(0), "{}", old.log_tail());
    driver.evidence();
}
