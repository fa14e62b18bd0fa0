//! Order, escapes, size.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn item() -> Value {
    json!({
        "uri": "urn:metro:1", "type": "text", "version": "3", "versionCreated": "2026-03-10T09:00:00Z", "pubStatus": "usable",
        "urgency": 2, "language": "en-GB", "copyrightNotice": "(c) Metro & Co", "edNote": "Check <figures>", "by": "A. Reporter",
        "headlines": [{"role": "main", "value": "Tea \"rises\""}, {"role": "sub", "value": "In Darjeeling"}],
        "descriptions": [{"role": "summary", "value": "Tea."}],
        "bodies": [{"contentType": "text/plain", "value": "Tea < coffee & cocoa.\n\nSecond\u{0007} paragraph."}],
        "subjects": [{"name": "agriculture", "uri": "http://cv.iptc.org/newscodes/mediatopic/20000210", "relevance": 80, "confidence": 70}],
        "places": [{"name": "Darjeeling", "uri": "https://sws.geonames.org/1/"}],
        "infoSources": [{"name": "METRO"}], "slugline": "tea",
        "wiredesk": {"feed": "metro", "received": "2026-03-10T09:00:01Z", "verdict": "update", "kind": "update", "of": "urn:metro:0",
                     "root": "urn:metro:0", "dateline": {"text": "DARJEELING, March 10 (METRO)"}}
    })
}

#[test]
fn a_news_item_in_the_schemas_order() {
    let xml = String::from_utf8(render(&item()).unwrap()).unwrap();
    let order = [
        "<newsItem ",
        "guid=\"urn:metro:1\"",
        "version=\"3\"",
        "conformance=\"power\"",
        "xml:lang=\"en-GB\"",
        "<catalogRef",
        "<catalog>",
        "<copyrightNotice>(c) Metro &amp; Co<",
        "<itemMeta>",
        "<itemClass qcode=\"ninat:text\"/>",
        "<provider><name>METRO<",
        "<versionCreated>2026-03-10T09:00:00Z<",
        "<pubStatus qcode=\"stat:usable\"/>",
        "<edNote>Check &lt;figures&gt;<",
        "<signal qcode=\"sig:update\"/>",
        "<link rel=\"irel:previousVersion\" residref=\"urn:metro:0\"/>",
        "rel=\"wiredesk:verdict\" value=\"update\"",
        "<contentMeta>",
        "<urgency>2<",
        "<infoSource><name>METRO<",
        "<language tag=\"en-GB\"/>",
        "<subject type=\"cpnat:abstract\" qcode=\"medtop:20000210\" relevance=\"80\" confidence=\"70\"><name>agriculture<",
        "<subject type=\"cpnat:geoArea\" uri=\"https://sws.geonames.org/1/\"><name>Darjeeling<",
        "<slugline>tea<",
        "<headline role=\"hld:main\">Tea &quot;rises&quot;<",
        "<headline role=\"hld:subHeadline\">In Darjeeling<",
        "<dateline>DARJEELING, March 10 (METRO)<",
        "<by>A. Reporter<",
        "<creditline>METRO<",
        "<description role=\"drol:summary\">Tea.<",
        "<contentSet>",
        "<p>Tea &lt; coffee &amp; cocoa.</p><p>Second paragraph.</p>",
    ];
    let mut from = 0;
    for part in order {
        let at = xml[from..].find(part).unwrap_or_else(|| panic!("{part} is not in its place in {xml}"));
        from += at;
    }
}

#[test]
fn a_table_keeps_its_lines() {
    let item = json!({"uri": "urn:x:1", "bodies": [{"value": "Scores:\n\nRiga   7\nTartu  5"}]});
    let xml = String::from_utf8(render(&item).unwrap()).unwrap();
    assert!(xml.contains("<p>Scores:</p><pre>Riga   7\nTartu  5</pre>"), "{xml}");
}

#[test]
fn lines_of_a_paragraph_are_broken_where_they_were() {
    let item = json!({"uri": "urn:x:1", "bodies": [{"value": "The park reopens.\nEntry is <free>."}]});
    let xml = String::from_utf8(render(&item).unwrap()).unwrap();
    assert!(xml.contains("<p>The park reopens.<br/>Entry is &lt;free&gt;.</p>"), "{xml}");
}

#[test]
fn what_is_not_there_leaves_nothing() {
    let xml = String::from_utf8(
        render(&json!({"uri": "urn:x:1", "wiredesk": {"received": "2026-01-01T00:00:00Z"}})).unwrap(),
    )
    .unwrap();
    for absent in ["rightsInfo", "headline", "contentSet", "link", "signal", "embargoed"] {
        assert!(!xml.contains(absent), "{absent} in {xml}");
    }
    assert!(render(&json!({})).is_err());
}

proptest! {
    #[test]
    fn the_bound_on_the_size_holds(texts in prop::collection::vec("[\\PC<&\"\n]{0,200}", 1..20), subjects in 0..30usize) {
        let subject = json!({"name": "a <topic>", "uri": "http://example.org/1", "relevance": 1, "confidence": 100});
        let item = json!({
            "uri": texts[0], "bodies": [{"value": texts.join("\n\n")}], "headlines": [{"value": texts[0]}],
            "people": vec![subject; subjects], "wiredesk": {"feed": texts[0], "dateline": {"text": texts[0]}}
        });
        prop_assert!(render(&item).unwrap().len() <= most_bytes(&serde_json::to_vec(&item).unwrap()));
    }
}
