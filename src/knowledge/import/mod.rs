//! Public dumps to rows of a user's own table ([`super::own`]).
//!
//! Each reader takes its dump as a stream where the format allows it, one entity at a time, and tells what it cannot read with the
//! line. What a dump holds and a table cannot say is left out.

mod geonames;
mod jrc_names;
mod popolo;
mod wikidata;

use std::io::BufRead;

use super::own::{OwnRow, is_id, is_name};
use super::{KnowledgeBase, KnowledgeError};
use crate::item::EntityType;

/// Largest JSON document that is read whole (Popolo, query results), and longest line of the others.
const MAX_BYTES: u64 = 256 << 20;

/// Forms of dumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// SPARQL query results as JSON: `?item`, `?itemLabel`, `?alias`, `?iso2`.
    WikidataResults,
    /// Wikidata's entity dump: a JSON array, one entity a line; or one entity a line without the array.
    WikidataDump,
    /// GeoNames' tab-separated dump (`allCountries.txt`, `cities500.txt`).
    Geonames,
    /// Popolo JSON, as EveryPolitician publishes it.
    Popolo,
    /// JRC-Names: number, type, language and name, tab-separated.
    JrcNames,
}

/// What a dump does not say itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Type of entities whose own is not told.
    pub entity_type: Option<EntityType>,
    /// Country of all entities whose own is not told, ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// Places with fewer people are left out.
    pub min_population: u64,
    /// Languages whose names are taken; empty: all.
    pub languages: &'a [String],
}

impl Options<'_> {
    fn country(&self) -> String {
        self.country.unwrap_or_default().to_owned()
    }

    fn takes(&self, language: &str) -> bool {
        self.languages.is_empty() || self.languages.iter().any(|l| l == language)
    }
}

/// Reads a dump and gives its entities one by one, each as a table takes it: a name that is none, an id of another form and a country
/// that the base does not know are left out, and so is what has no name then.
///
/// # Errors
/// The first line that is not of the format, or what `row` gives.
pub fn read(
    format: Format,
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    kb: &KnowledgeBase,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    let mut row = |mut found: OwnRow| {
        found.names.retain(|name| is_name(name));
        if !is_id(&found.id) {
            found.id.clear();
        }
        if kb.country_id(&found.country).is_none() {
            found.country.clear();
        }
        if found.names.is_empty() { Ok(()) } else { row(found) }
    };
    match format {
        Format::WikidataResults => wikidata::results(file, input, options, &mut row),
        Format::WikidataDump => wikidata::dump(file, input, options, kb, &mut row),
        Format::Geonames => geonames::read(file, input, options, &mut row),
        Format::Popolo => popolo::read(file, input, options, &mut row),
        Format::JrcNames => jrc_names::read(file, input, options, &mut row),
    }
}

fn error(file: &str, line: usize, message: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Table { file: file.to_owned(), line, message: message.into() }
}

/// Calls `each` for every line; one that is longer than the bound is an error.
fn lines(
    file: &str,
    mut input: impl BufRead,
    mut each: impl FnMut(usize, &str) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = std::io::Read::take(&mut input, MAX_BYTES).read_line(&mut line);
        match read.map_err(|e| error(file, number, e.to_string()))? {
            0 => break,
            bytes if bytes as u64 == MAX_BYTES => return Err(error(file, number, "the line is too long")),
            _ => each(number, line.trim_end_matches(['\n', '\r']))?,
        }
    }
    Ok(())
}

/// The whole document.
fn document<T: serde::de::DeserializeOwned>(file: &str, input: impl BufRead) -> Result<T, KnowledgeError> {
    serde_json::from_reader(std::io::Read::take(input, MAX_BYTES))
        .map_err(|e| error(file, e.line().max(1), e.to_string()))
}

/// Adds a name that is not there yet.
fn add(names: &mut Vec<String>, name: &str) {
    let name = name.trim();
    if !name.is_empty() && !names.iter().any(|n| n == name) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests;
