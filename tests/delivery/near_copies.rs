//! Both halves of a copy reach different instances at the same moment.

use std::time::Duration;

use wiredesk::item::published::Verdict;

use crate::drive::Driver;
use crate::support::copy::Newsroom;
use crate::support::topics::Record;
use crate::{shared_broker, test_seed};

const PAIRS: i64 = 200;

#[test]
fn of_two_halves_on_two_instances_exactly_one_is_new() {
    let mut newsroom = Newsroom::new(test_seed("of_two_halves_on_two_instances_exactly_one_is_new"));
    let driver = Driver::new(&shared_broker(), "halves", 1, &[]);
    let one = driver.desk.start_ready("one");
    let two = driver.desk.start_ready("two");
    [&one, &two].iter().for_each(|instance| instance.wait_owns(1, Duration::from_secs(30)));

    let records: Vec<Record> = (0..PAIRS)
        .flat_map(|pair| {
            let story = newsroom.story();
            let copy = newsroom.edited_copy(&story);
            let case = |half: &str| format!("{pair}-{half}");
            [
                Record::to(driver.alpha(), 0, story.text()).header("case", case("a")),
                Record::to(driver.beta(), 0, copy.text()).header("case", case("b")),
            ]
        })
        .collect();
    driver.send_over(&records, Duration::from_secs(4), |_| {});
    driver.wait_for_outcomes(Duration::from_secs(60), &[&one, &two]);

    let evidence = driver.evidence();
    let audit = evidence.audit_by_origin();
    let mut apart = 0;
    let mut first = [0, 0];
    for pair in 0..PAIRS {
        let [alpha, beta] = [driver.alpha(), driver.beta()].map(|topic| &audit[&(topic.to_owned(), 0, pair)].line);
        apart += i64::from(alpha.instance != beta.instance);
        match (alpha.verdict, beta.verdict) {
            (Some(Verdict::New), Some(Verdict::Duplicate)) => first[0] += 1,
            (Some(Verdict::Duplicate), Some(Verdict::New)) => first[1] += 1,
            _ => panic!("pair {pair}: {alpha:?} {beta:?}"),
        }
    }
    println!("{apart} of {PAIRS} pairs on two instances; {} new on alpha, {} on beta", first[0], first[1]);
    assert!(apart > PAIRS * 9 / 10, "the two raw partitions lay with different instances: {apart} of {PAIRS}");
}
