//! What holds of decoding and normalizing whatever comes in: no panic, no letter lost, and once is enough.
//!
//! `PROPTEST_CASES=20000 cargo test --test prepare_properties` looks harder.

#![allow(clippy::unwrap_used)] // a test's helpers fail by panicking

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;
use wiredesk::item::wire::{Body, WireTime};
use wiredesk::item::{NewsItem, Origin, RawItem, RecordOrigin, WireItem};
use wiredesk::prepare::decode::{DECODERS, Format, decode};
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::{layout, normalize, text};

fn feed(format: Format) -> Feed {
    let mut config = serde_json::json!({ "id": "any", "format": format, "topics": ["raw.any"] });
    if format == Format::Json {
        let body = serde_json::json!({ "at": "/items/*/body", "as": "html" });
        config["json"] = serde_json::json!({
            "items": ["/data/*", ""],
            "fields": { "id": "/id", "headline": ["/headline", "/0"], "body": [body, "/body"], "keywords": { "at": "/k", "as": "list" } },
            "split": [{ "at": "/guid", "pattern": "^(?<id>.+):(?<version>\\d+)$" }],
        });
    }
    Feed::compile(serde_json::from_value(config).unwrap()).unwrap()
}

fn record(payload: &[u8]) -> RawItem {
    RawItem {
        origin: RecordOrigin { topic: Arc::from("raw.any"), partition: 0, offset: 1 },
        key: None,
        payload: Some(payload.to_vec()),
        headers: Vec::new(),
        timestamp_ms: 1_773_144_000_000,
    }
}

fn normalized(wire: WireItem, feed: &Feed, raw: &RawItem) -> Option<NewsItem> {
    let origin = Origin { record: raw.origin.clone(), item: 0 };
    let received = jiff::Timestamp::from_millisecond(raw.timestamp_ms).unwrap();
    normalize(wire, feed, raw, &origin, received).ok()
}

/// All items of a record that are not refused.
fn items(payload: &[u8], feed: &Feed) -> Vec<NewsItem> {
    let raw = record(payload);
    let decoded = decode(&raw, feed).map(|decoded| decoded.items).unwrap_or_default();
    decoded.into_iter().filter_map(|wire| normalized(wire.ok()?, feed, &raw)).collect()
}

/// The item's text fields as a wire that has fields for them all would give them.
fn rewired(news: &NewsItem) -> WireItem {
    WireItem {
        slug: news.slug.clone(),
        headline: news.headline.clone(),
        subheadline: news.subheadline.clone(),
        summary: news.summary.clone(),
        byline: news.byline.clone(),
        dateline: news.dateline.as_ref().map(|d| d.text.clone()),
        credit: news.credit.clone(),
        body: Body::Paragraphs(news.body.clone()),
        embargoed: news.embargoed_until.map(|time| WireTime(time.to_string())),
        ed_notes: news.ed_note.iter().cloned().collect(),
        copyright_notice: news.copyright_notice.clone(),
        ..WireItem::default()
    }
}

fn letters(text: &str) -> HashMap<char, usize> {
    let mut counts = HashMap::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        *counts.entry(c).or_insert(0) += 1;
    }
    counts
}

/// Letters that stand in the source and neither in the body nor in what a rule says that it took.
fn lost(source: &str, news: &NewsItem) -> Vec<char> {
    let mut kept = letters(&news.body);
    for note in &news.notes {
        for (c, count) in letters(&note.span) {
            *kept.entry(c).or_insert(0) += count;
        }
    }
    let lost = |&(c, count): &(char, usize)| kept.get(&c).copied().unwrap_or(0) < count;
    letters(source).into_iter().filter(lost).map(|(c, _)| c).collect()
}

/// Lines as wires write them, and as they do not.
fn line() -> impl Strategy<Value = String> {
    let wire = prop::sample::select(vec![
        "",
        "",
        " ",
        "UPDATE 2-Ports close as storm nears",
        "KILL KILL KILL",
        "By Anna Novak",
        "AP Sports Writer",
        "Eds: Updates.",
        "(Adds quotes, background)",
        "EMBARGOED UNTIL 0001 GMT MARCH 11",
        "Headline: Ports close",
        "Slug: STORM-PORTS",
        "STORM-PORTS/",
        " date 2026-03-10",
        "RIGA, March 10 (AP) - The storm closed ports.",
        "RIGA (Reuters) - The storm closed ports.",
        "Riga/Oslo, March 10 (IANS) The storm closed ports.",
        "RIGA, 10 mars (AFP) - Le port est fermé.",
        "РИГА, 10 марта. /ТАСС/. Порт закрыт.",
        "RIGA _ The storm closed the ports of the country on Tuesday, officials said.",
        "(ANSA) - ROMA, 10 MAR - Il porto è chiuso.",
        "* Ports close",
        "- item",
        "    An indented paragraph of the copy",
        "Port      Ships   Tons",
        "Riga         12    900",
        "--IANS",
        "scor/dan",
        "REUTER",
        "(END)",
        "-30-",
        "###",
        "(Reporting by A B; Editing by C D)",
        "dpa bwh bag",
        "(PTI)",
        "___",
        "# dpa NOTEBOOK",
        "Note to editors",
        "Copyright 2026 The Plain Paper",
        "Associated Press writer A B contributed to this report.",
        "The council said on Monday that it would spend more on the",
        "bridge, which was built in 1931 and has not been repaired since",
        "then.",
        "He said so. Reuter",
        "``We know,'' she said -- and left _ at once.",
    ])
    .prop_map(str::to_owned);
    let words = prop::collection::vec("[A-Za-zäéñß]{1,9}[,.:]?|[0-9]{1,4}|-|--|\\(|\\)|/", 0..14)
        .prop_map(|words| words.join(" "));
    prop_oneof![3 => wire, 1 => words]
}

fn copy() -> impl Strategy<Value = String> {
    (prop::collection::vec(line(), 0..24), prop::sample::select(vec!["\n", "\n\n", "\r\n", "\n\n\n"]))
        .prop_map(|(lines, end)| lines.join(end))
}

/// The records of all fixtures, with the names of their formats.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir("tests/fixtures").unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|e| e != "json") {
                found.push((folder.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A piece of HTML, well-nested or not, and the letters in it that a reader sees.
fn mark_up() -> impl Strategy<Value = (String, String)> {
    let tag = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<p/>",
        "<div>",
        "</div>",
        "<br>",
        "<b>",
        "</b>",
        "<a href='x?a=1&b'>",
        "</a>",
        "<ul>",
        "</ul>",
        "<li>",
        "<ol start=3>",
        "</ol>",
        "<table>",
        "<tr>",
        "<td>",
        "<th>",
        "</td>",
        "</tr>",
        "</table>",
        "<h2>",
        "</h2>",
        "<blockquote>",
        "<dl><dt>",
        "<dd>",
        "</dl>",
        "<unknown>",
        "</unknown>",
        "<figure><figcaption>",
        "</figcaption></figure>",
        "<pre>",
        "</pre>",
        "<q>",
        "</q>",
        "<!-- no -->",
        "<hr/>",
        "<script>var no = '<p>';</script>",
        "<style>no</style>",
        "<span hidden>no</span>",
        "<article>",
        "</article>",
        "&nbsp;",
        "&#8211;",
    ]);
    let text = "[A-Za-z\u{e4}\u{f6}\u{434} ,.]{1,12}";
    prop_oneof![2 => tag.prop_map(|tag| (tag.to_owned(), String::new())), 3 => text.prop_map(|text| (text.clone(), text))]
}

proptest! {
    // A failure prints its shortest input, which becomes a test of its own: no file of seeds is kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for decoder in DECODERS {
            items(&bytes, &feed(decoder.format));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", lines in copy()) {
        for decoder in DECODERS {
            items(text.as_bytes(), &feed(decoder.format));
            items(format!("{text}\n{lines}").as_bytes(), &feed(decoder.format));
        }
    }

    /// What is read of the fixtures is read of what is left of them when bytes are changed, cut out or repeated.
    #[test]
    fn no_damaged_fixture_makes_it_panic(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
                                         cut in 0usize..40, put in prop::collection::vec(any::<u8>(), 0..6)) {
        let fixtures = fixtures();
        let (name, bytes) = &fixtures[which.index(fixtures.len())];
        let at = at.index(bytes.len() + 1);
        let end = (at + cut).min(bytes.len());
        let damaged = [&bytes[..at], &put, &bytes[end..]].concat();
        let decoder = DECODERS.iter().find(|decoder| decoder.name == name.as_str()).unwrap();
        items(&damaged, &feed(decoder.format));
        items(&bytes[..at], &feed(decoder.format));
    }

    #[test]
    fn no_letter_of_html_is_lost(parts in prop::collection::vec(mark_up(), 0..40)) {
        let source: String = parts.iter().map(|(html, _)| html.as_str()).collect();
        let text: String = parts.iter().map(|(_, text)| text.as_str()).collect();
        let read = wiredesk::prepare::decode::html::read(&source);
        let body = match read.body {
            Body::None => String::new(),
            Body::Text(text) | Body::Paragraphs(text) => text,
        };
        let kept = letters(&format!("{body}{}", read.captions.concat()));
        prop_assert_eq!(kept, letters(&text), "{}", source);
    }

    #[test]
    fn no_letter_of_plain_copy_is_lost(lines in copy(), other in "\\PC{0,60}") {
        let source = format!("{lines}\n{other}");
        for news in items(source.as_bytes(), &feed(Format::Text)) {
            let cleaned = text::clean(&source, &mut 0).into_owned();
            let lost = lost(&cleaned, &news);
            prop_assert!(lost.is_empty(), "{lost:?} of {source:?}\n{news:#?}");
        }
    }

    #[test]
    fn normalizing_twice_is_normalizing_once(lines in copy()) {
        let feed = feed(Format::Text);
        for once in items(lines.as_bytes(), &feed) {
            let twice = normalized(rewired(&once), &feed, &record(b"")).unwrap();
            prop_assert_eq!(&twice.body, &once.body, "{:#?}", once);
            prop_assert_eq!(&twice.headline, &once.headline);
            prop_assert_eq!(&twice.byline, &once.byline);
            prop_assert_eq!(&twice.ed_note, &once.ed_note);
            prop_assert_eq!(twice.dateline.map(|d| d.text), once.dateline.map(|d| d.text));
            prop_assert_eq!(&twice.language, &once.language);
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(text in "\\PC{0,80}|[ -~\\n\\t\u{80}-\u{ff}\u{2000}-\u{206f}\u{300}-\u{30f}]{0,80}") {
        let once = text::clean(&text, &mut 0).into_owned();
        prop_assert_eq!(text::clean(&once, &mut 0), once.as_str());
        let flowed = layout::reflow(&once).join("\n\n");
        prop_assert_eq!(layout::split(&flowed).join("\n\n"), flowed);
    }

    #[test]
    fn no_broken_document_makes_it_panic(document in document(), cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, any::<u8>()), 0..6)) {
        let mut bytes = document.into_bytes();
        for (at, len, byte) in cuts {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match len {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.drain(at..(at + len).min(bytes.len()))),
            }
        }
        items(&bytes, &auto());
    }

    #[test]
    fn no_letter_of_mark_up_is_lost(parts in prop::collection::vec(part(), 1..8), frame in 0usize..4) {
        let (marked, source): (String, String) = parts.into_iter().unzip();
        let document = framed(&marked, frame);
        for news in items(document.as_bytes(), &auto()) {
            let lost = lost(&text::clean(&source, &mut 0), &news);
            prop_assert!(lost.is_empty(), "{lost:?} of {document}\n{news:#?}");
        }
    }
}

fn auto() -> Feed {
    let config = serde_json::json!({ "id": "any", "format": "auto", "topics": ["raw.any"] });
    Feed::compile(serde_json::from_value(config).unwrap()).unwrap()
}

/// A body in the frame of one of the XML formats.
fn framed(body: &str, frame: usize) -> String {
    let nitf = format!(
        "<nitf><head><title>Ports-Storm</title><docdata><doc-id id-string='a'/><urgency ed-urg='3'/></docdata></head><body><body.head><hedline><hl1>Ports close 1</hl1></hedline></body.head><body.content>{body}</body.content></body></nitf>"
    );
    match frame {
        0 => nitf,
        1 => format!(
            "<NewsML><NewsItem><Identification/><NewsComponent><NewsLines><HeadLine>Ports close 1</HeadLine></NewsLines><ContentItem><DataContent>{nitf}</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
        ),
        2 => format!(
            "<newsItem guid='x' version='2'><itemMeta><itemClass qcode='ninat:text'/></itemMeta><contentMeta><headline>Ports close 1</headline></contentMeta><contentSet><inlineXML><html><body>{body}</body></html></inlineXML></contentSet></newsItem>"
        ),
        _ => format!(
            "<newsMessage><itemSet><newsItem guid='x'><contentSet><inlineXML>{nitf}</inlineXML></contentSet></newsItem></itemSet></newsMessage>"
        ),
    }
}

/// An element with text, and its letters.
fn part() -> impl Strategy<Value = (String, String)> {
    let words = "[a-zäéñß]{1,8}( [a-zäéñß]{1,8}){0,12}[.]?";
    let elements = vec![
        ("<p>", "</p>"),
        ("<p>\n      ", "\n      </p>"),
        ("<p>one\n    two\nthree ", "\nfour\n\n    five</p>"),
        ("<p><b>", "</b></p>"),
        ("<p>a<br/>", "<br/>b</p>"),
        ("<hl2>", "</hl2>"),
        ("<h2>", "</h2>"),
        ("<ul><li>", "</li><li>x</li></ul>"),
        ("<ol><li><p>", "</p></li></ol>"),
        ("<table><tr><td>k</td><td>", "</td></tr></table>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<pre>", "</pre>"),
        ("<block><p>", "</p></block>"),
        ("<bq><block>", "</block></bq>"),
        ("<unknown>", "</unknown>"),
        ("", ""),
        ("<p>&lt;p&gt;", "&lt;/p&gt;</p>"),
        ("<p><![CDATA[", "]]></p>"),
        ("<p>&amp;quot;", "&amp;quot;</p>"),
    ];
    (prop::sample::select(elements), words).prop_map(|((open, close), words)| {
        let letters = |markup: &str| {
            let tags = regex::Regex::new("<!\\[CDATA\\[|\\]\\]>|<[^>]*>|&(amp;)?[a-z]+;p?|/p").unwrap();
            tags.replace_all(markup, " ").into_owned()
        };
        (format!("{open}{words}{close}\n"), format!("{} {words} {}\n", letters(open), letters(close)))
    })
}

/// A document of one of the XML formats, with an internal subset at times.
fn document() -> impl Strategy<Value = String> {
    let prolog = prop::sample::select(vec![
        "",
        "<?xml version='1.0' encoding='iso-8859-1'?>",
        "<!DOCTYPE nitf [<!ENTITY a 'b'>]>",
    ]);
    (prolog, prop::collection::vec(part(), 0..6), 0usize..4).prop_map(|(prolog, parts, frame)| {
        format!("{prolog}{}", framed(&parts.into_iter().map(|(marked, _)| marked).collect::<String>(), frame))
    })
}
