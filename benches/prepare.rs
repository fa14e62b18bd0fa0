//! What it costs to decode and normalize one item, by the shape of its copy. One core, no broker.
//!
//! `cargo bench --bench prepare`

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wiredesk::item::{Origin, RawItem, RecordOrigin};
use wiredesk::prepare::decode::decode;
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

const SENTENCES: [&str; 6] = [
    "The Baltic port authority on Tuesday closed the country’s two largest harbours as a storm moved in from the north.",
    "Harbour master Anna Novak said that nothing would sail before Thursday and that crews had been told to stay ashore.",
    "“We have never seen waves like these so early in the year,” she told reporters on the quay.",
    "Insurers expect claims of more than 300 million euros, most of them for cargo that was left on the piers.",
    "Ferries between the two countries, which carry about 4,000 passengers a day, will not run until further notice.",
    "Forecasters said that the storm, the third to reach the coast this winter, should weaken by Wednesday night.",
];

/// Copy of about 2.3 KB: a paragraph for every two sentences, each laid out by `paragraph`.
fn copy(paragraph: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    for at in 0..11 {
        text.push_str(&paragraph(&format!("{} {}", SENTENCES[at % 6], SENTENCES[(at * 5 + 1) % 6])));
    }
    text
}

/// Lines of at most 64 bytes, the first of them indented.
fn wrapped(paragraph: &str) -> String {
    let mut text = String::from("    ");
    let mut column = 4;
    for word in paragraph.split(' ') {
        if column + word.len() > 64 {
            text.push('\n');
            column = 0;
        }
        text.push_str(word);
        text.push(' ');
        column += word.len() + 1;
    }
    text + "\n"
}

fn cases() -> Vec<(&'static str, String, serde_json::Value)> {
    let separate = |p: &str| format!("{p}\n\n");
    let crlf = |p: &str| format!("{p}\r\n\r\n");
    let english = serde_json::json!({ "language": "en", "time_zone": "Asia/Kolkata", "credit": "IANS" });
    let seed = format!(" date 2026-03-10 Riga/Oslo, March 10 (IANS) {}--IANS\n\nscor/dan", copy(separate));
    vec![
        ("seed", seed.clone(), english.clone()),
        ("seed, language detected", seed, serde_json::json!({})),
        (
            "headline and byline, CRLF",
            format!(
                "UPDATE 2-Storm shuts ports\r\n\r\nBy Anna Novak\r\n\r\nRIGA, March 10 (Reuters) - {}(Reporting by A; Editing by B)\r\n",
                copy(crlf)
            ),
            english.clone(),
        ),
        (
            "wrapped at 64",
            format!("STORM SHUTS PORTS\n\nRIGA, March 10 - {}\nREUTER\n", copy(wrapped)),
            english.clone(),
        ),
        ("no dateline", copy(separate), english),
    ]
}

fn decode_and_normalize(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode and normalize");
    for (name, text, defaults) in cases() {
        let config =
            serde_json::json!({ "id": "bench", "format": "text", "topics": ["raw.bench"], "defaults": defaults });
        let feed = Feed::compile(serde_json::from_value(config).unwrap()).unwrap();
        let origin = RecordOrigin { topic: Arc::from("raw.bench"), partition: 0, offset: 1 };
        group.throughput(Throughput::Bytes(text.len() as u64));
        let raw = RawItem {
            origin: origin.clone(),
            key: None,
            payload: Some(text.into_bytes()),
            headers: Vec::new(),
            timestamp_ms: 1_773_144_000_000,
        };
        let received = jiff::Timestamp::from_millisecond(raw.timestamp_ms).unwrap();
        let origin = Origin { record: origin, item: 0 };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let decoded = decode(black_box(&raw), &feed).unwrap();
                for wire in decoded.items {
                    black_box(normalize(wire.unwrap(), &feed, &raw, &origin, received).unwrap());
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decode_and_normalize);
criterion_main!(benches);
