//! The desk's protocol under everything that can happen to it, without a broker.
//!
//! The code under test is the service's: [`Owner`](super::owner::Owner), [`Outbox`](super::outbox::Outbox),
//! [`DeskIndex`](super::index::DeskIndex). Simulated is what stands around it: the log, raw partitions, the consumer group,
//! transactions, the worker's and the desk's thread of several instances. A seed draws what a run is made of and each of its
//! steps: kills, zombies, rebalances, clock jumps, operators, topics made again, two versions of the program, retention.
//!
//! `WIREDESK_SIM_SEED=n` runs one seed and prints its trace when it breaks a law; `WIREDESK_SIM_RUNS=n` sets how many run.

mod broker;
mod instance;
mod kills;
mod laws;
mod plan;
mod regressions;
mod wire;
mod world;

use plan::Fault;

const RUNS: u64 = 10_000;
/// Runs in which a planted fault must show.
const FAULT_RUNS: u64 = 4000;
const FAULTS: [Fault; 16] = [
    Fault::IgnoreAfter,
    Fault::LastDecision,
    Fault::NoWarmUp,
    Fault::ForgetLow,
    Fault::DoneOnRead,
    Fault::Unfenced,
    Fault::NeverDone,
    Fault::OneBoundForAll,
    Fault::AskEndOnce,
    Fault::StaleKill,
    Fault::ShortKill,
    Fault::SilentKill,
    Fault::HarmfulKill,
    Fault::ForgetKill,
    Fault::WithheldSwallows,
    Fault::LoseEntries,
];
/// Lines of the trace that are shown.
const SHOWN: usize = 1500;

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

fn fail(seed: u64, fault: Option<Fault>) -> ! {
    let broken = world::run(seed, fault, true).unwrap_err();
    let from = broken.trace.len().saturating_sub(SHOWN);
    eprintln!("{}", broken.trace[from..].join("\n"));
    panic!("seed {seed}: {}\n{:?}\nWIREDESK_SIM_SEED={seed} runs it again", broken.law, broken.plan);
}

#[test]
fn whatever_happens_the_laws_hold() {
    if let Some(seed) = from_env("WIREDESK_SIM_SEED") {
        if world::run(seed, None, false).is_err() {
            fail(seed, None);
        }
        return;
    }
    let runs = from_env("WIREDESK_SIM_RUNS").unwrap_or(RUNS);
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let parts: Vec<(world::Tally, Vec<(u64, String)>)> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|first| scope.spawn(move || run_each((first..runs).step_by(threads as usize)))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut all = world::Tally::default();
    let mut broken = Vec::new();
    for (tally, found) in parts {
        all.add(&tally);
        broken.extend(found);
    }
    broken.sort_unstable();
    println!("{all:?}");
    for (seed, law) in broken.iter().take(4000) {
        println!("seed {seed}: {law}");
    }
    if let Some((seed, _)) = broken.first() {
        println!("{} seeds break a law", broken.len());
        fail(*seed, None);
    }
}

/// Runs seeds one after the other; gives what they did and which laws they broke.
fn run_each(seeds: impl Iterator<Item = u64>) -> (world::Tally, Vec<(u64, String)>) {
    let mut all = world::Tally::default();
    let mut broken = Vec::new();
    for seed in seeds {
        match world::run(seed, None, false) {
            Ok(tally) => all.add(&tally),
            Err(error) => broken.push((seed, format!("{} {}", error.plan.flags(), error.law))),
        }
    }
    (all, broken)
}

/// The laws are worth what they catch.
#[test]
fn planted_faults_are_caught() {
    let mut unnoticed = Vec::new();
    for fault in FAULTS {
        let broken = (0..FAULT_RUNS).find_map(|seed| Some((seed, world::run(seed, Some(fault), false).err()?)));
        match broken {
            Some((seed, broken)) => println!("{fault:?}, seed {seed}: {}", broken.law),
            None => unnoticed.push(fault),
        }
    }
    assert_eq!(unnoticed, []);
}
