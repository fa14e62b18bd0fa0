//! The desk's memory: what was seen, what was decided. Pure, and in one order: the log's.

pub mod sighting;
