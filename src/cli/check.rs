//! `wiredesk check`: the configuration and its cases.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::Cli;
use super::desk::{Desk, Ended, load};
use super::error::{CliError, Exit};
use super::input;
use super::matching::matches;
use crate::config::feed::Case;
use crate::config::{Configuration, Diagnostic};
use crate::item::Reject;
use crate::prepare::feed::Feed;
use crate::schema::item::ItemValidator;

/// The time at which a case's input is taken to have been received, unless it says another.
const RECEIVED: &str = "2026-01-01T00:00:00Z";

/// Check the configuration and run the cases in its files
///
/// Every mistake is reported with its file, line and what was expected. Then each feed's cases go through the pipeline, on an empty
/// desk, and what comes out is compared with what the case expects, and with the schema of published items. The cases of the desk's
/// own topics are filed, and their topics compared.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Run the cases of this feed only.
    #[arg(long, value_name = "ID")]
    feed: Option<String>,
    /// Name every case, those that hold as well.
    #[arg(long, short)]
    verbose: bool,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let config = load(&cli.config)?;
        let validator = ItemValidator::new().map_err(CliError::Internal)?;
        let runner = Runner { config: &config, validator: &validator };
        let feeds: Vec<_> = match &self.feed {
            Some(id) => vec![super::desk::feed(&config, id)?],
            None => config.feeds.iter().collect(),
        };
        let mut out = io::stdout().lock();
        let (mut run, mut failed) = (0, 0);
        for feed in &feeds {
            for (at, case) in feed.config.cases.iter().enumerate() {
                run += 1;
                let failures = runner.run(feed, case)?;
                failed += usize::from(!failures.is_empty());
                if self.verbose && failures.is_empty() {
                    writeln!(out, "{}: case \"{}\": holds", feed.id, case.name)?;
                }
                let place = |(key, message)| {
                    runner.place(feed, &format!("/cases/{at}{key}"), &format!("case \"{}\": {message}", case.name))
                };
                let mut failures: Vec<_> = failures.into_iter().map(place).collect();
                failures.sort();
                for failure in failures {
                    writeln!(out, "{failure}")?;
                }
            }
            if feed.config.cases.is_empty() {
                writeln!(out, "{}: no cases: nothing says that it is read rightly", feed.id)?;
            }
        }
        if self.feed.is_none() {
            let topics = super::check_topics::run(&config, self.verbose, &mut out)?;
            run += topics.run;
            failed += topics.failed;
        }
        writeln!(
            out,
            "{}: {}, {}, {failed} failed",
            cli.config.display(),
            many(feeds.len(), "feed"),
            many(run, "case")
        )?;
        Ok(if failed == 0 { Exit::Fine } else { Exit::Rejects })
    }
}

struct Runner<'a> {
    config: &'a Configuration,
    validator: &'a ItemValidator,
}

impl Runner<'_> {
    /// What does not hold: a pointer within the case, and a message.
    fn run(&self, feed: &Arc<Feed>, case: &Case) -> Result<Vec<(String, String)>, CliError> {
        let folder = self.config.files.get(&*feed.id).and_then(|file| file.path.parent()).unwrap_or(Path::new("."));
        let received: Option<Timestamp> = case.received.as_deref().unwrap_or(RECEIVED).parse().ok();
        let record = input::file(feed, &folder.join(&case.input), 0, received)?;
        let prepared = self.config.pipeline.prepare(feed, &record.raw, |_| {});
        let ended = Desk::new(self.config).decide(feed, &record.raw, prepared)?;
        let count = ended.len();
        let Some(Ended { end, .. }) = ended.into_iter().find(|ended| ended.item == case.item) else {
            let message = format!("no item {} came out: the record holds {}", case.item, many(count, "item"));
            return Ok(vec![(String::new(), message)]);
        };
        match end {
            Err(reject) => Ok(refused(case, &reject)),
            Ok(decided) => {
                let json = decided.json()?;
                let item = serde_json::from_slice(&json).map_err(|error| CliError::Internal(error.to_string()))?;
                let mut failures = published(case, &item);
                let errors = self.validator.errors(&item);
                failures
                    .extend(errors.into_iter().map(|e| (String::new(), format!("not a valid published item: {e}"))));
                Ok(failures)
            }
        }
    }

    /// A failure with the place in the feed's file that asks for what does not hold.
    fn place(&self, feed: &Feed, pointer: &str, message: &str) -> Diagnostic {
        match self.config.files.get(&*feed.id) {
            Some(document) => document.error(pointer, message),
            None => Diagnostic::of_path(&self.config.dir, message),
        }
    }
}

fn refused(case: &Case, reject: &Reject) -> Vec<(String, String)> {
    match case.reject {
        Some(reason) if reason == reject.reason => Vec::new(),
        Some(reason) => {
            vec![("/reject".to_owned(), format!("expected the reject {}, found {reject}", reason.as_str()))]
        }
        None => vec![(String::new(), format!("expected an item, found the reject {reject}"))],
    }
}

fn published(case: &Case, item: &Value) -> Vec<(String, String)> {
    if let Some(reason) = case.reject {
        return vec![("/reject".to_owned(), format!("expected the reject {}, found an item", reason.as_str()))];
    }
    let mut failures = Vec::new();
    for (pointer, expected) in &case.expect {
        let place = crate::config::document::join("/expect", pointer);
        match item.pointer(pointer) {
            Some(actual) if matches(expected, actual) => {}
            Some(actual) => failures.push((place, format!("expected {expected}, found {actual}"))),
            None => failures.push((place, format!("expected {expected}, found nothing"))),
        }
    }
    for (at, pointer) in case.absent.iter().enumerate() {
        if let Some(actual) = item.pointer(pointer) {
            failures.push((format!("/absent/{at}"), format!("expected nothing at {pointer}, found {actual}")));
        }
    }
    failures
}

fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
