//! From where a fresh instance reads the log.

use super::IndexConfig;

/// From where a fresh instance reads the log, so that its index becomes the same as that of one that ran all along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaySpan {
    /// First log offset to read.
    pub start: u64,
    /// First log offset whose sightings the index may still hold; see [`super::DeskIndex::replaying`].
    pub keep_from: u64,
}

/// Works out the span from four facts about the log: where it begins and ends, the first offset that is within the window, and
/// `low` of its last entry.
///
/// Three things keep a record in the index (see the module), hence the minimum of three; and before that, as many entries as
/// one may be late, because they tell which of the later ones are repeats.
pub fn replay_span(config: IndexConfig, begin: u64, end: u64, in_window: u64, low: u64) -> ReplaySpan {
    let near_end = end.saturating_sub(config.max_lateness_records + 1);
    let keep_from = in_window.min(low).min(near_end).max(begin);
    ReplaySpan { start: keep_from.saturating_sub(config.max_lateness_records).max(begin), keep_from }
}
