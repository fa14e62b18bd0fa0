//! A file against the JSON Schema of its type: every mistake in it, in a person's words.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

use super::diagnostic::Diagnostic;
use super::document::{Document, join};
use super::suggest::nearest;

/// What validation found, and the file as far as it holds.
pub struct Checked {
    pub diagnostics: Vec<Diagnostic>,
    /// The file's value with every mistake in it replaced by something that its type can hold, so that the rest of the file
    /// can be checked further.
    pub repaired: Value,
    /// JSON Pointers of what was replaced: nothing that is said about these is worth telling.
    pub replaced: Vec<String>,
}

/// Every mistake of a file against its schema, each at its key or value.
pub fn validate(document: &Document, schema: &Value) -> Checked {
    let mut checked = Checked { diagnostics: Vec::new(), repaired: document.value.clone(), replaced: Vec::new() };
    let validator = match validator(schema) {
        Ok(validator) => validator,
        Err(error) => {
            checked.diagnostics.push(Diagnostic::of_path(&document.path, format!("its schema: {error}")));
            return checked;
        }
    };
    let errors: Vec<_> = validator.iter_errors(&document.value).collect();
    let of_another_type: Vec<_> =
        errors.iter().filter(|e| is_type_error(e)).map(ValidationError::instance_path).collect();
    for error in &errors {
        // A value of another type breaks the bounds as well: once is enough.
        if !is_type_error(error) && of_another_type.contains(&error.instance_path()) {
            continue;
        }
        describe(document, schema, error, &mut checked.diagnostics);
        repair(schema, error, &mut checked);
    }
    checked.diagnostics.retain(|diagnostic| !document.is_in_syntax_error(diagnostic));
    checked
}

fn is_type_error(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { .. })
}

/// Puts something valid where a mistake is.
fn repair(schema: &Value, error: &ValidationError<'_>, checked: &mut Checked) {
    let pointer = error.instance_path().as_str();
    let schema_path = error.schema_path().as_str();
    let Some(shape) = schema_path.rfind('/').and_then(|at| schema.pointer(&schema_path[..at])) else { return };
    let Some(target) = checked.repaired.pointer_mut(pointer) else { return };
    match (error.kind(), target) {
        (ValidationErrorKind::AdditionalProperties { unexpected }, Value::Object(map)) => {
            unexpected.iter().for_each(|key| {
                map.remove(key);
                checked.replaced.push(join(pointer, key));
            });
        }
        (ValidationErrorKind::Required { property }, Value::Object(map)) => {
            let key = property.as_str().unwrap_or_default();
            if let Some(shape) = shape.get("properties").and_then(|p| p.get(key)) {
                map.insert(key.to_owned(), placeholder(schema, shape));
                checked.replaced.push(join(pointer, key));
            }
        }
        (_, target) => {
            *target = placeholder(schema, shape);
            checked.replaced.push(pointer.to_owned());
        }
    }
}

/// Something that the type behind a schema can hold.
fn placeholder(root: &Value, schema: &Value) -> Value {
    if let Some(value) = schema.get("default").or_else(|| schema.get("const")) {
        return value.clone();
    }
    if let Some(value) = schema.pointer("/enum/0") {
        return value.clone();
    }
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(r.trim_start_matches('#')));
    let choice = schema.pointer("/oneOf/0").or_else(|| schema.pointer("/anyOf/0"));
    if let Some(schema) = reference.or(choice) {
        return placeholder(root, schema);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Value::from(""),
        Some("boolean") => Value::from(false),
        Some("array") => Value::Array(Vec::new()),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(Value::from(0)),
        _ => {
            let keys = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let shape = |key: &str| schema.get("properties").and_then(|p| p.get(key)).map(|s| placeholder(root, s));
            Value::Object(keys.filter_map(|key| Some((key.to_owned(), shape(key)?))).collect::<Map<_, _>>())
        }
    }
}

fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("socket-address", |text: &str| text.parse::<std::net::SocketAddr>().is_ok())
        .build(schema)
}

/// Adds one mistake, or one for each unknown key.
fn describe(document: &Document, schema: &Value, error: &ValidationError<'_>, found: &mut Vec<Diagnostic>) {
    let pointer = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = known_keys(schema, error.schema_path().as_str());
            for key in unexpected {
                found.push(document.error_at_key(&join(pointer, key), unknown_key(key, &known)));
            }
        }
        // After a syntax error keys may be missing only because the parser lost them.
        ValidationErrorKind::Required { .. } if document.has_syntax_errors() => {}
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let mut missing = document.error_at_key(&join(pointer, key), "missing; it must be given");
            if let Some(text) = description(schema, error.schema_path().as_str(), key) {
                missing.message = format!("{}: {text}", missing.message);
            }
            found.push(missing);
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            choice(document, schema, error, context, found);
        }
        kind => {
            let expected = expected(kind).unwrap_or_else(|| format!("{error}"));
            found.push(document.error(pointer, format!("found {}, expected {expected}", shown(error.instance()))));
        }
    }
}

/// A value that fits none of several shapes: the mistakes in the one shape that it was meant to have, where that is plain,
/// else all that it could be.
fn choice(
    document: &Document,
    schema: &Value,
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    found: &mut Vec<Diagnostic>,
) {
    let own = |errors: &&Vec<ValidationError<'static>>| {
        !errors.iter().any(|e| {
            e.instance_path() == error.instance_path()
                && !matches!(e.kind(), ValidationErrorKind::AdditionalProperties { .. })
        })
    };
    let meant: Vec<_> = context.iter().filter(own).collect();
    if let [only] = meant[..] {
        only.iter().for_each(|e| describe(document, schema, e, found));
        return;
    }
    let choices = schema.pointer(error.schema_path().as_str()).and_then(Value::as_array);
    let shapes: Vec<_> = choices.into_iter().flatten().flat_map(|c| shapes(schema, c)).collect();
    let message = format!("found {}, expected {}", shown(error.instance()), one_of(&shapes));
    found.push(document.error(error.instance_path().as_str(), message));
}

/// What a schema takes, in words.
fn shapes(root: &Value, schema: &Value) -> Vec<String> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return root.pointer(target.trim_start_matches('#')).map(|s| shapes(root, s)).unwrap_or_default();
    }
    if let Some(constant) = schema.get("const") {
        return vec![constant.to_string()];
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(Value::to_string).collect();
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            return choices.iter().flat_map(|c| shapes(root, c)).collect();
        }
    }
    match schema.get("required").and_then(Value::as_array) {
        Some(keys) if !keys.is_empty() => {
            let keys: Vec<_> = keys.iter().filter_map(Value::as_str).map(|k| format!("{k} = ...")).collect();
            vec![format!("{{ {} }}", keys.join(", "))]
        }
        _ => schema.get("type").and_then(Value::as_str).map(toml_type).into_iter().collect(),
    }
}

fn expected(kind: &ValidationErrorKind) -> Option<String> {
    Some(match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(name) } => toml_type(&name.to_string()),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(names) } => {
            one_of(&names.iter().map(|name| toml_type(&name.to_string())).collect::<Vec<_>>())
        }
        ValidationErrorKind::Enum { options } => {
            one_of(&options.as_array()?.iter().map(Value::to_string).collect::<Vec<_>>())
        }
        ValidationErrorKind::Constant { expected_value } => expected_value.to_string(),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::MinLength { limit: 1 } => "a text that is not empty".to_owned(),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} in the list"),
        ValidationErrorKind::MaxItems { limit } => format!("at most {limit} in the list"),
        ValidationErrorKind::MinProperties { limit } => format!("at least {limit} keys in the table"),
        ValidationErrorKind::UniqueItems => "a list without repetitions".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("text of the form {pattern}"),
        ValidationErrorKind::Format { format } if format == "socket-address" => {
            "an IP address and port such as \"127.0.0.1:9464\"".to_owned()
        }
        ValidationErrorKind::Format { format } => format!("a {format}"),
        _ => return None,
    })
}

/// JSON's types in TOML's words.
fn toml_type(name: &str) -> String {
    match name {
        "object" => "a table",
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text in quotes",
        other => other,
    }
    .to_owned()
}

/// A value, cut to what fits a line.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "a table".to_owned(),
        Value::Array(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => {
            let text = other.to_string();
            if text.chars().count() > 60 { format!("{}...", text.chars().take(57).collect::<String>()) } else { text }
        }
    }
}

fn one_of(choices: &[String]) -> String {
    match choices {
        [] => "another value".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The keys that the table whose `additionalProperties` a schema path names may have.
fn known_keys(schema: &Value, schema_path: &str) -> Vec<String> {
    let table = schema_path.rfind('/').and_then(|at| schema.pointer(&schema_path[..at]));
    let properties = table.and_then(|t| t.get("properties")).and_then(Value::as_object);
    properties.into_iter().flat_map(|map| map.keys().cloned()).collect()
}

/// First sentence of what the missing key is for.
fn description(schema: &Value, schema_path: &str, key: &str) -> Option<String> {
    let table = schema.pointer(&schema_path[..schema_path.rfind('/')?])?;
    let text = table.pointer(&join("/properties", key))?.get("description")?.as_str()?;
    Some(text.split_inclusive(". ").next().unwrap_or(text).trim().to_owned())
}

fn unknown_key(key: &str, known: &[String]) -> String {
    match nearest(key, known.iter().map(String::as_str)) {
        Some(near) => format!("unknown key; did you mean `{near}`?"),
        None => {
            format!("unknown key, expected {}", one_of(&known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>()))
        }
    }
}
