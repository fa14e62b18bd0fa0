//! What it costs to decode and normalize a record of each format that wraps its copy in mark-up, in MB/s of input. One core, no
//! broker. Plain copy is measured by its shapes, in `prepare`.
//!
//! `cargo bench --bench formats`

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wiredesk::item::{Origin, RawItem, RecordOrigin};
use wiredesk::prepare::decode::decode;
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

const SENTENCES: [&str; 4] = [
    "The Baltic port authority on Tuesday closed the country’s two largest harbours as a storm moved in from the north.",
    "Harbour master Anna Novak said that nothing would sail before Thursday and that crews had been told to stay ashore.",
    "“We have never seen waves like these so early in the year,” she told reporters on the quay.",
    "Insurers expect claims of more than 300 million euros, most of them for cargo that was left on the piers.",
];

/// Paragraphs of about 2.3 KB, each wrapped by `paragraph`.
fn copy(paragraph: impl Fn(&str) -> String) -> String {
    (0..11).map(|at| paragraph(&format!("{} {}", SENTENCES[at % 4], SENTENCES[(at * 3 + 1) % 4]))).collect()
}

fn paragraphs() -> String {
    copy(|text| format!("          <p>{text}</p>\n"))
}

/// About as much head as agencies send: 2 to 5 KB.
fn nitf() -> String {
    let mut subjects = String::new();
    for code in 0..20 {
        let _ = writeln!(
            subjects,
            "      <tobject.subject tobject.subject.refnum=\"{:08}\" tobject.subject.type=\"Weather\"/>",
            17_000_000 + code * 1000
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nitf version=\"-//IPTC//DTD NITF 3.4//EN\" baselang=\"en\">\n  <head>\n    <title>Storm shuts ports</title>\n    <tobject tobject.type=\"news\">\n      <tobject.property tobject.property.type=\"current\"/>\n{subjects}    </tobject>\n    <docdata management-status=\"usable\">\n      <doc-id id-string=\"bpn.2026.03.10.0417\" regsrc=\"BPN\"/>\n      <urgency ed-urg=\"3\"/>\n      <date.issue norm=\"20260310T101500+0200\"/>\n      <du-key key=\"STORM\" version=\"4\"/>\n      <doc.copyright holder=\"Baltic Press Network\" year=\"2026\"/>\n      <key-list><keyword key=\"storm\"/><keyword key=\"ports\"/></key-list>\n    </docdata>\n  </head>\n  <body>\n    <body.head>\n      <hedline><hl1>Storm shuts ports</hl1></hedline>\n      <byline>By Anna Novak</byline>\n      <dateline><location>Riga</location></dateline>\n    </body.head>\n    <body.content>\n{}    </body.content>\n  </body>\n</nitf>\n",
        paragraphs()
    )
}

fn newsml1() -> String {
    let properties: String =
        (0..30).map(|n| format!("<Property FormalName=\"Keyword\" Value=\"word{n}\"/>\n")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<NewsML Version=\"1.2\">\n<NewsEnvelope><DateAndTime>20260310T101600Z</DateAndTime></NewsEnvelope>\n<NewsItem xml:lang=\"en\">\n<Identification>\n<NewsIdentifier>\n<ProviderId>bpn.example</ProviderId>\n<DateId>20260310</DateId>\n<NewsItemId>TX-1</NewsItemId>\n<RevisionId PreviousRevision=\"0\" Update=\"N\">1</RevisionId>\n</NewsIdentifier>\n</Identification>\n<NewsManagement>\n<NewsItemType FormalName=\"News\"/>\n<FirstCreated>20260310T091500Z</FirstCreated>\n<ThisRevisionCreated>20260310T101500Z</ThisRevisionCreated>\n<Status FormalName=\"Usable\"/>\n<Urgency FormalName=\"3\"/>\n</NewsManagement>\n<NewsComponent>\n<NewsLines>\n<DateLine>RIGA, March 10, 2026 (BPN) -</DateLine>\n<HeadLine>Storm shuts ports</HeadLine>\n</NewsLines>\n<DescriptiveMetadata>\n<Language FormalName=\"en\"/>\n{properties}</DescriptiveMetadata>\n<ContentItem>\n<MediaType FormalName=\"Text\"/>\n<DataContent>\n<nitf>\n<body>\n<body.content>\n{}</body.content>\n</body>\n</nitf>\n</DataContent>\n</ContentItem>\n</NewsComponent>\n</NewsItem>\n</NewsML>\n",
        paragraphs()
    )
}

fn newsml_g2() -> String {
    let subjects: String = (0..40).map(|n| format!("        <subject qcode=\"N2:CODE{n}\" />\n")).collect();
    let destinations: String = (0..20).map(|n| format!("    <destination>D{n}</destination>\n")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<newsMessage xmlns=\"http://iptc.org/std/nar/2006-10-01/\">\n  <header>\n    <sent>2026-03-10T10:16:00Z</sent>\n{destinations}  </header>\n  <itemSet>\n    <newsItem guid=\"tag:bpn.example,2026:STORM\" version=\"3\" standard=\"NewsML-G2\" standardversion=\"2.10\" conformance=\"power\" xml:lang=\"en\">\n      <catalogRef href=\"http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_32.xml\" />\n      <rightsInfo>\n        <copyrightHolder literal=\"Baltic Press Network\" />\n      </rightsInfo>\n      <itemMeta>\n        <itemClass qcode=\"ninat:text\" />\n        <provider literal=\"bpn.example\" />\n        <versionCreated>2026-03-10T10:15:00Z</versionCreated>\n        <firstCreated>2026-03-10T09:15:00Z</firstCreated>\n        <pubStatus qcode=\"stat:usable\" />\n        <signal qcode=\"edStat:U\" />\n      </itemMeta>\n      <contentMeta>\n        <urgency>3</urgency>\n        <infoSource literal=\"BPN\" />\n        <language tag=\"en\" />\n{subjects}        <slugline separator=\"-\">STORM-PORTS</slugline>\n        <headline>UPDATE 2-Storm shuts ports</headline>\n      </contentMeta>\n      <contentSet>\n        <inlineXML contenttype=\"application/xhtml+html\">\n          <html xmlns=\"http://www.w3.org/1999/xhtml\">\n            <head>\n              <title />\n            </head>\n            <body>\n{}            </body>\n          </html>\n        </inlineXML>\n      </contentSet>\n    </newsItem>\n  </itemSet>\n</newsMessage>\n",
        paragraphs()
    )
}

/// One document a format; another format adds its own.
fn documents() -> Vec<(&'static str, String)> {
    vec![("nitf", nitf()), ("newsml1", newsml1()), ("newsml-g2", newsml_g2())]
}

fn decode_and_normalize(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("formats");
    for (format, text) in documents() {
        let config = serde_json::json!({ "id": "bench", "format": "auto", "topics": ["raw.bench"] });
        let feed = Feed::compile(serde_json::from_value(config).unwrap()).unwrap();
        let record = RecordOrigin { topic: Arc::from("raw.bench"), partition: 0, offset: 1 };
        group.throughput(Throughput::Bytes(text.len() as u64));
        let raw = RawItem {
            origin: record.clone(),
            key: None,
            payload: Some(text.into_bytes()),
            headers: Vec::new(),
            timestamp_ms: 1_773_144_000_000,
        };
        let received = jiff::Timestamp::from_millisecond(raw.timestamp_ms).unwrap();
        let origin = Origin { record, item: 0 };
        assert_eq!(decode(&raw, &feed).unwrap().format, format);
        group.bench_function(format, |bencher| {
            bencher.iter(|| {
                for wire in decode(black_box(&raw), &feed).unwrap().items {
                    black_box(normalize(wire.unwrap(), &feed, &raw, &origin, received).unwrap());
                }
            });
        });
        group.bench_function(format!("{format}, decode alone"), |bencher| {
            bencher.iter(|| black_box(decode(black_box(&raw), &feed).unwrap().items.len()));
        });
    }
    group.finish();
}

criterion_group!(benches, decode_and_normalize);
criterion_main!(benches);
