//! Every decoder over its fixtures: `tests/fixtures/<format>/<case>.<ext>` holds the record's bytes, `<case>.json` beside it
//! the circumstances and what must come out.
//!
//! ```json
//! { "why": "what is hard about it",
//!   "feed": { "defaults": { "time_zone": "Asia/Kolkata" } },     over a feed of the format with no defaults
//!   "received": "2026-03-10T12:00:00Z", "key": "x", "headers": { "id": "y" },
//!   "items": [ { "headline": "...", ... }, { "reject": "no_text" } ] }     or "reject": "binary" for the whole record
//! ```
//!
//! `UPDATE_FIXTURES=1 cargo test --test fixtures` writes what comes out into the JSON files, for an editor to read and judge
//! before it is committed.

#![allow(clippy::unwrap_used)] // a test's helpers fail by panicking

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wiredesk::item::{NewsItem, Origin, RawItem, RecordOrigin, Reject};
use wiredesk::prepare::decode::{DECODERS, Decoder, decode};
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

/// A format is not known well with fewer.
const MIN_FIXTURES: usize = 8;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    why: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    feed: Map<String, Value>,
    #[serde(default = "received")]
    received: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reject: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    items: Vec<Value>,
}

fn received() -> String {
    "2026-03-10T12:00:00Z".to_owned()
}

#[test]
fn every_decoder_has_fixtures_and_reads_them_right() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut failures = Vec::new();
    for decoder in DECODERS {
        let folder = Path::new("tests/fixtures").join(decoder.name);
        let inputs = inputs(&folder);
        if inputs.len() < MIN_FIXTURES {
            failures.push(format!("{}: {} fixtures, {MIN_FIXTURES} are needed", folder.display(), inputs.len()));
        }
        for input in inputs {
            if let Err(failure) = check(decoder, &input, update) {
                failures.push(format!("{}: {failure}", input.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{} fixtures fail:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn no_fixture_is_without_a_decoder() {
    for entry in std::fs::read_dir("tests/fixtures").unwrap() {
        let name = entry.unwrap().file_name();
        assert!(DECODERS.iter().any(|d| *d.name == *name), "{name:?} is the name of no decoder");
    }
}

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut inputs: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.with_extension("json") != *path).collect();
    inputs.sort();
    inputs
}

fn check(decoder: &Decoder, input: &Path, update: bool) -> Result<(), String> {
    let expected_path = input.with_extension("json");
    let expected = std::fs::read_to_string(&expected_path).map_err(|e| format!("{}: {e}", expected_path.display()))?;
    let fixture: Fixture = serde_json::from_str(&expected).map_err(|e| format!("{}: {e}", expected_path.display()))?;
    let (reject, items) = run(decoder, &fixture, std::fs::read(input).unwrap());
    if update {
        let fixture = Fixture { reject, items, ..fixture };
        std::fs::write(&expected_path, serde_json::to_string_pretty(&fixture).unwrap() + "\n").unwrap();
        return Ok(());
    }
    if (&reject, &items) == (&fixture.reject, &fixture.items) {
        return Ok(());
    }
    let show = |reject: &Option<String>, items: &[Value]| {
        serde_json::to_string_pretty(&json!({ "reject": reject, "items": items })).unwrap()
    };
    Err(difference(&show(&fixture.reject, &fixture.items), &show(&reject, &items)))
}

/// The lines that only one side has.
fn difference(expected: &str, found: &str) -> String {
    let only = |a: &str, b: &str, sign: char| {
        a.lines()
            .filter(|line| !b.lines().any(|other| other == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect::<String>()
    };
    format!("expected (-) and found (+) differ\n{}{}", only(expected, found, '-'), only(found, expected, '+'))
}

fn run(decoder: &Decoder, fixture: &Fixture, payload: Vec<u8>) -> (Option<String>, Vec<Value>) {
    let feed = feed(decoder, &fixture.feed);
    let received = fixture.received.parse::<jiff::Timestamp>().unwrap();
    let record = RecordOrigin { topic: Arc::from("raw.fixture"), partition: 0, offset: 7 };
    let raw = RawItem {
        origin: record.clone(),
        key: fixture.key.as_ref().map(|key| key.clone().into_bytes()),
        payload: Some(payload),
        headers: fixture.headers.iter().map(|(n, v)| (n.clone(), Some(v.clone().into_bytes()))).collect(),
        timestamp_ms: received.as_millisecond(),
    };
    let decoded = match decode(&raw, &feed) {
        Ok(decoded) => decoded.items,
        Err(reject) => return (Some(reason(&reject)), Vec::new()),
    };
    let items = decoded.into_iter().zip(0..).map(|(wire, item)| {
        let origin = Origin { record: record.clone(), item };
        match wire.and_then(|wire| normalize(wire, &feed, &raw, &origin, received)) {
            Ok(news) => readable(&news),
            Err(reject) => json!({ "reject": reason(&reject) }),
        }
    });
    (None, items.collect())
}

/// A feed of the format, with the fixture's settings over it.
fn feed(decoder: &Decoder, settings: &Map<String, Value>) -> Feed {
    let mut config = Map::new();
    config.insert("id".into(), json!("fixture"));
    config.insert("format".into(), json!(decoder.name));
    config.insert("topics".into(), json!(["raw.fixture"]));
    config.extend(settings.clone());
    Feed::compile(serde_json::from_value(Value::Object(config)).unwrap()).unwrap()
}

fn reason(reject: &Reject) -> String {
    assert!(!reject.message.is_empty());
    format!("{}: {}", reject.stage.as_str(), reject.reason.as_str())
}

/// The item as an editor would read it; what is absent is left out.
fn readable(news: &NewsItem) -> Value {
    let time = |t: &Option<jiff::Timestamp>| t.map(|t| t.to_string());
    let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(a, b)| json!([a, b])).collect::<Vec<_>>();
    let mut item = json!({
        "uri": news.uri, "has_own_id": news.has_own_id, "version": news.version, "kind": news.kind, "status": news.status,
        "slug": news.slug, "headline": news.headline, "subheadline": news.subheadline, "summary": news.summary, "byline": news.byline,
        "dateline": news.dateline.as_ref().map(|d| json!({
            "text": d.text, "date": d.date.map(|d| d.to_string()), "credit": d.credit,
            "places": d.places.iter().map(|p| match &p.qualifier {
                Some(qualifier) => json!([p.name, qualifier]),
                None => json!([p.name]),
            }).collect::<Vec<_>>(),
        })),
        "signoff": news.signoff.as_ref().map(|s| json!({ "credit": s.credit, "desk": s.desk })),
        "credit": news.credit, "language": news.language,
        "first_created": time(&news.first_created), "version_created": time(&news.version_created),
        "content_created": time(&news.content_created), "embargoed_until": time(&news.embargoed_until), "expires": time(&news.expires),
        "urgency": news.urgency,
        "subjects": news.subjects.iter().map(|s| json!([s.scheme, s.code, s.name])).collect::<Vec<_>>(),
        "keywords": news.keywords, "genre": news.genre, "located": news.located,
        "body": news.body.split("\n\n").filter(|p| !p.is_empty()).collect::<Vec<_>>(),
        "ed_note": news.ed_note, "copyright_holder": news.copyright_holder, "copyright_notice": news.copyright_notice,
        "usage_terms": news.usage_terms,
        "links": news.links.iter().map(|l| json!([format!("{:?}", l.rel), l.id, l.title])).collect::<Vec<_>>(),
        "alt_ids": pairs(&news.alt_ids), "refers_to": news.refers_to,
        "repaired_chars": (news.repaired_chars > 0).then_some(news.repaired_chars),
        "rules": news.notes.iter().map(|n| format!("{}: {}", n.field, n.rule)).collect::<Vec<_>>(),
    });
    prune(&mut item);
    item
}

/// Leaves out nulls and empty lists.
fn prune(value: &mut Value) {
    if let Value::Object(members) = value {
        for member in members.values_mut() {
            prune(member);
        }
        members.retain(|_, v| !v.is_null() && v.as_array().is_none_or(|list| !list.is_empty()));
    }
}
