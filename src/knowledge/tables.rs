//! Tab-separated tables with a header line, as `kb/` holds them.

use std::path::Path;

use super::KnowledgeError;

/// A table: named columns, one row a line. Lines that begin with `#` and empty lines are comments.
#[derive(Debug)]
pub struct Table {
    file: String,
    text: String,
    columns: Vec<String>,
}

/// A row with its place, for messages.
#[derive(Debug)]
pub struct Row<'t> {
    table: &'t Table,
    line: usize,
    fields: Vec<&'t str>,
}

impl Table {
    /// Reads `dir/file` and checks that its columns are exactly these.
    pub fn read(dir: &Path, file: &str, columns: &[&str]) -> Result<Table, KnowledgeError> {
        let path = dir.join(file);
        let text = std::fs::read_to_string(&path).map_err(|source| KnowledgeError::Read { path, source })?;
        let header: Vec<String> = text.lines().next().unwrap_or_default().split('\t').map(str::to_owned).collect();
        if header != columns {
            let message = format!("columns are {}, expected {}", header.join(", "), columns.join(", "));
            return Err(KnowledgeError::Table { file: file.to_owned(), line: 1, message });
        }
        Ok(Table { file: file.to_owned(), text, columns: header })
    }

    /// The rows; the first with too many or too few fields ends the reading.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row<'_>, KnowledgeError>> {
        let lines = self.text.lines().enumerate().skip(1);
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(at, line)| {
            let fields: Vec<&str> = line.split('\t').collect();
            let row = Row { table: self, line: at + 1, fields };
            if row.fields.len() == self.columns.len() {
                Ok(row)
            } else {
                Err(row.error(format!("{} fields, the header has {}", row.fields.len(), self.columns.len())))
            }
        })
    }
}

impl<'t> Row<'t> {
    /// A field by its column's name; empty for a column that the table does not have.
    pub fn get(&self, column: &str) -> &'t str {
        let at = self.table.columns.iter().position(|c| c == column);
        at.and_then(|at| self.fields.get(at)).copied().unwrap_or_default()
    }

    /// The parts of a field that holds several, `|` between them.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &'t str> {
        self.get(column).split('|').map(str::trim).filter(|part| !part.is_empty())
    }

    /// A number; `None` for an empty field.
    pub fn number<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, KnowledgeError> {
        let field = self.get(column);
        if field.is_empty() {
            return Ok(None);
        }
        field.parse().map(Some).map_err(|_| self.error(format!("{column}: \"{field}\" is no number that fits")))
    }

    /// A Wikidata item, `Q794`; 0 for an empty field.
    pub fn wikidata(&self) -> Result<u32, KnowledgeError> {
        let field = self.get("wikidata");
        if field.is_empty() {
            return Ok(0);
        }
        let number = field.strip_prefix('Q').and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| self.error(format!("wikidata: \"{field}\" is no item such as Q794")))
    }

    pub fn error(&self, message: String) -> KnowledgeError {
        KnowledgeError::Table { file: self.table.file.clone(), line: self.line, message }
    }
}
