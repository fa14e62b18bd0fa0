//! Originals lie sighted, but not published, with an instance that is stopped; their updates and kills reach another one.

use std::collections::BTreeSet;
use std::time::Duration;

use prost::Message;
use wiredesk::desk::sighting::{Body, LogEntry};
use wiredesk::item::published::Verdict;

use crate::drive::{Driver, lines};
use crate::support::copy::{Newsroom, Story};
use crate::support::instance::Instance;
use crate::support::topics::{Follower, Record};
use crate::{shared_broker, test_seed};

/// Originals in one burst. The first sighting in the log stops their owner, which has then published few of them.
const BURST: usize = 400;

/// The instance that owns a raw partition: the one that publishes what is put there.
fn owner(driver: &Driver, audit: &mut Follower, newsroom: &mut Newsroom, topic: &str, case: &str) -> String {
    let probe = Record::to(topic, 0, newsroom.story().text()).header("case", case);
    let all = driver.send_and_settle(audit, &[probe]);
    let last = all.iter().rfind(|((t, ..), _)| t == topic);
    last.map(|(_, line)| line.instance.clone()).expect("the probe has an outcome")
}

fn is_burst(record: &Record) -> bool {
    let entry = LogEntry::decode(record.payload.as_deref().unwrap_or_default());
    let body = entry.ok().and_then(|e| e.body);
    matches!(body, Some(Body::Sighting(s)) if s.items.first().is_some_and(|i| i.uri.starts_with("tag:burst.example")))
}

fn item(topic: &str, n: usize, version: &str, story: &Story) -> Record {
    let id = format!("tag:burst.example,2026:{n}");
    Record::to(topic, 0, story.text()).key(&id).header("version", version).header("case", format!("{n}-{version}"))
}

#[test]
fn updates_and_kills_wait_for_originals_of_a_stopped_instance() {
    let mut newsroom = Newsroom::new(test_seed("updates_and_kills_wait_for_originals_of_a_stopped_instance"));
    let driver = Driver::new(&shared_broker(), "ordering", 1, &[("limits.transaction_records", "20")]);
    let mut instances = [driver.desk.start_ready("one"), driver.desk.start_ready("two")];
    instances.iter().for_each(|instance| instance.wait_owns(1, Duration::from_secs(30)));
    let mut audit = driver.audit();
    let alphas = owner(&driver, &mut audit, &mut newsroom, driver.alpha(), "probe-a");
    let betas = owner(&driver, &mut audit, &mut newsroom, driver.beta(), "probe-b");
    assert_ne!(alphas, betas, "each instance owns one of the two raw partitions");

    let originals: Vec<Story> = (0..BURST).map(|_| newsroom.story()).collect();
    let mut log = Follower::new(&driver.bootstrap_servers, &[&driver.desk.topic("wiredesk.sightings")]);
    for (n, story) in originals.iter().enumerate() {
        driver.writer.send(&item(driver.alpha(), n, "1", story));
    }
    log.read_until("the first sighting of the burst", Duration::from_secs(30), |r| r.iter().any(is_burst));
    let stopped = instances.iter_mut().find(|i| i.id == alphas).expect("the owner is one of them");
    stopped.process.signal("STOP");

    let dependents: Vec<Record> = originals
        .iter()
        .enumerate()
        .map(|(n, story)| {
            let next = if n % 2 == 1 { newsroom.killed(story) } else { newsroom.fuller(story) };
            item(driver.beta(), n, "2", &next)
        })
        .collect();
    driver.writer.write_all(&dependents);
    let held_back = watch_while_stopped(&driver, &mut audit);
    println!("{held_back} originals were sighted and not yet out while their owner was stopped");
    assert!(held_back > 0, "the stop came too late to show anything");

    stopped.process.signal("CONT");
    let all: Vec<&Instance> = instances.iter().collect();
    driver.wait_for_outcomes(Duration::from_secs(90), &all);
    let evidence = driver.evidence();
    let audit = evidence.audit_by_origin();
    for n in 0..BURST as i64 {
        // The probe is record 0 of each topic.
        let [original, dependent] = [driver.alpha(), driver.beta()].map(|t| audit[&(t.to_owned(), 0, n + 1)]);
        if original.line.verdict == Some(Verdict::New) {
            assert!(dependent.offset > original.offset, "{:?} before {:?}", dependent.line, original.line);
            let expected = if n % 2 == 1 { Verdict::Kill } else { Verdict::Update };
            assert_eq!(dependent.line.verdict, Some(expected), "{:?}", dependent.line);
        } else {
            // It had not even been sighted when its newer version, or its kill, was.
            let expected = if n % 2 == 1 { Verdict::Killed } else { Verdict::Stale };
            assert_eq!(original.line.verdict, Some(expected), "{:?}", original.line);
        }
    }
}

/// Looks on for two seconds, in which no dependent of an original that is sighted, but not out, may come out. Returns how many
/// such originals there were.
fn watch_while_stopped(driver: &Driver, audit: &mut Follower) -> usize {
    let end = std::time::Instant::now() + Duration::from_secs(2);
    while std::time::Instant::now() < end {
        audit.next(Duration::from_millis(50));
    }
    let log =
        crate::support::topics::read_all(&driver.bootstrap_servers, [driver.desk.topic("wiredesk.sightings").as_str()]);
    let sighted: BTreeSet<i64> = log
        .iter()
        .filter(|r| is_burst(r))
        .filter_map(|r| match LogEntry::decode(r.payload.as_deref()?).ok()?.body? {
            Body::Sighting(s) if s.topic == driver.alpha() => Some(s.offset),
            _ => None,
        })
        .collect();
    let out = lines(audit);
    let is_out = |topic: &str, offset: i64| out.contains_key(&(topic.to_owned(), 0, offset));
    let waiting: Vec<i64> = sighted.into_iter().filter(|o| !is_out(driver.alpha(), *o)).collect();
    for offset in &waiting {
        assert!(!is_out(driver.beta(), *offset), "the dependent of original {offset} came out before it");
    }
    waiting.len()
}
