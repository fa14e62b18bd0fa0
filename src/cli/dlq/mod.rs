//! `wiredesk dlq`: what could not be read, and sending it again.

mod list;
mod replay;
mod show;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use super::Cli;
use super::error::{CliError, Exit};
use crate::item::{RejectReason, Stage};
use crate::service::dead_letters::{DeadLetter, DeadLetterError, Filter};

const EXAMPLES: &str = "\
Examples:
  wiredesk dlq list --count                                 how many, by feed, stage and reason
  wiredesk dlq list --feed metro --reason malformed
  wiredesk dlq show 0:17                                    one of them: cause, headers, bytes
  wiredesk dlq show 0:17 --bytes > record && wiredesk explain --feed metro record
  wiredesk dlq replay --feed metro --dry-run                what would be sent, and would this configuration read it now?
  wiredesk dlq replay --feed metro --only-readable --rate 50
  wiredesk --config new-desk dlq replay --feed metro --dry-run      and another configuration?";

/// List, show and replay dead letters: raw records that could not become items
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Replay(replay::Args),
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        match &self.command {
            Command::List(args) => args.run(cli),
            Command::Show(args) => args.run(cli),
            Command::Replay(args) => args.run(cli),
        }
    }
}

/// Which dead letters: those that fit all that is given.
#[derive(Debug, clap::Args)]
struct Chosen {
    /// Of this feed.
    #[arg(long, value_name = "ID")]
    feed: Option<String>,
    /// Refused in this stage.
    #[arg(long, value_parser = PossibleValuesParser::new(Stage::ALL.map(Stage::as_str)))]
    stage: Option<String>,
    /// Refused for this reason.
    #[arg(long, value_parser = PossibleValuesParser::new(RejectReason::ALL.map(RejectReason::as_str)))]
    reason: Option<String>,
    /// Read from this raw topic.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Received at this time or later: RFC 3339, for example 2026-03-10T06:00:00Z.
    #[arg(long, value_name = "TIME")]
    since: Option<jiff::Timestamp>,
    /// Received before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<jiff::Timestamp>,
}

impl Chosen {
    fn filter(&self) -> Filter {
        Filter {
            feed: self.feed.clone(),
            stage: self.stage.clone(),
            reason: self.reason.clone(),
            topic: self.topic.clone(),
            since_ms: self.since.map(jiff::Timestamp::as_millisecond),
            until_ms: self.until.map(jiff::Timestamp::as_millisecond),
        }
    }
}

/// A dead letter as one line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    /// `partition:offset` in the dead-letter topic: what `dlq show` takes.
    place: String,
    feed: &'a str,
    stage: &'a str,
    reason: &'a str,
    message: &'a str,
    topic: &'a str,
    partition: i32,
    offset: i64,
    item: u32,
    received: String,
    bytes: usize,
    replays: u32,
}

impl<'a> Line<'a> {
    fn of(letter: &'a DeadLetter) -> Self {
        let origin = &letter.raw.origin;
        Line {
            place: place(letter),
            feed: &letter.feed,
            stage: &letter.stage,
            reason: &letter.reason,
            message: &letter.message,
            topic: &origin.topic,
            partition: origin.partition,
            offset: origin.offset,
            item: letter.item,
            received: received(letter),
            bytes: letter.raw.payload.as_ref().map_or(0, Vec::len),
            replays: letter.replays,
        }
    }
}

fn place(letter: &DeadLetter) -> String {
    format!("{}:{}", letter.place.0, letter.place.1)
}

/// The raw record's time, RFC 3339.
fn received(letter: &DeadLetter) -> String {
    let time = jiff::Timestamp::from_millisecond(letter.raw.timestamp_ms);
    time.map_or_else(|_| letter.raw.timestamp_ms.to_string(), |time| time.to_string())
}

fn failed(error: DeadLetterError) -> CliError {
    CliError::Usage(error.to_string())
}
