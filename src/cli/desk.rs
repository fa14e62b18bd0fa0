//! The pipeline with a desk in memory: what `process`, `explain` and `check` run. The same code prepares and decides as in
//! the service; only the log is a vector.

use std::path::Path;
use std::sync::Arc;

use super::error::CliError;
use crate::config::{self, Configuration};
use crate::desk::index::IndexConfig;
use crate::desk::memory::MemoryDesk;
use crate::desk::owner::DecidedItem;
use crate::item::{RawItem, Reject, RejectReason, Stage};
use crate::pipeline::PreparedItem;
use crate::prepare::feed::Feed;
use crate::prepare::fingerprint::fingerprint;
use crate::service::Names;

/// What preparing one record gives: its items, or the refusal of all of it.
pub type Prepared = Result<Vec<Result<PreparedItem, Reject>>, Reject>;

/// How one item ended.
pub struct Ended {
    /// Index within its record.
    pub item: u32,
    pub end: Result<Decided, Reject>,
}

/// An item with its verdict.
pub struct Decided {
    pub prepared: PreparedItem,
    pub verdict: DecidedItem,
}

impl Decided {
    /// The published record's value, with the streams that it goes to.
    pub fn json(&self) -> Result<Vec<u8>, CliError> {
        let Decided { prepared, verdict } = self;
        prepared.head.finish(&verdict.uri, &verdict.decision()).map_err(|error| CliError::Internal(error.to_string()))
    }

    /// True where it goes to no stream.
    pub fn is_suppressed(&self) -> bool {
        self.verdict.verdict.streams.is_empty()
    }
}

/// Reads the configuration, the pipeline with it.
pub fn load(dir: &Path) -> Result<Configuration, CliError> {
    config::load(dir).map_err(CliError::Configuration)
}

/// The feed of that id, or a usage error that names those there are.
pub fn feed<'a>(config: &'a Configuration, id: &str) -> Result<&'a Arc<Feed>, CliError> {
    config.feed(id).ok_or_else(|| {
        let known: Vec<_> = config.feeds.iter().map(|feed| &*feed.id).collect();
        CliError::Usage(format!("no feed \"{id}\" in {}; there are: {}", config.dir.display(), known.join(", ")))
    })
}

/// A desk of one instance, in memory.
pub struct Desk {
    memory: MemoryDesk,
    names: Names,
}

impl Desk {
    pub fn new(config: &Configuration) -> Self {
        let desk = &config.service.desk;
        let window_ms = i64::try_from(desk.window_secs.saturating_mul(1000)).unwrap_or(i64::MAX);
        let memory = MemoryDesk::new(IndexConfig { window_ms, max_lateness_records: desk.max_lateness_records });
        Self { memory, names: Names::new(&config.service.kafka) }
    }

    /// Sights and decides one prepared record: every item of it ends.
    pub fn decide(&mut self, feed: &Feed, raw: &RawItem, prepared: Prepared) -> Result<Vec<Ended>, CliError> {
        let items = match prepared {
            Ok(items) => items,
            Err(reject) => return Ok(vec![Ended { item: 0, end: Err(reject) }]),
        };
        let items: Vec<_> = (0..).zip(items).collect();
        let good: Vec<_> = items.iter().filter_map(|(at, item)| Some((*at, item.as_ref().ok()?))).collect();
        let mut verdicts = Vec::new();
        if !good.is_empty() {
            verdicts = self
                .memory
                .decide(fingerprint(feed, raw, &good))
                .map_err(|_| CliError::Internal("the log in memory was replaced".to_owned()))?;
            for stream in verdicts.iter_mut().flat_map(|v| &mut v.verdict.streams) {
                *stream = self.names.stream(stream);
            }
        }
        let ended = |(item, prepared): (u32, Result<PreparedItem, Reject>)| {
            let end = prepared.and_then(|prepared| {
                let verdict = verdicts.iter().find(|v| v.item == item).cloned().ok_or_else(|| undecided(raw))?;
                Ok(Decided { prepared, verdict })
            });
            Ended { item, end }
        };
        Ok(items.into_iter().map(ended).collect())
    }
}

/// A record gets no verdict when its partition's offsets do not rise, or when it repeats an offset with another content.
fn undecided(raw: &RawItem) -> Reject {
    let message = format!("no verdict: offset {} does not follow the one before in its partition", raw.origin.offset);
    Reject::new(Stage::Decide, RejectReason::Internal, message)
}
