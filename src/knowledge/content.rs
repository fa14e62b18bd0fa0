//! The tables of a knowledge base and their form in the file.

use super::KnowledgeError;
use super::codec::{Reader, Writer};
use super::record::{Class, Country, EntityId, Name, NameKind, Record, RegionRow, WordKind};
use crate::item::EntityType;

/// What a built file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    pub entities: Vec<Record>,
    pub names: Vec<Name>,
    pub countries: Vec<Country>,
    pub subdivisions: Vec<EntityId>,
    pub m49: Vec<RegionRow>,
    pub desks: Vec<RegionRow>,
    pub words: Vec<(Box<str>, WordKind)>,
}

const TYPES: [EntityType; 4] = [EntityType::Person, EntityType::Organisation, EntityType::Place, EntityType::Event];

impl Content {
    /// The file. The same content gives the same bytes.
    pub fn encode(&self) -> Result<Vec<u8>, KnowledgeError> {
        let mut out = Writer::default();
        self.write_regions(&mut out);
        out.number(self.entities.len() as u64);
        for entity in &self.entities {
            write_record(&mut out, entity);
        }
        out.number(self.names.len() as u64);
        for name in &self.names {
            out.text(&name.text);
            out.number(u64::from(name.entity));
            out.number(name.kind as u64);
        }
        out.number(self.words.len() as u64);
        for (word, kind) in &self.words {
            out.text(word);
            out.number(*kind as u64);
        }
        out.finish()
    }

    fn write_regions(&self, out: &mut Writer) {
        for rows in [&self.m49, &self.desks] {
            out.number(rows.len() as u64);
            for row in rows {
                out.text(&row.code);
                out.text(&row.name);
                out.number(u64::from(row.size));
            }
        }
        out.number(self.countries.len() as u64);
        for country in &self.countries {
            out.text(&country.iso2);
            out.text(&country.iso3);
            out.number(u64::from(country.entity));
            out.small(&country.m49);
            out.small(&country.desks);
        }
        out.number(self.subdivisions.len() as u64);
        for entity in &self.subdivisions {
            out.number(u64::from(*entity));
        }
    }

    /// Reads a file; returns the content and its hash.
    pub fn decode(file: &[u8]) -> Result<(Content, String), KnowledgeError> {
        let mut input = Reader::open(file)?;
        let mut content = Content {
            m49: rows(&mut input, read_region)?,
            desks: rows(&mut input, read_region)?,
            countries: rows(&mut input, read_country)?,
            subdivisions: rows(&mut input, Reader::narrow)?,
            entities: rows(&mut input, read_record)?,
            ..Content::default()
        };
        content.names = rows(&mut input, read_name)?;
        content.words = rows(&mut input, read_word)?;
        if !input.is_at_end() {
            return Err(KnowledgeError::Broken("there is more after the last table"));
        }
        content.check()?;
        Ok((content, input.content))
    }

    /// Every index points at something: nothing later needs to look before it reads.
    fn check(&self) -> Result<(), KnowledgeError> {
        let entity = |id: EntityId| (id as usize) < self.entities.len();
        let place = |at: u16, rows: usize| at == super::NOWHERE || usize::from(at) < rows;
        let sound = self.names.iter().all(|n| entity(n.entity))
            && self.subdivisions.iter().all(|e| entity(*e))
            && self
                .countries
                .iter()
                .all(|c| entity(c.entity) && inside(&c.m49, self.m49.len()) && inside(&c.desks, self.desks.len()))
            && self.entities.iter().all(|e| {
                place(e.country, self.countries.len())
                    && place(e.subdivision, self.subdivisions.len())
                    && inside(&e.desks, self.desks.len())
            });
        if sound { Ok(()) } else { Err(KnowledgeError::Broken("a row points at a row that is not there")) }
    }
}

fn inside(indices: &[u8], rows: usize) -> bool {
    indices.iter().all(|at| usize::from(*at) < rows)
}

fn rows<T>(
    input: &mut Reader,
    read: impl Fn(&mut Reader) -> Result<T, KnowledgeError>,
) -> Result<Vec<T>, KnowledgeError> {
    let count: usize = input.narrow()?;
    // The count is data: what it promises is taken step by step.
    let mut out = Vec::with_capacity(count.min(1 << 20));
    for _ in 0..count {
        out.push(read(input)?);
    }
    Ok(out)
}

fn write_record(out: &mut Writer, record: &Record) {
    out.number(record.class as u64);
    out.number(TYPES.iter().position(|t| *t == record.entity_type).unwrap_or_default() as u64);
    out.text(&record.name);
    out.number(u64::from(record.wikidata));
    out.number(u64::from(record.geonames));
    out.number(u64::from(record.country));
    out.number(u64::from(record.subdivision));
    out.float(record.lat);
    out.float(record.lon);
    out.number(u64::from(record.population));
    out.text(&record.detail);
    out.text(&record.note);
    out.small(&record.desks);
}

fn read_record(input: &mut Reader) -> Result<Record, KnowledgeError> {
    let class = Class::from_code(input.number()?).ok_or(KnowledgeError::Broken("an unknown class of entities"))?;
    let entity_type = TYPES.get(input.narrow::<usize>()?).copied();
    Ok(Record {
        class,
        entity_type: entity_type.ok_or(KnowledgeError::Broken("an unknown type of entities"))?,
        name: input.text()?,
        wikidata: input.narrow()?,
        geonames: input.narrow()?,
        own_uri: Box::default(),
        country: input.narrow()?,
        subdivision: input.narrow()?,
        lat: input.float()?,
        lon: input.float()?,
        population: input.narrow()?,
        detail: input.text()?,
        note: input.text()?,
        desks: input.small()?,
    })
}

fn read_name(input: &mut Reader) -> Result<Name, KnowledgeError> {
    let (text, entity) = (input.text()?, input.narrow()?);
    let kind = NameKind::from_code(input.number()?).ok_or(KnowledgeError::Broken("an unknown kind of names"))?;
    Ok(Name { text, entity, kind })
}

fn read_word(input: &mut Reader) -> Result<(Box<str>, WordKind), KnowledgeError> {
    let word = input.text()?;
    let kind = WordKind::from_code(input.number()?).ok_or(KnowledgeError::Broken("an unknown kind of words"))?;
    Ok((word, kind))
}

fn read_region(input: &mut Reader) -> Result<RegionRow, KnowledgeError> {
    Ok(RegionRow { code: input.text()?, name: input.text()?, size: input.narrow()? })
}

fn read_country(input: &mut Reader) -> Result<Country, KnowledgeError> {
    Ok(Country {
        iso2: input.text()?,
        iso3: input.text()?,
        entity: input.narrow()?,
        m49: input.small()?,
        desks: input.small()?,
    })
}
