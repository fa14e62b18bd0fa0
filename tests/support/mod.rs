//! What the delivery tests and `make bench` share: a real broker, `wiredesk` processes, topics written and read, and made-up
//! wire copy.
//!
//! Everything is real: Apache Kafka from its published jars, the program as it is built, killed by signals. Whatever this
//! module starts dies with the process that started it, however that ends ([`process`]).
//!
//! Needs a JDK (17 or later) and Maven; `scripts/setup.sh` installs them. Their absence is a failure that says so, not a skip.

// Each of the programs that include this module uses its own part of it, and an error here is a failed test or benchmark.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod broker;
pub mod copy;
pub mod instance;
pub mod process;
pub mod topics;
pub mod vocabulary;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// A folder for one run's files under `target/tmp`, empty. They are left there to be read after a failure, and go when the
/// same name is used again.
pub fn scratch_dir(name: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap_or_else(|e| panic!("cannot empty {}: {e}", dir.display()));
    }
    std::fs::create_dir_all(&dir).unwrap_or_else(|e| panic!("cannot make {}: {e}", dir.display()));
    dir
}

/// A TCP port of the loopback address that nothing listens on.
///
/// Outside the range that the kernel takes outgoing connections' ports from: there, a client that keeps trying a broker that is
/// down ends up connected to itself, and the broker finds its port taken when it comes back.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 11_000;
    const COUNT: u16 = 20_000;
    let spread = (std::process::id() as u16).wrapping_mul(61);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + spread.wrapping_add(step) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + COUNT);
}

/// Asks until the answer is there.
///
/// # Panics
/// When it is not there in time, with `what` was awaited.
pub fn wait_for<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain for: {what}", within.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}
