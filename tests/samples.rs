//! Vendors' own files and the standard's examples, where they are at hand: each decodes or is refused for the reason that its own
//! words give. None of their text is here.
//!
//! They lie in the folder that `WIREDESK_SHARED` names, by default `../shared` beside the checkout; without it the tests say
//! that they are skipped.

#![allow(clippy::unwrap_used)] // a test's helpers fail by panicking

use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex::Regex;
use wiredesk::item::news::PubStatus;
use wiredesk::item::{NewsItem, Origin, RawItem, RecordOrigin, Reject, RejectReason};
use wiredesk::prepare::decode::decode;
use wiredesk::prepare::feed::Feed;
use wiredesk::prepare::normalize::normalize;

/// The files of a folder, in order; `None`, said aloud, where there is none.
fn files(folder: &str) -> Option<Vec<PathBuf>> {
    let shared = std::env::var_os("WIREDESK_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let folder = shared.join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: {} is not there (WIREDESK_SHARED names its parent)", folder.display());
        return None;
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    Some(files)
}

type Read = Result<(&'static str, Vec<Result<NewsItem, Reject>>), Reject>;

fn read(path: &Path) -> Read {
    let config = serde_json::json!({ "id": "any", "format": "auto", "topics": ["raw.any"] });
    let feed = Feed::compile(serde_json::from_value(config).unwrap()).unwrap();
    let record = RecordOrigin { topic: Arc::from("raw.any"), partition: 0, offset: 1 };
    let raw = RawItem {
        origin: record.clone(),
        key: None,
        payload: Some(std::fs::read(path).unwrap()),
        headers: Vec::new(),
        timestamp_ms: 1_773_144_000_000,
    };
    let received = jiff::Timestamp::from_millisecond(raw.timestamp_ms).unwrap();
    let decoded = decode(&raw, &feed)?;
    let items = decoded.items.into_iter().zip(0..).map(|(wire, item)| {
        let origin = Origin { record: record.clone(), item };
        normalize(wire?, &feed, &raw, &origin, received)
    });
    Ok((decoded.format, items.collect()))
}

/// What a file of XML says of itself, found without a parser.
struct Claims {
    /// What the outermost element is.
    root: String,
    /// The class of each news item of G2.
    classes: Vec<String>,
    /// Items that stand in it.
    items: usize,
    /// Some inline copy.
    copy: bool,
}

fn claims(text: &str) -> Claims {
    let first = |pattern: &str| Regex::new(pattern).unwrap().captures(text).map(|found| found[1].to_owned());
    let every = |pattern: &str| -> Vec<String> {
        Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_lowercase()).collect()
    };
    Claims {
        root: first(r"<(?:\w+:)?(\w+)[\s/>]").unwrap_or_default(),
        classes: every(r#"<(?:\w+:)?itemMeta>\s*<(?:\w+:)?itemClass\s+[^>]*?qcode="\w+:(\w+)""#),
        items: every(
            r"<(?:\w+:)?(newsItem|packageItem|conceptItem|planningItem|knowledgeItem|catalogItem|NewsItem)[\s>]",
        )
        .len(),
        copy: Regex::new(r"<(\w+:)?p[\s>]|<pre>|<DataContent>|&lt;p|<table").unwrap().is_match(text),
    }
}

/// What is wrong with how a file was read, if anything.
fn judge(claims: &Claims, read: &Read) -> Option<String> {
    let (format, items) = match read {
        Ok(read) => read,
        Err(reject) => {
            // Parts of items, as documentation prints them, and other vendors' formats.
            let part = matches!(claims.root.as_str(), "contentSet" | "contentMeta" | "groupSet" | "itemMeta");
            let foreign = !matches!(claims.root.as_str(), "nitf" | "NewsML") && claims.items == 0;
            let fine = (part || foreign) && reject.reason == RejectReason::Malformed;
            return (!fine).then(|| format!("refused whole: {reject}"));
        }
    };
    let counted = claims.root.ends_with("Item") || matches!(claims.root.as_str(), "newsMessage" | "NewsML");
    if counted && items.len() != claims.items {
        return Some(format!("{} items read, {} stand there", items.len(), claims.items));
    }
    for item in items {
        match item {
            Err(reject) if reject.reason != RejectReason::NoText => return Some(format!("refused: {reject}")),
            Err(reject) => {
                let texts = claims.classes.iter().any(|class| class == "text") || claims.classes.is_empty();
                if claims.copy && claims.items == 1 && texts && claims.root.ends_with("newsItem") {
                    return Some(format!("it holds copy, and was refused: {reject}"));
                }
            }
            Ok(news) => {
                if news.body.contains("</") && !news.body.contains("embed") {
                    return Some("mark-up is left in the body".to_owned());
                }
                if *format != "text"
                    && claims.copy
                    && claims.items <= 1
                    && news.body.is_empty()
                    && news.status == PubStatus::Usable
                {
                    return Some("it holds copy, and the body is empty".to_owned());
                }
            }
        }
    }
    None
}

fn survey(folder: &str) {
    let Some(files) = files(folder) else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in files {
        let read = read(&path);
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        if !text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') {
            continue;
        }
        count += 1;
        if let Some(what) = judge(&claims(&text), &read) {
            wrong.push(format!("{}: {what}", path.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(count > 0, "no file of XML in {folder}");
    assert!(wrong.is_empty(), "{} of {count} files:\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{count} files of XML in {folder} read");
}

#[test]
fn vendors_files_decode_or_are_refused_with_the_right_reason() {
    survey("wire-samples");
}

#[test]
fn the_standards_examples_decode_or_are_refused_with_the_right_reason() {
    survey("standards/newsml-g2-examples");
}
