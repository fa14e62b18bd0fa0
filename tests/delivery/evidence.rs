//! Everything that a run left behind, read back by a `read_committed` reader.

use std::collections::{BTreeMap, HashMap};

use prost::Message;
use wiredesk::desk::sighting::{Body, Decision, Done, LogEntry, Sighting};
use wiredesk::item::outcome::AuditRecord;
use wiredesk::item::published;

use crate::support::instance::Desk;
use crate::support::topics::{self, Record};

/// A record's topic, partition and offset.
pub type Place = (String, i32, i64);

/// One item in an output topic.
#[derive(Clone, Debug)]
pub struct Output {
    pub record: Record,
    pub uri: String,
    pub origin: Place,
    pub decision: published::Decision,
}

/// One line of the audit topic, and where it stands.
#[derive(Clone, Debug)]
pub struct Audited {
    pub partition: i32,
    pub offset: i64,
    pub line: AuditRecord,
}

impl Audited {
    pub fn origin(&self) -> Place {
        (self.line.topic.clone(), self.line.partition, self.line.offset)
    }
}

/// What the sightings log says of one raw record: the sighting that counts, and the decision on it that counts.
#[derive(Clone, Debug)]
pub struct Remembered {
    pub sighting_offset: u64,
    pub sighting: Sighting,
    pub decision: Option<Decision>,
}

/// All topics of a desk.
pub struct Evidence {
    pub inputs: BTreeMap<Place, Record>,
    pub audit: Vec<Audited>,
    pub dead_letters: Vec<Record>,
    pub outputs: Vec<Output>,
    pub log: Vec<(u64, LogEntry)>,
}

impl Evidence {
    /// Reads the raw topics given and all topics of the desk.
    pub fn read(bootstrap_servers: &str, desk: &Desk, raw_topics: &[String]) -> Evidence {
        let read = |topic: String| topics::read_all(bootstrap_servers, [topic.as_str()]);
        let inputs = topics::read_all(bootstrap_servers, raw_topics.iter().map(String::as_str));
        let streams = topics::list_topics(bootstrap_servers, &desk.topic("news."));
        let outputs = topics::read_all(bootstrap_servers, streams.iter().map(String::as_str));
        Evidence {
            inputs: inputs.into_iter().map(|r| ((r.topic.clone(), r.partition, r.offset), r)).collect(),
            audit: read(desk.topic("wiredesk.audit")).iter().map(audited).collect(),
            dead_letters: read(desk.topic("wiredesk.dlq")),
            outputs: outputs.into_iter().map(output).collect(),
            log: read(desk.topic("wiredesk.sightings")).iter().map(log_entry).collect(),
        }
    }

    /// Audit lines by the record that they are about.
    pub fn audit_by_origin(&self) -> HashMap<Place, &Audited> {
        self.audit.iter().map(|a| (a.origin(), a)).collect()
    }

    /// What the log remembers. This is the tests' own reading of it, made without the service's fold; see [`Memory`].
    pub fn remembered(&self, max_lateness_records: u64) -> BTreeMap<Place, Remembered> {
        let mut memory = Memory::default();
        for (offset, entry) in &self.log {
            let counts = offset.saturating_sub(entry.seen) <= max_lateness_records;
            match &entry.body {
                Some(Body::Sighting(sighting)) if !counts => memory.miss(*offset, &entry.writer, sighting),
                Some(Body::Sighting(sighting)) if memory.follows_a_miss(entry, sighting) => {}
                Some(Body::Sighting(sighting)) => memory.sight(*offset, sighting),
                Some(Body::Decision(decision)) if counts => memory.decide(decision),
                Some(Body::Done(done)) => memory.pass(done),
                _ => {}
            }
        }
        memory.records
    }
}

/// The log's rules as its types state them, for a log whose window never rolls: the first sighting of a record counts, unless its
/// writer had not read yet that its sighting of an earlier record came too late; the first decision on a counted sighting counts;
/// what a `Done` passes undecided is void, and may be sighted anew.
#[derive(Default)]
struct Memory {
    records: BTreeMap<Place, Remembered>,
    place_of: HashMap<u64, Place>,
    /// Sightings that came too late: log offset, writer, and the place.
    missed: Vec<(u64, String, Place)>,
}

impl Memory {
    fn miss(&mut self, log_offset: u64, writer: &str, sighting: &Sighting) {
        let place = (sighting.topic.clone(), sighting.partition, sighting.offset);
        self.missed.push((log_offset, writer.to_owned(), place));
    }

    fn follows_a_miss(&self, entry: &LogEntry, sighting: &Sighting) -> bool {
        self.missed.iter().any(|(log_offset, writer, (topic, partition, offset))| {
            *log_offset >= entry.seen
                && *writer == entry.writer
                && (topic, *partition) == (&sighting.topic, sighting.partition)
                && *offset < sighting.offset
        })
    }

    fn sight(&mut self, log_offset: u64, sighting: &Sighting) {
        let place = (sighting.topic.clone(), sighting.partition, sighting.offset);
        if self.records.contains_key(&place) {
            return;
        }
        self.place_of.insert(log_offset, place.clone());
        self.records
            .insert(place, Remembered { sighting_offset: log_offset, sighting: sighting.clone(), decision: None });
    }

    fn decide(&mut self, decision: &Decision) {
        let sighted = self.place_of.get(&decision.sighting).and_then(|place| self.records.get_mut(place));
        if let Some(remembered) = sighted.filter(|r| r.sighting_offset == decision.sighting) {
            remembered.decision.get_or_insert_with(|| decision.clone());
        }
    }

    fn pass(&mut self, done: &Done) {
        self.records.retain(|(topic, partition, offset), record| {
            record.decision.is_some()
                || (topic, *partition) != (&done.topic, done.partition)
                || *offset >= done.position
        });
    }
}

/// One line of the audit topic.
pub fn audited(record: &Record) -> Audited {
    let line = serde_json::from_value(record.json())
        .unwrap_or_else(|e| panic!("{} is no audit line: {e}: {}", record.place(), record.json()));
    Audited { partition: record.partition, offset: record.offset, line }
}

fn output(record: Record) -> Output {
    let json = record.json();
    let part = |what: &str| json[what].clone();
    let read = || -> Result<(published::Prepared<'static>, published::Decision), serde_json::Error> {
        Ok((serde_json::from_value(part("wiredesk"))?, serde_json::from_value(part("wiredesk"))?))
    };
    let (prepared, decision) = read().unwrap_or_else(|e| panic!("{} is no item: {e}: {json}", record.place()));
    let uri = json["uri"].as_str().unwrap_or_else(|| panic!("{} has no uri", record.place())).to_owned();
    let origin = (prepared.origin.topic, prepared.origin.partition, prepared.origin.offset);
    Output { record, uri, origin, decision }
}

fn log_entry(record: &Record) -> (u64, LogEntry) {
    let entry = LogEntry::decode(record.payload.as_deref().unwrap_or_default())
        .unwrap_or_else(|e| panic!("{} is no log entry: {e}", record.place()));
    (record.offset.unsigned_abs(), entry)
}
