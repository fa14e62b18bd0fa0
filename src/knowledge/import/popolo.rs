//! Popolo JSON: people and organisations with other names and identifiers.

use std::io::BufRead;

use serde::Deserialize;

use super::{Options, OwnRow, add, document};
use crate::item::EntityType;
use crate::knowledge::KnowledgeError;

#[derive(Deserialize)]
struct Popolo {
    #[serde(default)]
    persons: Vec<Thing>,
    #[serde(default)]
    organizations: Vec<Thing>,
}

#[derive(Deserialize)]
struct Thing {
    name: String,
    #[serde(default)]
    other_names: Vec<OtherName>,
    #[serde(default)]
    identifiers: Vec<Identifier>,
}

#[derive(Deserialize)]
struct OtherName {
    name: String,
    lang: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    scheme: Option<String>,
    identifier: String,
}

/// People and organisations; the country is the one that is given.
pub fn read(
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    let popolo: Popolo = document(file, input)?;
    let people = popolo.persons.iter().map(|p| (p, EntityType::Person));
    let bodies = popolo.organizations.iter().map(|o| (o, EntityType::Organisation));
    for (thing, entity_type) in people.chain(bodies) {
        let mut names = Vec::new();
        add(&mut names, &thing.name);
        let others = thing.other_names.iter().filter(|n| n.lang.as_deref().is_none_or(|l| options.takes(l)));
        others.for_each(|n| add(&mut names, &n.name));
        let wikidata = thing.identifiers.iter().find(|i| i.scheme.as_deref() == Some("wikidata"));
        row(OwnRow {
            id: wikidata.map(|i| i.identifier.clone()).unwrap_or_default(),
            entity_type,
            names,
            country: options.country.unwrap_or_default().to_owned(),
            weight: None,
            lat: None,
            lon: None,
        })?;
    }
    Ok(())
}
