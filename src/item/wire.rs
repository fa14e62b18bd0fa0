//! What a decoder reads out of a record: the format's own fields as the wire gave them, uninterpreted.
//!
//! A decoder finds fields; it does not judge them. Times, versions, urgencies and statuses stay text here, in the words of
//! the wire, and are read by [`crate::prepare::normalize`]. A field that the wire does not give is absent.

use super::news::RuleNote;

/// One item as a wire format gives it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WireItem {
    /// The wire's own id of the item (a guid, a URI, `doc-id`, an item number), the same for all versions.
    pub id: Option<String>,
    /// The version or revision, as the wire writes it.
    pub version: Option<String>,
    pub slug: Option<String>,
    pub headline: Option<String>,
    pub subheadline: Option<String>,
    /// Abstract, summary or standfirst.
    pub summary: Option<String>,
    pub byline: Option<String>,
    /// A dateline that the format keeps in a field of its own; one that opens the body stays in the body.
    pub dateline: Option<String>,
    /// The source's name, from the format's own credit, provider or source field.
    pub credit: Option<String>,
    /// BCP 47 tag, as declared by the wire.
    pub language: Option<String>,
    pub body: Body,
    /// A day that the wire gives without a time: `2026-03-10`.
    pub date: Option<String>,
    pub first_created: Option<WireTime>,
    pub version_created: Option<WireTime>,
    pub content_created: Option<WireTime>,
    pub embargoed: Option<WireTime>,
    pub expires: Option<WireTime>,
    /// Urgency or priority, in the wire's words: `4`, `u`, `r`.
    pub urgency: Option<String>,
    /// Publication status in the wire's words: `usable`, `withheld`, `canceled`, `embargoed`, ...
    pub status: Option<String>,
    /// Editorial marks that the format carries outside of headline, slug and text: `update`, `correction`, `3rd Ld-Writethru`.
    pub marks: Vec<String>,
    /// Codes and names of what the item is about.
    pub subjects: Vec<WireSubject>,
    pub keywords: Vec<String>,
    pub genre: Option<String>,
    pub located: Option<String>,
    /// Notes to editors.
    pub ed_notes: Vec<String>,
    pub copyright_holder: Option<String>,
    pub copyright_notice: Option<String>,
    pub usage_terms: Option<String>,
    /// Other items that this one names.
    pub links: Vec<WireLink>,
    /// Further ids of the item, with the scheme that the wire names.
    pub alt_ids: Vec<(String, String)>,
    /// Characters that had to be repaired (replaced or dropped) to read the record as text.
    pub repaired_chars: u32,
    /// What the decoder's own rules read out of text, where the format has no field for it.
    pub notes: Vec<RuleNote>,
}

impl WireItem {
    /// Takes the fields of an inner document (NITF within NewsML) that this item lacks, and its lists. The body and the ids of
    /// the inner one stay there: the outer ones count.
    pub fn fill(&mut self, inner: &mut WireItem) {
        let pairs = [
            (&mut self.slug, &mut inner.slug),
            (&mut self.headline, &mut inner.headline),
            (&mut self.subheadline, &mut inner.subheadline),
            (&mut self.summary, &mut inner.summary),
            (&mut self.byline, &mut inner.byline),
            (&mut self.dateline, &mut inner.dateline),
            (&mut self.credit, &mut inner.credit),
            (&mut self.language, &mut inner.language),
            (&mut self.urgency, &mut inner.urgency),
            (&mut self.genre, &mut inner.genre),
            (&mut self.copyright_holder, &mut inner.copyright_holder),
            (&mut self.copyright_notice, &mut inner.copyright_notice),
            (&mut self.usage_terms, &mut inner.usage_terms),
        ];
        for (own, other) in pairs {
            *own = own.take().or(other.take());
        }
        self.expires = self.expires.take().or(inner.expires.take());
        for subject in inner.subjects.drain(..) {
            if !self.subjects.iter().any(|own| own.code == subject.code) {
                self.subjects.push(subject);
            }
        }
        self.keywords.append(&mut inner.keywords);
        self.ed_notes.append(&mut inner.ed_notes);
        self.links.append(&mut inner.links);
        self.marks.append(&mut inner.marks);
    }
}

/// The body as the wire gives it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// The format carries no body (a headline-only flash).
    #[default]
    None,
    /// Plain text with the wire's own line breaks, which may mean nothing (hard-wrapped copy).
    Text(String),
    /// Plain text whose empty lines separate paragraphs and whose other line breaks are meant.
    Paragraphs(String),
}

/// A time in the wire's own words, with the zone that the format declares for it, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireTime(pub String);

/// A subject, category or keyword code of the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WireSubject {
    /// The scheme's URI or alias: `http://cv.iptc.org/newscodes/subjectcode/`, `subj`, `anpa`, ...
    pub scheme: String,
    pub code: String,
    pub name: Option<String>,
}

/// Another item that this one names, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireLink {
    pub rel: LinkRel,
    pub id: String,
    pub title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRel {
    /// The item that this one corrects, kills or replaces.
    Replaces,
    DerivedFrom,
    SeeAlso,
    /// A part of a package, or an associated picture, video or story.
    Association,
}
