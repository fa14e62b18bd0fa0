//! `wiredesk routes test`: where items go, and why.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use jiff::Timestamp;

use super::Cli;
use super::desk::{Decided, Desk, feed, load};
use super::error::{CliError, Exit};
use super::explain::why;
use super::input;
use crate::item::published::Verdict;
use crate::pipeline::Pipeline;
use crate::prepare::feed::Feed;

const EXAMPLES: &str = "\
Examples:
  wiredesk routes test --feed metro story.txt          where would it go?
  wiredesk routes test --feed metro --why story.txt    which routes match, which do not, and why?
  wiredesk routes test --feed metro first.txt update.txt";

/// Try the routes out
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(TestArgs),
}

/// Print the streams that items go to
///
/// Several files go to one desk in turn: an update goes where the item went that it updates, besides where it belongs now.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
struct TestArgs {
    /// The feed that the records belong to.
    #[arg(long, value_name = "ID")]
    feed: String,
    /// Print each route, whether it takes the item, and why.
    #[arg(long)]
    why: bool,
    /// Take the records as received at this RFC 3339 time; default: the file's own time, else now.
    #[arg(long, value_name = "TIME", value_parser = input::parse_time)]
    received: Option<Timestamp>,
    /// Input files, one record each; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let Command::Test(args) = &self.command;
        args.run(cli)
    }
}

impl TestArgs {
    fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let config = load(&cli.config)?;
        let mut desk = Desk::new(&config);
        let mut out = io::stdout().lock();
        let mut exit = Exit::Fine;
        for record in input::files(feed(&config, &self.feed)?, &self.files, self.received) {
            let record = record?;
            let prepared = config.pipeline.prepare(&record.feed, &record.raw, |_| {});
            for ended in desk.decide(&record.feed, &record.raw, prepared)? {
                match ended.end {
                    Ok(decided) => {
                        writeln!(out, "{} item {}: {}", record.source, ended.item, summary(&decided))?;
                        if self.why {
                            self.explain(&config.pipeline, &record.feed, &decided, &mut out)?;
                        }
                    }
                    Err(reject) => {
                        let reason = reject.reason.as_str();
                        writeln!(out, "{} item {}: rejected, {reason}: {}", record.source, ended.item, reject.message)?;
                        exit = Exit::Rejects;
                    }
                }
            }
        }
        Ok(exit)
    }

    fn explain(&self, pipeline: &Pipeline, feed: &Feed, decided: &Decided, out: &mut impl Write) -> io::Result<()> {
        let verdict: Verdict = decided.verdict.decision().verdict;
        let routes = pipeline.routes.explain(&decided.prepared.tagged, feed, verdict, None);
        let (takes, passes): (Vec<_>, Vec<_>) = routes.into_iter().partition(|route| route.matched);
        for (label, routes) in [("takes it", takes), ("does not", passes)] {
            for route in routes {
                writeln!(out, "  {label}  {}: {}", route.topic, why(&route))?;
            }
        }
        Ok(())
    }
}

/// `new -> news.world, news.politics`, with the streams that it has from its predecessors only marked.
fn summary(decided: &Decided) -> String {
    let decision = decided.verdict.decision();
    let routed = &decided.prepared.routed;
    let own = |stream: &str| {
        let by_itself = |own: &str| stream.ends_with(own);
        routed.always.iter().any(|own| by_itself(own)) || routed.sometimes.iter().any(|own| by_itself(&own.stream))
    };
    let named = |stream: &String| if own(stream) { stream.clone() } else { format!("{stream} (its predecessor's)") };
    let streams: Vec<String> = decision.routes.iter().map(named).collect();
    let streams = if streams.is_empty() { "no stream".to_owned() } else { streams.join(", ") };
    format!("{} -> {streams}", decision.verdict.as_str())
}
