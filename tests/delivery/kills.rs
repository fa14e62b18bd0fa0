//! Kills in every order of arrival, through two feeds whose items go to different streams, over a restart.

use std::collections::BTreeSet;
use std::time::Duration;

use wiredesk::item::outcome::{AuditRecord, Outcome};
use wiredesk::item::published::Verdict;

use crate::drive::Driver;
use crate::support::copy::{Newsroom, Story};
use crate::support::topics::Record;
use crate::{shared_broker, test_seed};

const NOTICES: &str = "news.notices";

fn item(topic: &str, id: &str, version: &str, story: &Story) -> Record {
    let id = format!("tag:kills.example,2026:{id}");
    let case = format!("{id}-{version}");
    Record::to(topic, 0, story.text()).key(&id).header("version", version).header("case", case)
}

#[test]
fn a_kill_reaches_all_that_its_item_reached_and_stands_against_what_comes_late() {
    let mut newsroom = Newsroom::new(test_seed("a_kill_reaches_all_that_its_item_reached"));
    let driver = Driver::new(&shared_broker(), "kills", 1, &[]);
    let (alpha, beta) = (driver.alpha(), driver.beta());
    let mut first = driver.desk.start_ready("first");
    let mut audit = driver.audit();
    let [killed, outlived, late] = [(); 3].map(|()| newsroom.story());

    // One record at a time, because each verdict depends on what stands before.
    let mut send = |record: Record| -> AuditRecord {
        let before = audit.records.len();
        driver.send_and_settle(&mut audit, &[record]);
        crate::evidence::audited(&audit.records[before]).line
    };
    let bare = |line: &AuditRecord| -> BTreeSet<String> {
        line.streams.iter().map(|s| s.strip_prefix(&driver.desk.prefix).unwrap_or(s).to_owned()).collect()
    };

    let one = send(item(alpha, "killed", "1", &killed));
    let two = send(item(beta, "killed", "2", &newsroom.fuller(&killed)));
    let three = send(item(alpha, "outlived", "3", &outlived));
    let unknown = send(item(beta, "late", "2", &newsroom.killed(&late)));
    assert_eq!(unknown.verdict, Some(Verdict::Kill), "{unknown:?}");
    assert!(bare(&unknown).contains(NOTICES), "a kill of what is not known yet: {unknown:?}");
    assert_eq!(first.terminate(Duration::from_secs(20)).code(), Some(0), "{}", first.log_tail());

    // Whoever comes next remembers the same.
    let _second = driver.desk.start_ready("second");
    let kill = send(item(beta, "killed", "2", &newsroom.killed(&killed)));
    assert_eq!(kill.verdict, Some(Verdict::Kill), "{kill:?}");
    assert!(bare(&kill).is_superset(&(&bare(&one) | &bare(&two))), "{one:?} {two:?} {kill:?}");
    let again = send(item(alpha, "killed", "2", &killed));
    assert_eq!((again.outcome, again.verdict), (Outcome::Suppressed, Some(Verdict::Killed)), "{again:?}");

    let older = send(item(alpha, "outlived", "2", &newsroom.killed(&outlived)));
    assert_eq!((older.outcome, older.verdict), (Outcome::Published, Some(Verdict::Kill)), "{older:?}");
    assert!(bare(&older).is_disjoint(&bare(&three)), "nothing newer is harmed: {three:?} {older:?}");
    assert!(bare(&older).contains(NOTICES), "{older:?}");

    let suppressed = send(item(alpha, "late", "2", &late));
    assert_eq!(
        (suppressed.outcome, suppressed.verdict),
        (Outcome::Suppressed, Some(Verdict::Killed)),
        "{suppressed:?}"
    );
    assert_eq!(suppressed.of, unknown.uri);
    let newer = send(item(alpha, "late", "3", &newsroom.fuller(&late)));
    assert_eq!((newer.outcome, newer.verdict), (Outcome::Published, Some(Verdict::Update)), "{newer:?}");
    assert!(!bare(&newer).contains(NOTICES), "{newer:?}");
    driver.evidence();
}
