//! Of the classifier as a whole: on items of our own, invented, and on what the wire itself says.

use super::*;
use crate::item::wire::WireSubject;
use crate::prepare::classify::taxonomy::parse_code;

/// `== code [hard]`, headline, text.
const ITEMS: &str = include_str!("../../../tests/topics/items.txt");

/// Share of the items whose most relevant top-level topic must be right; and of the hard ones.
const LEAST_RIGHT: f32 = 0.9;
const LEAST_RIGHT_HARD: f32 = 0.8;

fn topics() -> Topics {
    Topics::builtin().unwrap()
}

fn news(headline: &str, body: &str) -> NewsItem {
    NewsItem { headline: Some(headline.to_owned()), body: body.to_owned(), ..NewsItem::default() }
}

fn codes(subjects: &[Subject]) -> Vec<u32> {
    subjects.iter().map(|s| parse_code(s.uri.strip_prefix(URI_BASE).unwrap()).unwrap()).collect()
}

fn top_level(topics: &Topics, subjects: &[Subject]) -> Option<u32> {
    let is_top = |code: &u32| topics.taxonomy.get(topics.taxonomy.by_code(*code).unwrap()).level == 0;
    codes(subjects).into_iter().find(is_top)
}

#[test]
fn the_builtin_files_have_no_mistake() {
    if let Err(errors) = Topics::builtin() {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn the_most_relevant_top_level_topic_is_right() {
    let topics = topics();
    let (mut all, mut right, mut hard, mut hard_right) = (0.0, 0.0, 0.0, 0.0);
    for item in ITEMS.split("\n== ").skip(1) {
        let mut lines = item.lines();
        let head = lines.next().unwrap();
        let news = news(lines.next().unwrap(), &lines.collect::<Vec<_>>().join("\n"));
        let subjects = topics.subjects(&news);
        let ok = top_level(&topics, &subjects) == parse_code(&head[..8]);
        all += 1.0;
        right += f32::from(u8::from(ok));
        if head.ends_with("hard") {
            hard += 1.0;
            hard_right += f32::from(u8::from(ok));
        }
        if !ok {
            println!("{head}: {:?}", news.headline);
            for s in subjects {
                println!("    {:3} {:3} {} {:?}", s.relevance, s.confidence, s.name, s.evidence);
            }
        }
    }
    println!("right {right} of {all}, of the hard ones {hard_right} of {hard}");
    assert!(right / all >= LEAST_RIGHT && hard_right / hard >= LEAST_RIGHT_HARD);
}
