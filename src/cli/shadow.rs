//! `wiredesk shadow`: what a change of configuration would change, on recorded records.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::Cli;
use super::desk::{Desk, Ended, feed, load};
use super::error::{CliError, Exit};
use super::input::{self, Record};
use crate::config::Configuration;
use crate::prepare::feed::Feed;

const EXAMPLES: &str = "\
Examples:
  kcat -C -J -b localhost -t raw.metro -o -10000 -e > metro.jsonl
  wiredesk shadow --config config --against config.new metro.jsonl
  kcat -C -J -b localhost -t raw.metro -o -10000 -e | wiredesk shadow --against config.new

One line for each item that would end otherwise: its verdict, its streams, the members of the published item that differ.
Then the sums. Exit code 0 when nothing would change, else 1.";

/// Run recorded records through two configurations and print what would change
///
/// Each configuration has a desk of its own, empty at the beginning: items that duplicate or update what came before the
/// recording are taken for new by both.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The other configuration's folder.
    #[arg(long, value_name = "DIR")]
    against: PathBuf,
    /// The feed that the records belong to, by its id in both; default: the feed of each record's topic.
    #[arg(long, value_name = "ID")]
    feed: Option<String>,
    /// Records as `kcat -J` prints them, one a line; `-` or none is standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// How one item ends under one configuration.
#[derive(Debug, Default, PartialEq)]
struct End {
    /// The verdict with what it is of, or the reason of a reject.
    verdict: String,
    streams: BTreeSet<String>,
    item: Value,
}

/// What would change, in sum.
#[derive(Debug, Default)]
struct Sums {
    items: u64,
    changed: u64,
    verdicts: BTreeMap<(String, String), u64>,
    /// Items that a stream would gain and lose.
    streams: BTreeMap<String, (u64, u64)>,
    members: BTreeMap<String, u64>,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let (now, then) = (load(&cli.config)?, load(&self.against)?);
        let of_feed = self.feed.as_deref().map(|id| feed(&now, id)).transpose()?;
        let (mut desk_now, mut desk_then) = (Desk::new(&now), Desk::new(&then));
        let mut sums = Sums::default();
        let mut out = BufWriter::new(io::stdout().lock());
        for record in input::kcat(&now, of_feed, &self.files, None)? {
            let record = record?;
            if record.raw.payload.is_none() {
                continue;
            }
            let before = ends(&now, &mut desk_now, &record, &record.feed)?;
            let after = match self.feed_in(&then, &record) {
                Some(feed) => ends(&then, &mut desk_then, &record, feed)?,
                None => BTreeMap::from([(0, End { verdict: "no feed has its topic".to_owned(), ..End::default() })]),
            };
            for item in before.keys().chain(after.keys()).copied().collect::<BTreeSet<_>>() {
                let none = End { verdict: "no such item".to_owned(), ..End::default() };
                let (a, b) = (before.get(&item).unwrap_or(&none), after.get(&item).unwrap_or(&none));
                sums.items += 1;
                if let Some(line) = sums.compare(a, b) {
                    writeln!(out, "{} item {item}: {line}", record.raw.origin)?;
                }
            }
        }
        sums.print(&mut out)?;
        out.flush()?;
        Ok(if sums.changed == 0 { Exit::Fine } else { Exit::Rejects })
    }

    fn feed_in<'a>(&self, config: &'a Configuration, record: &Record) -> Option<&'a Arc<Feed>> {
        match &self.feed {
            Some(id) => config.feed(id),
            None => config.feed_of_topic(&record.raw.origin.topic),
        }
    }
}

/// How the items of a record end.
fn ends(
    config: &Configuration,
    desk: &mut Desk,
    record: &Record,
    feed: &Arc<Feed>,
) -> Result<BTreeMap<u32, End>, CliError> {
    let prepared = config.pipeline.prepare(feed, &record.raw, |_| {});
    let ended = desk.decide(feed, &record.raw, prepared)?;
    ended.into_iter().map(|ended| Ok((ended.item, End::of(ended)?))).collect()
}

impl End {
    fn of(ended: Ended) -> Result<Self, CliError> {
        let decided = match ended.end {
            Ok(decided) => decided,
            Err(reject) => {
                return Ok(End { verdict: format!("rejected: {}", reject.reason.as_str()), ..End::default() });
            }
        };
        let decision = decided.verdict.decision();
        let of = decision.of.map(|of| format!(" of {of}")).unwrap_or_default();
        let item = serde_json::from_slice(&decided.json()?).map_err(|error| CliError::Internal(error.to_string()))?;
        Ok(End {
            verdict: format!("{}{of}", decision.verdict.as_str()),
            streams: decided.verdict.verdict.streams.iter().cloned().collect(),
            item,
        })
    }
}

impl Sums {
    /// Counts an item; tells what differs, if anything does.
    fn compare(&mut self, now: &End, then: &End) -> Option<String> {
        let mut parts = Vec::new();
        if now.verdict != then.verdict {
            parts.push(format!("{} -> {}", now.verdict, then.verdict));
            let first = |verdict: &str| verdict.split(" of ").next().unwrap_or_default().to_owned();
            *self.verdicts.entry((first(&now.verdict), first(&then.verdict))).or_default() += 1;
        }
        for (streams, others, sign) in [(&then.streams, &now.streams, '+'), (&now.streams, &then.streams, '-')] {
            for stream in streams.difference(others) {
                parts.push(format!("{sign}{stream}"));
                let (gained, lost) = self.streams.entry(stream.clone()).or_default();
                *(if sign == '+' { gained } else { lost }) += 1;
            }
        }
        let differing = members(&now.item, &then.item);
        for member in &differing {
            *self.members.entry(member.clone()).or_default() += 1;
        }
        if !differing.is_empty() {
            parts.push(format!("otherwise: {}", differing.join(", ")));
        }
        self.changed += u64::from(!parts.is_empty());
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{} items, {} would change", self.items, self.changed)?;
        for ((now, then), count) in &self.verdicts {
            writeln!(out, "  verdict {now} -> {then}: {count}")?;
        }
        for (stream, (gained, lost)) in &self.streams {
            writeln!(out, "  {stream}: +{gained} -{lost}")?;
        }
        for (member, count) in &self.members {
            writeln!(out, "  {member}: {count}")?;
        }
        Ok(())
    }
}

/// Members of the published item that differ, besides those that verdict and streams tell already.
fn members(now: &Value, then: &Value) -> Vec<String> {
    const TOLD: [&str; 6] = ["verdict", "of", "routes", "kb", "root", "similarity"];
    let mut out = Vec::new();
    let mut differ = |prefix: &str, now: &Value, then: &Value| {
        let keys =
            |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default();
        for key in keys(now).union(&keys(then)) {
            let is_told = key == "wiredesk" || (!prefix.is_empty() && TOLD.contains(&key.as_str()));
            if !is_told && now.get(key) != then.get(key) {
                out.push(format!("{prefix}{key}"));
            }
        }
    };
    // An item that one of them refuses differs in all, which says nothing.
    if now.is_object() && then.is_object() {
        differ("", now, then);
        differ("wiredesk.", &now["wiredesk"], &then["wiredesk"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn end(verdict: &str, streams: &[&str], item: Value) -> End {
        End { verdict: verdict.to_owned(), streams: streams.iter().map(|s| (*s).to_owned()).collect(), item }
    }

    #[test]
    fn what_differs_is_told_and_summed() {
        let mut sums = Sums::default();
        let item = |subjects: &str, kb: &str| json!({"subjects": [subjects], "wiredesk": {"kb": kb, "regions": []}});
        let now = end("new", &["a", "b"], item("x", "1"));
        assert_eq!(
            sums.compare(&now, &end("new", &["b", "a"], item("x", "2"))),
            None,
            "another base alone is no change"
        );
        let then = end("duplicate of urn:1", &["b", "c"], item("y", "1"));
        let line = sums.compare(&now, &then).unwrap();
        assert_eq!(line, "new -> duplicate of urn:1; +c; -a; otherwise: subjects");
        let rejected = end("rejected: malformed", &[], Value::Null);
        assert_eq!(sums.compare(&now, &rejected).unwrap(), "new -> rejected: malformed; -a; -b");
        let mut out = Vec::new();
        sums.print(&mut out).unwrap();
        let expected = "0 items, 2 would change\n  verdict new -> duplicate: 1\n  verdict new -> rejected: malformed: 1\n  \
                        a: +0 -2\n  b: +0 -1\n  c: +1 -0\n  subjects: 1\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
