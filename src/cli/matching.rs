//! What a case expects of an item, against the item.

use serde_json::Value;

/// True where an item's value is as expected: a list must hold every expected element, an object every expected member;
/// everything else must be equal.
pub fn matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Array(expected), Value::Array(actual)) => expected.iter().all(|e| actual.iter().any(|a| matches(e, a))),
        (Value::Object(expected), Value::Object(actual)) => {
            expected.iter().all(|(key, e)| actual.get(key).is_some_and(|a| matches(e, a)))
        }
        // 1 and 1.0 are one number.
        (Value::Number(expected), Value::Number(actual)) => expected.as_f64() == actual.as_f64(),
        (expected, actual) => expected == actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_and_objects_hold_what_is_expected() {
        for (expected, actual, holds) in [
            (json!("a"), json!("a"), true),
            (json!("a"), json!("b"), false),
            (json!(1), json!(1.0), true),
            (json!([]), json!(["a"]), true),
            (json!(["b", "a"]), json!(["a", "b", "c"]), true),
            (json!(["d"]), json!(["a"]), false),
            (json!([{"code": "IN"}]), json!([{"code": "US"}, {"code": "IN", "name": "India"}]), true),
            (json!([{"code": "IN", "name": "Iran"}]), json!([{"code": "IN", "name": "India"}]), false),
            (json!(["a"]), json!("a"), false),
            (json!({"a": {"b": [1]}}), json!({"a": {"b": [1, 2]}, "c": 0}), true),
            (json!(null), json!(false), false),
        ] {
            assert_eq!(matches(&expected, &actual), holds, "{expected} {actual}");
        }
    }
}
