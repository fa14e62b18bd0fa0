//! JSON Schemas of the configuration's files, made from their types.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::feed::FeedConfig;
use super::service::ServiceConfig;

/// Schema of `wiredesk.toml`.
pub fn service() -> Value {
    of::<ServiceConfig>()
}

/// Schema of `feeds/<id>.toml`.
pub fn feed() -> Value {
    of::<FeedConfig>()
}

/// The schema that a type is read by. TOML has no null: what may be left out is left out.
pub fn of<T: JsonSchema>() -> Value {
    let schema = SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    drop_null(&mut value);
    value
}

/// Takes the null out of every optional value.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(drop_null),
        Value::Object(map) => {
            if map.get("default") == Some(&Value::Null) {
                map.remove("default");
            }
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|t| t != "null");
                if types.len() == 1 {
                    let only = types.remove(0);
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
                let only = if choices.len() == 1 { choices.pop() } else { None };
                if let Some(Value::Object(only)) = only {
                    map.remove("anyOf");
                    only.into_iter().for_each(|(key, value)| {
                        map.entry(key).or_insert(value);
                    });
                }
            }
            map.values_mut().for_each(drop_null);
        }
        _ => {}
    }
}
