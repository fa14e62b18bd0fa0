//! `wiredesk schema`: JSON Schemas and reference pages, made from the types.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use super::error::{CliError, Exit};
use crate::schema::{SCHEMAS, reference};

const EXAMPLES: &str = "\
Examples:
  wiredesk schema item > item.schema.json
  wiredesk schema --write docs/reference";

/// Print a JSON Schema, or write all of them with their reference pages
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to describe.
    #[arg(required_unless_present = "write", value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|s| s.name)))]
    kind: Option<String>,
    /// Write every schema, and the pages made from them, to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
}

impl Args {
    pub fn run(&self) -> Result<Exit, CliError> {
        if let Some(published) = SCHEMAS.iter().find(|s| Some(s.name) == self.kind.as_deref()) {
            writeln!(io::stdout().lock(), "{:#}", (published.schema)())?;
        }
        if let Some(dir) = &self.write {
            let fail = |path: PathBuf| move |source| CliError::Write { path, source };
            fs::create_dir_all(dir).map_err(fail(dir.clone()))?;
            for (name, content) in files() {
                let path = dir.join(name);
                fs::write(&path, content).map_err(fail(path.clone()))?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// All generated files of `docs/reference`.
fn files() -> Vec<(String, String)> {
    let mut files = reference();
    files.push(("cli.md".to_owned(), super::help_page()));
    files
}
