//! `wiredesk dlq replay`.

use std::io::{self, Write};

use super::{Chosen, failed, place};
use crate::cli::Cli;
use crate::cli::desk::load;
use crate::cli::error::{CliError, Exit};
use crate::config::Configuration;
use crate::item::Reject;
use crate::service::dead_letters::{DeadLetter, Replay, Replayer};

const NOTES: &str = "\
Each dead letter goes back to the raw topic and partition that it was read from, with its key, headers and time, and the running
desk reads it with its own configuration. What is sent, and how far the replay has come, is written in one transaction: a run that
is interrupted goes on where it was. Each set of filters goes through the topic once; --anew begins again. A record that was
replayed three times is left alone.

Of a record of which only one item was refused the other items come out as duplicates of themselves: dropped or marked, as the
feed says.";

/// Send dead letters to their raw topics again
#[derive(Debug, clap::Args)]
#[command(after_help = NOTES)]
pub struct Args {
    #[command(flatten)]
    chosen: Chosen,
    /// Send nothing; say of each what would be sent, and whether this configuration reads it now.
    #[arg(long)]
    dry_run: bool,
    /// Only records of which this configuration reads everything now.
    #[arg(long)]
    only_readable: bool,
    /// At most so many records a second.
    #[arg(long, value_name = "RECORDS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// Begin at the oldest dead letter although these filters have come further before.
    #[arg(long)]
    anew: bool,
    /// Leave alone what was replayed so often.
    #[arg(long, value_name = "TIMES", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_replays: u32,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let config = load(&cli.config)?;
        let replay = Replay {
            filter: self.chosen.filter(),
            max_replays: self.max_replays,
            rate: self.rate,
            anew: self.anew,
            dry_run: self.dry_run,
        };
        let replayer = Replayer::new(&config.service, &config.kafka_properties, replay).map_err(failed)?;
        let mut out = io::stdout().lock();
        let mut written = Ok(());
        let counts = replayer.run(|letter| {
            if !self.dry_run && !self.only_readable {
                return true;
            }
            let read = read_now(&config, letter);
            if self.dry_run && written.is_ok() {
                written = match &read {
                    Ok(items) => writeln!(out, "{}\t{}\tread now: {items} items", place(letter), letter.raw.origin),
                    Err(again) => writeln!(out, "{}\t{}\trefused again: {again}", place(letter), letter.raw.origin),
                };
            }
            !self.only_readable || read.is_ok()
        });
        let counts = counts.map_err(failed)?;
        written?;
        let verb = if self.dry_run { "would be sent" } else { "sent" };
        writeln!(out, "{} {verb}, {} passed over", counts.sent, counts.passed_over)?;
        for (count, what) in [
            (counts.looping, "left alone: replayed too often"),
            (counts.truncated, "left alone: their end is missing"),
            (counts.same_record, "further items of records that are counted already"),
            (counts.foreign, "records of the topic that are no dead letters"),
        ] {
            if count > 0 {
                writeln!(out, "{count} {what}")?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// How many items this configuration reads in the record, or why it refuses it, or one of them.
fn read_now(config: &Configuration, letter: &DeadLetter) -> Result<usize, String> {
    let Some(feed) = config.feed_of_topic(&letter.raw.origin.topic) else {
        return Err(format!("no feed reads the topic {}", letter.raw.origin.topic));
    };
    if letter.raw.payload.is_none() {
        return Ok(0);
    }
    let text = |reject: Reject| reject.to_string();
    let items = config.pipeline.prepare(feed, &letter.raw, |_| ()).map_err(text)?;
    let count = items.len();
    items.into_iter().try_for_each(|item| item.map(drop)).map_err(text)?;
    Ok(count)
}
