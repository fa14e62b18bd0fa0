//! Sets a desk up, sends records, and waits for what becomes of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use wiredesk::item::outcome::AuditRecord;

use crate::evidence::{Evidence, Place, audited};
use crate::support::instance::{Desk, Instance, Settings};
use crate::support::topics::{self, Follower, Record, Writer};
use crate::{ROUTES, laws, raw_topic, two_feeds};

/// The default of `desk.max_lateness_records`.
pub const MAX_LATENESS_RECORDS: u64 = 50_000;

/// A desk with the feeds `alpha` and `beta`, and what it takes to drive it.
pub struct Driver {
    pub bootstrap_servers: String,
    pub desk: Desk,
    pub writer: Writer,
    pub raw_topics: Vec<String>,
    pub max_lateness_records: u64,
}

impl Driver {
    /// A desk of that name, with so many raw partitions a feed.
    pub fn new(bootstrap_servers: &str, name: &str, partitions: i32, settings: Settings<'_>) -> Driver {
        let raw_topics = vec![raw_topic(name, "alpha"), raw_topic(name, "beta")];
        topics::create_topics(bootstrap_servers, &[(&raw_topics[0], partitions), (&raw_topics[1], partitions)]);
        let lateness = settings.iter().find(|(key, _)| *key == "desk.max_lateness_records");
        Driver {
            bootstrap_servers: bootstrap_servers.to_owned(),
            desk: Desk::new(bootstrap_servers, name, settings, &two_feeds(name), ROUTES),
            writer: Writer::new(bootstrap_servers),
            raw_topics,
            max_lateness_records: lateness.map_or(MAX_LATENESS_RECORDS, |(_, n)| n.parse().expect("a number")),
        }
    }

    pub fn alpha(&self) -> &str {
        &self.raw_topics[0]
    }

    pub fn beta(&self) -> &str {
        &self.raw_topics[1]
    }

    /// All raw partitions, with so many a feed.
    pub fn partitions(&self, partitions: i32) -> Vec<(String, i32)> {
        self.raw_topics.iter().flat_map(|t| (0..partitions).map(|p| (t.clone(), p))).collect()
    }

    /// A reader of the audit topic, which must exist.
    pub fn audit(&self) -> Follower {
        Follower::new(&self.bootstrap_servers, &[&self.desk.topic("wiredesk.audit")])
    }

    /// Sends records and waits until each has an outcome; returns the audit lines of all records so far.
    pub fn send_and_settle(&self, audit: &mut Follower, records: &[Record]) -> BTreeMap<Place, AuditRecord> {
        let expected = audit.records.len() + records.len();
        self.writer.write_all(records);
        audit.read_until("the outcome of each record", Duration::from_secs(60), |lines| lines.len() >= expected);
        lines(audit)
    }

    /// Sends records evenly over a time, calling `meanwhile` between slices with the share that is sent.
    pub fn send_over(&self, records: &[Record], time: Duration, mut meanwhile: impl FnMut(f64)) {
        let start = Instant::now();
        let mut sent = 0;
        while sent < records.len() {
            let due = start.elapsed().as_secs_f64() / time.as_secs_f64() * records.len() as f64;
            while sent < records.len() && (sent as f64) < due {
                self.writer.send(&records[sent]);
                sent += 1;
            }
            meanwhile(sent as f64 / records.len() as f64);
            std::thread::sleep(Duration::from_millis(10));
        }
        self.writer.flush();
    }

    /// Waits until every record of the raw topics has an outcome, or enough outcomes for it are there.
    ///
    /// # Panics
    /// When not in time: with the records that have none, and what each instance says of itself.
    pub fn wait_for_outcomes(&self, within: Duration, instances: &[&Instance]) {
        let ends: Vec<_> = self.raw_topics.iter().map(|t| topics::ends(&self.bootstrap_servers, t)).collect();
        let expected: i64 = ends.iter().flat_map(|e| e.values()).sum();
        let mut audit = self.audit();
        let deadline = Instant::now() + within;
        while (audit.records.len() as i64) < expected {
            if Instant::now() >= deadline {
                panic!("{} of {expected} outcomes after {within:?}\n{}", audit.records.len(), self.state(instances));
            }
            while audit.next(Duration::from_millis(100)).is_some() {}
        }
    }

    fn state(&self, instances: &[&Instance]) -> String {
        let mut text = String::new();
        for topic in &self.raw_topics {
            let committed = topics::committed(&self.bootstrap_servers, self.desk.group(), topic);
            let ends = topics::ends(&self.bootstrap_servers, topic);
            text.push_str(&format!("{topic}: committed {committed:?} of {ends:?}\n"));
        }
        for instance in instances {
            let ready = instance.get("/readyz");
            text.push_str(&format!("{}: /readyz {ready:?}, /desk {:?}\n", instance.id, instance.desk()));
            text.push_str(&format!("{}\n", instance.log_tail()));
        }
        text
    }

    /// Reads all topics and checks all laws.
    pub fn evidence(&self) -> Evidence {
        let evidence = Evidence::read(&self.bootstrap_servers, &self.desk, &self.raw_topics);
        laws::check_all(&evidence, &self.desk.prefix, self.max_lateness_records);
        evidence
    }
}

/// The audit lines read so far, by the record that they are about.
pub fn lines(audit: &Follower) -> BTreeMap<Place, AuditRecord> {
    audit.records.iter().map(audited).map(|a| (a.origin(), a.line)).collect()
}
