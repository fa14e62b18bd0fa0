use std::path::Path;

use super::*;

fn rows(format: Format, text: &str, options: Options<'_>) -> Result<Vec<OwnRow>, KnowledgeError> {
    let mut out = Vec::new();
    let kb = KnowledgeBase::embedded()?;
    read(format, "dump", text.as_bytes(), options, &kb, &mut |row| {
        out.push(row);
        Ok(())
    })?;
    Ok(out)
}

#[test]
fn query_results_are_grouped_by_item() {
    let text = r#"{"head":{"vars":["item","itemLabel","alias","iso2"]},"results":{"bindings":[
        {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q900001"},"itemLabel":{"xml:lang":"en","type":"literal","value":"Anna Novak"},"alias":{"xml:lang":"cs","type":"literal","value":"Anna Nováková"},"iso2":{"type":"literal","value":"CZ"}},
        {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q900001"},"itemLabel":{"xml:lang":"en","type":"literal","value":"Anna Novak"},"alias":{"xml:lang":"de","type":"literal","value":"A. Novak"}},
        {"item":{"type":"uri","value":"http://www.wikidata.org/entity/Q900002"},"itemLabel":{"type":"literal","value":"Q900002"}}]}}"#;
    let options = Options { entity_type: Some(EntityType::Person), ..Options::default() };
    let found = rows(Format::WikidataResults, text, options).unwrap();
    assert_eq!(found.len(), 1, "an item without a label is no name");
    assert_eq!((found[0].id.as_str(), found[0].country.as_str()), ("Q900001", "CZ"));
    assert_eq!(found[0].names, ["Anna Novak", "Anna Nováková", "A. Novak"]);
    assert!(rows(Format::WikidataResults, text, Options::default()).unwrap_err().to_string().contains("type"));
}

#[test]
fn the_entity_dump_is_read_line_by_line() {
    let text = concat!(
        "[\n",
        r#"{"id":"Q900001","labels":{"cs":{"language":"cs","value":"Anna Nováková"},"en":{"language":"en","value":"Anna Novak"}},"aliases":{"en":[{"language":"en","value":"A. Novak"}]},"claims":{"P31":[{"mainsnak":{"datavalue":{"value":{"id":"Q5"}}}}],"P27":[{"mainsnak":{"datavalue":{"value":{"id":"Q213"}}}}]}},"#,
        "\n",
        r#"{"id":"Q900003","labels":{"en":{"language":"en","value":"Nystadvik"}},"claims":{"P625":[{"mainsnak":{"datavalue":{"value":{"latitude":60.5,"longitude":5.25}}}}],"P17":[{"mainsnak":{"datavalue":{"value":{"id":"Q20"}}}}]}},"#,
        "\n",
        r#"{"id":"P17","labels":{"en":{"language":"en","value":"country"}}}"#,
        "\n]\n"
    );
    let found = rows(Format::WikidataDump, text, Options::default()).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].entity_type, found[0].country.as_str()), (EntityType::Person, "CZ"));
    assert_eq!(found[0].names, ["Anna Novak", "Anna Nováková", "A. Novak"]);
    assert_eq!((found[1].entity_type, found[1].country.as_str(), found[1].lat), (EntityType::Place, "NO", Some(60.5)));
    let languages = ["cs".to_owned()];
    let czech = rows(Format::WikidataDump, text, Options { languages: &languages, ..Options::default() }).unwrap();
    assert_eq!(czech[0].names, ["Anna Nováková"]);
    assert!(
        rows(Format::WikidataDump, "[\n{\"id\":\n", Options::default()).unwrap_err().to_string().starts_with("dump:2:")
    );
}

#[test]
fn a_geonames_dump_gives_its_places() {
    let text = "900001\tNystadvik\tNystadvik\tNystadvík,NYV,Нюстадвик\t60.5\t5.25\tP\tPPL\tNO\t\t07\t\t\t\t120000\t\t10\tEurope/Oslo\t2026-01-01\n\
                900002\tNysand\tNysand\t\t60\t5\tP\tPPL\tNO\t\t07\t\t\t\t40\t\t10\tEurope/Oslo\t2026-01-01\n\
                900003\tLille Vann\tLille Vann\t\t60\t5\tH\tLK\tNO\t\t07\t\t\t\t0\t\t10\tEurope/Oslo\t2026-01-01\n";
    let found = rows(Format::Geonames, text, Options { min_population: 500, ..Options::default() }).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.as_str(), found[0].country.as_str()), ("geonames:900001", "NO"));
    assert_eq!(found[0].names, ["Nystadvik", "Nystadvík", "Нюстадвик"]);
    assert_eq!(found[0].weight, Some(0.52));
    assert!(rows(Format::Geonames, "1\tA\n", Options::default()).unwrap_err().to_string().contains("2 columns"));
}

#[test]
fn popolo_gives_people_and_bodies() {
    let text = r#"{"persons":[{"id":"p1","name":"Anna Novak","other_names":[{"name":"Анна Новак","lang":"ru"},{"name":"A. Novak"}],"identifiers":[{"scheme":"wikidata","identifier":"Q900001"}]}],
        "organizations":[{"id":"o1","name":"Harbour Party","classification":"party"}]}"#;
    let found = rows(Format::Popolo, text, Options { country: Some("CZ"), ..Options::default() }).unwrap();
    assert_eq!(found[0].names, ["Anna Novak", "Анна Новак", "A. Novak"]);
    assert_eq!((found[0].id.as_str(), found[0].country.as_str()), ("Q900001", "CZ"));
    assert_eq!((found[1].entity_type, found[1].id.as_str()), (EntityType::Organisation, ""));
}

#[test]
fn spellings_of_jrc_names_are_grouped() {
    let text = "# comment\n17\tP\tu\tAnna+Novak\n17\tP\tru\tАнна+Новак\n18\tO\tu\tHarbour+Party\n19\tT\tu\tThing\n";
    let found = rows(Format::JrcNames, text, Options::default()).unwrap();
    assert_eq!(found.iter().map(|r| r.names.join("|")).collect::<Vec<_>>(), ["Anna Novak|Анна Новак", "Harbour Party"]);
    assert!(rows(Format::JrcNames, "17\tP\n", Options::default()).is_err());
}

#[test]
fn what_a_table_would_refuse_is_left_out() {
    let text = r#"{"persons":[{"name":"Anna Novak","identifiers":[{"scheme":"wikidata","identifier":"unknown person"}]},{"name":"12"}]}"#;
    let found = rows(Format::Popolo, text, Options { country: Some("ZZ"), ..Options::default() }).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.as_str(), found[0].country.as_str()), ("", ""));
}

#[test]
fn what_is_not_of_the_format_is_told_with_its_line() {
    let message = |format, text: &str| {
        let options = Options { entity_type: Some(EntityType::Person), ..Options::default() };
        rows(format, text, options).unwrap_err().to_string()
    };
    assert!(message(Format::Popolo, "{\"persons\":[\n{\"name\":}]}").starts_with("dump:2: "));
    assert!(message(Format::Popolo, "{\"people\":[]}").contains("no Popolo"));
    assert!(message(Format::WikidataResults, "{\n\"head\":{}}").starts_with("dump:2: missing field `results`"));
    assert!(message(Format::WikidataDump, "[\n\n{\"id\":\"Q1\"\n").starts_with("dump:3: "));
    let place = "900001\tNysand\tNysand\t\tnorth\t5\tP\tPPL\tNO\t\t07\t\t\t\t40\t\t10\tEurope/Oslo\t2026-01-01\n";
    assert_eq!(message(Format::Geonames, place), "dump:1: \"north\" is no number");
    assert_eq!(message(Format::JrcNames, "\n17\tP\n"), "dump:2: 2 columns, JRC-Names has 4");
}

/// The same on the sources of the tables, where they are at hand.
#[test]
fn curated_ids_are_those_of_the_sources() {
    let shared = std::env::var_os("WIREDESK_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), std::path::PathBuf::from);
    let path = shared.join("kb-sources/politicians-wikidata-2022-2023.jsonl.gz");
    let Ok(file) = std::fs::read(&path) else {
        println!("skipped: {} is not at hand", path.display());
        return;
    };
    let mut text = String::new();
    let unpacked = std::process::Command::new("gzip").arg("-dc").arg(&path).output().unwrap();
    assert!(!file.is_empty() && unpacked.status.success());
    text.push_str(&String::from_utf8(unpacked.stdout).unwrap());
    let mut names: std::collections::HashMap<String, Vec<String>> = std::collections::HashMap::new();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let all = value["names"].as_array().unwrap().iter().chain([&value["enwiki"]]).filter_map(|n| n.as_str());
        names.insert(value["q"].as_str().unwrap().to_owned(), all.map(plain).collect());
    }
    let kb = KnowledgeBase::embedded().unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for (at, record) in kb.entities().iter().enumerate() {
        if record.class != crate::knowledge::Class::Person || record.wikidata == 0 {
            continue;
        }
        if let Some(source) = names.get(&format!("Q{}", record.wikidata)) {
            checked += 1;
            let own = kb.names().iter().filter(|n| n.entity as usize == at).map(|n| plain(&n.text));
            if !own.chain([plain(&record.name)]).any(|name| source.iter().any(|s| alike(s, &name))) {
                wrong.push(format!("{} Q{}: {source:?}", record.name, record.wikidata));
            }
        }
    }
    assert!(checked > 250, "{checked} checked");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Letters only, without what spellings differ in.
fn plain(name: &str) -> String {
    crate::prepare::enrich::matcher::fold(name).replace(['\'', '’', '-'], " ")
}

/// Whether two names have a word of weight in common.
fn alike(a: &str, b: &str) -> bool {
    a.split_whitespace().any(|word| word.chars().count() > 1 && b.split_whitespace().any(|other| other == word))
}
