//! The records of the sightings log, `wiredesk.sightings`: facts and decisions, in one order that all instances share.
//!
//! Protocol Buffers, because two versions of the program read one log during an upgrade: a field that one of them does not
//! know is passed over. Tags are never reused. An entry is a few hundred bytes and holds no text of the item.
//!
//! One entry sights one *record* with all its items, so that a record's items stand together in the log and waiting can
//! have no cycle.

use crate::item::news::Kind;
use crate::item::published::{Matched, Verdict};

/// One record of the log.
#[derive(Clone, PartialEq, prost::Message)]
pub struct LogEntry {
    /// Identity of the log, made at random when it was empty. An entry of another epoch means that the topic was deleted and
    /// made again under a running instance.
    #[prost(fixed64, tag = "1")]
    pub epoch: u64,
    /// Offset after the last entry that the writer had folded. An entry does not count when it stands more than
    /// `max_lateness_records` behind: so a zombie's late repeats can be told apart without remembering for ever.
    #[prost(uint64, tag = "2")]
    pub seen: u64,
    /// Offset of the oldest entry that the writer's index still held: a fresh instance replays from here or before.
    #[prost(uint64, tag = "3")]
    pub low: u64,
    /// Instance that wrote it.
    #[prost(string, tag = "4")]
    pub writer: String,
    /// The writer's reading of the log's clock, in milliseconds since the Unix epoch. Who begins to read in the middle would not
    /// know of a time before that was later than any since.
    #[prost(int64, tag = "11")]
    pub clock_ms: i64,
    /// Of a sighting: whether the writer's index held another record at its offset, so that the topic was made again and those past
    /// it are gone. Said, because who begins to read in the middle may not know of that record. Absent: an older program's.
    #[prost(bool, optional, tag = "12")]
    pub replaces: Option<bool>,
    #[prost(oneof = "Body", tags = "5, 6, 7, 8, 9, 10")]
    pub body: Option<Body>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Body {
    #[prost(message, tag = "5")]
    Sighting(Sighting),
    #[prost(message, tag = "6")]
    Decision(Decision),
    #[prost(message, tag = "7")]
    Done(Done),
    #[prost(message, tag = "8")]
    Tick(Tick),
    #[prost(message, tag = "9")]
    Begin(Begin),
    #[prost(message, tag = "10")]
    Gone(Gone),
}

/// A raw record was read. The first one for a record counts. A writer's sightings of one raw partition stand in the order of
/// their offsets; when one comes too late, those of later offsets do not count that it wrote before it knew.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Sighting {
    #[prost(string, tag = "1")]
    pub topic: String,
    #[prost(int32, tag = "2")]
    pub partition: i32,
    #[prost(int64, tag = "3")]
    pub offset: i64,
    /// XXH3-64 of the record's raw bytes: with `timestamp_ms` it tells a repeat from another record at a reused offset.
    #[prost(fixed64, tag = "5")]
    pub raw_hash: u64,
    #[prost(int64, tag = "6")]
    pub timestamp_ms: i64,
    #[prost(string, tag = "7")]
    pub feed: String,
    #[prost(message, repeated, tag = "8")]
    pub items: Vec<ItemSighting>,
}

/// What is remembered of one item.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ItemSighting {
    /// Index within the record.
    #[prost(uint32, tag = "1")]
    pub item: u32,
    #[prost(string, tag = "2")]
    pub uri: String,
    /// The wire gave the id: only then do versions and kills match by it.
    #[prost(bool, tag = "3")]
    pub has_own_id: bool,
    #[prost(uint64, optional, tag = "4")]
    pub version: Option<u64>,
    #[prost(enumeration = "KindCode", tag = "5")]
    pub kind: i32,
    /// First 16 bytes of the BLAKE3 hash over the normalized text.
    #[prost(bytes = "vec", tag = "6")]
    pub content_hash: Vec<u8>,
    /// The smallest hashes of the numbers in the text, ascending: a near-copy that brings other numbers is no duplicate.
    #[prost(fixed32, repeated, tag = "7")]
    pub numbers: Vec<u32>,
    /// Word 4-shingles in the text.
    #[prost(uint32, tag = "8")]
    pub shingles: u32,
    /// The upper 32 bits of the smallest shingle hashes, ascending: a bottom-k sketch.
    #[prost(fixed32, repeated, tag = "9")]
    pub sketch: Vec<u32>,
    /// XXH3-64 of feed and slug; 0 without a slug.
    #[prost(fixed64, tag = "10")]
    pub slug_hash: u64,
    /// URI of an item that this one says it kills, corrects or replaces.
    #[prost(string, optional, tag = "11")]
    pub refers_to: Option<String>,
    /// Output topics that it belongs to by itself.
    #[prost(string, repeated, tag = "12")]
    pub streams: Vec<String>,
    /// Output topics that it belongs to by itself under some verdicts only, or whose rules for duplicates are not the feed's.
    #[prost(message, repeated, tag = "31")]
    pub sometimes: Vec<ConditionalStream>,
    /// Words in the text: very short items are judged by exact and id rules only.
    #[prost(uint32, tag = "13")]
    pub words: u32,
    /// The feed's dedupe rules at sighting, so that whoever decides, decides by them.
    #[prost(message, optional, tag = "14")]
    pub rules: Option<DedupeRules>,
    /// When it may be used, in milliseconds since the Unix epoch: 0 at once, `i64::MAX` when the wire does not say (HOLD copy).
    #[prost(int64, tag = "33")]
    pub withheld_until_ms: i64,
    /// Its heaviest terms, heaviest first: see [`crate::prepare::terms::Term`].
    #[prost(fixed32, repeated, tag = "24")]
    pub terms: Vec<u32>,
}

/// An output topic that an item goes to under some verdicts: worked out before the verdict, so that the log alone says where an
/// item goes.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ConditionalStream {
    #[prost(string, tag = "1")]
    pub stream: String,
    /// Bit n stands for the verdict of code n.
    #[prost(uint32, tag = "2")]
    pub verdicts: u32,
    /// Stories for which it is otherwise.
    #[prost(message, repeated, tag = "3")]
    pub stories: Vec<StoryVerdicts>,
    #[prost(enumeration = "DuplicatesCode", tag = "4")]
    pub duplicates: i32,
}

#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct StoryVerdicts {
    #[prost(string, tag = "1")]
    pub story: String,
    #[prost(uint32, tag = "2")]
    pub verdicts: u32,
}

impl ConditionalStream {
    /// Whether an item goes there.
    pub fn wants(&self, verdict: VerdictCode, story: Option<&str>) -> bool {
        let of_story = story.and_then(|story| self.stories.iter().find(|s| s.story == story));
        of_story.map_or(self.verdicts, |s| s.verdicts) >> (verdict as u32) & 1 == 1
    }
}

/// What becomes of a duplicate in a stream that has its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum DuplicatesCode {
    /// What the feed's rules say.
    Feed = 0,
    Keep = 1,
    Drop = 2,
}

/// The part of a feed's configuration that a verdict depends on.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct DedupeRules {
    #[prost(float, tag = "1")]
    pub similarity: f32,
    #[prost(float, tag = "2")]
    pub containment: f32,
    /// 0: the desk's window.
    #[prost(uint64, tag = "3")]
    pub window_secs: u64,
    /// Duplicates are published, marked.
    #[prost(bool, tag = "4")]
    pub flag_duplicates: bool,
}

/// The verdicts on one record's items. The first one for a record counts.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Decision {
    /// Log offset of the sighting that it decides.
    #[prost(uint64, tag = "1")]
    pub sighting: u64,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<ItemVerdict>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ItemVerdict {
    #[prost(uint32, tag = "1")]
    pub item: u32,
    #[prost(enumeration = "VerdictCode", tag = "2")]
    pub verdict: i32,
    #[prost(string, optional, tag = "3")]
    pub of: Option<String>,
    #[prost(string, tag = "4")]
    pub root: String,
    #[prost(float, optional, tag = "5")]
    pub similarity: Option<f32>,
    #[prost(enumeration = "MatchedCode", tag = "6")]
    pub matched: i32,
    /// Output topics that it goes to, those of its predecessors included; none: suppressed.
    #[prost(string, repeated, tag = "7")]
    pub streams: Vec<String>,
    /// Output topics that its chain has reached, this item included.
    #[prost(string, repeated, tag = "9")]
    pub reached: Vec<String>,
    /// Raw records that must be out before this item is.
    #[prost(message, repeated, tag = "8")]
    pub after: Vec<RecordRef>,
    /// The story that it belongs to; 0: none.
    #[prost(fixed64, tag = "24")]
    pub story: u64,
    /// Length of its vector of terms, as the window weighed them then; 0: it does not speak for its story.
    #[prost(float, tag = "25")]
    pub story_norm: f32,
    /// Other stories that it resembles, best first.
    #[prost(fixed64, repeated, tag = "26")]
    pub related_stories: Vec<u64>,
}

impl ItemVerdict {
    /// By what it was found to be, its item goes nowhere, and nothing is a version or a copy of it.
    pub fn is_never_out(&self) -> bool {
        matches!(self.verdict(), VerdictCode::Stale | VerdictCode::Killed)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct RecordRef {
    #[prost(string, tag = "1")]
    pub topic: String,
    #[prost(int32, tag = "2")]
    pub partition: i32,
    #[prost(int64, tag = "3")]
    pub offset: i64,
}

/// All records of a raw partition before `position` are published, or were skipped: the group's committed offset has passed
/// them. Sightings before it that have no verdict are void.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Done {
    #[prost(string, tag = "1")]
    pub topic: String,
    #[prost(int32, tag = "2")]
    pub partition: i32,
    #[prost(int64, tag = "3")]
    pub position: i64,
}

/// The raw partition ends before what was sighted of it: the topic was made again, or its leader lost its end. Records from
/// `from` on that the writer had read of and that are not out never will be.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Gone {
    #[prost(string, tag = "1")]
    pub topic: String,
    #[prost(int32, tag = "2")]
    pub partition: i32,
    #[prost(int64, tag = "3")]
    pub from: i64,
}

/// Gives an empty log its epoch. Of several instances that find it empty at once, the first one's counts.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Begin {}

/// Moves the log's clock while nothing else does, and keeps its epoch within the retention.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Tick {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum KindCode {
    Original = 0,
    Update = 1,
    Correction = 2,
    Kill = 3,
    Hold = 4,
    Advisory = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum VerdictCode {
    /// An enum of a newer program: treated as an update, which is always published.
    Unknown = 0,
    New = 1,
    Update = 2,
    Correction = 3,
    Duplicate = 4,
    Kill = 5,
    Stale = 6,
    Killed = 7,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum MatchedCode {
    None = 0,
    Exact = 1,
    Near = 2,
    Id = 3,
}

impl From<Kind> for KindCode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Original => KindCode::Original,
            Kind::Update => KindCode::Update,
            Kind::Correction => KindCode::Correction,
            Kind::Kill => KindCode::Kill,
            Kind::Hold => KindCode::Hold,
            Kind::Advisory => KindCode::Advisory,
        }
    }
}

impl From<KindCode> for Kind {
    fn from(code: KindCode) -> Self {
        match code {
            KindCode::Original => Kind::Original,
            KindCode::Update => Kind::Update,
            KindCode::Correction => Kind::Correction,
            KindCode::Kill => Kind::Kill,
            KindCode::Hold => Kind::Hold,
            KindCode::Advisory => Kind::Advisory,
        }
    }
}

impl From<Verdict> for VerdictCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::New => VerdictCode::New,
            Verdict::Update => VerdictCode::Update,
            Verdict::Correction => VerdictCode::Correction,
            Verdict::Duplicate => VerdictCode::Duplicate,
            Verdict::Kill => VerdictCode::Kill,
            Verdict::Stale => VerdictCode::Stale,
            Verdict::Killed => VerdictCode::Killed,
        }
    }
}

impl From<VerdictCode> for Verdict {
    fn from(code: VerdictCode) -> Self {
        match code {
            VerdictCode::New => Verdict::New,
            VerdictCode::Unknown | VerdictCode::Update => Verdict::Update,
            VerdictCode::Correction => Verdict::Correction,
            VerdictCode::Duplicate => Verdict::Duplicate,
            VerdictCode::Kill => Verdict::Kill,
            VerdictCode::Stale => Verdict::Stale,
            VerdictCode::Killed => Verdict::Killed,
        }
    }
}

impl From<Option<Matched>> for MatchedCode {
    fn from(matched: Option<Matched>) -> Self {
        match matched {
            None => MatchedCode::None,
            Some(Matched::Exact) => MatchedCode::Exact,
            Some(Matched::Near) => MatchedCode::Near,
            Some(Matched::Id) => MatchedCode::Id,
        }
    }
}

impl From<MatchedCode> for Option<Matched> {
    fn from(code: MatchedCode) -> Self {
        match code {
            MatchedCode::None => None,
            MatchedCode::Exact => Some(Matched::Exact),
            MatchedCode::Near => Some(Matched::Near),
            MatchedCode::Id => Some(Matched::Id),
        }
    }
}
