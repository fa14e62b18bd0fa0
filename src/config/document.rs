//! One TOML file as a JSON value that remembers where each part of it stands.
//!
//! JSON, because the files are checked against JSON Schemas. Every key and value is found again by its JSON Pointer (RFC
//! 6901), which is what a validator reports.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Place};

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Document {
    pub path: PathBuf,
    pub value: Value,
    text: String,
    /// By JSON Pointer.
    spans: BTreeMap<String, Spans>,
    /// Pointers of values that an environment variable overrides, with its name.
    overrides: BTreeMap<String, String>,
    syntax_error_lines: Vec<usize>,
}

/// Byte ranges of a key and of its value; an array's element has its value in both.
#[derive(Clone, Debug)]
struct Spans {
    key: Range<usize>,
    value: Range<usize>,
}

impl Document {
    /// Parses a file as far as it can be parsed, and tells every syntax error in it.
    pub fn parse(path: &Path, text: String) -> (Document, Vec<Diagnostic>) {
        let (table, errors) = DeTable::parse_recoverable(&text);
        let mut reader = Reader::default();
        let value = reader.table(table.get_ref(), "");
        let Reader { spans, unreadable } = reader;
        let mut document = Document {
            path: path.to_owned(),
            value,
            spans,
            overrides: BTreeMap::new(),
            syntax_error_lines: Vec::new(),
            text: String::new(),
        };
        let syntax: Vec<_> = errors.iter().map(|e| (e.span(), e.message().to_owned())).collect();
        drop(table);
        document.text = text;
        let mut diagnostics: Vec<_> = syntax
            .into_iter()
            .map(|(span, message)| Diagnostic {
                place: document.place(span.map_or(document.text.len(), |s| s.start)),
                key: String::new(),
                message: format!("not TOML: {message}"),
            })
            .collect();
        document.syntax_error_lines = diagnostics.iter().map(Diagnostic::line).collect();
        diagnostics.extend(unreadable.into_iter().map(|(pointer, message)| document.error(&pointer, message)));
        (document, diagnostics)
    }

    /// True where the parser lost its way: keys may be missing only because of that.
    pub fn has_syntax_errors(&self) -> bool {
        !self.syntax_error_lines.is_empty()
    }

    /// True for a mistake in a line that has no valid syntax: it is the same mistake.
    pub fn is_in_syntax_error(&self, diagnostic: &Diagnostic) -> bool {
        self.syntax_error_lines.contains(&diagnostic.line())
    }

    /// Sets a string that the environment gives in place of the file's, making the tables on the way.
    pub fn override_with(&mut self, pointer: &str, variable: &str, value: String) {
        let mut at = &mut self.value;
        for segment in segments(pointer) {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            let Value::Object(map) = at else { return };
            at = map.entry(segment).or_insert(Value::Null);
        }
        *at = Value::String(value);
        self.overrides.insert(pointer.to_owned(), variable.to_owned());
    }

    /// A mistake in the value at a pointer.
    pub fn error(&self, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic(pointer, message, |spans| spans.value.start)
    }

    /// A mistake in the key that a pointer ends with, not in its value.
    pub fn error_at_key(&self, pointer: &str, message: impl Into<String>) -> Diagnostic {
        self.diagnostic(pointer, message, |spans| spans.key.start)
    }

    /// A mistake at a TOML key path such as `boilerplate.0.paragraph`.
    pub fn error_at_path(&self, key_path: &str, message: impl Into<String>) -> Diagnostic {
        self.error(&pointer_of(key_path), message)
    }

    fn diagnostic(&self, pointer: &str, message: impl Into<String>, start: fn(&Spans) -> usize) -> Diagnostic {
        let place = match self.overrides.get(pointer) {
            Some(variable) => Place::Environment(variable.clone()),
            None => self.place(self.nearest(pointer).map_or(0, start)),
        };
        Diagnostic { place, key: key_path(pointer), message: message.into() }
    }

    /// A mistake at a byte of the file.
    pub fn error_at_byte(&self, byte: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic { place: self.place(byte), key: String::new(), message: message.into() }
    }

    /// The spans of what a pointer names or, where the file does not have it, of the innermost part that it has.
    fn nearest(&self, pointer: &str) -> Option<&Spans> {
        let mut pointer = pointer;
        loop {
            if let Some(spans) = self.spans.get(pointer) {
                return Some(spans);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    fn place(&self, byte: usize) -> Place {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place::Line {
            file: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Turns TOML's values into JSON's, noting where each stands.
#[derive(Default)]
struct Reader {
    spans: BTreeMap<String, Spans>,
    /// `(pointer, message)` of values that JSON cannot hold.
    unreadable: Vec<(String, String)>,
}

impl Reader {
    fn table(&mut self, table: &DeTable<'_>, pointer: &str) -> Value {
        let mut map = Map::new();
        for (key, value) in table {
            let pointer = join(pointer, key.get_ref());
            self.spans.insert(pointer.clone(), Spans { key: key.span(), value: value.span() });
            map.insert(key.get_ref().to_string(), self.value(value, &pointer));
        }
        Value::Object(map)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, pointer: &str) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or_else(|_| self.unreadable(pointer, "an integer of at most 64 bits"), Value::from),
            DeValue::Float(float) => {
                let number = float.as_str().parse().ok().and_then(Number::from_f64);
                number.map_or_else(|| self.unreadable(pointer, "a finite number"), Value::Number)
            }
            DeValue::Boolean(boolean) => Value::Bool(*boolean),
            // A time without quotes is as good as one with.
            DeValue::Datetime(time) => Value::String(time.to_string()),
            DeValue::Array(array) => {
                let mut list = Vec::new();
                for (at, element) in array.iter().enumerate() {
                    let pointer = join(pointer, &at.to_string());
                    self.spans.insert(pointer.clone(), Spans { key: element.span(), value: element.span() });
                    list.push(self.value(element, &pointer));
                }
                Value::Array(list)
            }
            DeValue::Table(table) => self.table(table, pointer),
        }
    }

    fn unreadable(&mut self, pointer: &str, expected: &str) -> Value {
        self.unreadable.push((pointer.to_owned(), format!("expected {expected}")));
        Value::from(0)
    }
}

/// A pointer, one key longer.
pub fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// `/kafka/properties/sasl.password` as TOML writes it: `kafka.properties."sasl.password"`.
pub fn key_path(pointer: &str) -> String {
    let bare = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    segments(pointer).map(|key| if bare(&key) { key } else { format!("\"{key}\"") }).collect::<Vec<_>>().join(".")
}

/// The inverse of [`key_path`].
pub fn pointer_of(key_path: &str) -> String {
    let mut pointer = String::new();
    let mut rest = key_path;
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|r| r.split_once('"'));
        let (key, after) = match quoted {
            Some((key, after)) => (key, after.strip_prefix('.').unwrap_or(after)),
            None => rest.split_once('.').unwrap_or((rest, "")),
        };
        pointer = join(&pointer, key);
        rest = after;
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Document, Vec<Diagnostic>) {
        Document::parse(Path::new("x.toml"), text.to_owned())
    }

    #[test]
    fn finds_keys_and_values_again() {
        let (document, errors) = parse("a = 1\n[b]\n\"c.d\" = [\"é\", 2]\n\n[[e]]\nf = 1\n[[e]]\nf = 2\n");
        assert_eq!(errors, []);
        let place = |d: Diagnostic| match d.place {
            Place::Line { line, column, .. } => (d.key, line, column),
            other => panic!("{other:?}"),
        };
        assert_eq!(place(document.error("/a", "")), ("a".to_owned(), 1, 5));
        assert_eq!(place(document.error_at_key("/b/c.d", "")), ("b.\"c.d\"".to_owned(), 3, 1));
        assert_eq!(place(document.error("/b/c.d/1", "")), ("b.\"c.d\".1".to_owned(), 3, 15));
        assert_eq!(place(document.error("/e/1/f", "")), ("e.1.f".to_owned(), 8, 5));
        // What is not there is reported at the part that should hold it.
        assert_eq!(place(document.error("/e/1/g", "")).1, 7);
        assert_eq!(place(document.error("/g", "")).1, 1);
    }

    #[test]
    fn tells_every_syntax_error() {
        let (document, errors) = parse("a = \nb = 1\nc = [1, 2\nd = 'x'\nd = 'y'\n");
        let lines: Vec<_> = errors.iter().map(Diagnostic::line).collect();
        assert!(lines.contains(&1) && lines.len() >= 2, "{errors:?}");
        assert!(document.has_syntax_errors());
    }

    #[test]
    fn refuses_numbers_that_json_cannot_hold() {
        let (_, errors) = parse("a = nan\nb = 99999999999999999999\nc = 0xff\n");
        assert_eq!(errors.iter().map(Diagnostic::line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn key_paths_and_pointers_are_inverse() {
        for pointer in ["/a", "/a/0/b", "/kafka/properties/sasl.password", "/expect/~1headlines~10~1value"] {
            assert_eq!(pointer_of(&key_path(pointer)), pointer);
        }
    }
}
