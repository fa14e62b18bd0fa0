//! `wiredesk dlq list`.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use super::{Chosen, Line, failed, place, received};
use crate::cli::Cli;
use crate::cli::error::{CliError, Exit};
use crate::config;
use crate::service::dead_letters::Reader;

/// List dead letters, one a line: place, time, feed, stage, reason, where it was read from, what was wrong
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    chosen: Chosen,
    /// Only how many there are, by feed, stage and reason.
    #[arg(long, conflicts_with = "json")]
    count: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let (service, properties) = config::load_service(&cli.config).map_err(CliError::Configuration)?;
        let mut reader = Reader::open(&service, &properties).map_err(failed)?;
        let filter = self.chosen.filter();
        let mut out = BufWriter::new(io::stdout().lock());
        let mut counts: BTreeMap<(String, String, String), u64> = BTreeMap::new();
        while let Some(read) = reader.read_next().map_err(failed)? {
            let letter = match read {
                Ok(letter) => letter,
                Err(other) => {
                    eprintln!("{other}");
                    continue;
                }
            };
            if !filter.takes(&letter) {
                continue;
            }
            if self.count {
                *counts.entry((letter.feed, letter.stage, letter.reason)).or_default() += 1;
            } else if self.json {
                serde_json::to_writer(&mut out, &Line::of(&letter)).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            } else {
                let (place, received) = (place(&letter), received(&letter));
                let (feed, stage, reason, message) = (&letter.feed, &letter.stage, &letter.reason, &letter.message);
                let origin = format!("{}/{}", letter.raw.origin, letter.item);
                writeln!(out, "{place}\t{received}\t{feed}\t{stage}\t{reason}\t{origin}\t{message}")?;
            }
        }
        for ((feed, stage, reason), count) in counts {
            writeln!(out, "{count}\t{feed}\t{stage}\t{reason}")?;
        }
        out.flush()?;
        Ok(Exit::Fine)
    }
}
