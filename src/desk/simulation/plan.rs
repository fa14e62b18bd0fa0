//! What a run is made of: drawn from its seed.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::desk::index::IndexConfig;

/// A mistake planted into the harness, never into the code under test: the laws must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Records are published without waiting for those that they name in `after`.
    IgnoreAfter,
    /// Published by the last decision in the log instead of the first.
    LastDecision,
    /// A fresh instance reads nothing to recognize repeats by.
    NoWarmUp,
    /// A fresh instance reads the window only, not the records before it that wait.
    ForgetLow,
    /// Positions are called done when records are read, not when they are committed.
    DoneOnRead,
    /// The broker takes commits of any generation.
    Unfenced,
    /// Nobody says what is committed.
    NeverDone,
    /// An instance that is full reads none of its partitions.
    OneBoundForAll,
    /// Where a raw partition ends is asked once, and that answer may be lost.
    AskEndOnce,
    /// A kill is judged by its version, as any other item is.
    StaleKill,
    /// A kill misses one of the streams that its item reached.
    ShortKill,
    /// A kill does not reach the notices.
    SilentKill,
    /// An older kill goes to the streams that hold a newer version.
    HarmfulKill,
    /// Nobody remembers a kill that came first.
    ForgetKill,
    /// A copy that may be used is suppressed against one that is withheld.
    WithheldSwallows,
    /// The producer of the log loses entries now and then, and the instance goes on.
    LoseEntries,
}

/// What may happen in a run, and how big it is.
#[derive(Clone, Debug)]
pub struct Plan {
    pub config: IndexConfig,
    pub instances: usize,
    pub partitions: usize,
    pub records: usize,
    pub steps: usize,
    /// Records that an instance has in flight.
    pub in_flight: usize,
    pub batch: usize,
    /// Between two entries of the log, at most.
    pub entry_ms: i64,
    pub crashes: bool,
    pub zombies: bool,
    pub rebalances: bool,
    pub clock_jumps: bool,
    pub operator: bool,
    pub recreate: bool,
    pub versions: bool,
    pub retention: bool,
    pub rejects: bool,
    pub stable_names: bool,
    /// Answers to where a raw partition ends may be lost.
    pub lost_answers: bool,
    pub fault: Option<Fault>,
}

pub const LONG_MS: i64 = 1 << 40;

impl Plan {
    pub fn draw(dice: &mut ChaCha8Rng, fault: Option<Fault>) -> Self {
        // Some runs roll: the log is many windows and latenesses long.
        let rolls = dice.random_bool(0.4);
        let long = !rolls && dice.random_bool(0.7);
        let instances = if rolls { dice.random_range(1..=3) } else { dice.random_range(1..=4) };
        let max_lateness_records = match (rolls, dice.random_bool(0.3)) {
            (true, _) => dice.random_range(5..40),
            (false, true) => dice.random_range(24..80),
            (false, false) => 100_000,
        };
        let in_flight = match max_lateness_records {
            100_000 => dice.random_range(2..=16),
            lateness => (lateness as usize / (6 * instances)).max(1),
        };
        Self {
            config: IndexConfig {
                window_ms: if long { LONG_MS } else { dice.random_range(2..100) },
                max_lateness_records,
            },
            instances,
            partitions: dice.random_range(1..=4),
            records: if rolls { dice.random_range(20..=80) } else { dice.random_range(6..=40) },
            steps: if rolls { dice.random_range(300..=1000) } else { dice.random_range(60..=400) },
            in_flight,
            batch: dice.random_range(1..=8),
            entry_ms: dice.random_range(0..=4),
            crashes: dice.random_bool(0.5),
            zombies: dice.random_bool(0.5),
            rebalances: dice.random_bool(0.6),
            clock_jumps: dice.random_bool(0.3),
            operator: dice.random_bool(0.2),
            recreate: dice.random_bool(0.15),
            versions: dice.random_bool(0.3),
            retention: dice.random_bool(0.3),
            rejects: dice.random_bool(0.4),
            stable_names: dice.random_bool(0.5),
            lost_answers: dice.random_bool(0.3),
            fault,
        }
    }

    pub fn flags(&self) -> String {
        let flags = [
            (self.crashes, "crashes"),
            (self.zombies, "zombies"),
            (self.rebalances, "rebalances"),
            (self.clock_jumps, "clock_jumps"),
            (self.operator, "operator"),
            (self.recreate, "recreate"),
            (self.versions, "versions"),
            (self.retention, "retention"),
        ];
        flags.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect::<Vec<_>>().join("+")
    }

    /// All that was sighted stays comparable for the whole run.
    pub fn is_long(&self) -> bool {
        self.config.window_ms == LONG_MS && !self.clock_jumps
    }

    /// Each record has one life and one owner's path: laws about what matches what hold to the letter.
    pub fn is_plain(&self) -> bool {
        !self.operator && !self.recreate && !self.versions
    }
}
