use super::*;
use crate::item::news::DatelinePlace;
use crate::item::{Dateline, RegionScheme};

fn tag(body: &str) -> TaggedItem {
    let news = NewsItem { body: body.to_owned(), language: Some("en".into()), ..NewsItem::default() };
    enrich(news, &KnowledgeBase::embedded().unwrap()).tagged
}

#[test]
fn nothing_gives_nothing() {
    let tagged = enrich(NewsItem::default(), &KnowledgeBase::embedded().unwrap()).tagged;
    assert_eq!(tagged, TaggedItem::default());
    assert_eq!(tag("it was nice of us to march in may").mentions, []);
}

#[test]
fn offsets_are_code_points_of_the_field() {
    let tagged = tag("“Café” talks — in Zürich’s north — with Iran’s envoy");
    let text: Vec<char> = tagged.news.body.chars().collect();
    let read: Vec<(String, String)> = tagged
        .mentions
        .iter()
        .map(|m| (m.text.clone(), text[m.start as usize..m.end as usize].iter().collect()))
        .collect();
    assert_eq!(read, [("Zürich".to_owned(), "Zürich".to_owned()), ("Iran".to_owned(), "Iran".to_owned())]);
}
