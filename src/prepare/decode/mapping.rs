//! Any JSON by a mapping in the feed's file: paths to fields, with alternatives, constants, templates and translations.
//!
//! A path is a JSON Pointer (RFC 6901) within the item, or, after `$`, within the record. On a list, a step may also be `*` (every
//! element) or `[key=value]` (the elements that have that member); on an object both are plain names. A mapping is compiled when
//! the feed's file is read, and every mistake in it is told with its line; what a record lacks is absent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use regex::Regex;
use serde_json::Value;

use super::json::{self, says_something, scalar};
use super::sniff::{Sample, Sure};
use super::{Input, Items, html};
use crate::config::mapping::{
    ConceptRule, FieldChoice, FieldRule, FieldSource, JsonFields, JsonMapping, SplitRule, WrittenAs,
};
use crate::item::news::RuleNote;
use crate::item::wire::{Body, LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::item::{Reject, RejectReason};
use crate::prepare::feed::FeedError;

/// Values that one path leads to, at most; the rest is left out.
const MAX_VALUES: usize = 10_000;

/// Any JSON may be it: other formats that are JSON come first.
pub fn sniff(sample: &Sample<'_>) -> Sure {
    if sample.is_json() { Sure::Maybe } else { Sure::No }
}

/// Reads one record by its feed's mapping.
///
/// # Errors
/// Bytes that are no JSON, a record without an item, a feed without a mapping.
pub fn decode(input: &Input<'_>) -> Result<Items, Reject> {
    let Some(mapping) = &input.feed.mapping else {
        let message = "JSON that no other format knows; a [json] table in the feed's file says how to read it";
        return Err(Reject::decode(RejectReason::Malformed, message));
    };
    let (record, repaired_chars) = json::parse(input)?;
    let items = mapping.items_of(&record);
    if items.is_empty() {
        let message =
            format!("no item at {}", mapping.items.iter().map(|p| p.written.as_str()).collect::<Vec<_>>().join(" or "));
        return Err(Reject::decode(RejectReason::NoText, message));
    }
    let read = |item| mapping.read(item, &record).map(|item| WireItem { repaired_chars, ..item });
    Ok(items.into_iter().map(read).collect())
}

/// A compiled mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    items: Vec<Path>,
    only: Vec<(Path, Vec<String>)>,
    fields: Vec<(Field, Vec<Source>)>,
    alt_ids: Vec<(String, Vec<Source>)>,
    subjects: Vec<Concept>,
    split: Vec<(Path, Regex)>,
}

#[derive(Clone, Debug)]
struct Path {
    written: String,
    of_record: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Name(String),
    /// `*`
    All,
    /// `[key=value]`
    Where(String, String),
}

#[derive(Clone, Debug)]
struct Source {
    from: From,
    written: WrittenAs,
    join: Option<String>,
    pattern: Option<Regex>,
    values: BTreeMap<String, String>,
    time_format: Option<String>,
}

#[derive(Clone, Debug)]
enum From {
    Path(Path),
    Constant(String),
    Template(Vec<Part>),
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Path(Path),
}

#[derive(Clone, Debug)]
struct Concept {
    at: Path,
    scheme: Option<String>,
    scheme_at: Option<Path>,
    code: Option<Path>,
    name: Option<Path>,
}

/// A field of [`WireItem`] that a mapping fills.
#[derive(Clone, Copy, Debug)]
enum Field {
    Text(Text),
    Time(Time),
    Body,
    Marks,
    Keywords,
    EdNotes,
    Replaces,
    SeeAlso,
}

type Text = (&'static str, fn(&mut WireItem) -> &mut Option<String>);
type Time = fn(&mut WireItem) -> &mut Option<WireTime>;

/// Fields of one text, by their names in the feed's file.
#[rustfmt::skip]
const TEXTS: &[Text] = &[
    ("id", |i| &mut i.id), ("version", |i| &mut i.version), ("slug", |i| &mut i.slug), ("headline", |i| &mut i.headline),
    ("subheadline", |i| &mut i.subheadline), ("summary", |i| &mut i.summary), ("byline", |i| &mut i.byline), ("dateline", |i| &mut i.dateline),
    ("credit", |i| &mut i.credit), ("language", |i| &mut i.language), ("urgency", |i| &mut i.urgency), ("status", |i| &mut i.status),
    ("genre", |i| &mut i.genre), ("located", |i| &mut i.located), ("copyright_holder", |i| &mut i.copyright_holder),
    ("copyright_notice", |i| &mut i.copyright_notice), ("usage_terms", |i| &mut i.usage_terms),
];

/// Every rule of the fields with its name and what it fills.
fn rules(fields: &JsonFields) -> Vec<(&'static str, Field, &FieldRule)> {
    let texts = [
        &fields.id,
        &fields.version,
        &fields.slug,
        &fields.headline,
        &fields.subheadline,
        &fields.summary,
        &fields.byline,
        &fields.dateline,
        &fields.credit,
        &fields.language,
        &fields.urgency,
        &fields.status,
        &fields.genre,
        &fields.located,
        &fields.copyright_holder,
        &fields.copyright_notice,
        &fields.usage_terms,
    ];
    let mut rules: Vec<(&'static str, Field, &FieldRule)> = Vec::new();
    for (text, rule) in TEXTS.iter().zip(texts) {
        rules.extend(rule.as_ref().map(|rule| (text.0, Field::Text(*text), rule)));
    }
    let times: [(&'static str, Time, &Option<FieldRule>); 5] = [
        ("first_created", |i| &mut i.first_created, &fields.first_created),
        ("version_created", |i| &mut i.version_created, &fields.version_created),
        ("content_created", |i| &mut i.content_created, &fields.content_created),
        ("embargoed", |i| &mut i.embargoed, &fields.embargoed),
        ("expires", |i| &mut i.expires, &fields.expires),
    ];
    rules.extend(times.into_iter().filter_map(|(name, time, rule)| Some((name, Field::Time(time), rule.as_ref()?))));
    let others = [
        ("body", Field::Body, &fields.body),
        ("marks", Field::Marks, &fields.marks),
        ("keywords", Field::Keywords, &fields.keywords),
        ("ed_notes", Field::EdNotes, &fields.ed_notes),
        ("replaces", Field::Replaces, &fields.replaces),
        ("see_also", Field::SeeAlso, &fields.see_also),
    ];
    rules.extend(others.into_iter().filter_map(|(name, field, rule)| Some((name, field, rule.as_ref()?))));
    rules
}

impl Mapping {
    /// Compiles a feed's mapping.
    ///
    /// # Errors
    /// Every mistake, by its key.
    pub fn compile(config: &JsonMapping) -> Result<Mapping, Vec<FeedError>> {
        let mut compiler = Compiler { errors: Vec::new() };
        let mapping = compiler.mapping(config);
        if compiler.errors.is_empty() { Ok(mapping) } else { Err(compiler.errors) }
    }

    fn items_of<'a>(&self, record: &'a Value) -> Vec<&'a Value> {
        if self.items.is_empty() {
            return vec![record];
        }
        self.items.iter().map(|path| path.values(record, record)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn read(&self, item: &Value, record: &Value) -> Result<WireItem, Reject> {
        for (path, allowed) in &self.only {
            let found: Vec<_> = path.values(item, record).into_iter().filter_map(scalar).collect();
            if !found.iter().any(|value| allowed.iter().any(|a| a == value)) {
                let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
                let message = format!("{} is {found}, the feed takes {}", path.written, allowed.join(", "));
                return Err(Reject::decode(RejectReason::NoText, message));
            }
        }
        let mut read = WireItem::default();
        for (field, sources) in &self.fields {
            fill(*field, sources, item, record, &mut read);
        }
        for (path, pattern) in &self.split {
            split(path, pattern, item, record, &mut read);
        }
        for (role, sources) in &self.alt_ids {
            if let Some((source, found)) = first(sources, item, record) {
                read.alt_ids.extend(source.one(found).map(|id| (role.clone(), id)));
            }
        }
        for concept in &self.subjects {
            read.subjects
                .extend(concept.at.values(item, record).into_iter().filter_map(|value| concept.read(value, record)));
        }
        let says =
            read.headline.is_some() || read.summary.is_some() || read.body != Body::None || read.status.is_some();
        if says {
            Ok(read)
        } else {
            Err(Reject::decode(RejectReason::NoText, "no headline, summary or body where the feed's file says"))
        }
    }
}

/// The first source that says something, and what it says.
fn first<'s>(sources: &'s [Source], item: &Value, record: &Value) -> Option<(&'s Source, Vec<String>)> {
    sources.iter().map(|source| (source, source.found(item, record))).find(|(_, found)| !found.is_empty())
}

fn fill(field: Field, sources: &[Source], item: &Value, record: &Value, read: &mut WireItem) {
    let Some((source, found)) = first(sources, item, record) else { return };
    match field {
        Field::Text((_, get)) => *get(read) = source.one(found),
        Field::Time(get) => *get(read) = source.one(found).map(WireTime),
        Field::Body => body(source, found, read),
        Field::Marks => read.marks.extend(found),
        Field::Keywords => read.keywords.extend(found),
        Field::EdNotes => read.ed_notes.extend(found),
        Field::Replaces | Field::SeeAlso => {
            let rel = if matches!(field, Field::Replaces) { LinkRel::Replaces } else { LinkRel::SeeAlso };
            read.links.extend(found.into_iter().map(|id| WireLink { rel, id, title: None }));
        }
    }
}

/// Several values are paragraphs, or what `join` makes of them.
fn body(source: &Source, found: Vec<String>, read: &mut WireItem) {
    let text = found.join(source.join.as_deref().unwrap_or("\n\n"));
    let marked_up = source.written == WrittenAs::Html;
    if text.trim().is_empty() {
        return;
    }
    read.body = if marked_up { Body::Paragraphs(text) } else { Body::Text(text) };
}

fn split(path: &Path, pattern: &Regex, item: &Value, record: &Value, read: &mut WireItem) {
    let Some(value) = path.values(item, record).into_iter().find_map(scalar) else { return };
    let Some(groups) = pattern.captures(&value) else { return };
    for (name, get) in TEXTS {
        if let Some(group) = groups.name(name).filter(|group| !group.as_str().is_empty()) {
            let field = get(read);
            if field.is_none() {
                *field = Some(group.as_str().to_owned());
                read.notes.push(RuleNote { field: name, rule: "split by the feed's pattern", span: value.to_string() });
            }
        }
    }
}

impl Source {
    /// All that it says.
    fn found(&self, item: &Value, record: &Value) -> Vec<String> {
        let found: Vec<String> = match &self.from {
            From::Constant(value) => return vec![value.clone()],
            From::Template(parts) => template(parts, item, record).into_iter().collect(),
            From::Path(path) => {
                path.values(item, record).into_iter().filter_map(scalar).flat_map(|value| self.read(&value)).collect()
            }
        };
        found.into_iter().filter_map(|value| self.shaped(value)).collect()
    }

    fn read(&self, value: &str) -> Vec<String> {
        match self.written {
            WrittenAs::Text => vec![html::entities::decode(value).into_owned()],
            WrittenAs::Html => vec![match html::read(value).body {
                Body::None => String::new(),
                Body::Text(text) | Body::Paragraphs(text) => text,
            }],
            WrittenAs::List => value.split([',', ';']).map(|word| word.trim().to_owned()).collect(),
        }
    }

    /// Cut by the pattern, translated, read as a time.
    fn shaped(&self, value: String) -> Option<String> {
        let mut value = value;
        if let Some(pattern) = &self.pattern {
            let groups = pattern.captures(&value)?;
            value = groups.get(1).or(groups.get(0))?.as_str().to_owned();
        }
        if let Some(meant) = self.values.get(value.trim()) {
            value.clone_from(meant);
        }
        if let Some(format) = &self.time_format {
            // What is not written so is left to the forms that everybody writes.
            if let Ok(time) = strtime::parse(format, value.trim()) {
                let zoned = time.to_timestamp().map(|time| time.to_string());
                value = zoned.or_else(|_| time.to_datetime().map(|time| time.to_string())).unwrap_or(value);
            }
        }
        (!value.trim().is_empty()).then_some(value)
    }

    /// The one value of a field of one value.
    fn one(&self, found: Vec<String>) -> Option<String> {
        match &self.join {
            Some(join) => Some(found.join(join)),
            None => found.into_iter().next(),
        }
    }
}

fn template(parts: &[Part], item: &Value, record: &Value) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(path) => out.push_str(&path.values(item, record).into_iter().find_map(scalar)?),
        }
    }
    Some(out)
}

impl Concept {
    fn read(&self, value: &Value, record: &Value) -> Option<WireSubject> {
        let below = |path: &Option<Path>| {
            let path = path.as_ref()?;
            path.values(value, record).into_iter().find_map(scalar).map(Cow::into_owned)
        };
        let name = below(&self.name);
        let code = below(&self.code).or_else(|| scalar(value).map(Cow::into_owned)).or_else(|| name.clone())?;
        let scheme = below(&self.scheme_at).or_else(|| self.scheme.clone()).unwrap_or_default();
        Some(WireSubject { scheme, code, name })
    }
}

impl Path {
    /// The values that it leads to, those that say nothing left out, at most [`MAX_VALUES`].
    fn values<'a>(&self, item: &'a Value, record: &'a Value) -> Vec<&'a Value> {
        let mut at = vec![if self.of_record { record } else { item }];
        for step in &self.steps {
            let mut next = Vec::new();
            for value in at {
                step.take(value, &mut next);
                if next.len() >= MAX_VALUES {
                    next.truncate(MAX_VALUES);
                    break;
                }
            }
            at = next;
        }
        at.retain(|value| says_something(value));
        at
    }
}

impl Step {
    fn take<'a>(&self, value: &'a Value, out: &mut Vec<&'a Value>) {
        match (self, value) {
            (Step::All, Value::Array(list)) => out.extend(list),
            (Step::Where(key, wanted), Value::Array(list)) => {
                let has =
                    |element: &&Value| element.get(key).and_then(scalar).is_some_and(|value| value == wanted.as_str());
                out.extend(list.iter().filter(has));
            }
            (Step::Name(name), Value::Array(list)) => {
                out.extend(name.parse::<usize>().ok().and_then(|at| list.get(at)))
            }
            (Step::Name(name), Value::Object(object)) => out.extend(object.get(name)),
            (Step::All, Value::Object(object)) => out.extend(object.get("*")),
            (Step::Where(key, wanted), Value::Object(object)) => out.extend(object.get(&format!("[{key}={wanted}]"))),
            _ => {}
        }
    }
}

/// Compiles, and gathers what is wrong.
struct Compiler {
    errors: Vec<FeedError>,
}

impl Compiler {
    fn fail(&mut self, key: &str, message: String) {
        self.errors.push(FeedError { key: key.to_owned(), message });
    }

    fn mapping(&mut self, config: &JsonMapping) -> Mapping {
        let items =
            config.items.iter().enumerate().map(|(at, path)| self.path(&format!("json.items.{at}"), path)).collect();
        let mut only = Vec::new();
        for (path, values) in &config.only {
            let key = format!("json.only.\"{path}\"");
            if values.is_empty() {
                self.fail(&key, "an empty list takes no item at all".to_owned());
            }
            only.push((self.path(&key, path), values.clone()));
        }
        let rules = rules(&config.fields);
        if rules.is_empty() {
            self.fail("json.fields", "no field: an item needs at least a headline or a body".to_owned());
        }
        let fields = rules
            .into_iter()
            .map(|(name, field, rule)| (field, self.rule(&format!("json.fields.{name}"), rule)))
            .collect();
        let alt_ids = config.fields.alt_ids.iter();
        let alt_ids = alt_ids
            .map(|(role, rule)| (role.clone(), self.rule(&format!("json.fields.alt_ids.\"{role}\""), rule)))
            .collect();
        let subjects = config.fields.subjects.iter().enumerate().map(|(at, rule)| self.concept(at, rule)).collect();
        let split = config.split.iter().enumerate().filter_map(|(at, rule)| self.split(at, rule)).collect();
        Mapping { items, only, fields, alt_ids, subjects, split }
    }

    fn rule(&mut self, key: &str, rule: &FieldRule) -> Vec<Source> {
        match rule {
            FieldRule::Path(path) => vec![self.at_path(key, path)],
            FieldRule::Source(source) => self.source(key, source).into_iter().collect(),
            FieldRule::Alternatives(choices) => {
                if choices.is_empty() {
                    self.fail(key, "an empty list says nothing".to_owned());
                }
                let mut sources = Vec::new();
                for (at, choice) in choices.iter().enumerate() {
                    let key = format!("{key}.{at}");
                    match choice {
                        FieldChoice::Path(path) => sources.push(self.at_path(&key, path)),
                        FieldChoice::Source(source) => sources.extend(self.source(&key, source)),
                    }
                }
                sources
            }
        }
    }

    fn at_path(&mut self, key: &str, path: &str) -> Source {
        let from = From::Path(self.path(key, path));
        Source { from, written: WrittenAs::Text, join: None, pattern: None, values: BTreeMap::new(), time_format: None }
    }

    fn source(&mut self, key: &str, source: &FieldSource) -> Option<Source> {
        let from = match (&source.at, &source.value, &source.template) {
            (Some(path), None, None) => From::Path(self.path(&format!("{key}.at"), path)),
            (None, Some(value), None) => From::Constant(value.clone()),
            (None, None, Some(template)) => From::Template(self.template(&format!("{key}.template"), template)),
            _ => {
                self.fail(key, "expected exactly one of `at`, `value` and `template`".to_owned());
                return None;
            }
        };
        let pattern = source.pattern.as_ref().and_then(|pattern| self.regex(&format!("{key}.pattern"), pattern));
        if let Some(format) = &source.time_format {
            self.time_format(&format!("{key}.time_format"), format);
        }
        Some(Source {
            from,
            written: source.written,
            join: source.join.clone(),
            pattern,
            values: source.values.clone(),
            time_format: source.time_format.clone(),
        })
    }

    /// A format that can write a time can read one.
    fn time_format(&mut self, key: &str, format: &str) {
        let noon = DateTime::constant(2026, 3, 10, 12, 30, 15, 0).in_tz("UTC");
        let written = noon.and_then(|noon| strtime::format(format, &noon));
        let read = written.and_then(|written| strtime::parse(format, written)).and_then(|time| time.to_datetime());
        if let Err(error) = read {
            let message = format!(
                "found \"{format}\", expected a format with a day and a time such as \"%d/%m/%Y %H:%M\": {error}"
            );
            self.fail(key, message);
        }
    }

    fn regex(&mut self, key: &str, pattern: &str) -> Option<Regex> {
        Regex::new(pattern).map_err(|error| self.fail(key, format!("not a regular expression: {error}"))).ok()
    }

    fn template(&mut self, key: &str, template: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            parts.push(Part::Text(text.to_owned()));
            let Some((path, after)) = after.split_once('}') else {
                self.fail(key, format!("found \"{template}\", expected a `}}` after every `{{`"));
                return parts;
            };
            parts.push(Part::Path(self.path(key, path)));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        if !parts.iter().any(|part| matches!(part, Part::Path(_))) {
            self.fail(key, "a template without a path in braces; a constant is `value`".to_owned());
        }
        parts
    }

    fn path(&mut self, key: &str, written: &str) -> Path {
        let (of_record, pointer) = written.strip_prefix('$').map_or((false, written), |rest| (true, rest));
        if !pointer.is_empty() && !pointer.starts_with('/') {
            self.fail(
                key,
                format!(
                    "found \"{written}\", expected a path such as \"/headline\", \"/bodies/*/value\" or \"$/provider\""
                ),
            );
        }
        let steps = pointer.split('/').skip(1).map(step).collect();
        Path { written: written.to_owned(), of_record, steps }
    }

    fn concept(&mut self, at: usize, rule: &ConceptRule) -> Concept {
        let key = format!("json.fields.subjects.{at}");
        if rule.scheme.is_some() && rule.scheme_at.is_some() {
            self.fail(&key, "expected one of `scheme` and `scheme_at`".to_owned());
        }
        let mut path =
            |name: &str, path: &Option<String>| path.as_ref().map(|path| self.path(&format!("{key}.{name}"), path));
        let (scheme_at, code, name) =
            (path("scheme_at", &rule.scheme_at), path("code", &rule.code), path("name", &rule.name));
        Concept { at: self.path(&format!("{key}.at"), &rule.at), scheme: rule.scheme.clone(), scheme_at, code, name }
    }

    fn split(&mut self, at: usize, rule: &SplitRule) -> Option<(Path, Regex)> {
        let key = format!("json.split.{at}");
        let path = self.path(&format!("{key}.at"), &rule.at);
        let pattern = self.regex(&format!("{key}.pattern"), &rule.pattern)?;
        let names: Vec<&str> = pattern.capture_names().flatten().collect();
        if names.is_empty() {
            self.fail(
                &format!("{key}.pattern"),
                "expected named groups such as `(?<id>.+):(?<version>\\d+)`".to_owned(),
            );
        }
        for name in names {
            if !TEXTS.iter().any(|(field, _)| *field == name) {
                let known = TEXTS.iter().map(|(field, _)| *field).collect::<Vec<_>>().join(", ");
                self.fail(&format!("{key}.pattern"), format!("the group `{name}` is none of the fields {known}"));
            }
        }
        Some((path, pattern))
    }
}

fn step(written: &str) -> Step {
    let condition = written.strip_prefix('[').and_then(|s| s.strip_suffix(']')).and_then(|s| s.split_once('='));
    match (written, condition) {
        ("*", _) => Step::All,
        (_, Some((key, value))) => Step::Where(unescape(key), unescape(value)),
        _ => Step::Name(unescape(written)),
    }
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
