//! What is let through, what is refused, and what holds.

use super::*;
use crate::item::{Entity, EntityType, NewsItem, Region, Subject, Topic};
use crate::prepare::classify::Topics;
use crate::prepare::route::RegionCatalog;

struct Regions;

impl RegionCatalog for Regions {
    fn knows(&self, scheme: RegionScheme, code: &str) -> bool {
        scheme == RegionScheme::M49 && code == "145"
    }
}

fn compile(source: &str) -> Result<Expression, Vec<String>> {
    let topics = Topics::builtin().unwrap();
    Expression::compile(source, &RouteContext { topics: &topics, regions: &Regions, feeds: &["metro", "agency"] })
}

fn item() -> TaggedItem {
    let topic = Topic {
        code: 11_000_000,
        qcode: "medtop:11000000".to_owned(),
        uri: "u".to_owned(),
        name: "politics".to_owned(),
    };
    TaggedItem {
        news: NewsItem {
            urgency: Some(2),
            language: Some("en-GB".to_owned()),
            headline: Some("Envoys meet in Muscat".to_owned()),
            keywords: vec!["talks".to_owned(), "gulf".to_owned()],
            body: "Three words here".to_owned(),
            ..NewsItem::default()
        },
        subjects: vec![Subject { topic: Arc::new(topic), relevance: 80, confidence: 90 }],
        regions: vec![Region {
            scheme: RegionScheme::M49,
            code: "145".to_owned(),
            name: "Western Asia".to_owned(),
            relevance: 0.7,
            evidence: Vec::new(),
        }],
        entities: vec![Entity {
            uri: "http://www.wikidata.org/entity/Q7747".to_owned(),
            same_as: Vec::new(),
            entity_type: EntityType::Person,
            name: "A person".to_owned(),
            relevance: 0.4,
            country: None,
            position: None,
        }],
        ..TaggedItem::default()
    }
}

#[test]
fn expressions_ask_for_all_that_an_item_has() {
    for (source, expected) in [
        ("true", true),
        ("subject('medtop:11000000') >= 80 && region('m49:145') >= 0.7", true),
        ("subject('15000000') > 0", false),
        ("entity('http://www.wikidata.org/entity/Q7747') > 0.5", false),
        ("urgency > 0 && urgency <= 3", true),
        ("language.startsWith('en')", true),
        ("headline.matches('(?i)\\\\bmuscat$')", true),
        ("'gulf' in keywords && !('oil' in keywords)", true),
        ("keywords.exists(k, k.startsWith('ta')) && keywords.all(k, size(k) > 3)", true),
        ("size(keywords.filter(k, k == 'gulf')) == 1", true),
        ("keywords.map(k, size(k)).exists(n, n == 5)", true),
        ("'medtop:11000000' in subjects && 'm49:145' in regions", true),
        ("words == 3 ? feed == 'metro' : false", true),
        ("feed in ['agency']", false),
        ("kind == 'original' && slug == '' && credit == ''", true),
        ("verdict == 'update' || verdict == 'new'", true),
        ("story == 's1'", true),
        ("story in ['s2', 's3']", false),
        ("urgency - 1 == 1 && -urgency < 0", true),
    ] {
        let expression = compile(source).unwrap_or_else(|errors| panic!("{source}: {errors:?}"));
        let given = Given { verdict: Verdict::New, story: Some("s1") };
        assert_eq!(expression.holds(&item(), "metro", given), expected, "{source}");
    }
}

#[test]
fn who_asks_for_the_verdict_is_known() {
    assert!(!compile("urgency == 1").unwrap().asks_for_verdict);
    assert!(compile("urgency == 1 && verdict != 'duplicate'").unwrap().asks_for_verdict);
    let story = compile("story == 'a' || story in ['b', 'a']").unwrap();
    assert!(story.asks_for_verdict);
    assert_eq!(story.stories, ["a", "b"]);
}

#[test]
fn mistakes_are_told_before_anything_runs() {
    for (source, expected) in [
        ("urgency", "it is an int, and must be true or false"),
        ("urgency > '3'", "does not take an int and a string"),
        ("region('m49:145') > 1", "write 1.0, not 1"),
        ("urgncy > 3", "no variable \"urgncy\"; did you mean urgency?"),
        ("subject('11000001') > 3", "is no Media Topic known here"),
        ("region('m49:999') > 0.1", "is no region known here"),
        ("entity('Q7747') > 0.1", "did you mean http://www.wikidata.org/entity/Q7747?"),
        ("subject(slug) > 3", "subject takes one string as it stands"),
        ("'11000000' in subjects", "is not written medtop:11000000"),
        ("verdict == 'updated'", "\"updated\" is no verdict; there are new, update"),
        ("kind in ['kill', 'flash']", "\"flash\" is no kind; there are original"),
        ("feed == 'metroo'", "did you mean metro?"),
        ("story.startsWith('a')", "a story can only be compared"),
        ("urgency / 2 == 1", "can fail on some items"),
        ("keywords[0] == 'a'", "can fail on some items"),
        ("keywords.exists(k, size(k))", "does not take a bool and an int"),
        ("urgency.exists(k, true)", "an int has no elements"),
        ("headline.matches('(')", "unclosed group"),
        ("headline.matches(slug)", "as a string that stands there"),
        ("headline.lowerAscii() == 'a'", "\"lowerAscii\" does not take a string"),
        ("item.urgency == 1", "nothing here has fields"),
        ("urgency == 1 &&", "column"),
        ("", "column"),
    ] {
        let errors = compile(source).expect_err(source);
        assert!(errors.iter().any(|error| error.contains(expected)), "{source}: {errors:?}");
    }
}
