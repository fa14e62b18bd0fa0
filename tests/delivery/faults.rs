//! What is not there: the broker, a raw topic, a sound configuration. The service says what is wrong and gets over it by itself.

use std::process::Command;
use std::time::Duration;

use crate::drive::Driver;
use crate::evidence::Evidence;
use crate::support::broker::Broker;
use crate::support::copy::Newsroom;
use crate::support::instance::{Desk, FeedSpec, Instance};
use crate::support::topics::{self, Follower, Record, Writer};
use crate::support::wait_for;
use crate::{ROUTES, laws, shared_broker, test_seed, two_feeds};

/// Waits until `/readyz` refuses with a text that names something.
fn refuses_naming(instance: &mut Instance, name: &str) {
    let what = format!("{} to refuse, naming {name}; see {}", instance.id, instance.log.display());
    wait_for(&what, Duration::from_secs(30), || {
        let exit = instance.process.exit_status();
        assert!(exit.is_none(), "{} ended with {exit:?}:\n{}", instance.id, instance.log_tail());
        instance.get("/readyz").filter(|(status, text)| *status == 503 && text.contains(name))
    });
    assert_eq!(instance.get("/livez").map(|(status, _)| status), Some(200), "it lives though it is not ready");
}

fn processes_a_record(bootstrap_servers: &str, desk: &Desk, topic: &str, seed: u64) {
    let story = Newsroom::new(seed).story();
    Writer::new(bootstrap_servers).write_all([&Record::to(topic, 0, story.text()).header("case", "0")]);
    let mut audit = Follower::new(bootstrap_servers, &[&desk.topic("wiredesk.audit")]);
    audit.read_until("an outcome", Duration::from_secs(30), |lines| !lines.is_empty());
}

#[test]
fn an_unreachable_broker_is_named_and_awaited() {
    let seed = test_seed("an_unreachable_broker_is_named_and_awaited");
    let mut broker = Broker::down("late");
    let address = broker.bootstrap_servers();
    let feeds = two_feeds("late");
    let desk = Desk::new(&address, "late", &[], &feeds, ROUTES);
    let mut instance = desk.start("one");
    refuses_naming(&mut instance, &address);
    assert!(instance.log_text().contains(&address), "the log names the broker:\n{}", instance.log_tail());

    broker.up();
    topics::create_topics(&address, &[(&feeds[0].topics[0], 1), (&feeds[1].topics[0], 1)]);
    instance.wait_ready(Duration::from_secs(60));
    processes_a_record(&address, &desk, &feeds[0].topics[0], seed);
    assert_eq!(instance.terminate(Duration::from_secs(20)).code(), Some(0), "{}", instance.log_tail());
}

#[test]
fn it_ends_promptly_without_a_broker() {
    let desk = Desk::new("127.0.0.1:9", "nobroker", &[], &two_feeds("nobroker"), ROUTES);
    let mut instance = desk.start("one");
    refuses_naming(&mut instance, "127.0.0.1:9");
    assert_eq!(instance.terminate(Duration::from_secs(10)).code(), Some(0), "{}", instance.log_tail());
}

#[test]
fn a_missing_raw_topic_is_named_and_awaited() {
    let seed = test_seed("a_missing_raw_topic_is_named_and_awaited");
    let bootstrap_servers = shared_broker();
    let feeds = two_feeds("missing");
    let (there, missing) = (&feeds[0].topics[0], &feeds[1].topics[0]);
    topics::create_topics(&bootstrap_servers, &[(there, 1)]);
    let desk = Desk::new(&bootstrap_servers, "missing", &[], &feeds, ROUTES);
    let mut instance = desk.start("one");
    refuses_naming(&mut instance, missing);

    topics::create_topics(&bootstrap_servers, &[(missing, 1)]);
    instance.wait_ready(Duration::from_secs(60));
    processes_a_record(&bootstrap_servers, &desk, missing, seed);
}

#[test]
fn a_lost_position_is_an_error_that_names_the_choices() {
    let seed = test_seed("a_lost_position_is_an_error_that_names_the_choices");
    let bootstrap_servers = shared_broker();
    let driver = Driver::new(&bootstrap_servers, "lost", 1, &[]);
    let mut first = driver.desk.start_ready("one");
    let mut audit = driver.audit();
    let mut newsroom = Newsroom::new(seed);
    let records: Vec<Record> =
        (0..10).map(|n| Record::to(driver.alpha(), 0, newsroom.story().text()).header("case", n.to_string())).collect();
    driver.send_and_settle(&mut audit, &records);
    assert_eq!(first.terminate(Duration::from_secs(20)).code(), Some(0));
    drop(first);

    // While nobody runs, more comes in and the topic's retention takes it away, and with it the group's position.
    driver.writer.write_all(&records);
    topics::delete_records_before(&bootstrap_servers, driver.alpha(), 0, 15);
    let mut second = driver.desk.start("two");
    refuses_naming(&mut second, driver.alpha());
    let log = second.log_text();
    assert!(log.contains("earliest") && log.contains("latest"), "the log names the choices:\n{}", second.log_tail());
}

/// Somebody deletes the log under a running instance. What it remembers is gone with it; what it promises of delivery is not.
#[test]
fn a_deleted_sightings_log_ends_the_instance_and_no_outcome_is_lost() {
    let seed = test_seed("a_deleted_sightings_log_ends_the_instance_and_no_outcome_is_lost");
    let driver = Driver::new(&shared_broker(), "replaced", 1, &[]);
    let mut newsroom = Newsroom::new(seed);
    let mut records = |cases: std::ops::Range<u32>| -> Vec<Record> {
        cases.map(|n| Record::to(driver.alpha(), 0, newsroom.story().text()).header("case", n.to_string())).collect()
    };
    let mut instance = driver.desk.start_ready("one");
    let mut audit = driver.audit();
    driver.send_and_settle(&mut audit, &records(0..20));

    let log = driver.desk.topic("wiredesk.sightings");
    topics::delete_topic(&driver.bootstrap_servers, &log);
    driver.writer.write_all(&records(20..40));
    let exit = instance.process.wait(Duration::from_secs(90));
    assert!(exit.is_some_and(|e| e.code() == Some(1)), "{exit:?}:\n{}", instance.log_tail());
    assert!(instance.log_tail().contains(&log), "the log names {log}:\n{}", instance.log_tail());
    drop(instance);

    // Its supervisor starts it again; it founds a new log.
    let instance = driver.desk.start_ready("one");
    driver.wait_for_outcomes(Duration::from_secs(60), &[&instance]);
    driver.send_and_settle(&mut audit, &records(40..60));
    let evidence = Evidence::read(&driver.bootstrap_servers, &driver.desk, &driver.raw_topics);
    assert_eq!(evidence.inputs.len(), 60);
    laws::conservation(&evidence);
    laws::outputs_match_the_audit(&evidence, &driver.desk.prefix);
}

#[test]
fn a_broken_configuration_is_refused_whole() {
    let mut feeds = two_feeds("broken");
    feeds[0].extra = "id_form = \"key\"\n[dedupe]\nsimilarity = 7.0\n";
    feeds[1] = FeedSpec { id: "beta", topics: vec![], extra: "" };
    let desk = Desk::new("127.0.0.1:9", "broken", &[("kafka.session_timeout_ms", "\"soon\"")], &feeds, ROUTES);
    let run = Command::new(env!("CARGO_BIN_EXE_wiredesk")).args(["run", "--config"]).arg(desk.config_dir()).output();
    let run = run.expect("wiredesk starts");
    let said = String::from_utf8_lossy(&run.stderr).into_owned() + &String::from_utf8_lossy(&run.stdout);
    assert!(run.status.code().is_some_and(|code| code != 0 && code != 101), "{:?}: {said}", run.status);
    for expected in
        ["wiredesk.toml:", "session_timeout_ms", "alpha.toml:", "id_form", "similarity", "beta.toml:", "topics"]
    {
        assert!(said.contains(expected), "{expected} is not named in:\n{said}");
    }
}
