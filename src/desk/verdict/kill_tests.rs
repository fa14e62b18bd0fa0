//! Kills, told apart by what came before them and after.

use crate::desk::sighting::{ItemSighting, VerdictCode};
use crate::desk::test_desk::{DAY_MS, TestDesk, item, kind, streams, text, version};
use crate::item::news::Kind;
use crate::prepare::route::NOTICES;

fn kill(uri: &str) -> ItemSighting {
    kind(item(uri, "kill it"), Kind::Kill)
}

#[test]
fn a_kill_goes_to_every_stream_that_any_version_went_to() {
    let mut wire = TestDesk::new();
    wire.see(version(streams(item("u:1", &text(0, 40)), &["news.a"]), 1));
    wire.see(version(streams(item("u:1", &text(60, 99)), &["news.b"]), 2));
    let kill = wire.see(version(streams(kind(item("u:1", "kill it"), Kind::Kill), &["news.c"]), 3));
    assert_eq!(kill.verdict.verdict(), VerdictCode::Kill);
    assert_eq!(kill.verdict.streams, ["news.a", "news.b"], "and to none by what the notice itself says");
    assert_eq!(kill.verdict.root, "u:1");
}

#[test]
fn an_unknown_item_can_be_killed() {
    let mut wire = TestDesk::new();
    let kill = wire.see(kind(item("u:1", "kill it"), Kind::Kill));
    assert_eq!(kill.verdict.verdict(), VerdictCode::Kill);
    assert_eq!(kill.verdict.of, None);
    assert_eq!(kill.verdict.streams, ["news.a", NOTICES]);
}

#[test]
fn a_kill_finds_its_item_by_reference_and_by_slug() {
    let mut wire = TestDesk::new();
    let mut original = item("u:1", &text(0, 40));
    original.slug_hash = 7;
    wire.see(original);
    let mut by_slug = kind(item("u:2", "kill it"), Kind::Kill);
    by_slug.slug_hash = 7;
    assert_eq!(wire.see(by_slug).verdict.of.as_deref(), Some("u:1"));
    let mut by_reference = kind(item("u:3", "kill that"), Kind::Kill);
    by_reference.refers_to = Some("u:1".to_owned());
    assert_eq!(wire.see(by_reference).verdict.of.as_deref(), Some("u:1"));
}

#[test]
fn a_kill_goes_out_whatever_its_version() {
    for number in [1, 2] {
        let mut wire = TestDesk::new();
        wire.see(version(item("u:1", &text(0, 40)), 2));
        let kill = wire.see(version(kill("u:1"), number));
        assert_eq!(kill.verdict.verdict(), VerdictCode::Kill, "version {number}");
        assert!(!kill.verdict.streams.is_empty(), "version {number}");
    }
}

#[test]
fn a_kill_is_no_duplicate_of_another() {
    let mut wire = TestDesk::new();
    wire.see(item("u:1", &text(0, 40)));
    wire.see(item("u:2", &text(50, 90)));
    for uri in ["u:1", "u:1", "u:2"] {
        let kill = wire.see(kill(uri));
        assert_eq!(kill.verdict.verdict(), VerdictCode::Kill);
        assert_eq!(kill.verdict.root, uri, "the words of a notice are no item's");
        assert_eq!(kill.verdict.streams, ["news.a"]);
    }
}

#[test]
fn an_older_kill_does_not_harm_a_newer_version() {
    let mut wire = TestDesk::new();
    wire.see(version(streams(item("u:1", &text(0, 40)), &["news.b"]), 1));
    wire.see(version(streams(item("u:1", &text(5, 45)), &["news.a"]), 3));
    let late = wire.see(version(kill("u:1"), 2));
    assert_eq!(late.verdict.verdict(), VerdictCode::Kill);
    assert_eq!(late.verdict.streams, [NOTICES], "the newer version has replaced the older one everywhere");
    let copy = wire.see(item("u:9", &text(5, 45)));
    assert!(copy.verdict.streams.is_empty(), "the chain is not killed: {copy:?}");
    let kill = wire.see(version(kill("u:1"), 3));
    assert_eq!(kill.verdict.streams, ["news.b", "news.a"]);
}

#[test]
fn an_older_kill_takes_back_what_no_newer_version_replaced() {
    let mut wire = TestDesk::new();
    wire.see(version(item("u:1", &text(0, 40)), 2));
    // A copy of it, that came by another wire and belongs elsewhere too.
    wire.see(streams(item("u:2", &text(0, 40)), &["news.b"]));
    assert_eq!(wire.see(version(kill("u:1"), 1)).verdict.streams, ["news.b", NOTICES]);
}

#[test]
fn a_kill_that_comes_first_is_remembered() {
    let mut wire = TestDesk::new();
    wire.see(version(kill("u:1"), 2));
    for number in [1, 2] {
        let late = wire.see(version(item("u:1", &text(0, 40)), number)).verdict;
        assert_eq!(late.verdict(), VerdictCode::Killed);
        assert_eq!((late.of.as_deref(), &*late.root), (Some("u:1"), "u:1"));
        assert!(late.streams.is_empty());
    }
    let newer = wire.see(version(item("u:1", &text(0, 40)), 3)).verdict;
    assert_eq!(newer.verdict(), VerdictCode::Update, "nothing newer is harmed");
    assert_eq!(newer.streams, ["news.a"], "and it does not go to the notices");
}

#[test]
fn a_kill_that_names_its_item_is_remembered_too() {
    let mut wire = TestDesk::new();
    let mut notice = kill("u:2");
    notice.refers_to = Some("u:1".to_owned());
    wire.see(notice);
    let late = wire.see(version(item("u:1", &text(0, 40)), 1)).verdict;
    assert_eq!((late.verdict(), late.of.as_deref()), (VerdictCode::Killed, Some("u:2")));
    let corrected = wire.see(version(kind(item("u:1", &text(0, 41)), Kind::Correction), 2)).verdict;
    assert_eq!(corrected.verdict(), VerdictCode::Correction, "what says that it comes later is published");
    assert_eq!(corrected.streams, ["news.a"]);
}

#[test]
fn without_ids_a_kill_that_repeats_its_item_is_remembered_on_its_feed() {
    let nameless = |text: &str| ItemSighting { has_own_id: false, ..item("u:x", text) };
    let mut wire = TestDesk::new();
    let notice = kind(nameless(&text(0, 40)), Kind::Kill);
    wire.see(ItemSighting { uri: "u:kill".to_owned(), ..notice });
    assert_eq!(wire.see(nameless(&text(0, 40))).verdict.verdict(), VerdictCode::Killed);
    assert_eq!(wire.see(nameless(&text(50, 90))).verdict.verdict(), VerdictCode::New);
}

#[test]
fn without_versions_what_repeats_a_killed_text_stays_killed_and_other_text_is_newer() {
    let mut wire = TestDesk::new();
    wire.see(item("u:1", &text(0, 40)));
    wire.see(kill("u:1"));
    assert_eq!(wire.see(item("u:1", &text(0, 40))).verdict.verdict(), VerdictCode::Killed);
    let rewritten = wire.see(item("u:1", &text(100, 140))).verdict;
    assert_eq!((rewritten.verdict(), rewritten.streams), (VerdictCode::Update, vec!["news.a".to_owned()]));
}

#[test]
fn a_kill_looks_as_far_back_as_the_desk_remembers() {
    let mut wire = TestDesk::new();
    wire.see(streams(item("u:1", &text(0, 40)), &["news.b"]));
    let mut late = kill("u:1");
    late.rules.as_mut().unwrap().window_secs = 60;
    assert_eq!(wire.at(DAY_MS / 2, late).verdict.streams, ["news.b"]);
}

#[test]
fn a_kill_and_its_item_in_one_record_keep_their_order() {
    let mut wire = TestDesk::new();
    let verdicts = |decided: Vec<crate::desk::owner::DecidedItem>| -> Vec<VerdictCode> {
        decided.iter().map(|d| d.verdict.verdict()).collect()
    };
    let both = wire.record(0, vec![kill("u:1"), item("u:1", &text(0, 40))]);
    assert_eq!(verdicts(both), [VerdictCode::Kill, VerdictCode::Killed]);
    let both = wire.record(0, vec![item("u:2", &text(50, 90)), kill("u:2"), item("u:3", &text(50, 90))]);
    assert_eq!(both[2].verdict.streams, ["news.a"], "nothing is suppressed against a killed item");
    assert_eq!(verdicts(both), [VerdictCode::New, VerdictCode::Kill, VerdictCode::Duplicate]);
}
