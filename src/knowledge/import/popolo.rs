//! Popolo JSON: people and organisations with other names and identifiers.

use std::io::BufRead;

use serde::Deserialize;

use super::{Options, OwnRow, add, document, error};
use crate::item::EntityType;
use crate::knowledge::KnowledgeError;

#[derive(Deserialize)]
struct Popolo {
    persons: Option<Vec<Thing>>,
    organizations: Option<Vec<Thing>>,
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
    if popolo.persons.is_none() && popolo.organizations.is_none() {
        return Err(error(file, 1, "neither \"persons\" nor \"organizations\": this is no Popolo"));
    }
    let people = popolo.persons.iter().flatten().map(|p| (p, EntityType::Person));
    let bodies = popolo.organizations.iter().flatten().map(|o| (o, EntityType::Organisation));
    for (thing, entity_type) in people.chain(bodies) {
        let mut names = Vec::new();
        add(&mut names, &thing.name);
        let others = thing.other_names.iter().filter(|n| n.lang.as_deref().is_none_or(|l| options.takes(l)));
        others.for_each(|n| add(&mut names, &n.name));
        let wikidata = thing.identifiers.iter().find(|i| i.scheme.as_deref() == Some("wikidata"));
        row(OwnRow {
            id: wikidata.map(|i| i.identifier.clone()).unwrap_or_default(),
            names,
            country: options.country(),
            ..OwnRow::new(entity_type)
        })?;
    }
    Ok(())
}
