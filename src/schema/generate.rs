//! Schemas from types.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Number, Value};

/// The schema of a file that a type is read from. TOML has no null: what may be left out is left out.
pub fn read<T: JsonSchema>() -> Value {
    let schema = SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    each_object(&mut value, &mut drop_null);
    value
}

/// The schema of JSON that a type writes: closed, and with null only where it is written.
pub fn written<T: JsonSchema>() -> Value {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    each_object(&mut value, &mut close);
    value
}

/// Calls `change` with every object of a schema, outer ones first.
fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|v| each_object(v, change)),
        Value::Object(map) => {
            change(map);
            map.values_mut().for_each(|v| each_object(v, change));
        }
        _ => {}
    }
}

/// Takes null out of what one schema takes.
fn drop_null(map: &mut Map<String, Value>) {
    match map.get_mut("default") {
        Some(Value::Null) => drop(map.remove("default")),
        // A 32-bit number as it is written, not as its 64-bit neighbour.
        Some(Value::Number(number)) if number.is_f64() => {
            let short = number.as_f64().and_then(|n| (n as f32).to_string().parse().ok());
            *number = short.and_then(Number::from_f64).unwrap_or_else(|| number.clone());
        }
        _ => {}
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
}

/// Closes one object; a member that is left out when it has no value is never null.
fn close(map: &mut Map<String, Value>) {
    let required: Vec<_> = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = map.get_mut("properties") else { return };
    for (name, property) in properties {
        if let (false, Value::Object(property)) = (required.iter().any(|r| r == name), property) {
            drop_null(property);
        }
    }
    map.insert("additionalProperties".to_owned(), Value::Bool(false));
}
