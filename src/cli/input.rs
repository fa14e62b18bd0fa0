//! Records without a broker: files, standard input, and what `kcat -J` prints.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::error::CliError;
use crate::config::Configuration;
use crate::item::{RawItem, RecordOrigin};
use crate::prepare::feed::Feed;

/// One record, its feed, and where it was read for messages: `story.txt`, `records.jsonl:17`.
pub struct Record {
    pub feed: Arc<Feed>,
    pub raw: RawItem,
    pub source: String,
}

/// Records in the order of the input.
pub type Records<'a> = Box<dyn Iterator<Item = Result<Record, CliError>> + 'a>;

/// A time on the command line.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("expected an RFC 3339 time such as 2026-03-10T09:30:00Z: {error}"))
}

/// Every file is one record, as if they had arrived on the feed's first topic one after the other.
pub fn files<'a>(feed: &'a Arc<Feed>, paths: &'a [PathBuf], received: Option<Timestamp>) -> Records<'a> {
    let stdin = [PathBuf::from("-")];
    let paths = if paths.is_empty() { stdin.to_vec() } else { paths.to_vec() };
    Box::new(paths.into_iter().zip(0..).map(move |(path, offset)| file(feed, &path, offset, received)))
}

/// One file as one record. Its time is `received`, else the file's own, else now.
pub fn file(feed: &Arc<Feed>, path: &Path, offset: i64, received: Option<Timestamp>) -> Result<Record, CliError> {
    let fail = |source| CliError::Read { path: path.to_owned(), source };
    let (payload, modified) = if is_stdin(path) {
        let mut payload = Vec::new();
        io::stdin().lock().read_to_end(&mut payload).map_err(fail)?;
        (payload, None)
    } else {
        let modified = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| Timestamp::try_from(t).ok());
        (fs::read(path).map_err(fail)?, modified)
    };
    let time = received.or(modified).unwrap_or_else(Timestamp::now);
    let topic = feed.config.topics.first().map_or("raw", String::as_str);
    let raw = RawItem {
        origin: RecordOrigin { topic: Arc::from(topic), partition: 0, offset },
        key: None,
        payload: Some(payload),
        headers: Vec::new(),
        timestamp_ms: time.as_millisecond(),
    };
    Ok(Record { feed: Arc::clone(feed), raw, source: name(path) })
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// One line of `kcat -J`.
#[derive(Deserialize)]
struct Envelope {
    topic: String,
    partition: i32,
    offset: i64,
    /// Milliseconds since the Unix epoch; kcat writes -1 or leaves it out where the record has no time.
    ts: Option<i64>,
    key: Option<String>,
    /// Names and values in turn.
    #[serde(default)]
    headers: Vec<Option<String>>,
    /// Null is a tombstone.
    payload: Option<String>,
}

/// Every line is one record. It belongs to `feed`, else to the feed that its topic belongs to.
pub fn kcat<'a>(
    config: &'a Configuration,
    feed: Option<&'a Arc<Feed>>,
    paths: &[PathBuf],
    received: Option<Timestamp>,
) -> Result<Records<'a>, CliError> {
    let stdin = [PathBuf::from("-")];
    let mut records: Records<'a> = Box::new(std::iter::empty());
    for path in if paths.is_empty() { &stdin } else { paths } {
        let read = |source| CliError::Read { path: path.clone(), source };
        let reader: Box<dyn BufRead> = if is_stdin(path) {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(read)?))
        };
        let path = path.clone();
        let lines = reader.split(b'\n').zip(1..).filter_map(move |(line, number)| {
            let source = format!("{}:{number}", name(&path));
            match line {
                Ok(line) if line.trim_ascii().is_empty() => None,
                Ok(line) => Some(envelope(config, feed, &line, source, received)),
                Err(source) => Some(Err(CliError::Read { path: path.clone(), source })),
            }
        });
        records = Box::new(records.chain(lines));
    }
    Ok(records)
}

fn envelope(
    config: &Configuration,
    feed: Option<&Arc<Feed>>,
    line: &[u8],
    source: String,
    received: Option<Timestamp>,
) -> Result<Record, CliError> {
    let envelope: Envelope = serde_json::from_slice(line)
        .map_err(|error| CliError::Usage(format!("{source}: not a record as `kcat -J` prints it: {error}")))?;
    let Some(feed) = feed.or_else(|| config.feed_of_topic(&envelope.topic)) else {
        let message = format!("{source}: topic \"{}\" belongs to no feed; name one with --feed", envelope.topic);
        return Err(CliError::Usage(message));
    };
    let own_time = envelope.ts.filter(|ts| *ts >= 0);
    let timestamp_ms =
        received.map(Timestamp::as_millisecond).or(own_time).unwrap_or_else(|| Timestamp::now().as_millisecond());
    let mut headers = Vec::new();
    let mut parts = envelope.headers.into_iter();
    while let Some(name) = parts.next() {
        headers.push((name.unwrap_or_default(), parts.next().flatten().map(String::into_bytes)));
    }
    let raw = RawItem {
        origin: RecordOrigin {
            topic: Arc::from(envelope.topic),
            partition: envelope.partition,
            offset: envelope.offset,
        },
        key: envelope.key.map(String::into_bytes),
        payload: envelope.payload.map(String::into_bytes),
        headers,
        timestamp_ms,
    };
    Ok(Record { feed: Arc::clone(feed), raw, source })
}
