//! Compiles the tables of `kb/` into the one file. The same tables give the same bytes.
//!
//! Tables that come whole from registry packages are written by `kb/sources/extract.py`; the others are kept by hand.
//! Every mistake names its file and line.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::KnowledgeError;
use super::content::Content;
use super::record::{Class, Country, CountryId, EntityId, NOWHERE, Name, NameKind, Record, RegionRow, WordKind};
use super::tables::{Row, Table};
use crate::item::EntityType;
use crate::prepare::enrich::matcher::fold;

/// Builds the file from the tables in `dir`.
pub fn build(dir: &Path) -> Result<Vec<u8>, KnowledgeError> {
    content(dir)?.encode()
}

/// The tables in `dir`, compiled.
pub fn content(dir: &Path) -> Result<Content, KnowledgeError> {
    let mut builder = Builder::default();
    builder.words(dir)?;
    builder.regions(dir)?;
    builder.countries(dir)?;
    builder.desk_members(dir)?;
    builder.country_names(dir)?;
    builder.subdivisions(dir)?;
    builder.areas(dir)?;
    builder.seats(dir)?;
    builder.people(dir)?;
    builder.organisations(dir)?;
    builder.politicians(dir)?;
    builder.bodies(dir)?;
    builder.cities(dir)?;
    builder.towns(dir)?;
    builder.counties(dir)?;
    builder.short_names();
    builder.points(dir)?;
    Ok(builder.content)
}

#[derive(Default)]
struct Builder {
    content: Content,
    country_of: HashMap<String, CountryId>,
    /// GeoNames' code of a subdivision, `US.CA`, to its index.
    subdivision_of: HashMap<String, u16>,
    desk_of: HashMap<String, u8>,
    /// Folded names that a city's name in some other language must not take.
    taken: HashSet<String>,
    /// Words that make no name by themselves: compass points, kinds of divisions.
    generic: HashSet<String>,
}

impl Builder {
    fn regions(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "m49.tsv", &["code", "name", "wikidata", "level"])?;
        for row in table.rows() {
            let row = row?;
            self.content.m49.push(RegionRow { code: row.get("code").into(), name: row.get("name").into(), size: 0 });
        }
        let table = Table::read(dir, "desk-regions.tsv", DESK_COLUMNS)?;
        for row in table.rows() {
            let row = row?;
            let at = self.content.desks.len();
            let index = u8::try_from(at).map_err(|_| row.error("more than 256 desk regions".to_owned()))?;
            if self.desk_of.insert(row.get("code").to_owned(), index).is_some() {
                return Err(row.error(format!("desk region {} stands here twice", row.get("code"))));
            }
            let size = row.get("countries").split_whitespace().count() as u16;
            self.content.desks.push(RegionRow { code: row.get("code").into(), name: row.get("name").into(), size });
        }
        Ok(())
    }

    fn countries(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns =
            &["iso2", "iso3", "m49", "name", "wikidata", "geonames", "lat", "lon", "population", "capital", "regions"];
        let table = Table::read(dir, "countries.tsv", columns)?;
        let codes: HashMap<String, u8> =
            self.content.m49.iter().enumerate().map(|(at, row)| (row.code.to_string(), at as u8)).collect();
        for row in table.rows() {
            let row = row?;
            let id = self.content.countries.len() as CountryId;
            let mut m49 = Vec::new();
            for code in row.get("regions").split_whitespace() {
                let at = codes.get(code).ok_or_else(|| row.error(format!("no M49 region {code}")))?;
                self.content.m49[usize::from(*at)].size += 1;
                m49.push(*at);
            }
            let entity = self.entity(&row, Class::Country, EntityType::Place, id, NOWHERE, row.get("iso2"))?;
            self.country_of.insert(row.get("iso2").to_owned(), id);
            self.content.countries.push(Country {
                iso2: row.get("iso2").into(),
                iso3: row.get("iso3").into(),
                entity,
                m49: m49.into(),
                desks: Box::default(),
            });
        }
        Ok(())
    }

    fn desk_members(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "desk-regions.tsv", DESK_COLUMNS)?;
        let mut members: BTreeMap<CountryId, Vec<u8>> = BTreeMap::new();
        for row in table.rows() {
            let row = row?;
            let desk = self.desk_of[row.get("code")];
            for iso2 in row.get("countries").split_whitespace() {
                members.entry(self.country(&row, iso2)?).or_default().push(desk);
            }
            let id = self.entity(&row, Class::Region, EntityType::Place, NOWHERE, NOWHERE, row.get("code"))?;
            self.content.entities[id as usize].desks = Box::new([desk]);
            for name in row.list("names") {
                self.name(name, id, NameKind::Full);
            }
        }
        for (country, mut desks) in members {
            desks.sort_unstable();
            self.content.countries[usize::from(country)].desks = desks.into();
        }
        Ok(())
    }

    fn country_names(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "country-names.tsv", &["iso2", "kind", "names"])?;
        for row in table.rows() {
            let row = row?;
            let country = self.country(&row, row.get("iso2"))?;
            let entity = self.content.countries[usize::from(country)].entity;
            let kind = match row.get("kind") {
                "name" => NameKind::Full,
                "demonym" => NameKind::Demonym,
                "former" | "former-demonym" => NameKind::Former,
                other => return Err(row.error(format!("kind \"{other}\" is none of name, demonym, former"))),
            };
            for name in row.list("names") {
                self.name(name, entity, kind);
            }
        }
        let table = Table::read(dir, "country-names-cldr.tsv", &["iso2", "language", "name"])?;
        for row in table.rows() {
            let row = row?;
            let country = self.country(&row, row.get("iso2"))?;
            let entity = self.content.countries[usize::from(country)].entity;
            if row.get("language") != "en" && !self.taken.contains(&fold(row.get("name"))) {
                self.content.names.push(Name { text: row.get("name").into(), entity, kind: NameKind::Foreign });
            }
        }
        Ok(())
    }

    fn subdivisions(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns = &["iso", "geonames_code", "geonames", "name", "lat", "lon", "population", "names"];
        let table = Table::read(dir, "subdivisions.tsv", columns)?;
        let mut by_iso = HashMap::new();
        let mut foreign = Vec::new();
        for row in table.rows() {
            let row = row?;
            let at = self.content.subdivisions.len();
            let index = u16::try_from(at).map_err(|_| row.error("more than 65,535 subdivisions".to_owned()))?;
            let country = self.country(&row, &row.get("iso")[..2])?;
            let id = self.entity(&row, Class::Subdivision, EntityType::Place, country, index, row.get("iso"))?;
            self.content.subdivisions.push(id);
            self.subdivision_of.insert(row.get("geonames_code").to_owned(), index);
            by_iso.insert(row.get("iso").to_owned(), id);
            let name = row.get("name").strip_prefix("State of ").unwrap_or(row.get("name"));
            self.content.entities[id as usize].name = name.into();
            self.name(name, id, NameKind::Full);
            foreign.extend(row.list("names").map(|name| (name.to_owned(), id)));
        }
        let table = Table::read(dir, "subdivision-names.tsv", &["iso", "wikidata", "abbreviations", "names"])?;
        for row in table.rows() {
            let row = row?;
            let id = *by_iso.get(row.get("iso")).ok_or_else(|| row.error("no such subdivision".to_owned()))?;
            self.content.entities[id as usize].wikidata = row.wikidata()?;
            row.list("abbreviations").for_each(|name| self.name(name, id, NameKind::Abbreviation));
            row.list("names").for_each(|name| self.name(name, id, NameKind::Full));
        }
        self.foreign_names(foreign);
        Ok(())
    }

    fn cities(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns = &["geonames", "name", "country", "admin1", "lat", "lon", "population", "role", "names"];
        let table = Table::read(dir, "cities.tsv", columns)?;
        let mut by_id = HashMap::new();
        let mut foreign = Vec::new();
        for row in table.rows() {
            let row = row?;
            let id = self.city(&row, row.get("role"))?;
            by_id.insert(row.get("geonames").to_owned(), id);
            foreign.extend(row.list("names").map(|name| (name.to_owned(), id)));
        }
        let table = Table::read(dir, "city-names.tsv", &["geonames", "name", "names"])?;
        for row in table.rows() {
            let row = row?;
            let id = *by_id.get(row.get("geonames")).ok_or_else(|| row.error("no such city".to_owned()))?;
            self.content.entities[id as usize].name = row.get("name").into();
            self.name(row.get("name"), id, NameKind::Full);
            row.list("names").for_each(|name| self.name(name, id, NameKind::Full));
        }
        self.foreign_names(foreign);
        Ok(())
    }

    /// Small places of the countries whose local news are in English.
    fn towns(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table =
            Table::read(dir, "towns.tsv", &["geonames", "name", "country", "admin1", "lat", "lon", "population"])?;
        for row in table.rows() {
            self.city(&row?, "")?;
        }
        Ok(())
    }

    /// Names as news have them: `Hunan` for `Hunan Province`, `Ludwigshafen` for `Ludwigshafen am Rhein`; unless the short name is
    /// another's, or a word.
    fn short_names(&mut self) {
        let mut short = Vec::new();
        for (id, record) in self.content.entities.iter().enumerate() {
            let name = match record.class {
                Class::Subdivision => without_kind(&record.name),
                Class::City if record.population >= SHORT_CITY_POPULATION => without_river(&record.name),
                _ => None,
            };
            short.extend(name.map(|name| (name.to_owned(), id as EntityId)));
        }
        short.retain(|(name, _)| !self.taken.contains(&fold(name)) && !self.is_generic(name));
        for (name, id) in short {
            self.name(&name, id, NameKind::Full);
        }
    }

    /// Second-level units that news name without more; `Essex County` speaks for its state as a town does.
    fn counties(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns = &["geonames", "name", "country", "admin1", "lat", "lon", "population", "names"];
        let table = Table::read(dir, "counties.tsv", columns)?;
        for row in table.rows() {
            let row = row?;
            let id = self.city(&row, "county")?;
            row.list("names").for_each(|name| self.name(name, id, NameKind::Full));
        }
        Ok(())
    }

    /// GeoNames' own points of countries and first-level units, where the sources have only computed ones.
    fn points(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "points.tsv", &["code", "lat", "lon"])?;
        for row in table.rows() {
            let row = row?;
            let code = row.get("code");
            let entity = match self.country_of.get(code) {
                Some(country) => Some(self.content.countries[usize::from(*country)].entity),
                None => {
                    let entities = &self.content.entities;
                    self.content.subdivisions.iter().copied().find(|id| &*entities[*id as usize].detail == code)
                }
            };
            let entity = entity.ok_or_else(|| row.error(format!("no country or subdivision {code}")))?;
            let record = &mut self.content.entities[entity as usize];
            record.lat = row.number("lat")?.unwrap_or(record.lat);
            record.lon = row.number("lon")?.unwrap_or(record.lon);
        }
        Ok(())
    }

    /// Names in other languages, unless another entity is called so or the name is too short to tell anything.
    fn foreign_names(&mut self, names: Vec<(String, EntityId)>) {
        for (text, entity) in names {
            let folded = fold(&text);
            let long_enough = folded.chars().count() > 3 || !folded.is_ascii();
            if long_enough && !self.taken.contains(&folded) && !self.is_generic(&text) {
                self.content.names.push(Name { text: text.into(), entity, kind: NameKind::Foreign });
            }
        }
    }

    fn areas(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table =
            Table::read(dir, "areas.tsv", &["wikidata", "name", "kind", "country", "desk", "names", "lat", "lon"])?;
        for row in table.rows() {
            let row = row?;
            let class = match row.get("kind") {
                "water" => Class::Water,
                "area" => Class::Area,
                other => return Err(row.error(format!("kind \"{other}\" is neither area nor water"))),
            };
            let country = self.optional_country(&row)?;
            let id = self.entity(&row, class, EntityType::Place, country, NOWHERE, row.get("kind"))?;
            let mut desks = Vec::new();
            for code in row.get("desk").split_whitespace() {
                let desk = self.desk_of.get(code);
                desks.push(*desk.ok_or_else(|| row.error(format!("no desk region {code}")))?);
            }
            self.content.entities[id as usize].desks = desks.into();
            self.name(row.get("name"), id, NameKind::Full);
            row.list("names").for_each(|name| self.name(name, id, NameKind::Full));
        }
        Ok(())
    }

    fn seats(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "seats.tsv", &["wikidata", "name", "country", "type", "names"])?;
        for row in table.rows() {
            let row = row?;
            let entity_type = match row.get("type") {
                "organisation" => EntityType::Organisation,
                "place" => EntityType::Place,
                other => return Err(row.error(format!("type \"{other}\" is neither organisation nor place"))),
            };
            self.bearer(&row, Class::Seat, entity_type, "")?;
        }
        Ok(())
    }

    fn people(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns = &["wikidata", "name", "country", "role", "names", "alone", "short"];
        let table = Table::read(dir, "people.tsv", columns)?;
        for row in table.rows() {
            let row = row?;
            let id = self.bearer(&row, Class::Person, EntityType::Person, row.get("role"))?;
            row.list("alone").for_each(|name| self.name(name, id, NameKind::Alone));
            row.list("short").for_each(|name| self.name(name, id, NameKind::Short));
        }
        Ok(())
    }

    fn organisations(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "organisations.tsv", &["wikidata", "name", "country", "kind", "names"])?;
        for row in table.rows() {
            let row = row?;
            self.body(&row)?;
        }
        Ok(())
    }

    fn body(&mut self, row: &Row<'_>) -> Result<(), KnowledgeError> {
        let id = self.bearer(row, Class::Organisation, EntityType::Organisation, row.get("kind"))?;
        // `Labour party`, as many houses write it.
        if let Some(party) = row.get("name").strip_suffix(" Party").filter(|_| row.get("kind") == "party") {
            self.name(&format!("{party} party"), id, NameKind::Full);
        }
        Ok(())
    }

    /// Holders of high office, drawn from the sources: a surname counts after the full name only.
    fn politicians(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let columns = &["wikidata", "name", "country", "role", "names", "short", "note"];
        let table = Table::read(dir, "politicians.tsv", columns)?;
        for row in table.rows() {
            let row = row?;
            let id = self.bearer(&row, Class::Person, EntityType::Person, row.get("role"))?;
            row.list("short").for_each(|name| self.name(name, id, NameKind::Short));
        }
        Ok(())
    }

    /// Companies, parties, universities, clubs, drawn from the sources.
    fn bodies(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "bodies.tsv", &["wikidata", "name", "country", "kind", "names", "note"])?;
        for row in table.rows() {
            let row = row?;
            self.body(&row)?;
        }
        Ok(())
    }

    fn words(&mut self, dir: &Path) -> Result<(), KnowledgeError> {
        let table = Table::read(dir, "words.tsv", &["kind", "word"])?;
        for row in table.rows() {
            let row = row?;
            if row.get("kind") == "generic" {
                self.generic.insert(fold(row.get("word")));
                continue;
            }
            let kind = WordKind::ALL.iter().find(|(name, _)| *name == row.get("kind")).map(|(_, kind)| *kind);
            let kind = kind.ok_or_else(|| row.error(format!("no kind of words \"{}\"", row.get("kind"))))?;
            if names_nothing(kind) {
                self.taken.insert(fold(row.get("word")));
            }
            self.content.words.push((row.get("word").into(), kind));
        }
        self.word_list(dir, "never-names.txt", WordKind::Never)?;
        self.word_list(dir, "common-names.txt", WordKind::Common)?;
        self.word_list(dir, "given-names.txt", WordKind::Given)?;
        self.word_list(dir, "given-names-counted.txt", WordKind::Given)?;
        self.word_list(dir, "surnames.txt", WordKind::Surname)?;
        self.word_list(dir, "english-words.txt", WordKind::Word)
    }

    fn word_list(&mut self, dir: &Path, file: &str, kind: WordKind) -> Result<(), KnowledgeError> {
        let path = dir.join(file);
        let text = std::fs::read_to_string(&path).map_err(|source| KnowledgeError::Read { path, source })?;
        for word in text.lines().map(str::trim).filter(|word| !word.is_empty()) {
            if names_nothing(kind) {
                self.taken.insert(fold(word));
            }
            self.content.words.push((word.into(), kind));
        }
        Ok(())
    }

    fn country(&self, row: &Row<'_>, iso2: &str) -> Result<CountryId, KnowledgeError> {
        self.country_of.get(iso2).copied().ok_or_else(|| row.error(format!("no country \"{iso2}\"")))
    }

    fn optional_country(&self, row: &Row<'_>) -> Result<CountryId, KnowledgeError> {
        match row.get("country") {
            "" => Ok(NOWHERE),
            iso2 => self.country(row, iso2),
        }
    }

    /// An entity that is of a country and of no place in it, with its columns `name` and `names`.
    fn bearer(
        &mut self,
        row: &Row<'_>,
        class: Class,
        entity_type: EntityType,
        detail: &str,
    ) -> Result<EntityId, KnowledgeError> {
        let country = self.optional_country(row)?;
        let id = self.entity(row, class, entity_type, country, NOWHERE, detail)?;
        self.name(row.get("name"), id, NameKind::Full);
        row.list("names").for_each(|name| self.name(name, id, NameKind::Full));
        Ok(id)
    }

    /// An entity of a table of cities, towns or counties, under its name.
    fn city(&mut self, row: &Row<'_>, detail: &str) -> Result<EntityId, KnowledgeError> {
        let country = self.country(row, row.get("country"))?;
        let code = format!("{}.{}", row.get("country"), row.get("admin1"));
        let subdivision = self.subdivision_of.get(&code).copied().unwrap_or(NOWHERE);
        let id = self.entity(row, Class::City, EntityType::Place, country, subdivision, detail)?;
        self.name(row.get("name"), id, NameKind::Full);
        Ok(id)
    }

    fn entity(
        &mut self,
        row: &Row<'_>,
        class: Class,
        entity_type: EntityType,
        country: CountryId,
        subdivision: u16,
        detail: &str,
    ) -> Result<EntityId, KnowledgeError> {
        let id = self.content.entities.len() as EntityId;
        let lat = row.number("lat")?.unwrap_or(f32::NAN);
        self.content.entities.push(Record {
            class,
            entity_type,
            name: row.get("name").into(),
            wikidata: row.wikidata()?,
            geonames: row.number("geonames")?.unwrap_or_default(),
            own_uri: Box::default(),
            country,
            subdivision,
            lat,
            lon: row.number("lon")?.unwrap_or(f32::NAN),
            population: row.number("population")?.unwrap_or_default(),
            detail: detail.into(),
            note: row.get("note").into(),
            desks: Box::default(),
        });
        Ok(id)
    }

    /// `Far North`, `Central District`: no name without what it is a part of.
    fn is_generic(&self, text: &str) -> bool {
        text.split([' ', '-']).all(|word| self.generic.contains(&fold(word)))
    }

    /// A name of the entity's own language; one in capitals only counts in capitals.
    fn name(&mut self, text: &str, entity: EntityId, kind: NameKind) {
        let short = text.chars().filter(|c| c.is_alphabetic()).count() <= 6;
        let capitals = short && text.chars().all(|c| !c.is_lowercase()) && text.chars().any(char::is_uppercase);
        let kind = if capitals && kind == NameKind::Full { NameKind::Acronym } else { kind };
        let class = self.content.entities[entity as usize].class;
        if matches!(class, Class::City | Class::Subdivision) && self.is_generic(text) {
            return;
        }
        if kind != NameKind::Short {
            self.taken.insert(fold(text));
        }
        self.content.names.push(Name { text: text.into(), entity, kind });
    }
}

/// Whether a city's name in some other language must not be read into such a word.
fn names_nothing(kind: WordKind) -> bool {
    !matches!(kind, WordKind::Surname | WordKind::Word)
}

/// Cities from this size on have a name without the river that they lie at.
const SHORT_CITY_POPULATION: u32 = 50_000;

/// A subdivision's name without what kind of one it is.
fn without_kind(name: &str) -> Option<&str> {
    const BEFORE: [&str; 5] = ["Province of ", "Region of ", "Autonomous Region of ", "Department of ", "Republic of "];
    const AFTER: [&str; 14] = [
        " Autonomous Region",
        " Governorate",
        " Municipality",
        " Prefecture",
        " Department",
        " Voivodeship",
        " Province",
        " District",
        " Oblast",
        " Region",
        " County",
        " State",
        " Krai",
        " Division",
    ];
    let before = BEFORE.iter().find_map(|kind| name.strip_prefix(kind));
    before.or_else(|| AFTER.iter().find_map(|kind| name.strip_suffix(kind)))
}

/// A city's name without the river or the region that tells it from others.
fn without_river(name: &str) -> Option<&str> {
    const AT: [&str; 6] = [" am ", " an der ", " im ", " bei ", " upon ", " ob der "];
    AT.iter().find_map(|at| name.split_once(at)).map(|(city, _)| city)
}

const DESK_COLUMNS: &[&str] = &["code", "name", "wikidata", "countries", "names"];
