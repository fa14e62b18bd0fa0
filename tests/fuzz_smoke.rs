//! Every decoder over damaged copies of its fixtures: whatever a line does to a record, it is read or refused, never a panic,
//! and what is read can be normalized.
//!
//! Records are cut, doubled, spliced with another format's, and strewn with the bytes that formats frame by. Inputs come from
//! a seed that a failure prints: `WIREDESK_TEST_SEED=n` repeats the run, `WIREDESK_FUZZ_INPUTS=n` looks harder (`make fuzz`). A
//! failing record is left in `target/tmp/`.

#![allow(clippy::unwrap_used)] // a test's helpers fail by panicking

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use wiredesk::item::{Origin, RawItem, RecordOrigin};
use wiredesk::prepare::decode::{DECODERS, Decoder, decode};
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

/// Damaged records a decoder.
const INPUTS: usize = 1500;
/// Blows that one record takes, at most.
const MAX_BLOWS: usize = 8;
/// Bytes of a damaged record, at most.
const MAX_BYTES: usize = 32 * 1024;

/// What formats frame, quote and nest by.
const FRAMES: &[&[u8]] = &[
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x08",
    b"\x10",
    b"\x13\x11",
    b"\x16\x16\x01",
    b"\x1B(K",
    b"\x1B-L",
    b"\x0E",
    b"\x1F",
    b"\x7F",
    b"\0",
    b"\xFF",
    b"\xC3",
    b"\xE2\x80",
    b"\xF0\x9F",
    b"\r",
    b"\n\n",
    b"^",
    b"<",
    b"</",
    b"/>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;",
    b"&#x0;",
    b"&#99999999;",
    b"&amp;",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u",
    b"\\ud800",
    b":",
    b",",
    b"null",
    b"-1",
    b"1e999",
    b" =\r\n",
    b"<#>",
    b"(",
    b")",
    b"/",
    b"--",
    b"``",
    b"''",
    b"_",
    b"Adv99",
    b"9999-99-99",
    b"000000 GMT Feb 30",
    b"31-31-31 2460GMT",
    b"KILL KILL KILL\n",
    b"EMBARGOED UNTIL ",
    b" date 2026-03-10",
    "№".as_bytes(),
    "١".as_bytes(),
    "İ".as_bytes(),
];

/// A record of a format, and the feed that it is read by: the fixture's own settings over the format.
struct Fixture {
    record: Vec<u8>,
    feed: Feed,
}

fn fixtures(decoder: &Decoder) -> Vec<Fixture> {
    let mut paths: Vec<_> = std::fs::read_dir(Path::new("tests/fixtures").join(decoder.name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.with_extension("json") != *path)
        .collect();
    paths.sort();
    paths.into_iter().map(|path| fixture(decoder, &path)).collect()
}

fn fixture(decoder: &Decoder, path: &Path) -> Fixture {
    let expected = std::fs::read_to_string(path.with_extension("json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let mut config = json!({ "id": "fuzz", "format": decoder.format, "topics": ["raw.fuzz"] });
    for (key, value) in expected["feed"].as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    let feed = Feed::compile(serde_json::from_value(config).unwrap()).unwrap();
    Fixture { record: std::fs::read(path).unwrap(), feed }
}

fn damaged(fixture: &Fixture, others: &[Vec<u8>], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut record = fixture.record.clone();
    for _ in 0..rng.random_range(1..=MAX_BLOWS) {
        let at = rng.random_range(0..=record.len());
        let end = (at + rng.random_range(0..64)).min(record.len());
        match rng.random_range(0..7) {
            0 => record.truncate(at),
            1 => drop(record.drain(at..end)),
            2 if at < record.len() => record[at] ^= 1 << rng.random_range(0..8),
            3 => drop(record.splice(at..end, FRAMES[rng.random_range(0..FRAMES.len())].iter().copied())),
            4 => drop(record.splice(at..at, FRAMES[rng.random_range(0..FRAMES.len())].iter().copied())),
            5 => {
                let twice: Vec<u8> = record[at..end].repeat(rng.random_range(1..20));
                drop(record.splice(at..at, twice));
            }
            _ => {
                let other = &others[rng.random_range(0..others.len())];
                let from = rng.random_range(0..=other.len());
                drop(record.splice(at..end, other[from..].iter().take(400).copied()));
            }
        }
    }
    record.truncate(MAX_BYTES);
    record
}

fn read(payload: &[u8], feed: &Feed) {
    let origin = RecordOrigin { topic: Arc::from("raw.fuzz"), partition: 0, offset: 1 };
    let raw = RawItem {
        origin: origin.clone(),
        key: None,
        payload: Some(payload.to_vec()),
        headers: Vec::new(),
        timestamp_ms: 1_773_144_000_000,
    };
    let received = jiff::Timestamp::from_millisecond(raw.timestamp_ms).unwrap();
    let Ok(decoded) = decode(&raw, feed) else { return };
    for (wire, item) in decoded.items.into_iter().zip(0..) {
        let Ok(wire) = wire else { continue };
        let origin = Origin { record: origin.clone(), item };
        if let Ok(news) = normalize(wire, feed, &raw, &origin, received) {
            assert!(!news.uri.is_empty());
            assert!(!news.body.contains("\n\n\n"), "paragraphs are one empty line apart");
        }
    }
}

#[test]
fn no_damage_makes_a_decoder_panic() {
    let seed =
        std::env::var("WIREDESK_TEST_SEED").ok().map_or_else(|| rand::rng().next_u64(), |seed| seed.parse().unwrap());
    let inputs = std::env::var("WIREDESK_FUZZ_INPUTS").map_or(INPUTS, |inputs| inputs.parse().unwrap());
    println!("WIREDESK_TEST_SEED={seed}");
    let others: Vec<Vec<u8>> = DECODERS.iter().flat_map(fixtures).map(|fixture| fixture.record).collect();
    for decoder in DECODERS {
        let fixtures = fixtures(decoder);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for input in 0..inputs {
            let fixture = &fixtures[rng.random_range(0..fixtures.len())];
            let record = damaged(fixture, &others, &mut rng);
            if catch_unwind(AssertUnwindSafe(|| read(&record, &fixture.feed))).is_err() {
                let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}-{seed}-{input}", decoder.name));
                std::fs::write(&path, &record).unwrap();
                panic!("{}: WIREDESK_TEST_SEED={seed}, input {input}, left in {}", decoder.name, path.display());
            }
        }
    }
}
