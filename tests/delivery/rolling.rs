//! Instances that come and go in order, one right after the other, so that each end falls into the group's rebalance.

use std::time::Duration;

use crate::drive::Driver;
use crate::support::instance::Instance;
use crate::traffic::Builder;
use crate::{shared_broker, test_seed};

const RECORDS: usize = 2_000;
/// SIGTERM ends an instance within this time, whatever the group is doing.
const SHUTDOWN: Duration = Duration::from_secs(10);

#[test]
fn a_rolling_restart_is_prompt_and_loses_nothing() {
    let seed = test_seed("a_rolling_restart_is_prompt_and_loses_nothing");
    let driver = Driver::new(&shared_broker(), "rolling", 2, &[]);
    let traffic = Builder::new(seed, driver.partitions(2)).mixed(RECORDS);
    let mut instances: Vec<Instance> = ["one", "two", "three"].map(|id| driver.desk.start(id)).into();
    instances.iter_mut().for_each(|i| i.wait_ready(Duration::from_secs(60)));

    let mut turns = 0;
    driver.send_over(&traffic.records, Duration::from_secs(20), |share| {
        // Two rounds; the next one goes as soon as the one before it has begun to come back.
        if turns < 6 && share > 0.1 + 0.1 * f64::from(turns) {
            let at = turns as usize % instances.len();
            let exit = instances[at].terminate(SHUTDOWN);
            assert_eq!(exit.code(), Some(0), "{}:\n{}", instances[at].id, instances[at].log_tail());
            instances[at] = driver.desk.start(&instances[at].id.clone());
            turns += 1;
        }
    });
    assert_eq!(turns, 6);
    driver.wait_for_outcomes(Duration::from_secs(60), &instances.iter().collect::<Vec<_>>());
    // All at once, so that each sees the others leave.
    instances.iter_mut().for_each(|i| i.process.signal("TERM"));
    for instance in &mut instances {
        let exit = instance.process.wait(SHUTDOWN).and_then(|exit| exit.code());
        assert_eq!(exit, Some(0), "{}:\n{}", instance.id, instance.log_tail());
    }
    traffic.check(&driver.evidence(), driver.max_lateness_records);
}
