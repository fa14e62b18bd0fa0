//! `wiredesk kb import`: public dumps to tables of a user's own.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use flate2::bufread::MultiGzDecoder;

use super::error::{CliError, Exit};
use crate::item::EntityType;
use crate::knowledge::import::{Format, Options, read};
use crate::knowledge::own::{MAX_ROWS, OwnRow};
use crate::knowledge::{KnowledgeBase, KnowledgeError};

const GZIP: &[u8] = &[0x1f, 0x8b];

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the dump is.
    #[arg(long, value_enum)]
    format: Kind,
    /// Type of the entities whose own the dump does not tell.
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    entity_type: Option<Type>,
    /// Country of the entities whose own the dump does not tell, ISO 3166-1 alpha-2.
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Leave out places with fewer people.
    #[arg(long, default_value_t = 0, value_name = "PEOPLE")]
    min_population: u64,
    /// Take names in this language only; may be given several times.
    #[arg(long = "language", value_name = "TAG")]
    languages: Vec<String>,
    /// The table to write: CSV if it ends in `.csv`, else JSON Lines. Default: JSON Lines to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The dump, plain or gzip; `-` is standard input.
    dump: PathBuf,
}

/// [`Format`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// SPARQL query results as JSON: ?item, ?itemLabel, ?alias or ?itemAltLabel, ?iso2; needs --type.
    WikidataResults,
    /// Wikidata's entity dump, one entity a line.
    WikidataDump,
    /// GeoNames' dump: allCountries.txt, cities500.txt, a country's file.
    Geonames,
    /// Popolo JSON, as EveryPolitician publishes it.
    Popolo,
    /// JRC-Names' table of entities.
    JrcNames,
}

impl From<Kind> for Format {
    fn from(given: Kind) -> Format {
        match given {
            Kind::WikidataResults => Format::WikidataResults,
            Kind::WikidataDump => Format::WikidataDump,
            Kind::Geonames => Format::Geonames,
            Kind::Popolo => Format::Popolo,
            Kind::JrcNames => Format::JrcNames,
        }
    }
}

/// [`EntityType`] on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    Person,
    Organisation,
    Place,
    Event,
}

impl From<Type> for EntityType {
    fn from(given: Type) -> EntityType {
        match given {
            Type::Person => EntityType::Person,
            Type::Organisation => EntityType::Organisation,
            Type::Place => EntityType::Place,
            Type::Event => EntityType::Event,
        }
    }
}

impl Args {
    pub fn run(&self) -> Result<Exit, CliError> {
        let kb = KnowledgeBase::embedded().map_err(|error| CliError::Internal(error.to_string()))?;
        if let Some(code) = self.country.as_deref().filter(|code| kb.country_id(code).is_none()) {
            let message = format!("--country: no country \"{code}\"; expected an ISO 3166-1 alpha-2 code such as GB");
            return Err(CliError::Usage(message));
        }
        match &self.out {
            None => {
                let rows = self.read(&kb, &mut Table::json_lines(BufWriter::new(io::stdout().lock())))?;
                self.report(rows, "standard output");
            }
            Some(path) => {
                // The table is replaced by a whole one or not at all.
                let draft = draft_of(path);
                let fail = |source| CliError::Write { path: draft.clone(), source };
                let file = BufWriter::new(File::create(&draft).map_err(fail)?);
                let csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
                let mut table = if csv { Table::csv(file).map_err(fail)? } else { Table::json_lines(file) };
                let rows = self.read(&kb, &mut table);
                drop(table);
                if rows.is_err() {
                    // What is left of it would be of no use; that it stays is no harm.
                    let _ = fs::remove_file(&draft);
                }
                let rows = rows?;
                fs::rename(&draft, path).map_err(|source| CliError::Write { path: path.clone(), source })?;
                self.report(rows, &path.display().to_string());
            }
        }
        Ok(Exit::Fine)
    }

    /// Reads the dump into the table; returns the number of rows.
    fn read(&self, kb: &KnowledgeBase, table: &mut Table<impl Write>) -> Result<usize, CliError> {
        let options = Options {
            entity_type: self.entity_type.map(EntityType::from),
            country: self.country.as_deref(),
            min_population: self.min_population,
            languages: &self.languages,
        };
        let (mut rows, mut failed) = (0, None);
        let read = read(self.format.into(), &self.dump.display().to_string(), self.open()?, options, kb, &mut |row| {
            rows += 1;
            table.write(&row).map_err(|source| {
                let message = source.to_string();
                failed = Some(CliError::Output(source));
                KnowledgeError::Table { file: String::new(), line: 0, message }
            })
        });
        match (failed, read) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(CliError::Usage(error.to_string())),
            (None, Ok(())) => {
                table.finish()?;
                Ok(rows)
            }
        }
    }

    fn open(&self) -> Result<Box<dyn BufRead>, CliError> {
        let fail = |source| CliError::Read { path: self.dump.clone(), source };
        let mut input: Box<dyn BufRead> = match self.dump.to_str() {
            Some("-") => Box::new(BufReader::new(io::stdin())),
            _ => Box::new(BufReader::new(File::open(&self.dump).map_err(fail)?)),
        };
        let packed = input.fill_buf().map_err(fail)?.starts_with(GZIP);
        Ok(if packed { Box::new(BufReader::new(MultiGzDecoder::new(input))) } else { input })
    }

    fn report(&self, rows: usize, table: &str) {
        eprintln!("{}: {rows} rows to {table}", self.dump.display());
        if rows > MAX_ROWS {
            eprintln!("warning: a table may have {MAX_ROWS} rows; leave out more, or part it");
        }
    }
}

/// `names.csv.new` beside `names.csv`.
fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// The table that is being written.
enum Table<W: Write> {
    Lines(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Table<W> {
    fn json_lines(out: W) -> Table<W> {
        Table::Lines(out)
    }

    fn csv(out: W) -> io::Result<Table<W>> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["id", "type", "names", "country", "weight", "lat", "lon"])?;
        Ok(Table::Csv(Box::new(out)))
    }

    fn write(&mut self, row: &OwnRow) -> io::Result<()> {
        match self {
            Table::Lines(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
            Table::Csv(out) => {
                let number = |value: Option<f32>| value.map(|n| n.to_string()).unwrap_or_default();
                let entity_type = serde_json::to_value(row.entity_type)?;
                // A bar parts names here.
                let names: Vec<String> = row.names.iter().map(|name| name.replace('|', " ")).collect();
                out.write_record([
                    &row.id,
                    entity_type.as_str().unwrap_or_default(),
                    &names.join("|"),
                    &row.country,
                    &number(row.weight),
                    &number(row.lat),
                    &number(row.lon),
                ])?;
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Table::Lines(out) => out.flush(),
            Table::Csv(out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::own;

    const DUMP: &str = "17\tP\tu\tAnna+Novak\n17\tP\tru\tАнна+Новак\n18\tO\tu\tHarbour+Party\n";

    fn import(dir: &Path, dump: &[u8], out: &str) -> Result<Vec<OwnRow>, CliError> {
        let (dump_path, out) = (dir.join("dump"), dir.join(out));
        fs::write(&dump_path, dump).unwrap();
        let args = Args {
            format: Kind::JrcNames,
            entity_type: None,
            country: Some("CZ".to_owned()),
            min_population: 0,
            languages: Vec::new(),
            out: Some(out.clone()),
            dump: dump_path,
        };
        args.run()?;
        Ok(own::read(&out).unwrap().rows.into_iter().map(|(_, row)| row).collect())
    }

    #[test]
    fn a_dump_becomes_a_table_in_either_form() {
        let dir = tempfile::tempdir().unwrap();
        let lines = import(dir.path(), DUMP.as_bytes(), "own.jsonl").unwrap();
        assert_eq!(lines[0].names, ["Anna Novak", "Анна Новак"]);
        assert_eq!(lines[0].country, "CZ");
        assert_eq!(import(dir.path(), DUMP.as_bytes(), "own.csv").unwrap(), lines);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(DUMP.as_bytes()).unwrap();
        assert_eq!(import(dir.path(), &packed.finish().unwrap(), "packed.csv").unwrap(), lines);
    }

    #[test]
    fn a_broken_dump_leaves_the_table_alone() {
        let dir = tempfile::tempdir().unwrap();
        import(dir.path(), DUMP.as_bytes(), "own.csv").unwrap();
        let before = fs::read(dir.path().join("own.csv")).unwrap();
        let error = import(dir.path(), b"17\tP\tu\tAnna+Novak\n17\n", "own.csv").unwrap_err();
        assert!(matches!(&error, CliError::Usage(message) if message.contains("dump:2: 1 columns")), "{error}");
        assert_eq!(fs::read(dir.path().join("own.csv")).unwrap(), before);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
