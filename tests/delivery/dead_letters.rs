//! `wiredesk dlq` on a real broker: list, show, replay with the configuration mended, once each.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use wiredesk::item::outcome::{AuditRecord, Outcome};

use crate::drive::Driver;
use crate::evidence::Place;
use crate::support::copy::Newsroom;
use crate::support::instance::FeedSpec;
use crate::support::topics::{self, Record};
use crate::{MAX_ITEM_BYTES, shared_broker, test_seed, two_feeds};

/// What the feed `alpha` says of its records, with room for longer ones.
const LONGER: &str = "id_from = \"key\"\nversion_from = \"header:version\"\nmax_item_bytes = 1048576\n";

/// Runs `wiredesk dlq ARGS` with the desk's configuration; gives what it printed.
fn dlq(driver: &Driver, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wiredesk"))
        .arg("--config")
        .arg(driver.desk.config_dir())
        .arg("dlq")
        .args(args)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "dlq {args:?}: {said}");
    String::from_utf8(output.stdout).expect("what is printed is text")
}

fn outcome(lines: &BTreeMap<Place, AuditRecord>, topic: &str, offset: i64) -> Outcome {
    lines[&(topic.to_owned(), 0, offset)].outcome
}

#[test]
fn dead_letters_are_listed_shown_and_replayed_once_each() {
    let name = "dead-letters";
    let mut newsroom = Newsroom::new(test_seed(name));
    let driver = Driver::new(&shared_broker(), name, 1, &[]);
    let (alpha, beta) = (driver.alpha().to_owned(), driver.beta().to_owned());
    let mut first = driver.desk.start_ready("first");
    let mut audit = driver.audit();
    let long = newsroom.story().longer_than(MAX_ITEM_BYTES);
    let records = [
        Record::to(&alpha, 0, " \n ").header("x-agency", "nwa"),
        Record::to(&alpha, 0, long.clone()).key("k").header("x-agency", "nwa"),
        Record::to(&beta, 0, newsroom.story().text()),
        Record::to(&beta, 0, " \t "),
    ];
    let lines = driver.send_and_settle(&mut audit, &records);
    assert_eq!(outcome(&lines, &alpha, 1), Outcome::Rejected);

    let listed = dlq(&driver, &["list", "--json"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let counted = dlq(&driver, &["list", "--count"]);
    assert!(
        counted.contains("1\talpha\tdecode\tempty\n") && counted.contains("1\talpha\tdecode\toversized\n"),
        "{counted}"
    );
    let oversized = dlq(&driver, &["list", "--reason", "oversized", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&oversized).expect("one line of JSON");
    let place = line["place"].as_str().expect("a place");
    assert_eq!(dlq(&driver, &["show", place, "--bytes"]), long);
    let shown = dlq(&driver, &["show", place]);
    assert!(shown.contains("header    x-agency: nwa") && shown.contains("key       k"), "{shown}");

    // As it is, nothing would be read; nothing is sent, and the raw topics stay as they are.
    let tried = dlq(&driver, &["replay", "--dry-run"]);
    assert!(
        tried.contains("refused again: decode: oversized") && tried.ends_with("3 would be sent, 0 passed over\n"),
        "{tried}"
    );
    let sent = dlq(&driver, &["replay", "--only-readable"]);
    assert!(sent.ends_with("0 sent, 3 passed over\n"), "{sent}");
    assert_eq!(topics::read_all(&driver.bootstrap_servers, [alpha.as_str(), beta.as_str()]).len(), records.len());

    // With a feed that takes longer records, and a running desk that does too.
    assert!(first.terminate(Duration::from_secs(20)).success());
    drop(first);
    let [alpha_feed, _] = two_feeds(name);
    driver.desk.write_feed(&FeedSpec { extra: LONGER, ..alpha_feed });
    let mut second = driver.desk.start_ready("second");
    let sent = dlq(&driver, &["replay", "--anew", "--only-readable"]);
    assert!(sent.ends_with("1 sent, 2 passed over\n"), "{sent}");
    audit.read_until("the replayed item's outcome", Duration::from_secs(60), |lines| lines.len() > records.len());
    let replayed = topics::read_all(&driver.bootstrap_servers, [alpha.as_str()]);
    let back = replayed.iter().find(|r| r.header_str("wiredesk.replays").is_some()).expect("it is back");
    assert_eq!((back.header_str("wiredesk.replays"), back.header_str("x-agency")), (Some("1"), Some("nwa")));
    assert_eq!((back.key_str(), back.payload.as_deref()), (Some("k"), Some(long.as_bytes())));
    let lines = crate::drive::lines(&audit);
    assert_eq!(outcome(&lines, &alpha, back.offset), Outcome::Published);

    // Each once: the same filters go on from where they came to.
    let again = dlq(&driver, &["replay", "--only-readable"]);
    assert!(again.starts_with("0 sent, 0 passed over"), "{again}");

    // A record that can never be read goes round three times, and no more.
    for round in 1..=3 {
        let sent = dlq(&driver, &["replay", "--feed", "beta"]);
        assert!(sent.starts_with("1 sent"), "round {round}: {sent}");
        let expected = records.len() + 1 + round;
        audit.read_until("the outcome of the replay", Duration::from_secs(60), |lines| lines.len() >= expected);
    }
    let stopped = dlq(&driver, &["replay", "--feed", "beta"]);
    assert!(stopped.contains("1 left alone: replayed too often"), "{stopped}");
    assert!(second.terminate(Duration::from_secs(20)).success());
}
