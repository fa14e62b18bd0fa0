//! The pure, stateless stages, run in parallel: decode > normalize > enrich > classify > route > fingerprint.
//!
//! No clock, no randomness, no I/O, no tokio, no rdkafka below this folder: time comes in with the record.

pub mod classify;
pub mod decode;
pub mod enrich;
pub mod feed;
pub mod fingerprint;
pub mod normalize;
pub mod route;
pub mod terms;
