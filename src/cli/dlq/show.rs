//! `wiredesk dlq show`.

use std::io::{self, Write};

use super::{Line, failed};
use crate::cli::Cli;
use crate::cli::error::{CliError, Exit};
use crate::config;
use crate::service::dead_letters::Reader;

/// Show one dead letter: its cause, its headers and its bytes as text
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its place in the dead-letter topic, as `dlq list` prints it: PARTITION:OFFSET.
    #[arg(value_name = "PLACE", value_parser = parse_place)]
    place: (i32, i64),
    /// Print the record's bytes and nothing else, as they came in.
    #[arg(long)]
    bytes: bool,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let (service, properties) = config::load_service(&cli.config).map_err(CliError::Configuration)?;
        let (partition, offset) = self.place;
        let found = Reader::open(&service, &properties).and_then(|reader| reader.find(partition, offset));
        let letter = match found.map_err(failed)? {
            Some(Ok(letter)) => letter,
            Some(Err(other)) => return Err(CliError::Usage(other.to_string())),
            None => {
                return Err(CliError::Usage(format!(
                    "no dead letter at {partition}:{offset}; `dlq list` prints their places"
                )));
            }
        };
        let payload = letter.raw.payload.as_deref().unwrap_or_default();
        let mut out = io::stdout().lock();
        if self.bytes {
            out.write_all(payload)?;
            return Ok(Exit::Fine);
        }
        let Line { place, feed, stage, reason, message, received, bytes, replays, .. } = Line::of(&letter);
        writeln!(
            out,
            "place     {place}\nfeed      {feed}\nstage     {stage}\nreason    {reason}\nmessage   {message}"
        )?;
        writeln!(
            out,
            "read from {}, item {}\nreceived  {received}\nreplays   {replays}",
            letter.raw.origin, letter.item
        )?;
        match letter.truncated_from_bytes {
            Some(whole) => writeln!(out, "bytes     {bytes}, of {whole}: the rest is missing, and it is not replayed")?,
            None => writeln!(out, "bytes     {bytes}")?,
        }
        if let Some(key) = &letter.raw.key {
            writeln!(out, "key       {}", String::from_utf8_lossy(key))?;
        }
        for (name, value) in &letter.raw.headers {
            writeln!(out, "header    {name}: {}", String::from_utf8_lossy(value.as_deref().unwrap_or_default()))?;
        }
        writeln!(out, "\n{}", String::from_utf8_lossy(payload))?;
        Ok(Exit::Fine)
    }
}

fn parse_place(text: &str) -> Result<(i32, i64), String> {
    let parsed = text.split_once(':').and_then(|(p, o)| Some((p.parse().ok()?, o.parse().ok()?)));
    parsed.ok_or_else(|| "expected PARTITION:OFFSET, for example 0:17".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_partition_and_offset() {
        assert_eq!(parse_place("0:17"), Ok((0, 17)));
        assert!(parse_place("17").is_err() && parse_place("a:1").is_err() && parse_place("1:").is_err());
    }
}
