//! Asking the service to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A flag that all threads look at. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    requested: Arc<AtomicBool>,
}

impl Shutdown {
    pub fn request(&self) {
        self.requested.store(true, Ordering::Release);
    }

    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Sleeps, but for no longer than until shutdown is requested.
    pub fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        while !self.requested() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    /// Requests shutdown at SIGTERM or SIGINT (Ctrl-C). Needs a tokio runtime with I/O around it.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub async fn on_signal(self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        let mut int = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = term.recv() => tracing::info!("SIGTERM: finishing the work in hand"),
            _ = int.recv() => tracing::info!("SIGINT: finishing the work in hand"),
        }
        self.request();
        Ok(())
    }
}

/// Waits that grow from 100 ms to 10 s while something fails, and begin anew once it works.
#[derive(Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: Self::FIRST }
    }
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(100);
    const MOST: Duration = Duration::from_secs(10);

    /// How long to wait now.
    pub fn step(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).min(Self::MOST);
        now
    }

    pub fn reset(&mut self) {
        self.next = Self::FIRST;
    }
}
