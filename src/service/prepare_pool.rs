//! Threads that prepare records: the costly, pure part.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::ServiceError;
use crate::desk::sighting::Sighting;
use crate::item::published::Head;
use crate::item::{RawItem, Reject, RejectReason, Stage};
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::prepare::feed::Feed;
use crate::prepare::fingerprint::fingerprint;
use crate::prepare::route::Routes;

/// A record to prepare.
#[derive(Debug)]
pub struct Job {
    pub feed: Arc<Feed>,
    pub raw: RawItem,
    /// Which assignment of its partition it was read under: results of an earlier one are thrown away.
    pub epoch: u64,
}

/// A prepared record.
#[derive(Debug)]
pub struct Prepared {
    pub feed: Arc<Feed>,
    pub raw: RawItem,
    pub epoch: u64,
    pub content: Content,
    /// What the desk is to remember of those of its items that are ready, if any is; taken out when it is offered.
    pub sighting: Option<Sighting>,
    /// The routes that it was prepared with: they say what the records of its streams look like.
    pub routes: Arc<Routes>,
}

/// What a record holds.
#[derive(Debug)]
pub enum Content {
    Tombstone,
    /// Refused whole.
    Rejected(Reject),
    /// Its items, each ready or refused.
    Items(Vec<(u32, Result<Head, Reject>)>),
}

/// The pool. Its queues hold only what the worker has in flight.
#[derive(Debug)]
pub struct PreparePool {
    jobs: Sender<Job>,
    pub done: Receiver<Prepared>,
    threads: Vec<JoinHandle<()>>,
}

impl PreparePool {
    pub fn start(threads: usize, pipeline: &Arc<Pipeline>, metrics: &Metrics) -> Result<Self, ServiceError> {
        let (jobs, inbox) = unbounded::<Job>();
        let (outbox, done) = unbounded();
        let threads = (0..threads.max(1))
            .map(|n| {
                let (inbox, outbox) = (inbox.clone(), outbox.clone());
                let (pipeline, metrics) = (pipeline.clone(), metrics.clone());
                std::thread::Builder::new().name(format!("prepare-{n}")).spawn(move || {
                    for job in inbox {
                        if outbox.send(prepare(&pipeline, &metrics, job)).is_err() {
                            return;
                        }
                    }
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { jobs, done, threads })
    }

    pub fn submit(&self, job: Job) {
        // The threads end only when this sender is gone.
        let _ = self.jobs.send(job);
    }

    pub fn stop(self) {
        drop(self.jobs);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

fn prepare(pipeline: &Pipeline, metrics: &Metrics, job: Job) -> Prepared {
    let Job { feed, raw, epoch } = job;
    let routes = pipeline.routes.clone();
    if raw.payload.is_none() {
        return Prepared { feed, raw, epoch, content: Content::Tombstone, sighting: None, routes };
    }
    // A defect in a stage must cost one item, not the partition.
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| content(pipeline, metrics, &feed, &raw)));
    let (content, sighting) = caught.unwrap_or_else(|_| {
        let message = "a stage panicked on this record; please report it with the record's bytes";
        (Content::Rejected(Reject::new(Stage::Decode, RejectReason::Internal, message)), None)
    });
    Prepared { feed, raw, epoch, content, sighting, routes }
}

fn content(pipeline: &Pipeline, metrics: &Metrics, feed: &Feed, raw: &RawItem) -> (Content, Option<Sighting>) {
    let mut last = Instant::now();
    let observe = |stage| {
        let now = Instant::now();
        metrics.stage(stage, now - last);
        last = now;
    };
    let items = match pipeline.prepare(feed, raw, observe) {
        Ok(items) => items,
        Err(reject) => return (Content::Rejected(reject), None),
    };
    let started = Instant::now();
    let ready: Vec<_> = (0..).zip(&items).filter_map(|(n, item)| item.as_ref().ok().map(|item| (n, item))).collect();
    let sighting = (!ready.is_empty()).then(|| fingerprint(feed, raw, &ready));
    metrics.stage(Stage::Fingerprint, started.elapsed());
    let items = (0..).zip(items).map(|(n, item)| (n, item.map(|item| item.head))).collect();
    (Content::Items(items), sighting)
}
