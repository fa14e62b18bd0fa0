//! The types an item goes through, in the order in which it goes through them.
//!
//! ```text
//! RawItem -> WireItem -> NewsItem -> TaggedItem -> PublishedItem      and at the end exactly one Outcome
//! (bytes)   (fields)    (clean)     (enriched)    (ninjs JSON)
//! ```
//!
//! Each stage takes one type and returns the next, so that a wrong order does not compile. Nothing here has a clock,
//! randomness or I/O; shapes and units are in the doc comments of the fields.

pub mod news;
pub mod newsml_g2;
pub mod outcome;
pub mod output;
pub mod published;
pub mod raw;
pub mod tagged;
pub mod wire;

pub use news::{Dateline, Field, NewsItem, SignOff};
pub use outcome::{Outcome, Reject, RejectReason, Stage};
pub use raw::{Origin, RawItem, RecordOrigin};
pub use tagged::{Entity, EntityType, Mention, Region, RegionScheme, Subject, TaggedItem, Topic};
pub use wire::WireItem;
