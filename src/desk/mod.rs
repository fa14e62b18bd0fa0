//! The desk's memory: what was seen, what was decided. Pure, and in one order: the log's.

pub mod index;
pub mod memory;
pub mod outbox;
pub mod owner;
pub mod sighting;
#[cfg(test)]
mod simulation;
pub mod sketch;
pub mod stories;
#[cfg(test)]
mod story_tests;
#[cfg(test)]
mod test_desk;
pub mod verdict;
