//! `wiredesk schema`: JSON Schemas and reference pages, made from the types, and the description of a configuration's topics.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use super::Cli;
use super::desk::load;
use super::error::{CliError, Exit};
use crate::metrics::Metrics;
use crate::schema::{SCHEMAS, asyncapi, metrics_page, reference};

/// Beside the schemas' names.
const ASYNCAPI: &str = "asyncapi";

const EXAMPLES: &str = "\
Examples:
  wiredesk schema item > item.schema.json
  wiredesk --config my-desk schema asyncapi > asyncapi.json     the topics that my-desk reads and writes, for their readers
  wiredesk schema --write docs/reference";

/// Print a JSON Schema or the AsyncAPI description of the configuration's topics, or write all of them with their reference pages
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to describe.
    #[arg(required_unless_present = "write", value_parser = PossibleValuesParser::new(kinds()))]
    kind: Option<String>,
    /// Write every schema, and the pages made from them, to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        if self.kind.as_deref() == Some(ASYNCAPI) {
            writeln!(io::stdout().lock(), "{:#}", asyncapi::document(&load(&cli.config)?))?;
        }
        if let Some(published) = SCHEMAS.iter().find(|s| Some(s.name) == self.kind.as_deref()) {
            writeln!(io::stdout().lock(), "{:#}", (published.schema)())?;
        }
        if let Some(dir) = &self.write {
            let fail = |path: PathBuf| move |source| CliError::Write { path, source };
            fs::create_dir_all(dir).map_err(fail(dir.clone()))?;
            for (name, content) in files(cli)? {
                let path = dir.join(name);
                fs::write(&path, content).map_err(fail(path.clone()))?;
            }
        }
        Ok(Exit::Fine)
    }
}

fn kinds() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|schema| schema.name).chain([ASYNCAPI])
}

/// All generated files of `docs/reference`.
fn files(cli: &Cli) -> Result<Vec<(String, String)>, CliError> {
    let mut files = reference();
    let metrics = Metrics::new(&[], "").map_err(|error| CliError::Internal(error.to_string()))?;
    files.push(("metrics.md".to_owned(), metrics_page(&metrics.described())));
    files.push(("cli.md".to_owned(), super::help_page()));
    files.push(("asyncapi.json".to_owned(), format!("{:#}\n", asyncapi::document(&load(&cli.config)?))));
    Ok(files)
}
