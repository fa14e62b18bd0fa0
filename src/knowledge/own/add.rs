//! Rows into a base: new entities, and further names of those that it has.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{DEFAULT_WEIGHT, Id, OWN_DETAIL, OwnRow, OwnTable, error, read};
use crate::item::EntityType;
use crate::knowledge::content::Content;
use crate::knowledge::index::Index;
use crate::knowledge::record::{Class, EntityId, NOWHERE, Name, NameKind, Record, WordKind};
use crate::knowledge::{KnowledgeBase, KnowledgeError};
use crate::prepare::enrich::matcher::{Case, tokenize};

impl KnowledgeBase {
    /// This base with the rows of a user's tables beside its own; itself when there are none. The version tells that it is another one:
    /// the same tables give the same version.
    ///
    /// # Errors
    /// The first mistake in a table, with its line; a country that is not known is one: a typing mistake would be silent otherwise.
    pub fn with_tables(self: Arc<Self>, tables: &[PathBuf]) -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        if tables.is_empty() {
            return Ok(self);
        }
        let tables = tables.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        self.with_own(&tables).map(Arc::new)
    }

    /// [`Self::with_tables`] with tables that are read already.
    ///
    /// # Errors
    /// As there.
    pub fn with_own(&self, tables: &[OwnTable]) -> Result<KnowledgeBase, KnowledgeError> {
        let mut adder = Adder::new(self);
        let mut hash = blake3::Hasher::new();
        for table in tables {
            for (line, row) in &table.rows {
                adder.add(row).map_err(|message| error(&table.file, *line, message))?;
                hash.update(&serde_json::to_vec(row).unwrap_or_default());
            }
        }
        let index = Index::build(&adder.content, &adder.first);
        let own = &hash.finalize().to_hex()[..8];
        Ok(KnowledgeBase { version: format!("{}+{own}", self.version), content: adder.content, index })
    }
}

struct Adder<'a> {
    kb: &'a KnowledgeBase,
    content: Content,
    known: HashMap<Id, EntityId>,
    /// Entities that stand before their namesakes.
    first: Vec<EntityId>,
}

impl<'a> Adder<'a> {
    fn new(kb: &'a KnowledgeBase) -> Adder<'a> {
        let content = kb.content.clone();
        let mut known = HashMap::new();
        for (at, record) in content.entities.iter().enumerate() {
            for id in ids(record) {
                known.entry(id).or_insert(at as EntityId);
            }
        }
        Adder { kb, content, known, first: Vec::new() }
    }

    fn add(&mut self, row: &OwnRow) -> Result<(), String> {
        let country = match row.country.as_str() {
            "" => NOWHERE,
            code => self.kb.country_id(code).ok_or_else(|| {
                format!("country: no country \"{code}\"; expected an ISO 3166-1 alpha-2 code such as GB")
            })?,
        };
        // A row that is wrong in itself was refused when it was read.
        let id = Id::parse(&row.id).unwrap_or(Id::None);
        let known = match id {
            Id::None => self.namesake(row, country),
            _ => self.known.get(&id).copied(),
        };
        let entity = known.unwrap_or_else(|| {
            let entity = self.content.entities.len() as EntityId;
            self.content.entities.push(record(row, &id, country));
            if id != Id::None {
                self.known.insert(id, entity);
            }
            entity
        });
        if row.entity_type != EntityType::Place && row.weight.is_some_and(|weight| weight > DEFAULT_WEIGHT) {
            self.first.push(entity);
        }
        for name in row.names.iter().filter(|n| !n.trim().is_empty()) {
            self.content.names.push(Name { text: name.as_str().into(), entity, kind: kind(name) });
            if row.entity_type == EntityType::Person
                && let Some(surname) = self.surname(name)
            {
                self.content.names.push(Name { text: surname.into(), entity, kind: NameKind::Short });
            }
        }
        Ok(())
    }

    /// What a person is called after the full name: its last word, unless that is a word of the language too.
    fn surname<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (_, last) = name.trim().rsplit_once(' ')?;
        let mut words = Vec::new();
        tokenize(last, &mut words);
        let [word] = words[..] else { return None };
        let other =
            [WordKind::Word, WordKind::Common, WordKind::Never, WordKind::Given, WordKind::Title, WordKind::Opener];
        let says =
            word.case == Case::Title && word.len() > 2 && !other.iter().any(|kind| self.kb.word_is(&word, *kind));
        says.then_some(last)
    }

    /// The base's only person or body of the row's type that has one of its names in full.
    fn namesake(&self, row: &OwnRow, country: u16) -> Option<EntityId> {
        let fits = |(entity, kind): &(EntityId, NameKind)| {
            let record = self.kb.entity(*entity);
            let whole = matches!(kind, NameKind::Full | NameKind::Foreign | NameKind::Alone);
            whole
                && record.entity_type == row.entity_type
                && matches!(record.class, Class::Person | Class::Organisation)
        };
        let mut all: Vec<EntityId> = Vec::new();
        for name in &row.names {
            all.extend(self.kb.by_name(name).iter().filter(|found| fits(found)).map(|(entity, _)| *entity));
        }
        all.sort_unstable();
        all.dedup();
        let [only] = all[..] else { return None };
        let its = self.kb.entity(only).country;
        (country == NOWHERE || its == NOWHERE || its == country).then_some(only)
    }
}

/// The ids that a record has.
fn ids(record: &Record) -> impl Iterator<Item = Id> {
    let wikidata = (record.wikidata != 0).then_some(Id::Wikidata(record.wikidata));
    let geonames = (record.geonames != 0).then_some(Id::Geonames(record.geonames));
    let uri = (!record.own_uri.is_empty()).then(|| Id::Uri(record.own_uri.to_string()));
    wikidata.into_iter().chain(geonames).chain(uri)
}

fn record(row: &OwnRow, id: &Id, country: u16) -> Record {
    let class = match row.entity_type {
        EntityType::Person => Class::Person,
        EntityType::Organisation | EntityType::Event => Class::Organisation,
        EntityType::Place => Class::City,
    };
    let weight = row.weight.unwrap_or(DEFAULT_WEIGHT);
    let population = if row.entity_type == EntityType::Place { 10f32.powf(3.0 + 4.0 * weight) as u32 } else { 0 };
    Record {
        class,
        entity_type: row.entity_type,
        name: row.names.iter().find(|n| !n.trim().is_empty()).map(String::as_str).unwrap_or_default().into(),
        wikidata: if let Id::Wikidata(item) = id { *item } else { 0 },
        geonames: if let Id::Geonames(place) = id { *place } else { 0 },
        own_uri: if let Id::Uri(uri) = id { uri.as_str().into() } else { Box::default() },
        country,
        subdivision: NOWHERE,
        lat: row.lat.unwrap_or(f32::NAN),
        lon: row.lon.unwrap_or(f32::NAN),
        population,
        detail: OWN_DETAIL.into(),
        note: Box::default(),
        desks: Box::default(),
    }
}

/// Capitals without a small letter only count in capitals.
fn kind(name: &str) -> NameKind {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = letters <= 6 && !name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase);
    if capitals { NameKind::Acronym } else { NameKind::Full }
}
