//! Fields to a clean item: what two agencies' copies of one story come out alike by.
//!
//! The wire's own fields come first, then what the text says of itself (dateline, sign-off, marks), then the feed's
//! defaults; what nobody says is absent. Whatever a rule takes out of the body is kept in the field that it fills, and its
//! [`RuleNote`] names the rule and the words: no text is lost. When unsure, a rule leaves the text in the body.
//!
//! | file | what it reads |
//! | --- | --- |
//! | [`text`], [`layout`] | characters; lines to paragraphs |
//! | [`lead`] | what stands above the copy: bylines, notes, embargoes |
//! | [`dateline`], [`places`], [`agencies`] | where, when and for whom |
//! | [`signoff`] | what stands below the copy |
//! | [`marks`] | editorial marks: updates, corrections, kills, holds |
//! | [`calendar`], [`time`], [`zones`] | days and times, to UTC |
//! | [`ids`], [`language`] | identity; language |
//! | [`openers`] | how lines begin: the quick look |

pub mod agencies;
pub mod calendar;
pub mod dateline;
pub mod ids;
pub mod language;
pub mod layout;
pub mod lead;
pub mod marks;
pub mod openers;
pub mod places;
pub mod signoff;
pub mod text;
pub mod time;
pub mod zones;

mod body;
mod fields;

use jiff::Timestamp;

use super::feed::Feed;
use crate::item::news::{Kind, PubStatus, RuleNote};
use crate::item::{NewsItem, Origin, RawItem, Reject, RejectReason, Stage, WireItem, wire::LinkRel};
use marks::Signals;

/// Normalizes one item. `received` is the record's Kafka time: all "now" there is.
///
/// # Errors
/// An item without any news text (nothing but sign-offs, notes or marks), unless it kills another by id.
pub fn normalize(
    wire: WireItem,
    feed: &Feed,
    raw: &RawItem,
    origin: &Origin,
    received: Timestamp,
) -> Result<NewsItem, Reject> {
    let mut desk = Desk { feed, received, item: NewsItem::default(), signals: Signals::default() };
    let mut wire = wire;
    desk.item.notes = std::mem::take(&mut wire.notes);
    desk.item.repaired_chars = wire.repaired_chars;
    desk.identity(&wire, raw, origin);
    desk.one_line_fields(&mut wire);
    desk.marks(&wire.marks);
    desk.body(&wire);
    desk.times(&wire);
    desk.status(&wire);
    desk.credit_and_language(&wire);
    desk.links(wire.links);
    desk.item.subjects = wire.subjects;
    desk.item.keywords = wire.keywords;
    desk.finish()
}

/// One item on its way.
struct Desk<'a> {
    feed: &'a Feed,
    received: Timestamp,
    item: NewsItem,
    signals: Signals,
}

impl Desk<'_> {
    fn note(&mut self, field: &'static str, rule: &'static str, span: impl Into<String>) {
        self.item.notes.push(RuleNote { field, rule, span: span.into() });
    }

    /// Editors' notes are one text, a paragraph each.
    fn add_ed_note(&mut self, note: &str) {
        let ed_note = self.item.ed_note.get_or_insert_default();
        if !ed_note.is_empty() {
            ed_note.push_str("\n\n");
        }
        ed_note.push_str(note);
    }

    fn status(&mut self, wire: &WireItem) {
        let signals = self.signals;
        self.item.kind = signals.kind;
        self.item.genre = self.item.genre.take().or(signals.genre.map(str::to_owned));
        if let Some(status) = &wire.status {
            match status.trim().to_ascii_lowercase().rsplit([':', '/']).next().unwrap_or("") {
                "canceled" | "cancelled" | "killed" | "kill" | "withdrawn" => self.item.kind = Kind::Kill,
                "withheld" | "hold" | "held" => self.item.kind = Kind::Hold,
                "embargoed" => self.signals.embargo = true,
                _ => {}
            }
        }
        // An embargo whose end cannot be read binds until an editor has looked.
        if self.signals.embargo && self.item.embargoed_until.is_none() && self.item.kind != Kind::Kill {
            self.item.kind = Kind::Hold;
            self.note("pubStatus", "embargo without a readable time is held", "");
        }
        self.item.status = match self.item.kind {
            Kind::Kill => PubStatus::Canceled,
            Kind::Hold => PubStatus::Withheld,
            _ => PubStatus::Usable,
        };
    }

    fn links(&mut self, links: Vec<crate::item::wire::WireLink>) {
        let replaced = links.iter().find(|link| link.rel == LinkRel::Replaces).map(|link| link.id.clone());
        self.item.refers_to = replaced.or_else(|| self.named_in_the_text());
        self.item.links = links;
        // What is published names its associations by URI.
        for link in self.item.links.iter_mut().filter(|link| link.rel == LinkRel::Association) {
            link.id = self.feed.ids.uri_of(&link.id).unwrap_or_default();
        }
    }

    /// The id of another item that a kill, hold or correction names in its own words. Other items are not searched.
    fn named_in_the_text(&mut self) -> Option<String> {
        if !matches!(self.item.kind, Kind::Kill | Kind::Hold | Kind::Correction) {
            return None;
        }
        let texts = [self.item.ed_note.as_deref(), self.item.headline.as_deref(), Some(self.item.body.as_str())];
        let found = texts.into_iter().flatten().find_map(ids::reference)?.to_owned();
        self.note("refersTo", "item named in the text", found.as_str());
        Some(found)
    }

    fn finish(self) -> Result<NewsItem, Reject> {
        let item = self.item;
        let text = !item.body.is_empty() || item.headline.is_some() || item.summary.is_some();
        if text || (item.kind == Kind::Kill && item.has_own_id) {
            return Ok(item);
        }
        let message = "no headline and no body: nothing but marks, notes or a sign-off";
        Err(Reject::new(Stage::Normalize, RejectReason::NoText, message))
    }
}
