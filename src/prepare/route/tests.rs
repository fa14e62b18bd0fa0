//! Matching, mistakes and explanations.

use super::*;
use crate::item::news::Kind;
use crate::item::{Entity, EntityType, NewsItem, Region, RegionScheme, Subject, Topic};
use crate::prepare::classify::{OwnContext, Topics, URI_BASE};

/// What ships with the program.
const SHIPPED: &str = include_str!("../../../config/routes.toml");

const FEEDS: [&str; 3] = ["ians", "reuters", "wires-test"];

struct Regions;

impl RegionCatalog for Regions {
    fn knows(&self, scheme: RegionScheme, code: &str) -> bool {
        self.codes(scheme).contains(&code)
    }

    fn codes(&self, scheme: RegionScheme) -> Vec<&str> {
        match scheme {
            RegionScheme::Iso3166_1 => vec!["IR", "RU", "IN"],
            RegionScheme::Iso3166_2 => vec!["US-CA"],
            RegionScheme::M49 => vec!["145", "150", "002", "019", "030", "035", "143", "009"],
            RegionScheme::Desk => vec!["middle-east", "south-asia"],
        }
    }
}

fn compile(toml: &str) -> Result<Routes, Vec<RouteError>> {
    compile_beside(Topics::builtin().unwrap(), toml)
}

/// The topics of the shipped configuration, the desk's own included.
fn shipped_topics() -> Topics {
    let own = toml::from_str(include_str!("../../../config/topics.toml")).unwrap();
    let kb = crate::knowledge::KnowledgeBase::embedded().unwrap();
    Topics::builtin().unwrap().with_own(&own, &OwnContext { regions: &*kb, feeds: &FEEDS }).unwrap()
}

fn compile_beside(topics: Topics, toml: &str) -> Result<Routes, Vec<RouteError>> {
    let context = RouteContext { topics: &topics, regions: &Regions, feeds: &FEEDS };
    Routes::compile(&toml::from_str(toml).unwrap(), &context)
}

fn item(subjects: &[(&str, u8)], regions: &[(RegionScheme, &str, f32)], kind: Kind) -> TaggedItem {
    let subject = |(code, relevance): &(&str, u8)| Subject {
        topic: Arc::new(Topic {
            code: code.parse().unwrap(),
            qcode: format!("medtop:{code}"),
            uri: format!("{URI_BASE}{code}"),
            name: "a topic".to_owned(),
        }),
        relevance: *relevance,
        confidence: 90,
    };
    let region = |(scheme, code, relevance): &(RegionScheme, &str, f32)| Region {
        scheme: *scheme,
        code: (*code).to_owned(),
        name: "a region".to_owned(),
        relevance: *relevance,
        evidence: Vec::new(),
    };
    TaggedItem {
        news: NewsItem { kind, ..NewsItem::default() },
        subjects: subjects.iter().map(subject).collect(),
        regions: regions.iter().map(region).collect(),
        ..TaggedItem::default()
    }
}

/// A story on politics (diplomacy) and war, about Iran and the Middle East, that names India.
fn call() -> TaggedItem {
    let regions = [
        (RegionScheme::Iso3166_1, "IR", 0.9),
        (RegionScheme::Desk, "middle-east", 0.9),
        (RegionScheme::M49, "145", 0.2),
        (RegionScheme::Iso3166_1, "IN", 0.2),
    ];
    let subjects = [("11000000", 96), ("20000638", 85), ("16000000", 56), ("20000639", 47)];
    let putin = Entity {
        uri: "http://www.wikidata.org/entity/Q7747".to_owned(),
        same_as: vec!["https://example.org/putin".to_owned()],
        entity_type: EntityType::Person,
        name: "Vladimir Putin".to_owned(),
        relevance: 0.9,
        country: None,
        position: None,
    };
    TaggedItem { entities: vec![putin], ..item(&subjects, &regions, Kind::Update) }
}

impl Routes {
    fn explain_under(&self, item: &TaggedItem) -> Vec<RouteExplanation> {
        explain::explain(self, item, "ians", Given { verdict: Verdict::New, story: None })
    }
}

fn streams(routes: &Routes, item: &TaggedItem) -> Vec<String> {
    routed(item, "ians", routes).always.iter().map(ToString::to_string).collect()
}

/// Whether one route with the table (or tables) takes the story.
fn takes(tables: &str) -> bool {
    let routes = compile(&format!("[[routes]]\ntopic = \"t\"\n{tables}")).unwrap();
    streams(&routes, &call()) == ["t"]
}

#[test]
fn a_key_holds_when_any_value_does_and_a_table_when_all_keys_do() {
    for (tables, expected) in [
        ("[[routes.match]]", true),
        ("[[routes.match]]\nsubjects = ['15000000', 'medtop:11000000']", true),
        ("[[routes.match]]\nsubjects = ['15000000']", false),
        ("[[routes.match]]\nsubjects = ['20000639']", false),
        ("[[routes.match]]\nsubjects = ['20000639']\nmin_relevance = 47", true),
        ("[[routes.match]]\nregions = ['m49:145']", false),
        ("[[routes.match]]\nregions = ['m49:145']\nmin_region_relevance = 0.1", true),
        ("[[routes.match]]\nregions = ['iso3166-1:IR', 'iso3166-1:IN']", true),
        ("[[routes.match]]\nregions = ['iso3166-1:IN']", false),
        ("[[routes.match]]\nentities = ['http://www.wikidata.org/entity/Q7747']", true),
        ("[[routes.match]]\nentities = ['https://example.org/putin']", true),
        ("[[routes.match]]\nentities = ['http://www.wikidata.org/entity/Q1']", false),
        ("[[routes.match]]\nfeeds = ['reuters', 'ians']", true),
        ("[[routes.match]]\nfeeds = ['reuters']", false),
        ("[[routes.match]]\nkinds = ['update', 'correction']", true),
        ("[[routes.match]]\nkinds = ['original']", false),
        ("[[routes.match]]\nsubjects = ['11000000']\nregions = ['desk:middle-east']\nkinds = ['update']", true),
        ("[[routes.match]]\nsubjects = ['11000000']\nregions = ['desk:middle-east']\nkinds = ['kill']", false),
        ("[[routes.match]]\nsubjects = ['15000000']\n[[routes.match]]\nregions = ['desk:middle-east']", true),
        ("[[routes.match]]\n[routes.not]\nkinds = ['kill']\nfeeds = ['reuters']", true),
        ("[[routes.match]]\n[routes.not]\nkinds = ['kill']\nfeeds = ['ians']", false),
        ("[[routes.match]]\nkinds = ['kill']\n[routes.not]\nfeeds = ['reuters']", false),
        ("enabled = false\n[[routes.match]]", false),
    ] {
        assert_eq!(takes(tables), expected, "{tables}");
    }
}

#[test]
fn streams_come_in_the_files_order_each_once_and_never_none() {
    let toml = "
        [[routes]]
        topic = 'b'
        [[routes.match]]
        kinds = ['update']
        [[routes]]
        topic = 'a'
        [[routes.match]]
        subjects = ['11000000']
        [[routes]]
        topic = 'b'
        [[routes.match]]
        feeds = ['ians']
        [[routes]]
        topic = 'off'
        enabled = false
        [[routes.match]]
        feeds = ['ians']
    ";
    let routes = compile(toml).unwrap();
    assert_eq!(streams(&routes, &call()), ["b", "a"]);
    assert_eq!(routes.streams().map(|s| &**s).collect::<Vec<_>>(), ["b", "a", "off", NOTICES, UNROUTED]);
    let other = item(&[], &[], Kind::Kill);
    assert_eq!(routed(&other, "reuters", &routes).always.iter().map(|s| &**s).collect::<Vec<_>>(), [UNROUTED]);
    assert_eq!(streams(&Routes::default(), &call()), [UNROUTED]);
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_was_meant() {
    let toml = "
        [[routes]]
        topic = 'news/world'
        [[routes.match]]
        subjects = ['11000000', 'politcs', '20000064', '11002000', '99']
        regions = ['iso3166-1:IX', 'middle-east', 'desk:midle-east', 'm49:145']
        min_region_relevance = 1.5
        [[routes]]
        topic = 'wiredesk.audit'
        [[routes]]
        topic = 'news.a_b'
        [[routes.match]]
        feeds = ['rueters', 'nobody']
        entities = ['Q7747', 'Putin']
        [routes.not]
        subjects = []
        min_relevance = 101
        [[routes]]
        topic = 'news.a.b'
        enabled = false
        [[routes.match]]
        feeds = ['ian']
        [[routes]]
        topic = 'news.unrouted'
        [[routes.match]]
    ";
    let errors: Vec<String> = compile(toml).unwrap_err().iter().map(ToString::to_string).collect();
    let expected = [
        "routes.0.topic: \"news/world\" is no name for a Kafka topic: use letters, digits, \".\", \"_\" and \"-\"",
        "routes.0.match.0.subjects.1: \"politcs\" is no Media Topic known here; did you mean medtop:11000000 (politics)?",
        "routes.0.match.0.subjects.2: Media Topic 20000064 was retired; the nearest one in use is medtop:20000062 (war)",
        "routes.0.match.0.subjects.3: 11002000 is an IPTC subject code; as a Media Topic it is medtop:20000639 (diplomacy)",
        "routes.0.match.0.subjects.4: \"99\" is no Media Topic known here",
        "routes.0.match.0.regions.0: \"iso3166-1:IX\" is no region known here; did you mean iso3166-1:IR?",
        "routes.0.match.0.regions.1: a region is scheme:code with scheme iso3166-1, iso3166-2, m49 or desk",
        "routes.0.match.0.regions.2: \"desk:midle-east\" is no region known here; did you mean desk:middle-east?",
        "routes.0.match.0.min_region_relevance: a region's relevance is 0 to 1, not 1.5",
        "routes.1.topic: topics that begin with \"wiredesk.\" are the desk's own; name another",
        "routes.1: a route needs a [[routes.match]] table; one without keys takes every item",
        "routes.2.match.0.entities.0: \"Q7747\" is no URI of an entity known here; did you mean http://www.wikidata.org/entity/Q7747?",
        "routes.2.match.0.entities.1: \"Putin\" is no URI of an entity known here",
        "routes.2.match.0.feeds.0: \"rueters\" is no feed known here; did you mean reuters?",
        "routes.2.match.0.feeds.1: \"nobody\" is no feed known here",
        "routes.2.not.subjects: an empty list holds for no item; leave the key out",
        "routes.2.not.min_relevance: a relevance is 0 to 100, not 101",
        "routes.3.topic: \"news.a.b\" and \"news.a_b\" differ in \".\" and \"_\" only, which Kafka does not allow side by side",
        "routes.3.match.0.feeds.0: \"ian\" is no feed known here; did you mean ians?",
        "routes.4.topic: news.unrouted takes the items that no route wants; name another topic",
    ];
    assert_eq!(errors, expected, "{errors:#?}");
}

/// Streams by topic, for some routes of which each matches as its second part says.
fn exclusive(head: &str, routes: &[(&str, &str)]) -> Result<Routes, Vec<RouteError>> {
    let one = |(topic, more): &(&str, &str)| format!("[[routes]]\ntopic = '{topic}'\n{more}\n[[routes.match]]\n");
    compile(&format!("{head}\n{}", routes.iter().map(one).collect::<String>()))
}

#[test]
fn of_a_group_the_first_by_priority_takes_it() {
    let group = "group = 'g'";
    let routes = exclusive("", &[("a", group), ("b", "group = 'g'\npriority = 5"), ("c", ""), ("d", group)]).unwrap();
    assert_eq!(streams(&routes, &call()), ["b", "c"]);
    let explained = routes.explain_under(&call());
    let left: Vec<_> = explained.iter().map(|e| e.left_to.as_deref()).collect();
    let first = Some("b comes first in its group");
    assert_eq!(left, [first, None, None, first]);
}

#[test]
fn a_route_yields_to_one_that_takes_the_item_and_only_then() {
    let routes =
        exclusive("", &[("a", "yields_to = ['b']"), ("b", "yields_to = ['c']"), ("c", "enabled = false")]).unwrap();
    assert_eq!(streams(&routes, &call()), ["b"]);
    let routes = exclusive("", &[("a", "yields_to = ['b']"), ("b", "yields_to = ['c']"), ("c", "")]).unwrap();
    assert_eq!(streams(&routes, &call()), ["a", "c"], "b does not take it, so a does");
}

#[test]
fn cycles_and_unknown_routes_are_refused() {
    let errors = exclusive("", &[("a", "yields_to = ['b']"), ("b", "yields_to = ['a', 'elsewhere']")]).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "routes.1.yields_to.1: \"elsewhere\" is no topic of a route known here",
            "routes.0.yields_to: no route could be first: a yields to b yields to a",
        ]
    );
}

#[test]
fn the_cap_keeps_the_streams_of_the_highest_priority() {
    let all = [("a", ""), ("b", "priority = 2"), ("c", "priority = 1"), ("b", "")];
    assert_eq!(streams(&exclusive("max_streams = 2", &all).unwrap(), &call()), ["b", "c"]);
    assert_eq!(streams(&exclusive("max_streams = 9", &all).unwrap(), &call()), ["a", "b", "c"]);
    assert!(exclusive("max_streams = 0", &all).is_err());
}

#[test]
fn languages_and_urgencies_count() {
    let mut item = call();
    item.news.language = Some("en-GB".to_owned());
    item.news.urgency = Some(3);
    for (key, expected) in [
        ("languages = ['en']", true),
        ("languages = ['en-GB', 'fr']", true),
        ("languages = ['en-US']", false),
        ("urgencies = [1, 3]", true),
        ("urgencies = [1]", false),
        ("languages = ['en']\nurgencies = [1]", false),
        ("when = \"urgency == 3 && language.startsWith('en')\"", true),
        ("kinds = ['update']\nwhen = 'urgency > 3'", false),
    ] {
        let routes = compile(&format!("[[routes]]\ntopic = 't'\n[[routes.match]]\n{key}")).unwrap();
        assert_eq!(streams(&routes, &item) == ["t"], expected, "{key}");
    }
}

#[test]
fn what_depends_on_the_verdict_is_said_for_each() {
    let toml = "
        [[routes]]
        topic = 'fresh'
        [[routes.match]]
        verdicts = ['new', 'update']
        [[routes]]
        topic = 'all'
        yields_to = ['fresh']
        [[routes.match]]
        when = \"verdict != 'stale'\"
        [[routes]]
        topic = 'story'
        [[routes.match]]
        stories = ['s1']
        [[routes]]
        topic = 'copies'
        [routes.output]
        duplicates = 'keep'
        [[routes.match]]
        kinds = ['update']
    ";
    let routed = routed(&call(), "ians", &compile(toml).unwrap());
    assert_eq!(routed.always, [] as [Arc<str>; 0]);
    let bits = |verdicts: &[Verdict]| verdicts.iter().fold(0, |all, verdict| all | mask(*verdict));
    let got: Vec<_> =
        routed.sometimes.iter().map(|s| (&*s.stream, s.verdicts, s.stories.len(), s.duplicates)).collect();
    let fresh = bits(&[Verdict::New, Verdict::Update]);
    let expected = [
        ("fresh", fresh, 0, Duplicates::Feed),
        ("all", bits(&[Verdict::Correction, Verdict::Duplicate, Verdict::Kill, Verdict::Killed]), 0, Duplicates::Feed),
        ("story", 0, 1, Duplicates::Feed),
        ("copies", any_verdict(), 0, Duplicates::Keep),
    ];
    assert_eq!(got, expected);
    assert_eq!(routed.sometimes[2].stories, [(Arc::from("s1"), any_verdict())]);
}

#[test]
fn under_no_verdict_is_an_item_without_a_stream() {
    let toml = "[[routes]]\ntopic = 'fresh'\n[[routes.match]]\nverdicts = ['new']";
    let routed = routed(&call(), "ians", &compile(toml).unwrap());
    let all = routed.sometimes.iter().fold(0, |all, sometimes| all | sometimes.verdicts);
    assert_eq!(all, any_verdict());
    assert_eq!(&*routed.sometimes[1].stream, UNROUTED);
    assert_eq!(routed.sometimes[1].verdicts & mask(Verdict::New), 0);
}

#[test]
fn routes_of_one_topic_agree_on_its_output() {
    let output = |key: &str| format!("[routes.output]\nkey = '{key}'");
    let same = [("a", &*output("uri")), ("a", &*output("uri")), ("a", "")];
    let routes = exclusive("", &same).unwrap();
    assert_eq!(routes.output("a").key, crate::config::routes::RecordKey::Uri);
    assert_eq!(routes.output("gone"), OutputConfig::default());
    let errors = exclusive("", &[("a", &*output("uri")), ("a", &*output("story"))]).unwrap_err();
    assert!(errors[0].to_string().starts_with("routes.1.output: another route says otherwise"), "{errors:?}");
}

#[test]
fn an_unknown_key_does_not_parse() {
    for toml in
        ["[[routes]]\ntopic = 't'\nsubjects = ['1']", "[[routes]]\ntopic = 't'\n[[routes.match]]\nsubject = ['1']"]
    {
        let error = toml::from_str::<RoutesConfig>(toml).unwrap_err();
        assert!(error.message().contains("unknown field"), "{error}");
    }
}

#[test]
fn the_shipped_routes_take_a_call_on_a_war_to_world_politics_and_middle_east() {
    let routes = compile_beside(shipped_topics(), SHIPPED).unwrap();
    let got = streams(&routes, &call());
    for wanted in ["news.world", "news.politics", "news.middle-east"] {
        assert!(got.iter().any(|s| s == wanted), "{got:?}");
    }
    assert!(!got.iter().any(|s| s == "news.south-asia" || s == "news.sport"), "{got:?}");
}

#[test]
fn explanations_say_what_routing_does() {
    let routes = compile_beside(shipped_topics(), SHIPPED).unwrap();
    let advisory = TaggedItem { news: NewsItem { kind: Kind::Advisory, ..NewsItem::default() }, ..call() };
    let sport = item(&[("15000000", 90), ("04000000", 49)], &[(RegionScheme::M49, "150", 0.5)], Kind::Original);
    for item in [call(), advisory, sport, TaggedItem::default()] {
        let mut explained: Vec<String> =
            routes.explain_under(&item).into_iter().filter(|e| e.matched).map(|e| e.topic).collect();
        if explained.is_empty() {
            explained.push(UNROUTED.to_owned());
        }
        assert_eq!(explained, streams(&routes, &item));
    }
}

#[test]
fn an_explanation_names_what_held_what_fell_short_and_what_kept_out() {
    let toml = "
        [[routes]]
        topic = 't'
        [[routes.match]]
        subjects = ['medtop:11000000', '20000639']
        regions = ['m49:145']
        [[routes.match]]
        [routes.not]
        feeds = ['ians']
    ";
    let routes = compile(toml).unwrap();
    let explained = routes.explain_under(&call()).remove(0);
    assert!(!explained.matched && !explained.matches[0].matched && explained.matches[1].matched);
    assert_eq!(explained.excluded_by, ["ians"]);
    let keys = &explained.matches[0].keys;
    assert_eq!(keys[0].holds, ["medtop:11000000 a topic, relevance 96"]);
    assert_eq!(keys[0].short, ["20000639 a topic, relevance 47 of 50"]);
    assert_eq!((keys[1].holds.len(), &*keys[1].short[0]), (0, "m49:145 a region, relevance 0.20 of 0.50"));
}
