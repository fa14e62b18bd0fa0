//! `wiredesk kb`: build the knowledge base, ask what it holds, and read public dumps into tables of one's own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;

use super::error::{CliError, Exit};
use crate::knowledge::{Class, KnowledgeBase, KnowledgeError, NOWHERE, build};

const EXAMPLES: &str = "\
Examples:
  wiredesk kb info
  wiredesk kb lookup Georgia
  wiredesk kb lookup http://www.wikidata.org/entity/Q794
  wiredesk kb lookup --table config/names.csv \"Halden Marine\"
  wiredesk kb import --format geonames --min-population 500 NO.txt --out config/norway.csv
  zcat latest-all.json.gz | wiredesk kb import --format wikidata-dump - > names.jsonl
  wiredesk kb build --tables kb --out kb/wiredesk.kb";

/// Build the knowledge base, or show what it holds
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile the tables into one file; the same tables give the same bytes
    Build {
        /// The folder with the tables.
        #[arg(long, default_value = "kb", value_name = "DIR")]
        tables: PathBuf,
        /// The file to write.
        #[arg(long, default_value = "kb/wiredesk.kb", value_name = "FILE")]
        out: PathBuf,
    },
    /// Show version and contents
    Info {
        /// A built file instead of the one that the program carries.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// A table of your own beside it; may be given several times.
        #[arg(long = "table", value_name = "FILE")]
        tables: Vec<PathBuf>,
    },
    /// Read a public dump into a table of your own
    ///
    /// One row an entity: id, type, names, country, weight, coordinates. Name the table in `knowledge.tables` of the service's file or
    /// of a feed's. What is not of the format ends the command with exit code 2, and the line.
    Import(super::kb_import::Args),
    /// Show what a name may mean, or what a URI stands for; exit code 1 if nothing
    Lookup {
        /// A name, in any case and with or without accents, or a Wikidata or GeoNames URI.
        name: String,
        /// A built file instead of the one that the program carries.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// A table of your own beside it; may be given several times.
        #[arg(long = "table", value_name = "FILE")]
        tables: Vec<PathBuf>,
    },
}

impl Args {
    pub fn run(&self) -> Result<Exit, CliError> {
        match &self.command {
            Command::Build { tables, out } => compile(tables, out),
            Command::Info { file, tables } => info(&*open(file.as_deref(), tables)?),
            Command::Lookup { name, file, tables } => lookup(&*open(file.as_deref(), tables)?, name),
            Command::Import(args) => args.run(),
        }
    }
}

fn usage(error: KnowledgeError) -> CliError {
    CliError::Usage(error.to_string())
}

fn open(file: Option<&Path>, tables: &[PathBuf]) -> Result<Arc<KnowledgeBase>, CliError> {
    let kb = match file {
        Some(path) => KnowledgeBase::load(path).map(Arc::new),
        None => KnowledgeBase::embedded(),
    };
    kb.and_then(|kb| kb.with_tables(tables)).map_err(usage)
}

fn compile(tables: &Path, out: &Path) -> Result<Exit, CliError> {
    let bytes = build::build(tables).map_err(usage)?;
    // What was built must load: the file is replaced by something sound or not at all.
    let kb = KnowledgeBase::from_bytes(&bytes).map_err(usage)?;
    let fail = |source| CliError::Write { path: out.to_owned(), source };
    let draft = out.with_extension("kb.new");
    fs::write(&draft, &bytes).map_err(fail)?;
    fs::rename(&draft, out).map_err(fail)?;
    writeln!(io::stdout().lock(), "{}: {} bytes, version {}", out.display(), bytes.len(), kb.version())?;
    Ok(Exit::Fine)
}

fn info(kb: &KnowledgeBase) -> Result<Exit, CliError> {
    let mut out = io::stdout().lock();
    writeln!(out, "version        {}", kb.version())?;
    for class in Class::ALL {
        let of_class = || kb.entities().iter().filter(|e| e.class == class);
        let with_id = of_class().filter(|e| !e.uris().is_empty()).count();
        writeln!(out, "{:14} {:7}  with an id {:7}", class.as_str(), of_class().count(), with_id)?;
    }
    writeln!(out, "{:14} {:7}", "names", kb.names().len())?;
    writeln!(out, "{:14} {:7}", "m49 regions", kb.m49().len())?;
    writeln!(out, "{:14} {:7}", "desk regions", kb.desks().len())?;
    Ok(Exit::Fine)
}

fn lookup(kb: &KnowledgeBase, name: &str) -> Result<Exit, CliError> {
    let found = match kb.by_uri(name) {
        Some(entity) => vec![(entity, "uri")],
        None => kb.by_name(name).into_iter().map(|(entity, kind)| (entity, kind.as_str())).collect(),
    };
    let mut out = io::stdout().lock();
    for (id, how) in &found {
        let entity = kb.entity(*id);
        let country = match entity.country {
            NOWHERE => "--",
            at => &kb.countries()[usize::from(at)].iso2,
        };
        let uris = entity.uris().join(" ");
        let (class, name, note) = (entity.class.as_str(), &entity.name, &entity.note);
        let line = format!("{class:12} {how:12} {country} {name} {uris} {note}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(if found.is_empty() { Exit::Rejects } else { Exit::Fine })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_file_can_be_opened_and_asked() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("own.kb");
        let tables = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kb"));
        assert_eq!(compile(tables, &out).unwrap(), Exit::Fine);
        let kb = open(Some(&out), &[]).unwrap();
        assert_eq!(kb.version(), open(None, &[]).unwrap().version());
        assert_eq!(info(&kb).unwrap(), Exit::Fine);
        assert_eq!(lookup(&kb, "tehran").unwrap(), Exit::Fine);
        assert_eq!(lookup(&kb, "Nowhere at all").unwrap(), Exit::Rejects);
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.kb");
        fs::write(&path, b"WDKB but nothing behind it").unwrap();
        let message = open(Some(&path), &[]).unwrap_err().to_string();
        assert!(message.contains("broken.kb") && message.contains("not a knowledge base"), "{message}");
        let message = compile(dir.path(), &path).unwrap_err().to_string();
        assert!(message.contains("m49.tsv") || message.contains("words.tsv"), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"WDKB but nothing behind it");
    }
}
