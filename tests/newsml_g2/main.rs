//! NewsML-G2 as newsroom systems read it: every fixture of every format, rendered, is valid by IPTC's own XML Schema, and says
//! what the ninjs object says when `newsmlg2`, a package of others, and our own decoder read it back.
//!
//! The package runs in a virtual environment under `target`, made once, with the versions that `requirements.txt` pins.

#![allow(clippy::unwrap_used)] // a test's helpers fail by panicking

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use wiredesk::config::load_with;
use wiredesk::item::news::Kind;
use wiredesk::item::newsml_g2;
use wiredesk::item::published::{Decision, Verdict};
use wiredesk::item::wire::WireSubject;
use wiredesk::item::{NewsItem, Origin, RawItem, RecordOrigin};
use wiredesk::prepare::decode::{DECODERS, decode};
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

const RECEIVED_MS: i64 = 1_773_144_000_000;
/// The fixtures that come out as items, at the least: a test of none proves nothing.
const MIN_ITEMS: usize = 100;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn record(payload: Vec<u8>, offset: i64) -> RawItem {
    RawItem {
        origin: RecordOrigin { topic: Arc::from("raw.fixture"), partition: 0, offset },
        key: None,
        payload: Some(payload),
        headers: Vec::new(),
        timestamp_ms: RECEIVED_MS,
    }
}

fn feed(format: &str, fixture: &Value) -> Feed {
    let mut config = serde_json::json!({ "id": "fixture", "format": format, "topics": ["raw.fixture"] });
    let over = fixture["feed"].as_object().cloned().unwrap_or_default();
    config.as_object_mut().unwrap().extend(over);
    Feed::compile(serde_json::from_value(config).unwrap()).unwrap()
}

/// Every item that the fixtures hold, as its published ninjs object. The verdicts take turns, so that each is met in every format.
fn published() -> Vec<Value> {
    let pipeline = load_with(&root().join("config"), &|_| None).unwrap().pipeline;
    let mut out = Vec::new();
    for decoder in DECODERS {
        for (path, fixture) in fixtures(decoder.name) {
            let raw = record(std::fs::read(path).unwrap(), i64::try_from(out.len()).unwrap());
            let Ok(items) = pipeline.prepare(&feed(decoder.name, &fixture), &raw, |_| {}) else { continue };
            for item in items.into_iter().flatten() {
                let uri = item.tagged.news.uri.clone();
                let decision = decision(&uri, item.tagged.news.kind, Verdict::ALL[out.len() % Verdict::ALL.len()]);
                out.push(serde_json::from_slice(&item.head.finish(&uri, &decision).unwrap()).unwrap());
            }
        }
    }
    assert!(out.len() >= MIN_ITEMS, "only {} items", out.len());
    out
}

fn fixtures(format: &str) -> Vec<(PathBuf, Value)> {
    let folder = root().join("tests/fixtures").join(format);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = paths.filter(|path| path.extension().is_none_or(|ext| ext != "json")).collect();
    inputs.sort();
    let with_fixture = |path: PathBuf| {
        let fixture = std::fs::read_to_string(path.with_extension("json")).unwrap();
        (path, serde_json::from_str(&fixture).unwrap())
    };
    inputs.into_iter().map(with_fixture).collect()
}

fn decision(uri: &str, kind: Kind, verdict: Verdict) -> Decision {
    let is_first = verdict == Verdict::New;
    Decision {
        kind,
        verdict,
        of: (!is_first).then(|| "urn:fixture:before".to_owned()),
        similarity: None,
        matched: None,
        root: if is_first { uri.to_owned() } else { "urn:fixture:first".to_owned() },
        story: Some("urn:fixture:story".to_owned()),
        related_stories: Vec::new(),
        routes: vec!["news.all".to_owned()],
    }
}

/// The interpreter of a virtual environment that has what `requirements.txt` asks for.
fn python() -> PathBuf {
    const REQUIRED: &str = "this test needs Python 3 with venv, and PyPI: run scripts/setup.sh";
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newsml-g2-venv");
    let (python, ready) = (venv.join("bin/python"), venv.join("requirements.txt"));
    let requirements = root().join("tests/newsml_g2/requirements.txt");
    let wanted = std::fs::read(&requirements).unwrap();
    if std::fs::read(&ready).is_ok_and(|made| made == wanted) {
        return python;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv), REQUIRED);
    let mut install = Command::new(&python);
    run(install.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r"]).arg(&requirements), REQUIRED);
    std::fs::write(ready, wanted).unwrap();
    python
}

fn run(command: &mut Command, required: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {required}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}; {required}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the schema has against each document, and what `newsmlg2` reads in it.
fn read_by_others(documents: &[Vec<u8>]) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let paths = documents.iter().enumerate().map(|(n, document)| {
        let path = dir.path().join(format!("{n}.xml"));
        std::fs::write(&path, document).unwrap();
        path
    });
    let mut read = Command::new(python());
    read.arg(root().join("tests/newsml_g2/read.py"));
    read.arg(root().join("tests/schemas/NewsML-G2_2.34-spec-All-Power.xsd")).args(paths);
    run(&mut read, "see its message").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Read by our own decoder, as any feed's record is.
fn read_by_ourselves(document: Vec<u8>) -> NewsItem {
    let feed = feed("newsml-g2", &Value::Null);
    let raw = record(document, 0);
    let wire = decode(&raw, &feed).unwrap().items.remove(0).unwrap();
    let origin = Origin { record: raw.origin.clone(), item: 0 };
    let received = jiff::Timestamp::from_millisecond(RECEIVED_MS).unwrap();
    normalize(wire, &feed, &raw, &origin, received).unwrap()
}

/// The entries of all members that are `subject`s in NewsML-G2: qcode or URI, and name.
fn subjects(item: &Value) -> Vec<(String, &str)> {
    let members = ["subjects", "people", "organisations", "places", "events"];
    let entries = members.iter().filter_map(|member| item[*member].as_array()).flatten();
    let entries = entries.filter_map(|entry| {
        let uri = entry["uri"].as_str()?.replace("http://cv.iptc.org/newscodes/mediatopic/", "medtop:");
        Some((uri, entry["name"].as_str()?))
    });
    entries.collect()
}

/// The same as our decoder has them: the code alone, without its scheme.
fn codes_of(item: &Value) -> BTreeSet<(String, String)> {
    let code = |uri: &str| {
        uri.trim_start_matches("medtop:").trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or_default().to_owned()
    };
    subjects(item).into_iter().map(|(uri, name)| (code(&uri), name.to_owned())).collect()
}

#[test]
fn it_is_valid_and_reads_as_the_same_item_elsewhere() {
    let items = published();
    let documents: Vec<_> = items.iter().map(|item| newsml_g2::render(item).unwrap()).collect();
    let answers = read_by_others(&documents);
    assert_eq!(answers.len(), items.len());
    for ((item, document), answer) in items.iter().zip(&documents).zip(&answers) {
        let text = String::from_utf8_lossy(document);
        assert_eq!(answer["invalid"], serde_json::json!([]), "{text}");
        let read = &answer["read"];
        assert_eq!(read["guid"], item["uri"]);
        assert_eq!(read["language"], item["language"]);
        assert_eq!(read["pubStatus"], format!("stat:{}", item["pubStatus"].as_str().unwrap()));
        assert_eq!(read["urgency"].as_str().map(str::to_owned), item["urgency"].as_u64().map(|n| n.to_string()));
        let of = item["wiredesk"]["of"].as_str();
        assert_eq!(read["links"].as_array().unwrap().iter().map(|link| link[1].as_str()).next().flatten(), of);
        let headlines = |value: &Value, key: &str| -> Vec<String> {
            let entries = value["headlines"].as_array().into_iter().flatten();
            entries
                .map(|entry| if key.is_empty() { entry[1].as_str() } else { entry[key].as_str() }.unwrap().to_owned())
                .collect()
        };
        assert_eq!(headlines(read, ""), headlines(item, "value"), "{text}");
        let found = read["subjects"].as_array().unwrap().iter();
        let found: Vec<_> = found.map(|s| (s[1].as_str().unwrap().to_owned(), s[2].as_str().unwrap())).collect();
        assert_eq!(found, subjects(item), "{text}");
    }
}

#[test]
fn the_schema_that_it_is_held_to_refuses_what_is_wrong() {
    let item = published().swap_remove(0);
    let right = String::from_utf8(newsml_g2::render(&item).unwrap()).unwrap();
    let wrong = [
        right.replace("<contentMeta>", "<contentMeta><colour/>"),
        right.replace("<pubStatus qcode", "<pubStatus code"),
        right.replacen("<itemMeta>", "<contentMeta/><itemMeta>", 1),
    ];
    let documents: Vec<_> = wrong.iter().map(|text| text.clone().into_bytes()).collect();
    for (text, answer) in wrong.iter().zip(read_by_others(&documents)) {
        assert_ne!(*text, right);
        assert_ne!(answer["invalid"], serde_json::json!([]), "{text}");
    }
}

#[test]
fn it_reads_as_the_same_item_here() {
    for item in published() {
        let document = newsml_g2::render(&item).unwrap();
        let read = read_by_ourselves(document.clone());
        let text = String::from_utf8_lossy(&document);
        let said = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert_eq!(read.uri, said("/uri"), "{text}");
        assert_eq!(read.headline.as_deref().unwrap_or_default(), said("/headlines/0/value"), "{text}");
        assert_eq!(read.body, said("/bodies/0/value"), "{text}");
        assert_eq!(read.language.as_deref().unwrap_or_default(), said("/language"), "{text}");
        assert_eq!(read.byline.as_deref().unwrap_or_default(), said("/by"), "{text}");
        assert_eq!(read.slug.as_deref().unwrap_or_default(), said("/slugline"), "{text}");
        assert_eq!(read.urgency.map(u64::from), item["urgency"].as_u64(), "{text}");
        let codes = |subject: &WireSubject| (subject.code.clone(), subject.name.clone().unwrap_or_default());
        let found: BTreeSet<_> = read.subjects.iter().map(codes).collect();
        assert_eq!(found, codes_of(&item), "{text}");
    }
}
