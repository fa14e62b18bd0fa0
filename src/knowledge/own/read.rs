//! CSV and JSON Lines to rows.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::{MAX_ROWS, OwnRow, OwnTable, error};
use crate::item::EntityType;
use crate::knowledge::KnowledgeError;

/// Longest row, in bytes.
const MAX_ROW_BYTES: usize = 1 << 20;

const COLUMNS: [&str; 7] = ["id", "type", "names", "country", "weight", "lat", "lon"];

/// What some editors put before the text of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a table; `.csv` is CSV, anything else JSON Lines.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(path: &Path) -> Result<OwnTable, KnowledgeError> {
    let input = std::fs::File::open(path).map_err(|source| KnowledgeError::Read { path: path.to_owned(), source })?;
    let file = path.display().to_string();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        read_csv(&file, input)
    } else {
        read_json_lines(&file, BufReader::new(input))
    }
}

pub(super) fn read_json_lines(file: &str, mut input: impl BufRead) -> Result<OwnTable, KnowledgeError> {
    let mut table = OwnTable::of(file);
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        let read = Read::take(&mut input, MAX_ROW_BYTES as u64).read_line(&mut line);
        match read {
            Ok(0) => break,
            Ok(MAX_ROW_BYTES) => return Err(error(file, number, "longer than a megabyte")),
            Ok(_) => {}
            Err(source) => return Err(error(file, number, source.to_string())),
        }
        let text = line.trim_start_matches(BYTE_ORDER_MARK).trim();
        if !text.is_empty() {
            let row = serde_json::from_str(text).map_err(|e| error(file, number, in_one_line(&e)))?;
            table.add(number, row)?;
        }
    }
    Ok(table)
}

/// The parser counts the line of what it was given, which is always the first.
fn in_one_line(problem: &serde_json::Error) -> String {
    problem.to_string().replace(" at line 1 column ", " at column ")
}

pub(super) fn read_csv(file: &str, input: impl Read) -> Result<OwnTable, KnowledgeError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let at = |problem: csv::Error| {
        let line = problem.position().map_or(1, |p| p.line() as usize);
        error(file, line, problem.to_string())
    };
    let headers: Vec<String> =
        reader.headers().map_err(at)?.iter().map(|h| h.trim_start_matches(BYTE_ORDER_MARK).to_owned()).collect();
    if let Some(odd) = headers.iter().find(|h| !COLUMNS.contains(&h.as_str())) {
        return Err(error(file, 1, format!("unknown column \"{odd}\"; known are {}", COLUMNS.join(", "))));
    }
    for needed in ["type", "names"] {
        if !headers.iter().any(|h| h == needed) {
            return Err(error(file, 1, format!("there is no column \"{needed}\"")));
        }
    }
    let mut table = OwnTable::of(file);
    for record in reader.records() {
        let record = record.map_err(at)?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let row = row(&headers, &record).map_err(|message| error(file, line, message))?;
        table.add(line, row)?;
    }
    Ok(table)
}

fn row(headers: &[String], record: &csv::StringRecord) -> Result<OwnRow, String> {
    let field = |name: &str| headers.iter().position(|h| h == name).and_then(|at| record.get(at)).unwrap_or_default();
    let number = |name: &str| match field(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("{name}: \"{text}\" is no number")),
    };
    let kind = field("type");
    let entity_type = match kind {
        "person" => EntityType::Person,
        "organisation" | "organization" => EntityType::Organisation,
        "place" => EntityType::Place,
        "event" => EntityType::Event,
        _ => return Err(format!("type: \"{kind}\" is none of person, organisation, place, event")),
    };
    Ok(OwnRow {
        id: field("id").to_owned(),
        names: field("names").split('|').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect(),
        country: field("country").to_owned(),
        weight: number("weight")?,
        lat: number("lat")?,
        lon: number("lon")?,
        entity_type,
    })
}

impl OwnTable {
    fn of(file: &str) -> OwnTable {
        OwnTable { file: file.to_owned(), rows: Vec::new() }
    }

    fn add(&mut self, line: usize, row: OwnRow) -> Result<(), KnowledgeError> {
        if self.rows.len() >= MAX_ROWS {
            let message = format!("more than {MAX_ROWS} rows: build them into a base instead");
            return Err(error(&self.file, line, message));
        }
        if let Some(mistake) = row.mistake() {
            return Err(error(&self.file, line, mistake));
        }
        self.rows.push((line, row));
        Ok(())
    }
}
