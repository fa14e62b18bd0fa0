use super::read::{read_csv, read_json_lines};
use crate::item::NewsItem;
use crate::knowledge::{KnowledgeBase, NameKind};
use crate::prepare::enrich::enrich;

const CSV: &str = "id,type,names,country,weight\n\
    Q7747,person,Volodya of the Neva,RU,\n\
    ,organisation,\"Halden Marine|Halden, Marine & Co|HMC\",NO,0.9\n\
    geonames:999999999,place,Nystadvik,NO,0.2\n\
    https://names.example/people/17,person,Ingrid Halvorsen-Bye Torsdal,NO,\n";

fn base_with(csv: &str) -> KnowledgeBase {
    let table = read_csv("own.csv", csv.as_bytes()).unwrap();
    KnowledgeBase::embedded().unwrap().with_own(&[table]).unwrap()
}

#[test]
fn csv_and_json_lines_say_the_same() {
    let table = read_csv("own", CSV.as_bytes()).unwrap();
    assert_eq!(table.rows.len(), 4);
    assert_eq!(table.rows[1].1.names, ["Halden Marine", "Halden, Marine & Co", "HMC"]);
    let lines: String = table.rows.iter().map(|(_, row)| serde_json::to_string(row).unwrap() + "\n").collect();
    // The header is the table's first line.
    let lines = read_json_lines("own", format!("\u{feff}\n{lines}").as_bytes()).unwrap();
    assert_eq!(lines, table);
    assert_eq!(read_csv("own", format!("\u{feff}{CSV}").as_bytes()).unwrap(), table);
}

#[test]
fn mistakes_are_named_with_their_line() {
    let message = |csv: &str| read_csv("own.csv", csv.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        message("type,names,colour\n"),
        "own.csv:1: unknown column \"colour\"; known are id, type, names, country, weight, lat, lon"
    );
    assert!(message("id,type\n").contains("no column \"names\""));
    assert!(message("type,names\nperson,A B\nship,C D\n").starts_with("own.csv:3: type: \"ship\""));
    assert!(message("type,names\nperson,A B\nperson,C D,E\n").starts_with("own.csv:3: "));
    assert!(message("type,names\nperson,\n").contains("without a name"));
    assert!(message("type,names\nperson,12 - 7\n").contains("\"12 - 7\" is no name"));
    assert!(message("type,names,weight\nperson,A,2\n").contains("between 0 and 1"));
    assert!(message("type,names,weight\nperson,A,heavy\n").contains("weight: \"heavy\" is no number"));
    assert!(message("type,names,lat\nplace,A,5\n").contains("one without the other"));
    assert!(message("type,names,lat,lon\nplace,A,95,5\n").contains("not on this earth"));
    for id in ["17", "Q", "Qx", "geonames:x", "no scheme:x", "urn:", "https://a b"] {
        assert!(message(&format!("type,names,id\nperson,A,{id}\n")).contains(&format!("\"{id}\" is none of")), "{id}");
    }
    let json = |text: &str| read_json_lines("own.jsonl", text.as_bytes()).unwrap_err().to_string();
    assert!(json("{\"type\":\"person\",\"names\":[\"A\"]}\n\n{\"type\":1}\n").starts_with("own.jsonl:3: "));
    assert_eq!(
        json("{\"type\":\"person\",\"name\":\"A\"}\n"),
        "own.jsonl:1: unknown field `name`, expected one of `id`, `type`, `names`, `country`, `weight`, `lat`, `lon` at column 23"
    );
}

#[test]
fn rows_add_names_and_entities_to_a_base() {
    let kb = base_with(CSV);
    let putin = kb.by_uri("http://www.wikidata.org/entity/Q7747").unwrap();
    assert_eq!(kb.by_name("Volodya of the Neva"), [(putin, NameKind::Full)]);
    assert_eq!(kb.by_name("HMC").first().map(|(_, kind)| *kind), Some(NameKind::Acronym));
    assert!(kb.by_uri("https://names.example/people/17").is_some());
    assert_ne!(kb.version(), KnowledgeBase::embedded().unwrap().version());
    assert_eq!(kb.version(), base_with(CSV).version());
    let table = read_csv("own.csv", "type,names,country\nperson,A B,GB\nperson,C D,XX\n".as_bytes()).unwrap();
    let message = KnowledgeBase::embedded().unwrap().with_own(&[table]).unwrap_err().to_string();
    assert!(message.starts_with("own.csv:3: country: no country \"XX\""), "{message}");
}

#[test]
fn a_name_that_the_base_has_once_is_that_entity() {
    let kb = base_with(
        "type,names,country\nperson,Vladimir Putin|Wolodja Putin Langname,\nperson,Emmanuel Macron|Macron of Skye,GB\n",
    );
    let putin = kb.by_uri("http://www.wikidata.org/entity/Q7747").unwrap();
    assert_eq!(kb.by_name("Wolodja Putin Langname"), [(putin, NameKind::Full)]);
    // Another country's: a namesake.
    let [(macron, _)] = kb.by_name("Macron of Skye")[..] else { panic!() };
    assert_eq!(kb.entity(macron).uri(), None);
}

#[test]
fn a_heavy_name_goes_before_a_namesake() {
    let told = |weight: &str| {
        let kb = base_with(&format!("id,type,names,country,weight\nurn:x:1,person,Vladimir Putin,NO,{weight}\n"));
        enriched(&kb, "Vladimir Putin spoke in Oslo.").entities[0].uri.clone()
    };
    assert_eq!(told("0.9"), "urn:x:1");
    assert_eq!(told("0.5"), "http://www.wikidata.org/entity/Q7747");
}

fn enriched(kb: &KnowledgeBase, body: &str) -> crate::item::TaggedItem {
    enrich(NewsItem { body: body.to_owned(), language: Some("en".into()), ..NewsItem::default() }, kb).tagged
}

#[test]
fn items_are_tagged_with_a_desk_s_own_names() {
    let kb = base_with(CSV);
    let tagged = enriched(
        &kb,
        "Ingrid Halvorsen-Bye Torsdal of Halden Marine said HMC would leave Nystadvik in Norway. Torsdal gave no date.",
    );
    let told: Vec<(&str, Option<&str>)> =
        tagged.mentions.iter().map(|m| (m.text.as_str(), m.entity.as_deref())).collect();
    let torsdal = Some("https://names.example/people/17");
    assert_eq!(
        told,
        [
            ("Ingrid Halvorsen-Bye Torsdal", torsdal),
            ("Halden Marine", None),
            ("HMC", None),
            ("Nystadvik", Some("https://sws.geonames.org/999999999/")),
            ("Norway", Some("http://www.wikidata.org/entity/Q20")),
            ("Torsdal", torsdal),
        ]
    );
    let without = enriched(&KnowledgeBase::embedded().unwrap(), "HMC would leave Nystadvik in Norway.");
    let told: Vec<(&str, Option<&str>)> =
        without.mentions.iter().map(|m| (m.text.as_str(), m.country.as_deref())).collect();
    // By form only: a body of which nothing is known.
    assert_eq!(told, [("HMC", None), ("Norway", Some("NO"))]);
}
