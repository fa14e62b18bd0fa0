//! Of the desk's own topics: points, rules, mistakes.

use super::*;
use crate::config::topics::TopicsConfig;
use crate::item::{Entity, EntityType, NewsItem, Region, RegionScheme};
use crate::prepare::classify::Topics;

struct Regions;

impl RegionCatalog for Regions {
    fn knows(&self, _: RegionScheme, code: &str) -> bool {
        ["EG", "middle-east"].contains(&code)
    }
}

const CONTEXT: OwnContext<'static> = OwnContext { regions: &Regions, feeds: &["ians"] };

fn compiled(toml: &str) -> Result<Topics, Vec<OwnTopicError>> {
    let config: TopicsConfig = toml::from_str(toml).unwrap();
    Topics::builtin().unwrap().with_own(&config, &CONTEXT)
}

/// One topic "t" with these keys.
fn topic(keys: &str) -> Topics {
    compiled(&format!("[[topics]]\nid = 't'\nname = 'T'\n{keys}")).unwrap()
}

fn item(headline: &str, body: &str) -> TaggedItem {
    let news = NewsItem { headline: Some(headline.to_owned()), body: body.to_owned(), ..NewsItem::default() };
    TaggedItem { news, ..TaggedItem::default() }
}

/// Relevance of the topics of the desk's own, by name in routes.
fn own(topics: &Topics, item: &TaggedItem) -> Vec<(String, u8)> {
    let mut item = item.clone();
    topics.file(&mut item, "ians");
    let is_own = |subject: &&Subject| subject.topic.code >= FIRST_CODE;
    item.subjects.iter().filter(is_own).map(|s| (s.topic.qcode.clone(), s.relevance)).collect()
}

fn has(topics: &Topics, item: &TaggedItem) -> bool {
    !own(topics, item).is_empty()
}

#[test]
fn terms_add_up_to_what_a_topic_needs() {
    let topics = topic("terms = ['4: Suez Canal', '2: pilot']");
    assert_eq!(own(&topics, &item("", "A pilot on the Suez Canal.")), [("desk:t".to_owned(), 55)]);
    assert!(!has(&topics, &item("", "A ship.\n\nA pilot left the Suez Canal.")), "less counts after the lead");
    assert!(!has(&topics, &item("", "A pilot on the suez canal.")), "a capital must be one");
    let twice = topic("terms = ['4: canal']\nmin_points = 8");
    assert!(!has(&twice, &item("Canal shut", "")) && has(&twice, &item("Canal shut", "The canals.")));
    assert!(has(&topic("terms = ['4: canal']\nmin_points = 6"), &item("Canal shut", "")));
    assert!(!has(&topic("enabled = false\nterms = ['9: canal']"), &item("Canal shut", "")));
}

#[test]
fn a_long_item_needs_more() {
    let topics = topic("terms = ['9: canal']");
    let long = |words: usize| item("Canal", &"some words here ".repeat(words / 3));
    assert!(has(&topics, &long(300)) && !has(&topics, &long(1500)));
}

#[test]
fn the_relevance_is_50_where_points_are_just_enough_and_so_routes_take_it() {
    let topics = topic("terms = ['7: canal']\nmin_points = 8");
    assert_eq!(own(&topics, &item("", "A canal.")), [("desk:t".to_owned(), 55)]);
    let exact = topic("terms = ['7: canal']\nmin_points = 7");
    assert_eq!(own(&exact, &item("", "A.\n\nA canal.")), [("desk:t".to_owned(), 50)]);
}

#[test]
fn a_longer_term_hides_shorter_ones_of_its_own_topic_only() {
    let topics = compiled(
        "[[topics]]\nid = 'a'\nname = 'A'\nterms = ['9: canal']\n\
         [[topics]]\nid = 'b'\nname = 'B'\nterms = ['9: canal', '0: root canal']\n\
         [[topics]]\nid = 'c'\nname = 'C'\nterms = ['9: root canals!']",
    )
    .unwrap();
    let found = |body: &str| own(&topics, &item("", body)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(found("A root canal."), ["desk:a"]);
    assert_eq!(found("Root canals."), ["desk:a", "desk:c"]);
    assert_eq!(found("A canal."), ["desk:a", "desk:b"]);
}

#[test]
fn own_terms_take_nothing_from_the_built_in_topics() {
    let with = topic("terms = ['9: war in Oran', '9: truce in the']");
    let item = item("", "The president called for a truce in the war in Oran, where troops shelled a town.");
    let builtin = Topics::builtin().unwrap().subjects(&item.news);
    assert!(!builtin.is_empty());
    assert_eq!(with.subjects(&item.news), builtin);
    let mut filed = item.clone();
    with.file(&mut filed, "ians");
    let iptc: Vec<_> = filed.subjects.iter().filter(|s| s.topic.code < FIRST_CODE).cloned().collect();
    assert_eq!((iptc, filed.subjects.len()), (builtin.clone(), builtin.len() + 1));
    assert!(filed.subjects.is_sorted_by(|a, b| a.relevance >= b.relevance), "the most relevant first");
}

#[test]
fn entities_regions_and_media_topics_count_by_their_relevance() {
    let entity = |relevance| Entity {
        uri: "http://www.wikidata.org/entity/Q899".to_owned(),
        same_as: vec!["https://sws.geonames.org/1/".to_owned()],
        entity_type: EntityType::Place,
        name: "Suez".to_owned(),
        relevance,
        country: None,
        position: None,
    };
    let with = |relevance| TaggedItem { entities: vec![entity(relevance)], ..item("", "x") };
    for uri in ["http://www.wikidata.org/entity/Q899", "https://sws.geonames.org/1/"] {
        let topics = topic(&format!("entities = ['6: {uri}']"));
        assert!(has(&topics, &with(0.9)) && !has(&topics, &with(0.3)), "{uri}");
    }
    let topics = topic("regions = ['6: iso3166-1:EG']");
    let region = |relevance| Region {
        scheme: RegionScheme::Iso3166_1,
        code: "EG".to_owned(),
        name: "Egypt".to_owned(),
        relevance,
        evidence: Vec::new(),
    };
    let about = |relevance| TaggedItem { regions: vec![region(relevance)], ..item("", "x") };
    assert!(has(&topics, &about(0.8)) && !has(&topics, &about(0.2)));
    let topics = topic("subjects = ['9: medtop:15000000']");
    assert!(has(&topics, &item("Rovers 3-1 Athletic", "The striker scored twice in the match.")));
    assert!(!has(&topics, &item("Ministers talk", "The ministers spoke of a treaty.")));
}

#[test]
fn rules_decide_and_with_nothing_else_they_are_enough() {
    let topics =
        topic("terms = ['9: canal']\n[[topics.match]]\nregions = ['iso3166-1:EG']\n[topics.not]\nkinds = ['kill']");
    let region = Region {
        scheme: RegionScheme::Iso3166_1,
        code: "EG".to_owned(),
        name: "Egypt".to_owned(),
        relevance: 0.8,
        evidence: Vec::new(),
    };
    let there = TaggedItem { regions: vec![region], ..item("Canal", "") };
    assert!(has(&topics, &there) && !has(&topics, &item("Canal", "")));
    let mut kill = there.clone();
    kill.news.kind = crate::item::news::Kind::Kill;
    assert!(!has(&topics, &kill));
    let alone = topic("[[topics.match]]\nwhen = \"headline.startsWith('Canal') && feed == 'ians'\"");
    assert_eq!(own(&alone, &there), [("desk:t".to_owned(), 100)]);
    assert!(!has(&alone, &item("The canal", "")));
}

#[test]
fn text_of_any_language_counts() {
    let topics = topic("terms = ['9: Meerenge']");
    let mut german = item("", "Die Meerenge bleibt gesperrt.");
    german.news.language = Some("de".to_owned());
    assert!(has(&topics, &german));
}

#[test]
fn an_explanation_tells_what_spoke_and_what_is_lacking() {
    let topics = topic("terms = ['2: pilot', '4: canal']\n[topics.not]\nkinds = ['kill']");
    let found = topics.explain_own(&item("", "x.\n\nA pilot on a canal."), "ians");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].points, found[0].least_points, found[0].subject.is_none()), (6.0, Some(7.0), true));
    assert_eq!(found[0].evidence, ["canal", "pilot"], "the strongest first");
    assert!(topics.explain_own(&item("", "x"), "ians").is_empty(), "nothing to tell");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let one = |keys: &str| format!("[[topics]]\nid = 't'\nname = 'T'\n{keys}\n");
    for (toml, key, message) in [
        (one("terms = ['canal']"), "topics.0.terms.0", "expected a weight of 0 to 9"),
        (one("terms = ['3: a', '12: canal']"), "topics.0.terms.1", "expected a weight of 0 to 9"),
        (one("terms = ['3: canal,']"), "topics.0.terms.0", "empty"),
        (one("terms = ['3: canal', '5: canal']"), "topics.0.terms.1", "\"canal\" is there already"),
        (one("terms = ['3: one two three four five six seven']"), "topics.0.terms.0", "more than six"),
        (one("terms = ['3: a', '3: !']"), "topics.0.terms.1", "no word"),
        (one("terms = ['0: canal']"), "topics.0.terms", "weight 0"),
        (one("terms = ['3: #score']"), "topics.0.terms.0", "signs"),
        (one("entities = ['0: http://x.org/1']"), "topics.0.entities.0", "expected a weight of 1 to 9"),
        (one("entities = ['4: Q899']"), "topics.0.entities.0", "did you mean http://www.wikidata.org/entity/Q899?"),
        (one("regions = ['4: iso3166-1:XX']"), "topics.0.regions.0", "no region"),
        (one("subjects = ['4: medtop:99']"), "topics.0.subjects.0", "no Media Topic"),
        (one("subjects = ['4: desk:t']"), "topics.0.subjects.0", NO_OWN_TOPIC),
        (one(""), "topics.0", "nothing says"),
        (one("[topics.not]\nkinds = ['kill']"), "topics.0", "nothing says"),
        (one("[[topics.match]]\nregions = ['m49:1']"), "topics.0.match.0.regions.0", "no region"),
        (one("[[topics.match]]\nsubjects = ['desk:t']"), "topics.0.match.0.subjects.0", "another of the desk's own"),
        (one("[[topics.match]]\nverdicts = ['kill']"), "topics.0.match.0.verdicts", "only the desk"),
        (
            one("[[topics.match]]\nfeeds = ['ians']\n[topics.not]\nstories = ['s']"),
            "topics.0.not.stories",
            "only the desk",
        ),
        (
            one("[[topics.match]]\n[[topics.match]]\nwhen = \"verdict == 'new'\""),
            "topics.0.match.1.when",
            "only the desk",
        ),
        (one("[[topics.match]]\nwhen = 'urgency'"), "topics.0.match.0.when", "true or false"),
        (format!("{}{}", one("terms = ['3: a']"), one("terms = ['3: a']")), "topics.1.id", "is there already"),
        (
            format!("{}[[cases]]\nname = 'c'\ntext = 'x'\nexpect = ['tt']", one("terms = ['3: a']")),
            "cases.0.expect.0",
            "did you mean t?",
        ),
        (format!("{}[[cases]]\nname = 'c'\ntext = 'x'", one("terms = ['3: a']")), "cases.0", "nothing to try"),
        (format!("{}[[cases]]\nname = 'c'\nexpect = ['t']", one("terms = ['3: a']")), "cases.0", "no text"),
        (
            format!("{}[[cases]]\nname = 'c'\ntext = 'x'\nfeed = 'f'\nexpect = ['t']", one("terms = ['3: a']")),
            "cases.0.feed",
            "no feed",
        ),
    ] {
        let errors = compiled(&toml).unwrap_err();
        assert!(
            errors.len() == 1 && errors[0].key == key && errors[0].message.contains(message),
            "{toml}: {errors:#?}"
        );
    }
    let unknown = topic("terms = ['3: a']").own_code("desk:tt").unwrap_err();
    assert!(unknown.contains("did you mean desk:t?"), "{unknown}");
}
