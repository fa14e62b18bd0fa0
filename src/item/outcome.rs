//! The end of an item: the conservation law's unit.
//!
//! Every item of every input record ends as exactly one [`Outcome`], written to the audit topic in the same transaction as
//! the item itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// In at least one output stream.
    Published,
    /// In none, by rule: a duplicate under a feed that drops them, a stale version.
    Suppressed,
    /// Kept back until released.
    Held,
    /// In the dead-letter topic.
    Rejected,
    /// A tombstone.
    Skipped,
}

impl Outcome {
    pub const ALL: [Outcome; 5] =
        [Outcome::Published, Outcome::Suppressed, Outcome::Held, Outcome::Rejected, Outcome::Skipped];

    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Published => "published",
            Outcome::Suppressed => "suppressed",
            Outcome::Held => "held",
            Outcome::Rejected => "rejected",
            Outcome::Skipped => "skipped",
        }
    }
}

/// A stage of the pipeline, as metrics and dead letters name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Decode,
    Normalize,
    Enrich,
    Classify,
    Route,
    Fingerprint,
    Decide,
    Publish,
}

impl Stage {
    pub const ALL: [Stage; 8] = [
        Stage::Decode,
        Stage::Normalize,
        Stage::Enrich,
        Stage::Classify,
        Stage::Route,
        Stage::Fingerprint,
        Stage::Decide,
        Stage::Publish,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Decode => "decode",
            Stage::Normalize => "normalize",
            Stage::Enrich => "enrich",
            Stage::Classify => "classify",
            Stage::Route => "route",
            Stage::Fingerprint => "fingerprint",
            Stage::Decide => "decide",
            Stage::Publish => "publish",
        }
    }
}

/// Why an item went to the dead-letter topic: a bounded set, for metrics and for `dlq list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Nothing but white space.
    Empty,
    /// Larger than the feed's `max_item_bytes`.
    Oversized,
    /// Bytes that are no text.
    Binary,
    /// Not the format that the feed declares, or broken beyond reading.
    Malformed,
    /// Well-formed, but holds no news text (a picture, a planning item, an advisory of the transport).
    NoText,
    /// The published JSON would be larger than the output topics take.
    OutputTooLarge,
    /// Sighted once by another version of the program or the configuration, which read another number of items in it.
    ChangedSinceSighted,
    /// A stage failed in a way that it should not have; the message says how.
    Internal,
}

impl RejectReason {
    pub const ALL: [RejectReason; 8] = [
        RejectReason::Empty,
        RejectReason::Oversized,
        RejectReason::Binary,
        RejectReason::Malformed,
        RejectReason::NoText,
        RejectReason::OutputTooLarge,
        RejectReason::ChangedSinceSighted,
        RejectReason::Internal,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            RejectReason::Empty => "empty",
            RejectReason::Oversized => "oversized",
            RejectReason::Binary => "binary",
            RejectReason::Malformed => "malformed",
            RejectReason::NoText => "no_text",
            RejectReason::OutputTooLarge => "output_too_large",
            RejectReason::ChangedSinceSighted => "changed_since_sighted",
            RejectReason::Internal => "internal",
        }
    }
}

/// A refusal: what the dead-letter record's headers say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}: {}: {message}", stage.as_str(), reason.as_str())]
pub struct Reject {
    pub stage: Stage,
    pub reason: RejectReason,
    /// For a person: what was found, where, and what was expected.
    pub message: String,
}

impl Reject {
    pub fn new(stage: Stage, reason: RejectReason, message: impl Into<String>) -> Self {
        Self { stage, reason, message: message.into() }
    }

    pub fn decode(reason: RejectReason, message: impl Into<String>) -> Self {
        Self::new(Stage::Decode, reason, message)
    }
}

/// One line of the audit topic: how one item of one input record ended. JSON; a few hundred bytes.
///
/// A record that ended whole, before it had items (a tombstone, or one rejected before decoding), has item 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    pub feed: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub item: u32,
    pub outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<super::published::Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Output topics that it was published to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectReason>,
    /// The instance that published it.
    pub instance: String,
}
