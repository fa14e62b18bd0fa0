//! The schema of a published item, and a validator for it.
//!
//! ninjs' own root is closed, so that it cannot be extended: this schema refers to the type below it and closes the whole.
//! ninjs refers to a GeoJSON schema; one after RFC 7946 is shipped beside it, so that nothing is fetched.

use jsonschema::{Registry, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::generate::written;
use crate::item::published::{Decision, Prepared};

const NINJS: &str = include_str!("../../schemas/ninjs-schema_3.1.json");
const GEOJSON: &str = include_str!("../../schemas/GeoJSON.json");
const NINJS_URI: &str = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json";
const GEOJSON_URI: &str = "https://geojson.org/schema/GeoJSON.json";

/// The published item: ninjs 3.1, extended with `wiredesk`.
pub fn schema() -> Value {
    let (mut properties, mut required, mut defs) = (Map::new(), Vec::new(), Map::new());
    for part in [written::<Prepared>(), written::<Decision>()] {
        let Value::Object(mut part) = part else { continue };
        properties.extend(object(part.remove("properties")));
        defs.extend(object(part.remove("$defs")));
        if let Some(Value::Array(keys)) = part.remove("required") {
            required.extend(keys);
        }
    }
    defs.insert(
        "wiredesk".to_owned(),
        json!({
            "description": "What wiredesk adds to the ninjs object.",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:wiredesk:schema:item",
        "title": "wiredesk item",
        "description": "A news item as wiredesk publishes it: ninjs 3.1, extended with `wiredesk`.",
        "$ref": format!("{NINJS_URI}#/$defs/ninjsType"),
        "properties": { "wiredesk": { "$ref": "#/$defs/wiredesk" } },
        "required": ["uri", "wiredesk"],
        "unevaluatedProperties": false,
        "$defs": defs,
    })
}

/// [`schema`] with the schemas that it refers to inside it, each under its own id, as JSON Schema bundles them: for readers who
/// have nothing but this.
pub fn bundled() -> Value {
    let mut schema = schema();
    if let Some(Value::Object(defs)) = schema.get_mut("$defs") {
        for (name, text, uri) in [("ninjs", NINJS, NINJS_URI), ("geojson", GEOJSON, GEOJSON_URI)] {
            // Not broken: a test validates with them.
            let mut part: Value = serde_json::from_str(text).unwrap_or_default();
            // An id with an empty fragment, as ninjs' own, is refused by some readers.
            part["$id"] = uri.into();
            defs.insert(name.to_owned(), part);
        }
    }
    schema
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Checks published items, formats included.
pub struct ItemValidator(Validator);

impl ItemValidator {
    /// # Errors
    /// When a shipped schema is broken; a test rules that out.
    pub fn new() -> Result<Self, String> {
        let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
        let (ninjs, geojson) = (parse(NINJS)?, parse(GEOJSON)?);
        let registry = Registry::new()
            .add(NINJS_URI, ninjs)
            .and_then(|r| r.add(GEOJSON_URI, geojson))
            .and_then(|r| r.prepare())
            .map_err(|e| e.to_string())?;
        let validator = jsonschema::options()
            .with_registry(&registry)
            .should_validate_formats(true)
            .build(&schema())
            .map_err(|e| e.to_string())?;
        Ok(Self(validator))
    }

    /// What is wrong with an item, one line each: where, and what.
    pub fn errors(&self, item: &Value) -> Vec<String> {
        let line = |error: ValidationError<'_>| format!("{}: {}", error.instance_path(), error.masked());
        self.0.iter_errors(item).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid() -> Value {
        json!({
            "uri": "urn:wiredesk:raw.metro:0:0:0", "type": "text", "representationType": "full", "pubStatus": "usable",
            "bodies": [{"contentType": "text/plain", "charCount": 5, "wordCount": 1, "value": "Rain."}],
            "places": [{"name": "Port Ellery", "uri": "urn:x:1", "geoJSON": {"type": "Point", "coordinates": [3.5, 51.2]}}],
            "wiredesk": {
                "feed": "metro", "format": "text", "kb": "1", "received": "2026-01-01T00:00:00Z",
                "origin": {"topic": "raw.metro", "partition": 0, "offset": 0, "item": 0},
                "entities": [], "regions": [],
                "mentions": [{"entity": null, "type": "person", "text": "A B", "field": "/bodies/0/value", "start": 0, "end": 3,
                              "confidence": 0.5}],
                "kind": "original", "verdict": "new", "root": "urn:wiredesk:raw.metro:0:0:0", "routes": ["news.unrouted"]
            }
        })
    }

    #[test]
    fn the_bundle_needs_nothing_beside_it() {
        let validator = jsonschema::options().should_validate_formats(true).build(&bundled()).unwrap();
        assert!(validator.is_valid(&valid()));
        for (pointer, wrong) in [("/urgency", json!(12)), ("/places/0/geoJSON/coordinates", json!([3.5]))] {
            let mut item = valid();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            item.pointer_mut(parent).unwrap()[key] = wrong;
            assert!(!validator.is_valid(&item), "{pointer}");
        }
    }

    #[test]
    fn takes_an_item_and_refuses_each_thing_that_is_wrong_in_one() {
        let validator = ItemValidator::new().unwrap();
        assert_eq!(validator.errors(&valid()), [] as [String; 0]);
        for (pointer, wrong) in [
            ("/uri", json!("no uri")),
            ("/keywords", json!(["x"])),
            ("/version", json!(2)),
            ("/urgency", json!(12)),
            ("/firstCreated", json!("yesterday")),
            ("/subjects", json!([{"name": "x", "relevance": 0.5}])),
            ("/people", json!([{"name": "x", "relevance": 50}])),
            ("/places/0/geoJSON/coordinates", json!([3.5])),
            ("/wiredesk/more", json!(1)),
            ("/wiredesk/received", json!("yesterday")),
            ("/wiredesk/of", json!(null)),
            ("/wiredesk/origin/more", json!(1)),
            ("/wiredesk/verdict", json!("unsure")),
            ("/wiredesk/similarity", json!(1.5)),
            ("/wiredesk/mentions/0/type", json!("thing")),
        ] {
            let mut item = valid();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            match item.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.insert(key.to_owned(), wrong)),
                Value::Array(list) => list[key.parse::<usize>().unwrap()] = wrong,
                other => panic!("{other}"),
            }
            assert_ne!(validator.errors(&item), [] as [String; 0], "{pointer}");
        }
        for key in ["uri", "wiredesk"] {
            let mut item = valid();
            item.as_object_mut().unwrap().remove(key);
            assert_ne!(validator.errors(&item), [] as [String; 0], "without {key}");
        }
    }
}
