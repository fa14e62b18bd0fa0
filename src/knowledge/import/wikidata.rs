//! Wikidata: results of a query, and the entity dump.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::{Options, OwnRow, add, document, error, lines};
use crate::item::EntityType;
use crate::knowledge::{KnowledgeBase, KnowledgeError};

const HUMAN: &str = "Q5";
const INSTANCE_OF: &str = "P31";
const COUNTRY: &str = "P17";
const CITIZENSHIP: &str = "P27";
const COORDINATES: &str = "P625";

#[derive(Deserialize)]
struct Results {
    results: Bindings,
}

#[derive(Deserialize)]
struct Bindings {
    bindings: Vec<BTreeMap<String, Term>>,
}

#[derive(Deserialize)]
struct Term {
    value: String,
    #[serde(rename = "xml:lang")]
    language: Option<String>,
}

/// Query results: rows of one `?item` are one entity; `?itemLabel`, `?alias`, `?itemAltLabel` are names (the last with commas
/// between them), `?iso2` its country.
pub fn results(
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    let results: Results = document(file, input)?;
    let entity_type =
        options.entity_type.ok_or_else(|| error(file, 1, "query results do not tell the type: give one"))?;
    let mut entities: Vec<OwnRow> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (at, binding) in results.results.bindings.iter().enumerate() {
        let item = binding.get("item").ok_or_else(|| error(file, 1, format!("row {}: no ?item", at + 1)))?;
        let id = item.value.rsplit('/').next().unwrap_or_default().to_owned();
        let index = *known.entry(id.clone()).or_insert_with(|| {
            entities.push(OwnRow { id, country: options.country(), ..OwnRow::new(entity_type) });
            entities.len() - 1
        });
        let entity = &mut entities[index];
        for (variable, several) in [("itemLabel", false), ("alias", false), ("itemAltLabel", true)] {
            let Some(term) = binding.get(variable) else { continue };
            if term.language.as_deref().is_some_and(|l| !options.takes(l)) {
                continue;
            }
            match several {
                true => term.value.split(", ").for_each(|name| add(&mut entity.names, name)),
                // An item without a label is labelled with its own number.
                false if term.value == entity.id => {}
                false => add(&mut entity.names, &term.value),
            }
        }
        if let Some(code) = binding.get("iso2") {
            entity.country.clone_from(&code.value);
        }
    }
    entities.into_iter().filter(|e| !e.names.is_empty()).try_for_each(row)
}

/// The entity dump, line by line. Humans are people, what has coordinates is a place, the rest is of the type that is given, or
/// left out.
pub fn dump(
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    kb: &KnowledgeBase,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    lines(file, input, |number, line| {
        let line = line.trim().trim_end_matches(',');
        if line.is_empty() || line == "[" || line == "]" {
            return Ok(());
        }
        let entity: Value = serde_json::from_str(line).map_err(|e| error(file, number, e.to_string()))?;
        one(&entity, options, kb).map_or(Ok(()), &mut *row)
    })
}

fn one(entity: &Value, options: Options<'_>, kb: &KnowledgeBase) -> Option<OwnRow> {
    let id = entity["id"].as_str().filter(|id| id.starts_with('Q'))?;
    let claim = |property: &str| {
        entity["claims"][property].as_array().into_iter().flatten().map(|c| &c["mainsnak"]["datavalue"]["value"])
    };
    let items =
        |property: &str| claim(property).filter_map(|v| v["id"].as_str().map(str::to_owned)).collect::<Vec<_>>();
    let point =
        claim(COORDINATES).next().and_then(|v| Some((v["latitude"].as_f64()? as f32, v["longitude"].as_f64()? as f32)));
    let entity_type = if items(INSTANCE_OF).iter().any(|item| item == HUMAN) {
        EntityType::Person
    } else if point.is_some() && options.entity_type.is_none() {
        EntityType::Place
    } else {
        options.entity_type?
    };
    let mut names = Vec::new();
    // The English label first, where there is one: the first name is the entity's own.
    let labels = entity["labels"].as_object();
    let english = entity["labels"]["en"]["value"].as_str().filter(|_| options.takes("en"));
    english.into_iter().for_each(|name| add(&mut names, name));
    for (_, label) in labels.into_iter().flatten().filter(|(language, _)| options.takes(language)) {
        label["value"].as_str().into_iter().for_each(|name| add(&mut names, name));
    }
    for (_, aliases) in
        entity["aliases"].as_object().into_iter().flatten().filter(|(language, _)| options.takes(language))
    {
        let texts = aliases.as_array().into_iter().flatten().filter_map(|a| a["value"].as_str());
        texts.for_each(|name| add(&mut names, name));
    }
    let country = items(COUNTRY).into_iter().chain(items(CITIZENSHIP)).find_map(|item| country(&item, kb));
    Some(OwnRow {
        id: id.to_owned(),
        names: (!names.is_empty()).then_some(names)?,
        country: country.unwrap_or_else(|| options.country()),
        lat: point.map(|(lat, _)| lat),
        lon: point.map(|(_, lon)| lon),
        ..OwnRow::new(entity_type)
    })
}

/// The code of a country by its item.
fn country(item: &str, kb: &KnowledgeBase) -> Option<String> {
    let number: u32 = item.strip_prefix('Q')?.parse().ok()?;
    let country = kb.countries().iter().find(|c| kb.entity(c.entity).wikidata == number)?;
    Some(country.iso2.to_string())
}
