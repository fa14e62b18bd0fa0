//! The rules of stories, on a desk in memory.

use super::sighting::{DedupeRules, ItemSighting, ItemVerdict, KindCode, VerdictCode};
use super::test_desk::{DAY_MS, TestDesk};
use crate::item::news::Kind;
use crate::prepare::terms::{TERMS, Term, hash};

/// An item of a text of its own, told by these words; the first ones weigh most.
fn item(uri: &str, words: &str) -> ItemSighting {
    let terms = words.split(' ').take(TERMS).zip((16..=48).rev().step_by(2));
    ItemSighting {
        uri: uri.to_owned(),
        has_own_id: true,
        content_hash: xxhash_rust::xxh3::xxh3_128(uri.as_bytes()).to_be_bytes().to_vec(),
        words: 10,
        streams: vec!["news.a".to_owned()],
        rules: Some(DedupeRules { similarity: 0.65, containment: 0.8, ..DedupeRules::default() }),
        terms: terms.map(|(word, weight)| Term::new(hash(word), weight).0).collect(),
        ..ItemSighting::default()
    }
}

fn record(desk: &mut TestDesk, items: Vec<ItemSighting>) -> Vec<ItemVerdict> {
    desk.record(0, items).into_iter().map(|d| d.verdict).collect()
}

fn at(desk: &mut TestDesk, time_ms: i64, item: ItemSighting) -> ItemVerdict {
    desk.at(time_ms, item).verdict
}

fn see(desk: &mut TestDesk, item: ItemSighting) -> ItemVerdict {
    at(desk, 0, item)
}

const STORM: &str = "zembla storm harbour ferry kallio insurer quay wave";

#[test]
fn items_of_one_event_share_a_story_and_others_do_not() {
    let mut desk = TestDesk::new();
    let first = see(&mut desk, item("u:1", STORM));
    let second = see(&mut desk, item("u:2", "harbour zembla storm ferry passenger closure piers damage"));
    let other = see(&mut desk, item("u:3", "election ballot onhava candidate turnout poll ministry count"));
    assert_ne!(first.story, 0);
    assert_eq!(second.story, first.story);
    assert_ne!(other.story, first.story);
    assert_eq!(second.verdict(), VerdictCode::New, "a story makes no version");
}

#[test]
fn versions_copies_and_kills_are_in_the_story_of_their_item() {
    let mut desk = TestDesk::new();
    let first = see(&mut desk, item("u:1", STORM));
    let update = see(
        &mut desk,
        ItemSighting { version: Some(2), ..item("u:1", "trial verdict judge appeal court prison jury") },
    );
    assert_eq!(update.story, first.story);
    let kill = see(
        &mut desk,
        ItemSighting { kind: KindCode::from(Kind::Kill).into(), ..item("u:1", "editors kill mandatory") },
    );
    assert_eq!((kill.story, kill.story_norm), (first.story, 0.0));
    let mut copy = item("u:9", "election ballot onhava");
    copy.content_hash = item("u:1", "").content_hash;
    assert_eq!(see(&mut desk, copy).story, first.story);
}

#[test]
fn an_item_that_fits_two_stories_names_both() {
    let mut desk = TestDesk::new();
    let storm = see(&mut desk, item("u:1", "zembla storm harbour ferry"));
    let strike = see(&mut desk, item("u:2", "onhava strike docker union"));
    assert_ne!(storm.story, strike.story);
    let both = see(&mut desk, item("u:3", "zembla onhava storm strike harbour docker ferry union"));
    let mut named = vec![both.story];
    named.extend(&both.related_stories);
    named.sort_unstable();
    let mut expected = vec![storm.story, strike.story];
    expected.sort_unstable();
    assert_eq!(named, expected);
}

#[test]
fn a_story_is_forgotten_with_its_last_item_in_the_window() {
    let mut desk = TestDesk::new();
    let first = see(&mut desk, item("u:1", STORM));
    let second = at(&mut desk, DAY_MS - 1, item("u:2", STORM));
    assert_eq!(second.story, first.story);
    for n in 0..120 {
        at(&mut desk, 2 * DAY_MS - 2, item(&format!("x:{n}"), &format!("a{n} b{n} c{n} d{n}")));
    }
    let third = at(&mut desk, 2 * DAY_MS - 2, item("u:3", STORM));
    assert_eq!(third.story, first.story, "the second item still tells it");
    for n in 0..120 {
        at(&mut desk, 4 * DAY_MS, item(&format!("y:{n}"), &format!("e{n} f{n} g{n} h{n}")));
    }
    let late = at(&mut desk, 4 * DAY_MS, item("u:4", STORM));
    assert_ne!(late.story, first.story);
}

#[test]
fn items_of_one_record_find_each_other() {
    let mut desk = TestDesk::new();
    let verdicts =
        record(&mut desk, vec![item("u:1", STORM), item("u:2", STORM), item("u:3", "election ballot onhava")]);
    assert_eq!(verdicts[0].story, verdicts[1].story);
    assert_ne!(verdicts[0].story, verdicts[2].story);
}

#[test]
fn a_word_that_is_in_all_the_news_tells_no_story() {
    let mut desk = TestDesk::new();
    for n in 0..400 {
        see(&mut desk, item(&format!("x:{n}"), &format!("covid q{n} r{n} s{n} t{n} v{n}")));
    }
    let one = see(&mut desk, item("u:1", "covid museum painting auction"));
    let other = see(&mut desk, item("u:2", "covid striker goal penalty"));
    assert_ne!(one.story, other.story);
}

#[test]
fn an_item_without_terms_has_a_story_of_its_own() {
    let mut desk = TestDesk::new();
    let (one, other) =
        (see(&mut desk, item("u:1", "x")), see(&mut desk, ItemSighting { terms: vec![], ..item("u:2", "x") }));
    assert!(one.story != 0 && other.story != 0 && one.story != other.story);
}
