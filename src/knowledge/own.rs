//! Tables of a user's own: names that a desk wants to be known, beside what the base holds.
//!
//! CSV with a header line, or JSON Lines; one entity a row:
//!
//! | column | |
//! | --- | --- |
//! | `id` | Wikidata item (`Q794`), GeoNames number (`geonames:112931`), or empty: known by name only |
//! | `type` | `person`, `organisation`, `place`, `event` |
//! | `names` | the first is the entity's own, the others are other spellings; in CSV with bars between them |
//! | `country` | ISO 3166-1 alpha-2, or empty |
//! | `weight` | 0 to 1, how often the name means this one: 1 for a city of ten million; default 0.5 |
//! | `lat`, `lon` | degrees; may be left out, in CSV with their columns |
//!
//! An entity that the base has already (the same id) gets the names as further ones.

use std::io::BufRead;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use super::content::Content;
use super::record::{Class, EntityId, NOWHERE, Name, NameKind, Record};
use crate::item::EntityType;

/// No more rows than this in one table: what is larger is to be built into a base.
pub const MAX_ROWS: usize = 200_000;
/// Longest row, in bytes.
const MAX_ROW_BYTES: usize = 1 << 20;
const DEFAULT_WEIGHT: f32 = 0.5;

/// One entity of a user's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRow {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(rename = "type")]
    pub entity_type: EntityType,
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f32>,
}

/// Reads a table; `.csv` is CSV, anything else JSON Lines.
pub fn read(path: &Path) -> Result<Vec<OwnRow>, KnowledgeError> {
    let open = || std::fs::File::open(path).map_err(|source| KnowledgeError::Read { path: path.to_owned(), source });
    let file = path.display().to_string();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        return read_csv(&file, open()?);
    }
    read_json_lines(&file, std::io::BufReader::new(open()?))
}

fn error(file: &str, line: usize, message: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Table { file: file.to_owned(), line, message: message.into() }
}

fn read_json_lines(file: &str, mut input: impl BufRead) -> Result<Vec<OwnRow>, KnowledgeError> {
    let mut rows = Vec::new();
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = std::io::Read::take(&mut input, MAX_ROW_BYTES as u64).read_line(&mut line);
        match read {
            Ok(0) => break,
            Ok(MAX_ROW_BYTES) => return Err(error(file, number, "longer than a megabyte")),
            Ok(_) if line.trim().is_empty() => continue,
            Ok(_) => {}
            Err(source) => return Err(error(file, number, source.to_string())),
        }
        let row: OwnRow = serde_json::from_str(&line).map_err(|e| error(file, number, e.to_string()))?;
        check(&row, file, number, rows.len())?;
        rows.push(row);
    }
    Ok(rows)
}

fn read_csv(file: &str, input: impl std::io::Read) -> Result<Vec<OwnRow>, KnowledgeError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let headers = reader.headers().map_err(|e| error(file, 1, e.to_string()))?.clone();
    if let Some(odd) = headers.iter().find(|h| !COLUMNS.contains(h)) {
        return Err(error(file, 1, format!("unknown column \"{odd}\"; known are {}", COLUMNS.join(", "))));
    }
    for needed in ["type", "names"] {
        if !headers.iter().any(|h| h == needed) {
            return Err(error(file, 1, format!("there is no column \"{needed}\"")));
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, |p| p.line() as usize);
            error(file, line, e.to_string())
        })?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let field =
            |name: &str| headers.iter().position(|h| h == name).and_then(|at| record.get(at)).unwrap_or_default();
        let number = |name: &str| match field(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| error(file, line, format!("{name}: \"{text}\" is no number"))),
        };
        let row = OwnRow {
            id: field("id").to_owned(),
            entity_type: entity_type(field("type")).ok_or_else(|| {
                error(file, line, format!("type: \"{}\" is none of person, organisation, place, event", field("type")))
            })?,
            names: field("names").split('|').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect(),
            country: field("country").to_owned(),
            weight: number("weight")?,
            lat: number("lat")?,
            lon: number("lon")?,
        };
        check(&row, file, line, rows.len())?;
        rows.push(row);
    }
    Ok(rows)
}

const COLUMNS: [&str; 7] = ["id", "type", "names", "country", "weight", "lat", "lon"];

fn entity_type(name: &str) -> Option<EntityType> {
    Some(match name {
        "person" => EntityType::Person,
        "organisation" | "organization" => EntityType::Organisation,
        "place" => EntityType::Place,
        "event" => EntityType::Event,
        _ => return None,
    })
}

fn check(row: &OwnRow, file: &str, line: usize, rows: usize) -> Result<(), KnowledgeError> {
    if rows >= MAX_ROWS {
        return Err(error(file, line, format!("more than {MAX_ROWS} rows: build them into a base instead")));
    }
    if row.names.iter().all(|n| n.trim().is_empty()) {
        return Err(error(file, line, "a row without a name"));
    }
    if row.weight.is_some_and(|w| !(0.0..=1.0).contains(&w)) {
        return Err(error(file, line, "weight: not between 0 and 1"));
    }
    if row.lat.is_some_and(|d| !(-90.0..=90.0).contains(&d)) || row.lon.is_some_and(|d| !(-180.0..=180.0).contains(&d))
    {
        return Err(error(file, line, "lat, lon: not on this earth"));
    }
    ids(&row.id)
        .map(|_| ())
        .ok_or_else(|| error(file, line, format!("id: \"{}\" is neither Q794 nor geonames:112931", row.id)))
}

/// Wikidata item and GeoNames number of an id.
fn ids(id: &str) -> Option<(u32, u32)> {
    let id =
        id.trim_start_matches("http://www.wikidata.org/entity/").trim_start_matches("https://www.wikidata.org/entity/");
    if id.is_empty() {
        return Some((0, 0));
    }
    if let Some(item) = id.strip_prefix('Q') {
        return Some((item.parse().ok().filter(|n| *n != 0)?, 0));
    }
    let number = id.strip_prefix("geonames:").or_else(|| id.strip_prefix("https://sws.geonames.org/"))?;
    Some((0, number.trim_end_matches('/').parse().ok().filter(|n| *n != 0)?))
}

impl Content {
    /// Adds a user's rows. A country that is not known is an error: a typing mistake would be silent otherwise.
    pub fn add_own(&mut self, file: &str, rows: &[OwnRow]) -> Result<(), KnowledgeError> {
        let mut known: std::collections::HashMap<(u32, u32), EntityId> = std::collections::HashMap::new();
        for (at, record) in self.entities.iter().enumerate() {
            if record.wikidata != 0 {
                known.entry((record.wikidata, 0)).or_insert(at as EntityId);
            }
            if record.geonames != 0 {
                known.entry((0, record.geonames)).or_insert(at as EntityId);
            }
        }
        for (at, row) in rows.iter().enumerate() {
            let (wikidata, geonames) = ids(&row.id).unwrap_or_default();
            let country = match row.country.as_str() {
                "" => NOWHERE,
                code => match self.countries.iter().position(|c| &*c.iso2 == code) {
                    Some(country) => country as u16,
                    None => return Err(error(file, at + 1, format!("row {}: no country \"{code}\"", at + 1))),
                },
            };
            let id =
                known.get(&(wikidata, geonames)).copied().filter(|_| wikidata + geonames != 0).unwrap_or_else(|| {
                    let id = self.entities.len() as EntityId;
                    self.entities.push(record(row, wikidata, geonames, country));
                    id
                });
            for name in row.names.iter().filter(|n| !n.trim().is_empty()) {
                self.names.push(Name { text: name.as_str().into(), entity: id, kind: kind(name) });
            }
        }
        Ok(())
    }
}

fn record(row: &OwnRow, wikidata: u32, geonames: u32, country: u16) -> Record {
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
        name: row.names.first().map(String::as_str).unwrap_or_default().into(),
        wikidata,
        geonames,
        country,
        subdivision: NOWHERE,
        lat: row.lat.unwrap_or(f32::NAN),
        lon: row.lon.unwrap_or(f32::NAN),
        population,
        detail: "own".into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::KnowledgeBase;

    const CSV: &str = "id,type,names,country,weight\n\
        Q7747,person,Volodya of the Neva,RU,\n\
        ,organisation,\"Halden Marine|Halden, Marine & Co|HMC\",NO,0.9\n\
        geonames:999999999,place,Nystadvik,NO,0.2\n";

    #[test]
    fn csv_and_json_lines_say_the_same() {
        let rows = read_csv("own.csv", CSV.as_bytes()).unwrap();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1].names, ["Halden Marine", "Halden, Marine & Co", "HMC"]);
        let lines: String = rows.iter().map(|r| serde_json::to_string(r).unwrap() + "\n").collect();
        assert_eq!(read_json_lines("own.jsonl", lines.as_bytes()).unwrap(), rows);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let message = |csv: &str| read_csv("own.csv", csv.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            message("type,names,colour\n"),
            "own.csv:1: unknown column \"colour\"; known are id, type, names, country, weight, lat, lon"
        );
        assert!(message("id,type\n").contains("no column \"names\""));
        assert!(message("type,names\nperson,A B\nship,C D\n").starts_with("own.csv:3: type: \"ship\""));
        assert!(message("type,names\nperson,\n").contains("without a name"));
        assert!(message("type,names,weight\nperson,A,2\n").contains("between 0 and 1"));
        assert!(message("type,names,id\nperson,A,17\n").contains("\"17\" is neither"));
        let json = read_json_lines("own.jsonl", &b"{\"type\":\"person\",\"names\":[\"A\"]}\n{\"type\":1}\n"[..]);
        assert!(json.unwrap_err().to_string().starts_with("own.jsonl:2:"));
    }

    #[test]
    fn rows_add_names_and_entities_to_a_base() {
        let rows = read_csv("own.csv", CSV.as_bytes()).unwrap();
        let kb = KnowledgeBase::embedded().unwrap().with_own("own.csv", &rows).unwrap();
        let putin = kb.by_uri("http://www.wikidata.org/entity/Q7747").unwrap();
        assert_eq!(kb.by_name("Volodya of the Neva"), [(putin, NameKind::Full)]);
        assert_eq!(kb.by_name("HMC").last().map(|(_, kind)| *kind), Some(NameKind::Acronym));
        assert_ne!(kb.version(), KnowledgeBase::embedded().unwrap().version());
        let odd = [OwnRow { country: "XX".into(), ..rows[0].clone() }];
        assert!(
            KnowledgeBase::embedded()
                .unwrap()
                .with_own("own.csv", &odd)
                .unwrap_err()
                .to_string()
                .contains("no country \"XX\"")
        );
    }
}
