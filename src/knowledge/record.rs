//! What the knowledge base holds: entities, their names, and words that help to tell names from other words.

use std::fmt::Write as _;

use crate::item::EntityType;

/// Index of an entity in [`super::KnowledgeBase::entities`].
pub type EntityId = u32;

/// Index of a country in [`super::KnowledgeBase::countries`].
pub type CountryId = u16;

/// "None" among countries and admin units.
pub const NOWHERE: u16 = u16::MAX;

/// What an entity is, finer than [`EntityType`]: disambiguation treats these differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    Country = 0,
    /// First-level division of a country, ISO 3166-2.
    Subdivision = 1,
    City = 2,
    /// A desk region or continent: Middle East, Sahel, Europe.
    Region = 3,
    /// Seas, straits, canals.
    Water = 4,
    /// Landscapes, peninsulas, contested areas.
    Area = 5,
    /// A building or street that stands for a government.
    Seat = 6,
    Person = 7,
    Organisation = 8,
}

impl Class {
    pub const ALL: [Class; 9] = [
        Class::Country,
        Class::Subdivision,
        Class::City,
        Class::Region,
        Class::Water,
        Class::Area,
        Class::Seat,
        Class::Person,
        Class::Organisation,
    ];

    pub(super) fn from_code(code: u64) -> Option<Class> {
        Class::ALL.get(usize::try_from(code).ok()?).copied()
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Class::Country => "country",
            Class::Subdivision => "subdivision",
            Class::City => "city",
            Class::Region => "region",
            Class::Water => "water",
            Class::Area => "area",
            Class::Seat => "seat",
            Class::Person => "person",
            Class::Organisation => "organisation",
        }
    }
}

/// One entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub class: Class,
    pub entity_type: EntityType,
    pub name: Box<str>,
    /// Wikidata item number, 0 for none.
    pub wikidata: u32,
    /// GeoNames id, 0 for none.
    pub geonames: u32,
    /// A URI of the user's own, for what is in neither; empty in a built base.
    pub own_uri: Box<str>,
    /// The country that it is, lies in or belongs to; [`NOWHERE`] for none.
    pub country: CountryId,
    /// Its first-level division, as an index into the subdivisions; [`NOWHERE`] for none.
    pub subdivision: u16,
    /// Degrees; NaN where unknown.
    pub lat: f32,
    pub lon: f32,
    /// People living there; 0 where it means nothing.
    pub population: u32,
    /// What the class calls for: ISO code, office, kind of organisation, desk region's code, `capital`.
    pub detail: Box<str>,
    /// What a reader would want to know of it: office and its dates, ticker.
    pub note: Box<str>,
    /// Desk regions (indices) that it lies in beyond its country's: the Strait of Hormuz in the Gulf.
    pub desks: Box<[u8]>,
}

impl Record {
    /// The entity's URIs, the first being [`Record::uri`].
    pub fn uris(&self) -> Vec<String> {
        [self.wikidata_uri(), self.geonames_uri(), self.own_uri()].into_iter().flatten().collect()
    }

    /// The URI to publish: Wikidata's where there is one, else GeoNames', else the user's own. None for an entity that is known by
    /// name only.
    pub fn uri(&self) -> Option<String> {
        self.wikidata_uri().or_else(|| self.geonames_uri()).or_else(|| self.own_uri())
    }

    fn wikidata_uri(&self) -> Option<String> {
        (self.wikidata != 0).then(|| concat("http://www.wikidata.org/entity/Q", self.wikidata, ""))
    }

    fn geonames_uri(&self) -> Option<String> {
        (self.geonames != 0).then(|| concat("https://sws.geonames.org/", self.geonames, "/"))
    }

    fn own_uri(&self) -> Option<String> {
        (!self.own_uri.is_empty()).then(|| self.own_uri.to_string())
    }

    /// Longitude and latitude.
    pub fn position(&self) -> Option<(f64, f64)> {
        (self.lat.is_finite() && self.lon.is_finite()).then(|| (round(self.lon), round(self.lat)))
    }
}

/// In one allocation: an item names dozens of entities.
fn concat(before: &str, number: u32, after: &str) -> String {
    let mut out = String::with_capacity(before.len() + 10 + after.len());
    out.push_str(before);
    // Writing into a string does not fail.
    let _ = write!(out, "{number}");
    out.push_str(after);
    out
}

/// An `f32` of degrees as the decimal that it was written as, to five places (a metre).
fn round(degrees: f32) -> f64 {
    (f64::from(degrees) * 1e5).round() / 1e5
}

/// How a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NameKind {
    /// `United Kingdom`, `Vladimir Putin`.
    Full = 0,
    /// Letters that only count in capitals: `US`, `WHO`.
    Acronym = 1,
    /// `Iranian`, `Iranians`.
    Demonym = 2,
    /// A surname that suffices by itself: `Putin`.
    Alone = 3,
    /// A surname or short form that counts only after the full name.
    Short = 4,
    /// What it was called once: `Zaire`.
    Former = 5,
    /// `Calif.`: only after a place and a comma, or with its stop.
    Abbreviation = 6,
    /// The name in another language.
    Foreign = 7,
}

impl NameKind {
    const ALL: [NameKind; 8] = [
        NameKind::Full,
        NameKind::Acronym,
        NameKind::Demonym,
        NameKind::Alone,
        NameKind::Short,
        NameKind::Former,
        NameKind::Abbreviation,
        NameKind::Foreign,
    ];

    pub(super) fn from_code(code: u64) -> Option<NameKind> {
        NameKind::ALL.get(usize::try_from(code).ok()?).copied()
    }

    pub fn as_str(self) -> &'static str {
        match self {
            NameKind::Full => "full",
            NameKind::Acronym => "acronym",
            NameKind::Demonym => "demonym",
            NameKind::Alone => "alone",
            NameKind::Short => "short",
            NameKind::Former => "former",
            NameKind::Abbreviation => "abbreviation",
            NameKind::Foreign => "foreign",
        }
    }
}

/// A name of one entity, as the table writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: Box<str>,
    pub entity: EntityId,
    pub kind: NameKind,
}

/// A country's codes and regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    pub iso2: Box<str>,
    pub iso3: Box<str>,
    pub entity: EntityId,
    /// M49 codes from the whole to the part, the world excluded; indices into [`super::KnowledgeBase::m49`].
    pub m49: Box<[u8]>,
    /// Desk regions that it belongs to; indices into [`super::KnowledgeBase::desks`].
    pub desks: Box<[u8]>,
}

/// An M49 or desk region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionRow {
    pub code: Box<str>,
    pub name: Box<str>,
    /// Number of countries.
    pub size: u16,
}

/// What a word does to names around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum WordKind {
    /// A first name.
    Given = 0,
    /// An office or form of address that stands before a person's name.
    Title = 1,
    /// A title after which a place's name is a person's: `Mr`, `Sgt`.
    NameCue = 2,
    /// A capitalized word after a place that does not make it a person: `Boston Police`.
    Civic = 3,
    /// `Inc`, `Ltd`.
    OrgSuffix = 4,
    /// A word that also is a place: counts only with support.
    Common = 5,
    /// A word that also is a place, and never counts.
    Never = 6,
    /// A phrase that looks like a name and is none: `Brussels sprouts`.
    BlockPhrase = 7,
    /// A word after a place that makes it a part of another name: `Walker County`, `Boston University`.
    Part = 8,
    /// `said`, `told`: who does this next to a town's name is a person of that name.
    Speech = 9,
    /// A capitalized word before a surname that is no first name: `But`, `Former`, `Monday`.
    Opener = 10,
    /// A surname.
    Surname = 11,
    /// What ends the name of a body, or begins it before `of`: `Ministry`, `Bank`.
    OrgHead = 12,
    /// What a person is, in small letters before the name: `spokesman`, `analyst`.
    Role = 13,
    /// Capitals that name nothing: `GDP`, `CEO`.
    Letters = 14,
    /// A common word of the language.
    Word = 15,
}

impl WordKind {
    pub(super) const ALL: [(&'static str, WordKind); 16] = [
        ("given", WordKind::Given),
        ("title", WordKind::Title),
        ("name-cue", WordKind::NameCue),
        ("civic", WordKind::Civic),
        ("org-suffix", WordKind::OrgSuffix),
        ("common", WordKind::Common),
        ("never", WordKind::Never),
        ("block-phrase", WordKind::BlockPhrase),
        ("part", WordKind::Part),
        ("speech", WordKind::Speech),
        ("opener", WordKind::Opener),
        ("surname", WordKind::Surname),
        ("org-head", WordKind::OrgHead),
        ("role", WordKind::Role),
        ("letters", WordKind::Letters),
        ("word", WordKind::Word),
    ];

    pub(super) fn from_code(code: u64) -> Option<WordKind> {
        WordKind::ALL.get(usize::try_from(code).ok()?).map(|(_, kind)| *kind)
    }
}
