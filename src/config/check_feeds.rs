//! What no schema can say about the feeds' files, each by itself and all together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::Diagnostic;
use super::document::{Document, join};
use super::feed::{Case, FeedConfig};
use super::service::ServiceConfig;
use crate::prepare::feed::Feed;

/// What Kafka takes as a topic's name, at most.
const MAX_TOPIC_CHARS: usize = 249;

/// One feed's file, as far as it could be read.
pub struct FeedFile {
    pub document: Document,
    pub config: FeedConfig,
}

/// Checks one feed and compiles it.
pub fn check(file: &FeedFile, service: &ServiceConfig, found: &mut Vec<Diagnostic>) -> Option<Arc<Feed>> {
    let FeedFile { document, config } = file;
    let stem = document.path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    if config.id != stem {
        let message = format!("found \"{}\", expected \"{stem}\": a feed's id is its file's name", config.id);
        found.push(document.error("/id", message));
    }
    if let Some(window) = config.dedupe.window_secs.filter(|window| *window > service.desk.window_secs) {
        let message = format!("found {window}, expected at most desk.window_secs ({})", service.desk.window_secs);
        found.push(document.error("/dedupe/window_secs", message));
    }
    if config.max_item_bytes > service.limits.in_flight_bytes {
        let message = format!(
            "found {}, expected at most limits.in_flight_bytes ({}): an item of that size could never be read",
            config.max_item_bytes, service.limits.in_flight_bytes
        );
        found.push(document.error("/max_item_bytes", message));
    }
    for (at, case) in config.cases.iter().enumerate() {
        check_case(document, &format!("/cases/{at}"), case, found);
    }
    for (at, table) in config.knowledge.tables.iter().enumerate().filter(|(_, table)| !table.is_file()) {
        let message = format!("no file stands at {}", table.display());
        found.push(document.error(&format!("/knowledge/tables/{at}"), message));
    }
    repeated(document, config, found);
    match Feed::compile(config.clone()) {
        Ok(feed) => Some(Arc::new(feed)),
        Err(errors) => {
            found.extend(errors.into_iter().map(|error| document.error_at_path(&error.key, error.message)));
            None
        }
    }
}

fn check_case(document: &Document, pointer: &str, case: &Case, found: &mut Vec<Diagnostic>) {
    let folder = document.path.parent().unwrap_or(Path::new("."));
    let input = folder.join(&case.input);
    if !input.is_file() {
        found.push(document.error(&join(pointer, "input"), format!("no file stands at {}", input.display())));
    }
    if let Some(received) = &case.received
        && let Err(error) = received.parse::<Timestamp>()
    {
        let message =
            format!("found \"{received}\", expected an RFC 3339 time such as \"2026-03-10T09:30:00Z\": {error}");
        found.push(document.error(&join(pointer, "received"), message));
    }
    let named = case.expect.keys().map(|p| (join(&join(pointer, "expect"), p), p));
    let missing = case.absent.iter().enumerate().map(|(at, p)| (join(&join(pointer, "absent"), &at.to_string()), p));
    for (place, given) in named.chain(missing) {
        if !given.starts_with('/') {
            let message = format!("found \"{given}\", expected a JSON Pointer such as \"/headlines/0/value\"");
            found.push(document.error_at_key(&place, message));
        }
    }
    let checks_item = !case.expect.is_empty() || !case.absent.is_empty();
    if checks_item == case.reject.is_some() {
        let message = "expected either `expect` or `absent`, or `reject`: an item comes out, or it is refused";
        found.push(document.error(pointer, message));
    }
}

/// Names that a feed's file gives twice.
fn repeated(document: &Document, config: &FeedConfig, found: &mut Vec<Diagnostic>) {
    let mut lists = Vec::new();
    lists.push(("/cases", config.cases.iter().map(|c| &c.name).collect::<Vec<_>>()));
    lists.push(("/boilerplate", config.boilerplate.iter().map(|r| &r.name).collect()));
    for (list, names) in lists {
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                found.push(document.error(&format!("{list}/{at}/name"), format!("\"{name}\" is there already")));
            }
        }
    }
}

/// Checks that every raw topic belongs to one feed, and is none that wiredesk writes.
pub fn check_topics(files: &[FeedFile], service: &ServiceConfig, streams: &[String], found: &mut Vec<Diagnostic>) {
    let mut owners: BTreeMap<&str, &Document> = BTreeMap::new();
    let prefix = &service.kafka.topic_prefix;
    for FeedFile { document, config } in files {
        for (at, topic) in config.topics.iter().enumerate() {
            let mut fail = |message: String| found.push(document.error(&format!("/topics/{at}"), message));
            if !is_topic_name(topic) {
                fail(format!(
                    "found \"{topic}\", expected a Kafka topic's name: up to {MAX_TOPIC_CHARS} letters, digits, `.`, `_`, `-`"
                ));
            }
            let own = topic.strip_prefix(prefix.as_str());
            if own.is_some_and(|name| name.starts_with("wiredesk.")) {
                fail(format!("\"{topic}\" is one of wiredesk's own topics: it would read what it writes"));
            }
            if own.is_some_and(|name| streams.iter().any(|stream| stream == name)) {
                fail(format!("\"{topic}\" is an output topic: it would read what it writes"));
            }
            match owners.get(topic.as_str()) {
                Some(other) => {
                    fail(format!("\"{topic}\" belongs to {} already; a topic has one feed", other.path.display()))
                }
                None => drop(owners.insert(topic, document)),
            }
        }
    }
}

pub(super) fn is_topic_name(name: &str) -> bool {
    let taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.len() <= MAX_TOPIC_CHARS && !matches!(name, "." | "..") && name.chars().all(taken)
}
