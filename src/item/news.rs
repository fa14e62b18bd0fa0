//! A clean item: times in UTC, dateline and sign-off parsed, paragraphs kept, editorial signals read.

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire::{WireLink, WireSubject};

/// One normalized item. Text fields are NFC, without soft hyphens and zero-width characters, with `\n` line ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewsItem {
    /// A URI. The wire's own id if that is a URI, else a URN made from it, else a URN of the origin.
    pub uri: String,
    /// True where the wire gave an id of its own: only then do versions and kills match by `uri`.
    pub has_own_id: bool,
    /// Version as a number, for ordering; absent where the wire gives none that can be ordered.
    pub version: Option<u64>,
    pub kind: Kind,
    pub status: PubStatus,
    pub slug: Option<String>,
    pub headline: Option<String>,
    pub subheadline: Option<String>,
    pub summary: Option<String>,
    pub byline: Option<String>,
    pub dateline: Option<Dateline>,
    pub signoff: Option<SignOff>,
    pub credit: Option<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Paragraphs separated by one empty line (`\n\n`); no dateline, no sign-off.
    pub body: String,
    pub first_created: Option<Timestamp>,
    pub version_created: Option<Timestamp>,
    pub content_created: Option<Timestamp>,
    pub embargoed_until: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    /// 1 (highest) to 9.
    pub urgency: Option<u8>,
    pub subjects: Vec<WireSubject>,
    pub keywords: Vec<String>,
    pub genre: Option<String>,
    pub located: Option<String>,
    /// Notes to editors, contact blocks and boilerplate that rules took out of the body, one paragraph each.
    pub ed_note: Option<String>,
    pub copyright_holder: Option<String>,
    pub copyright_notice: Option<String>,
    pub usage_terms: Option<String>,
    pub links: Vec<WireLink>,
    /// `(role, value)`: the wire's id where it is no URI, and its further ids.
    pub alt_ids: Vec<(String, String)>,
    /// The id, as the wire writes it, of an item that the text or a field says this one kills, corrects or replaces.
    pub refers_to: Option<String>,
    pub repaired_chars: u32,
    /// What each rule did, for `wiredesk explain`.
    pub notes: Vec<RuleNote>,
}

/// One rule's finding: the field that it filled, its name, and the text that it took it from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleNote {
    pub field: &'static str,
    pub rule: &'static str,
    pub span: String,
}

/// What the wire says the item is. The desk's own finding is the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Original,
    Update,
    Correction,
    Kill,
    Hold,
    Advisory,
}

impl Kind {
    pub const ALL: [Kind; 6] = [Kind::Original, Kind::Update, Kind::Correction, Kind::Kill, Kind::Hold, Kind::Advisory];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Original => "original",
            Kind::Update => "update",
            Kind::Correction => "correction",
            Kind::Kill => "kill",
            Kind::Hold => "hold",
            Kind::Advisory => "advisory",
        }
    }
}

/// ninjs `pubStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PubStatus {
    #[default]
    Usable,
    Withheld,
    Canceled,
}

/// Where and when the copy was written, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dateline {
    /// As the wire writes it: `Moscow/Tehran, March 10 (IANS)`.
    pub text: String,
    /// City names with what qualifies each, in order: `("Knoxville", Some("Tenn."))`.
    pub places: Vec<DatelinePlace>,
    pub date: Option<Date>,
    pub credit: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatelinePlace {
    pub name: String,
    /// State, province or country after the name.
    pub qualifier: Option<String>,
}

/// The closing line of the copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignOff {
    /// The source that signs: `IANS`.
    pub credit: Option<String>,
    /// Initials of the desk: `scor`, `dan`.
    pub desk: Vec<String>,
}

/// A text field of the published item that mentions point into, in the order in which a reader meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    Headline,
    Dateline,
    Body,
}

impl Field {
    /// RFC 6901 pointer into the published JSON.
    pub fn pointer(self) -> &'static str {
        match self {
            Field::Headline => "/headlines/0/value",
            Field::Dateline => "/wiredesk/dateline/text",
            Field::Body => "/bodies/0/value",
        }
    }
}

impl NewsItem {
    /// The text fields that are there, in reading order. The enrichers read these and nothing else.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &str)> {
        [
            (Field::Headline, self.headline.as_deref()),
            (Field::Dateline, self.dateline.as_ref().map(|d| d.text.as_str())),
            (Field::Body, (!self.body.is_empty()).then_some(self.body.as_str())),
        ]
        .into_iter()
        .filter_map(|(f, t)| t.map(|t| (f, t)))
    }

    pub fn paragraphs(&self) -> impl Iterator<Item = &str> {
        self.body.split("\n\n").filter(|p| !p.is_empty())
    }
}
