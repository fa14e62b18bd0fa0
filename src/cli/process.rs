//! `wiredesk process`: the pipeline on files, without a broker.

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

use super::Cli;
use super::desk::{Desk, Prepared, feed, load};
use super::error::{CliError, Exit};
use super::input::{self, Record, Records};
use crate::item::published::PublishedOrigin;
use crate::item::{Reject, RejectReason, Stage};
use crate::pipeline::Pipeline;

/// Records that are prepared together, at most.
const BATCH_RECORDS: usize = 512;
/// Bytes of records that are prepared together; one record may be larger.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  wiredesk process --feed metro story.txt             one file, one record
  wiredesk process --feed metro < story.txt
  wiredesk process --feed metro --received 2026-03-10T09:30:00Z *.txt
  kcat -C -J -b localhost -t raw.metro -e | wiredesk process --envelope kcat

Each published item is one JSON line. A rejected one is a JSON line on standard error, and the exit code is 1. Duplicates
that their feed drops and stale versions are not printed, unless with --all; nor are tombstones.";

/// Run the pipeline on files or standard input, without a broker: one JSON line an item
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The feed that the records belong to. With an envelope, default: the feed of each record's topic.
    #[arg(long, value_name = "ID", required_unless_present = "envelope")]
    feed: Option<String>,
    /// How records are wrapped in the input; without it every file, or all of standard input, is one record.
    #[arg(long, value_enum)]
    envelope: Option<Envelope>,
    /// Take the records as received at this RFC 3339 time; default: the record's own time, else the file's, else now.
    #[arg(long, value_name = "TIME", value_parser = input::parse_time)]
    received: Option<Timestamp>,
    /// Print items that go to no stream, too.
    #[arg(long)]
    all: bool,
    /// Input files; `-` or none is standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Envelope {
    /// One record a line, as `kcat -J` prints it: topic, partition, offset, ts, key, payload, headers.
    Kcat,
}

/// One line on standard error.
#[derive(Serialize)]
struct RejectLine<'a> {
    /// File, and line in it.
    input: &'a str,
    feed: &'a str,
    origin: PublishedOrigin,
    stage: Stage,
    reason: RejectReason,
    message: &'a str,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let config = load(&cli.config)?;
        let mut desk = Desk::new(&config);
        let of_feed = self.feed.as_deref().map(|id| feed(&config, id)).transpose()?;
        let mut records = match (self.envelope, of_feed) {
            (None, Some(feed)) => input::files(feed, &self.files, self.received),
            (_, feed) => input::kcat(&config, feed, &self.files, self.received)?,
        };
        let mut out = BufWriter::new(io::stdout().lock());
        let mut rejects = 0_usize;
        loop {
            let (batch, failed) = next_batch(&mut records);
            let is_last = batch.is_empty();
            for (record, prepared) in prepare(&config.pipeline, batch) {
                rejects += self.finish(&mut desk, &record, prepared, &mut out)?;
            }
            out.flush()?;
            if let Some(error) = failed {
                return Err(error);
            }
            if is_last {
                return Ok(if rejects == 0 { Exit::Fine } else { Exit::Rejects });
            }
        }
    }

    /// Decides one record and prints how its items ended; gives the number of rejects.
    fn finish(
        &self,
        desk: &mut Desk,
        record: &Record,
        prepared: Prepared,
        out: &mut impl Write,
    ) -> Result<usize, CliError> {
        let mut rejects = 0;
        for ended in desk.decide(&record.feed, &record.raw, prepared)? {
            match ended.end {
                Ok(decided) if decided.is_suppressed() && !self.all => {}
                Ok(decided) => {
                    out.write_all(&decided.json()?)?;
                    out.write_all(b"\n")?;
                }
                Err(reject) => {
                    rejects += 1;
                    report(record, ended.item, &reject)?;
                }
            }
        }
        Ok(rejects)
    }
}

/// The next records, none but at the end, and what stopped the reading.
fn next_batch(records: &mut Records<'_>) -> (Vec<Record>, Option<CliError>) {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_RECORDS && bytes < BATCH_BYTES {
        match records.next() {
            None => break,
            // A tombstone is counted by the service and skipped; here it is skipped.
            Some(Ok(record)) if record.raw.payload.is_none() => {}
            Some(Ok(record)) => {
                bytes += record.raw.size_bytes();
                batch.push(record);
            }
            Some(Err(error)) => return (batch, Some(error)),
        }
    }
    (batch, None)
}

/// Prepares records on all cores and gives them back in their order.
fn prepare(pipeline: &Pipeline, batch: Vec<Record>) -> Vec<(Record, Prepared)> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = batch.len().div_ceil(threads).max(1);
    let one = |record: &Record| pipeline.prepare(&record.feed, &record.raw, |_| {});
    let prepared: Vec<Prepared> = thread::scope(|scope| {
        let workers: Vec<_> =
            batch.chunks(share).map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>())).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Vec<Prepared>>| match worker.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().flat_map(join).collect()
    });
    batch.into_iter().zip(prepared).collect()
}

fn report(record: &Record, item: u32, reject: &Reject) -> Result<(), CliError> {
    let origin = &record.raw.origin;
    let line = RejectLine {
        input: &record.source,
        feed: &record.feed.id,
        origin: PublishedOrigin {
            topic: origin.topic.to_string(),
            partition: origin.partition,
            offset: origin.offset,
            item,
            key: record.raw.key.as_ref().and_then(|key| String::from_utf8(key.clone()).ok()),
        },
        stage: reject.stage,
        reason: reject.reason,
        message: &reject.message,
    };
    let line = serde_json::to_string(&line).map_err(|error| CliError::Internal(error.to_string()))?;
    eprintln!("{line}");
    Ok(())
}
