//! A record's prepared content and the desk's verdicts to what goes out: output records, dead letters, audit lines.

use std::sync::Arc;

use super::names::Names;
use super::prepare_pool::{Content, Prepared};
use super::publisher::Outgoing;
use super::schema_registry::Framing;
use crate::config::routes::{HeaderSet, OutputConfig};
use crate::desk::owner::DecidedItem;
use crate::item::outcome::AuditRecord;
use crate::item::output::{self, Forms, OutputError};
use crate::item::published::{Decision, Head};
use crate::item::{Outcome, RawItem, Reject, RejectReason, Stage};

/// What becomes of a record.
#[derive(Debug, Default)]
pub struct Rendered {
    pub outgoing: Vec<Outgoing>,
    pub lines: Vec<Line>,
}

/// What is said of one item.
#[derive(Debug)]
pub struct Line {
    pub audit: AuditRecord,
    /// Why it was refused, if it was.
    pub reject: Option<Reject>,
}

/// Who renders, and under which names.
#[derive(Clone, Copy, Debug)]
pub struct Renderer<'a> {
    pub names: &'a Names,
    pub instance: &'a str,
    /// Partitions of the audit topic: a raw partition's lines stay together.
    pub audit_partitions: i32,
    /// Largest record that the output and dead-letter topics take.
    pub max_bytes: usize,
    /// Schema ids that stand before the values of topics.
    pub framing: &'a Framing,
}

/// What a record takes on the wire besides key, value and headers, generously.
const RECORD_OVERHEAD_BYTES: usize = 1024;

impl Renderer<'_> {
    /// Renders a record with the verdicts on its items; without any for a record that was never sighted.
    pub fn render(&self, prepared: &Prepared, decided: &[DecidedItem]) -> Rendered {
        let mut out = Rendered::default();
        match &prepared.content {
            Content::Tombstone => self.end(&mut out, prepared, 0, Outcome::Skipped, None),
            Content::Rejected(reject) => {
                self.reject(&mut out, prepared, 0, reject.clone());
                self.missing(&mut out, prepared, decided, &[0]);
            }
            Content::Items(items) => {
                for (item, content) in items {
                    match (content, decided.iter().find(|d| d.item == *item)) {
                        (Ok(head), Some(decided)) => self.item(&mut out, prepared, head, decided),
                        (Ok(_), None) => self.reject(&mut out, prepared, *item, changed("has an item more now")),
                        (Err(reject), _) => self.reject(&mut out, prepared, *item, reject.clone()),
                    }
                }
                let seen: Vec<u32> = items.iter().map(|(item, _)| *item).collect();
                self.missing(&mut out, prepared, decided, &seen);
            }
        }
        for line in &out.lines {
            let value = serde_json::to_vec(&line.audit).unwrap_or_default();
            out.outgoing.push(self.audit_record(&prepared.raw, value));
        }
        out
    }

    /// Items that were sighted once and are not read any more.
    fn missing(&self, out: &mut Rendered, prepared: &Prepared, decided: &[DecidedItem], seen: &[u32]) {
        for item in decided.iter().filter(|d| !seen.contains(&d.item)) {
            self.reject(out, prepared, item.item, changed("is not read as an item any more"));
        }
    }

    fn item(&self, out: &mut Rendered, prepared: &Prepared, head: &Head, decided: &DecidedItem) {
        let mut decision = decided.decision();
        decision.routes.iter_mut().for_each(|stream| *stream = self.names.stream(stream));
        let outcome = if decision.routes.is_empty() { Outcome::Suppressed } else { Outcome::Published };
        if outcome == Outcome::Published {
            match self.records(prepared, head, decided, &decision) {
                Ok(records) => out.outgoing.extend(records),
                Err(error) => {
                    let reject = Reject::new(Stage::Publish, RejectReason::Internal, error.to_string());
                    return self.reject(out, prepared, decided.item, reject);
                }
            }
        }
        let audit = AuditRecord {
            uri: Some(decided.uri.clone()),
            verdict: Some(decision.verdict),
            of: decision.of,
            streams: decision.routes,
            ..self.line(prepared, decided.item, outcome)
        };
        out.lines.push(Line { audit, reject: None });
    }

    /// One record for each stream, in the form that its route asks for.
    fn records(
        &self,
        prepared: &Prepared,
        head: &Head,
        decided: &DecidedItem,
        decision: &Decision,
    ) -> Result<Vec<Outgoing>, OutputError> {
        let ninjs = head.finish(&decided.uri, decision)?;
        let mut forms = Forms::of(ninjs);
        let cloud_event = cloud_event(prepared, decided);
        let record = |(topic, stream): (&String, &String)| {
            let output = prepared.routes.output(stream);
            Ok(Outgoing {
                topic: topic.clone(),
                partition: None,
                key: Some(
                    output::key(output, &decided.uri, &decision.root, decision.story.as_deref()).as_bytes().to_vec(),
                ),
                payload: Some(forms.value(output, self.framing.get(topic).copied())?),
                headers: headers(&cloud_event, output),
                timestamp_ms: Some(prepared.raw.timestamp_ms),
            })
        };
        decision.routes.iter().zip(&decided.verdict.streams).map(record).collect()
    }

    fn end(&self, out: &mut Rendered, prepared: &Prepared, item: u32, outcome: Outcome, reject: Option<Reject>) {
        let reason = reject.as_ref().map(|r| r.reason);
        let audit = AuditRecord { reason, ..self.line(prepared, item, outcome) };
        out.lines.push(Line { audit, reject });
    }

    fn line(&self, prepared: &Prepared, item: u32, outcome: Outcome) -> AuditRecord {
        let origin = &prepared.raw.origin;
        AuditRecord {
            feed: prepared.feed.id.to_string(),
            topic: origin.topic.to_string(),
            partition: origin.partition,
            offset: origin.offset,
            item,
            outcome,
            uri: None,
            verdict: None,
            of: None,
            streams: Vec::new(),
            reason: None,
            instance: self.instance.to_owned(),
        }
    }

    /// The dead letter: the record's bytes and headers, and the cause in headers of its own.
    fn reject(&self, out: &mut Rendered, prepared: &Prepared, item: u32, reject: Reject) {
        let raw = &prepared.raw;
        let mut headers: Vec<(String, Vec<u8>)> =
            raw.headers.iter().map(|(n, v)| (n.clone(), v.clone().unwrap_or_default())).collect();
        let mut header = |name: &str, value: String| headers.push((format!("wiredesk.{name}"), value.into_bytes()));
        header("feed", prepared.feed.id.to_string());
        header("stage", reject.stage.as_str().to_owned());
        header("reason", reject.reason.as_str().to_owned());
        header("message", reject.message.clone());
        header("topic", raw.origin.topic.to_string());
        header("partition", raw.origin.partition.to_string());
        header("offset", raw.origin.offset.to_string());
        header("item", item.to_string());
        header("timestamp", raw.timestamp_ms.to_string());
        let payload = self.dead_payload(raw, &mut headers).map(Arc::new);
        out.outgoing.push(Outgoing {
            topic: self.names.dlq.clone(),
            partition: None,
            key: raw.key.clone(),
            payload,
            headers,
            timestamp_ms: Some(raw.timestamp_ms),
        });
        self.end(out, prepared, item, Outcome::Rejected, Some(reject));
    }

    /// The record's bytes, as far as the dead-letter topic takes them.
    fn dead_payload(&self, raw: &RawItem, headers: &mut Vec<(String, Vec<u8>)>) -> Option<Vec<u8>> {
        let taken: usize = headers.iter().map(|(n, v)| n.len() + v.len()).sum();
        let room = self.max_bytes.saturating_sub(taken + raw.key.as_ref().map_or(0, Vec::len) + RECORD_OVERHEAD_BYTES);
        let payload = raw.payload.as_deref()?;
        if payload.len() > room {
            headers.push(("wiredesk.truncated_from_bytes".to_owned(), payload.len().to_string().into_bytes()));
        }
        Some(payload[..payload.len().min(room)].to_vec())
    }

    fn audit_record(&self, raw: &RawItem, value: Vec<u8>) -> Outgoing {
        let name = format!("{}/{}", raw.origin.topic, raw.origin.partition);
        let hash = xxhash_rust::xxh3::xxh3_64(name.as_bytes());
        let partition = (hash % self.audit_partitions.max(1).unsigned_abs() as u64) as i32;
        Outgoing {
            topic: self.names.audit.clone(),
            partition: Some(partition),
            key: Some(name.into_bytes()),
            payload: Some(Arc::new(value)),
            headers: Vec::new(),
            timestamp_ms: None,
        }
    }
}

fn changed(what: &str) -> Reject {
    let message = format!(
        "the record {what}: another version of the program or the configuration sighted it; replay the dead letter to have \
         it read afresh"
    );
    Reject::new(Stage::Decide, RejectReason::ChangedSinceSighted, message)
}

/// The headers that a stream's route asks for.
fn headers(cloud_event: &[(String, Vec<u8>)], output: OutputConfig) -> Vec<(String, Vec<u8>)> {
    let mut headers = match output.headers {
        HeaderSet::Cloudevents => cloud_event.to_vec(),
        HeaderSet::Plain => Vec::new(),
        HeaderSet::None => return Vec::new(),
    };
    headers.push(("content-type".to_owned(), output::content_type(output).as_bytes().to_vec()));
    headers
}

/// The Kafka binding of CloudEvents 1.0 in binary mode, and the W3C trace context where the input has one.
fn cloud_event(prepared: &Prepared, decided: &DecidedItem) -> Vec<(String, Vec<u8>)> {
    let raw = &prepared.raw;
    let origin = &raw.origin;
    let mut headers = vec![
        ("ce_specversion".to_owned(), b"1.0".to_vec()),
        ("ce_id".to_owned(), format!("{origin}/{}", decided.item).into_bytes()),
        ("ce_source".to_owned(), format!("/wiredesk/{}", prepared.feed.id).into_bytes()),
        ("ce_type".to_owned(), format!("wiredesk.item.{}", verdict(decided)).into_bytes()),
        ("ce_subject".to_owned(), decided.uri.clone().into_bytes()),
    ];
    if let Ok(time) = jiff::Timestamp::from_millisecond(raw.timestamp_ms) {
        headers.push(("ce_time".to_owned(), time.to_string().into_bytes()));
    }
    for name in ["traceparent", "tracestate"] {
        if let Some(value) = raw.header(name) {
            headers.push((name.to_owned(), value.as_bytes().to_vec()));
        }
    }
    headers
}

fn verdict(decided: &DecidedItem) -> &'static str {
    crate::item::published::Verdict::from(decided.verdict.verdict()).as_str()
}
