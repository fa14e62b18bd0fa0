//! GeoNames' dump: nineteen columns, tab-separated, no header.

use std::io::BufRead;

use super::{Options, OwnRow, add, error, lines};
use crate::item::EntityType;
use crate::knowledge::KnowledgeError;

const COLUMNS: usize = 19;
const ID: usize = 0;
const NAME: usize = 1;
const ASCII_NAME: usize = 2;
const ALTERNATE_NAMES: usize = 3;
const LATITUDE: usize = 4;
const LONGITUDE: usize = 5;
const FEATURE_CLASS: usize = 6;
const COUNTRY: usize = 8;
const POPULATION: usize = 14;

/// Populated places and administrative units; the weight is the logarithm of the population, ten million being 1.
pub fn read(
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    lines(file, input, |number, line| {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() != COLUMNS {
            return Err(error(file, number, format!("{} columns, a GeoNames dump has {COLUMNS}", fields.len())));
        }
        let parse = |at: usize| {
            fields[at].parse::<f32>().map_err(|_| error(file, number, format!("\"{}\" is no number", fields[at])))
        };
        let population: u64 = fields[POPULATION].parse().unwrap_or_default();
        if !matches!(fields[FEATURE_CLASS], "P" | "A") || population < options.min_population {
            return Ok(());
        }
        let mut names = Vec::new();
        for name in [fields[NAME], fields[ASCII_NAME]].into_iter().chain(fields[ALTERNATE_NAMES].split(',')) {
            // Airport codes and web addresses stand among the alternate names.
            let code = name.len() <= 3 && name.is_ascii() || name.contains("://");
            if !code || name == fields[NAME] {
                add(&mut names, name);
            }
        }
        let weight = (((population.max(1) as f32).log10() - 3.0) / 4.0).clamp(0.0, 1.0);
        row(OwnRow {
            id: format!("geonames:{}", fields[ID]),
            names,
            country: fields[COUNTRY].to_owned(),
            weight: Some((weight * 100.0).round() / 100.0),
            lat: Some(parse(LATITUDE)?),
            lon: Some(parse(LONGITUDE)?),
            ..OwnRow::new(EntityType::Place)
        })
    })
}
