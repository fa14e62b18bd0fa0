//! Two instances are killed over and over, a third joins late, the broker is restarted, and all the while traffic comes in.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::drive::Driver;
use crate::support::broker::Broker;
use crate::support::instance::{Desk, Instance};
use crate::test_seed;
use crate::traffic::Builder;

const KILLS_EACH: usize = 5;
/// Over so long the records are sent and the faults happen.
const DURATION: Duration = Duration::from_secs(75);

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// SIGKILL of one of the two instances; its supervisor starts it again.
    Kill(usize),
    /// The third instance joins.
    Join,
    /// The broker ends, in order or not, and comes back.
    RestartBroker { in_order: bool },
}

/// Every fault and when it comes, in order.
fn plan(rng: &mut ChaCha8Rng) -> Vec<(Duration, Fault)> {
    let mut faults = vec![Fault::Join, Fault::RestartBroker { in_order: rng.random_bool(0.5) }];
    faults.extend((0..2).flat_map(|i| [Fault::Kill(i); KILLS_EACH]));
    faults.shuffle(rng);
    // The third joins late: in the second half.
    let join = faults.iter().position(|f| matches!(f, Fault::Join)).unwrap_or_default();
    let half = faults.len() / 2;
    if join < half {
        let late = rng.random_range(half..faults.len());
        faults.swap(join, late);
    }
    let slot = DURATION / (faults.len() as u32 + 1);
    faults
        .into_iter()
        .zip(1..)
        .map(|(fault, n)| (slot.mul_f64(f64::from(n) + rng.random_range(-0.5..0.5)), fault))
        .collect()
}

/// The instances, and a supervisor that starts again whatever ended.
struct Fleet<'a> {
    desk: &'a Desk,
    instances: Vec<Instance>,
    kills: usize,
    /// Instances that ended by themselves, as they may when they cannot go on.
    gave_up: usize,
}

impl Fleet<'_> {
    fn kill(&mut self, at: usize) {
        self.instances[at].process.kill();
        self.instances[at] = self.desk.start(&self.instances[at].id.clone());
        self.kills += 1;
    }

    /// Starts again what ended by itself: never in order, never by a panic.
    fn supervise(&mut self) {
        for instance in &mut self.instances {
            let Some(exit) = instance.process.exit_status() else { continue };
            assert!(
                exit.code().is_some_and(|code| code != 0 && code != 101),
                "{} ended with {exit}:\n{}",
                instance.id,
                instance.log_tail()
            );
            self.gave_up += 1;
            *instance = self.desk.start(&instance.id.clone());
        }
    }
}

#[test]
fn every_outcome_exactly_once_through_kills_and_a_broker_restart() {
    let seed = test_seed("every_outcome_exactly_once_through_kills_and_a_broker_restart");
    let count = std::env::var("WIREDESK_CHAOS_RECORDS").map_or(20_000, |n| n.parse().expect("a number of records"));
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut broker = Broker::start("chaos");
    let driver = Driver::new(&broker.bootstrap_servers(), "chaos", 2, &[("kafka.session_timeout_ms", "3000")]);
    let traffic = Builder::new(seed, driver.partitions(2)).mixed(count);
    let mut plan = plan(&mut rng).into_iter().peekable();

    let instances = vec![driver.desk.start_ready("one"), driver.desk.start_ready("two")];
    let mut fleet = Fleet { desk: &driver.desk, instances, kills: 0, gave_up: 0 };
    let start = Instant::now();
    driver.send_over(&traffic.records, DURATION, |share| {
        fleet.supervise();
        while let Some((_, fault)) = plan.next_if(|(due, _)| *due <= start.elapsed()) {
            println!("{:5.1} s, {:3.0} % sent: {fault:?}", start.elapsed().as_secs_f64(), share * 100.0);
            match fault {
                Fault::Kill(at) => fleet.kill(at),
                Fault::Join => fleet.instances.push(driver.desk.start("three")),
                Fault::RestartBroker { in_order: true } => {
                    broker.stop();
                    broker.up();
                }
                Fault::RestartBroker { in_order: false } => {
                    broker.kill();
                    broker.up();
                }
            }
        }
    });
    assert!(plan.next().is_none(), "all faults happened while records came in");
    assert_eq!(fleet.kills, 2 * KILLS_EACH);

    let settle = Instant::now();
    driver.wait_for_outcomes(Duration::from_secs(180), &fleet.instances.iter().collect::<Vec<_>>());
    println!("{} records settled {:.1} s after the last was sent", count, settle.elapsed().as_secs_f64());
    println!("{} instances gave up by themselves and were started again", fleet.gave_up);
    for instance in &mut fleet.instances {
        instance.wait_ready(Duration::from_secs(60));
        let exit = instance.terminate(Duration::from_secs(30));
        assert_eq!(exit.code(), Some(0), "{}:\n{}", instance.id, instance.log_tail());
        assert!(
            !instance.log_text().contains("panicked at"),
            "{} panicked, see {}",
            instance.id,
            instance.log.display()
        );
    }
    let evidence = driver.evidence();
    traffic.check(&evidence, driver.max_lateness_records);
    let writers: std::collections::BTreeSet<_> = evidence.audit.iter().map(|a| a.line.instance.as_str()).collect();
    assert_eq!(writers.len(), 3, "each instance published something: {writers:?}");
}
