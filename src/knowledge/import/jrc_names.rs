//! JRC-Names: one spelling a line, the spellings of an entity one after the other.

use std::io::BufRead;

use super::{Options, OwnRow, add, error, lines};
use crate::item::EntityType;
use crate::knowledge::KnowledgeError;

/// `number TAB P|O TAB language or u TAB name`, spaces of the name written `+`. The numbers are JRC's own, so the rows have no id.
pub fn read(
    file: &str,
    input: impl BufRead,
    options: Options<'_>,
    row: &mut dyn FnMut(OwnRow) -> Result<(), KnowledgeError>,
) -> Result<(), KnowledgeError> {
    let mut open: Option<(String, OwnRow)> = None;
    lines(file, input, |number, line| {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, kind, language, name] = fields[..] else {
            return Err(error(file, number, format!("{} columns, JRC-Names has 4", fields.len())));
        };
        let entity_type = match kind {
            "P" => EntityType::Person,
            "O" => EntityType::Organisation,
            "L" => EntityType::Place,
            "E" => EntityType::Event,
            _ => return Ok(()),
        };
        if language != "u" && !options.takes(language) {
            return Ok(());
        }
        if open.as_ref().is_none_or(|(before, _)| before != id) {
            if let Some((_, done)) = open.take() {
                row(done)?;
            }
            let fresh = OwnRow { country: options.country(), ..OwnRow::new(entity_type) };
            open = Some((id.to_owned(), fresh));
        }
        if let Some((_, entity)) = &mut open {
            add(&mut entity.names, &name.replace('+', " "));
        }
        Ok(())
    })?;
    open.map_or(Ok(()), |(_, done)| row(done))
}
