//! An instance is stopped for longer than its session lasts, in the middle of its work, while others go on with it; then it wakes
//! and believes that it still owns everything.

use std::time::{Duration, Instant};

use crate::drive::Driver;
use crate::support::instance::Instance;
use crate::support::wait_for;
use crate::traffic::Builder;
use crate::{shared_broker, test_seed};

const RECORDS: usize = 3_000;
const ROUNDS: u32 = 3;

#[test]
fn one_that_slept_past_its_session_commits_nothing_twice() {
    let seed = test_seed("one_that_slept_past_its_session_commits_nothing_twice");
    let driver = Driver::new(&shared_broker(), "fencing", 2, &[("kafka.session_timeout_ms", "3000")]);
    let traffic = Builder::new(seed, driver.partitions(2)).mixed(RECORDS);
    let mut instances = [driver.desk.start_ready("one"), driver.desk.start_ready("two")];

    // Each round: work, sleep of one instance past its session, wake; the other carries on.
    let round = traffic.records.len().div_ceil(ROUNDS as usize);
    for (n, records) in traffic.records.chunks(round).enumerate() {
        let sleeper = n % 2;
        let mut asleep: Option<Instant> = None;
        driver.send_over(records, Duration::from_secs(9), |share| {
            if asleep.is_none() && share > 0.15 {
                instances[sleeper].process.signal("STOP");
                asleep = Some(Instant::now());
            }
        });
        let slept = asleep.map_or(Duration::ZERO, |since| since.elapsed());
        assert!(slept > Duration::from_secs(6), "it sleeps for twice its session: {slept:?}");
        // The sleeper's open transaction and its partitions must not stop the other.
        driver.wait_for_outcomes(Duration::from_secs(60), &[&instances[1 - sleeper]]);
        instances[sleeper].process.signal("CONT");
        let woken = &mut instances[sleeper];
        wait_for("the woken instance to be ready again", Duration::from_secs(60), || {
            let exit = woken.process.exit_status();
            assert!(exit.is_none(), "{} ended with {exit:?}:\n{}", woken.id, woken.log_tail());
            woken.is_ready().then_some(())
        });
    }
    for instance in &mut instances {
        assert_eq!(instance.terminate(Duration::from_secs(20)).code(), Some(0), "{}", instance.log_tail());
    }
    traffic.check(&driver.evidence(), driver.max_lateness_records);
}

/// A mistake in a deployment: two instances of one name, and so of one transactional id.
#[test]
fn two_of_one_name_fence_each_other_and_stay_correct() {
    let seed = test_seed("two_of_one_name_fence_each_other_and_stay_correct");
    let driver = Driver::new(&shared_broker(), "twins", 2, &[]);
    let traffic = Builder::new(seed, driver.partitions(2)).mixed(600);
    let mut one = driver.desk.start_ready("twin");
    let two = driver.desk.start("twin");
    driver.send_over(&traffic.records, Duration::from_secs(12), |_| {});
    let fenced = |twin: &Instance| twin.metric("wiredesk_transactions_total", &["result=\"fenced\""]).unwrap_or(0.0);
    assert!(fenced(&one) + fenced(&two) > 0.0, "the one that was there first is fenced");
    // The mistake is mended: one of them goes.
    drop(two);
    driver.wait_for_outcomes(Duration::from_secs(60), &[&one]);
    one.wait_ready(Duration::from_secs(30));
    assert_eq!(one.terminate(Duration::from_secs(20)).code(), Some(0), "{}", one.log_tail());
    traffic.check(&driver.evidence(), driver.max_lateness_records);
}
