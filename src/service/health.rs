//! Why the service is not ready, and whether it is alive.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What `/readyz` and `/livez` say. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Health {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// Reason by the part that gives it.
    reasons: BTreeMap<String, String>,
    /// When each thread last went round its loop.
    beats: BTreeMap<&'static str, Instant>,
}

impl Health {
    /// A thread that has not gone round for so long is taken for dead.
    pub const STALL: Duration = Duration::from_secs(60);

    pub fn new() -> Self {
        let reasons = BTreeMap::from([("start".to_owned(), "starting".to_owned())]);
        Self { inner: Arc::new(Mutex::new(Inner { reasons, beats: BTreeMap::new() })) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a reason why the service is not ready; logs it when it is new.
    pub fn not_ready(&self, part: &str, reason: impl Into<String>) {
        let reason = reason.into();
        let before = self.lock().reasons.insert(part.to_owned(), reason.clone());
        if before.as_ref() != Some(&reason) {
            tracing::warn!(part, reason, "not ready");
        }
    }

    /// Takes a part's reason back.
    pub fn ready(&self, part: &str) {
        if self.lock().reasons.remove(part).is_some() {
            tracing::info!(part, "ready");
        }
    }

    /// Reasons why the service is not ready; none: it is.
    pub fn reasons(&self) -> BTreeMap<String, String> {
        self.lock().reasons.clone()
    }

    /// A thread went round its loop.
    pub fn beat(&self, thread: &'static str) {
        self.lock().beats.insert(thread, Instant::now());
    }

    /// A thread ended on purpose.
    pub fn ended(&self, thread: &'static str) {
        self.lock().beats.remove(thread);
    }

    /// Threads that have stalled, and for how long.
    pub fn stalled(&self) -> Vec<(&'static str, Duration)> {
        let inner = self.lock();
        inner.beats.iter().map(|(t, at)| (*t, at.elapsed())).filter(|(_, age)| *age > Self::STALL).collect()
    }
}
