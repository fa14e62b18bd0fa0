//! The AsyncAPI description of a configuration's topics: valid, and true.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::{Value, json};
use wiredesk::config::load_with;
use wiredesk::schema::asyncapi;

/// AsyncAPI's own schema of version 3.0.0: see NOTICE.
const ASYNCAPI: &str = include_str!("schemas/asyncapi-3.0.0.json");

const SERVICE: &str =
    "[kafka]\nbootstrap_servers = \"one:9092, two:9093\"\ngroup_id = \"desk\"\ntopic_prefix = \"room.\"\n";
const FEED: &str = "id = \"metro\"\nformat = \"text\"\ntopics = [\"raw.metro\", \"raw.metro-late\"]\n";
const ROUTES: &str = r#"
[[routes]]
topic = "news.all"
name = "All"
description = "Whatever comes."
[[routes.match]]

[[routes]]
topic = "news.g2"
output = { format = "newsml-g2", content = "headline", key = "story", headers = "plain", partitions = 6 }
[[routes.match]]

[[routes]]
topic = "news.bare"
enabled = false
output = { key = "uri", headers = "none" }
[[routes.match]]
"#;

fn description(dir: &Path) -> Value {
    asyncapi::document(&load_with(dir, &|_| None).unwrap())
}

fn own() -> Value {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("feeds")).unwrap();
    for (name, text) in [("wiredesk.toml", SERVICE), ("feeds/metro.toml", FEED), ("routes.toml", ROUTES)] {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    description(dir.path())
}

fn errors(document: &Value) -> Vec<String> {
    let schema = serde_json::from_str(ASYNCAPI).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {}", error.instance_path(), error.masked())).collect()
}

#[test]
fn it_is_valid() {
    let shipped = description(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config"));
    for document in [shipped, own()] {
        assert_eq!(errors(&document), [""; 0], "{document:#}");
    }
}

#[test]
fn the_schema_that_it_is_held_to_refuses_what_is_wrong() {
    for (pointer, wrong) in [
        ("/asyncapi", json!("4.0.0")),
        ("/channels/room.news.all/adress", json!("x")),
        ("/operations/send-room.news.all/action", json!("shout")),
        ("/components/messages/item/bindings/kafka/bindingVersion", json!("9.9.9")),
        ("/servers/kafka-1/protocol", json!(1)),
    ] {
        let mut document = own();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = wrong;
        assert!(!errors(&document).is_empty(), "{pointer}");
    }
}

#[test]
fn it_names_every_topic_and_what_its_records_are() {
    let document = own();
    let channels: Vec<_> = document["channels"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "raw.metro",
        "raw.metro-late",
        "room.news.all",
        "room.news.bare",
        "room.news.g2",
        "room.news.notices",
        "room.news.unrouted",
        "room.wiredesk.audit",
        "room.wiredesk.dlq",
    ];
    expected.sort_unstable();
    let mut found = channels.clone();
    found.sort_unstable();
    assert_eq!(found, expected);
    for (name, action) in [("raw.metro", "receive"), ("room.news.all", "send"), ("room.wiredesk.dlq", "send")] {
        let operation = &document["operations"][format!("{action}-{name}")];
        assert_eq!(operation["action"], action);
        assert_eq!(operation["channel"]["$ref"], format!("#/channels/{name}"));
    }
    assert_eq!(document["channels"]["room.news.all"]["description"], "Whatever comes.");
    let g2 = &document["channels"]["room.news.g2"];
    assert_eq!(g2["bindings"]["kafka"]["partitions"], 6);
    let message = &document["components"]["messages"]["item-newsml-g2-headline-by-story-plain-headers"];
    assert_eq!(message["contentType"], "application/vnd.iptc.g2.newsitem+xml");
    assert!(g2["messages"].as_object().unwrap().contains_key("item-newsml-g2-headline-by-story-plain-headers"));
    assert!(document["components"]["messages"]["item-by-uri-no-headers"].get("headers").is_none());
    assert_eq!(document["servers"]["kafka-2"]["host"], "two:9093");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                out.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|v| references(v, out));
            }
            Value::Array(list) => list.iter().for_each(|v| references(v, out)),
            _ => {}
        }
    }
    let document = own();
    let mut all = Vec::new();
    references(&document, &mut all);
    assert!(!all.is_empty());
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    for found in all {
        match found.strip_prefix('#') {
            Some(pointer) => assert!(document.pointer(pointer).is_some(), "{found}"),
            None => assert!(reference.join(&found).is_file(), "{found}"),
        }
    }
}
