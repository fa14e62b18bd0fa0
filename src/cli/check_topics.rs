//! The cases of the desk's own topics, for `wiredesk check`.

use std::io::{self, Write};

use crate::config::Configuration;
use crate::config::topics::TopicCase;
use crate::item::{NewsItem, TaggedItem};
use crate::prepare::classify::classify;
use crate::prepare::enrich::enrich;

/// How many cases were run, and how many failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub run: usize,
    pub failed: usize,
}

/// Files each case's text, and tells of every topic that it should have and does not, or has and should not.
pub fn run(config: &Configuration, verbose: bool, out: &mut impl Write) -> io::Result<Counts> {
    let (document, topics) = &config.topics;
    let mut counts = Counts::default();
    for (at, case) in topics.cases.iter().enumerate() {
        let failures = failures(config, case);
        counts.run += 1;
        counts.failed += usize::from(!failures.is_empty());
        if verbose && failures.is_empty() {
            writeln!(out, "topics: case \"{}\": holds", case.name)?;
        }
        for (key, message) in failures {
            let message = format!("case \"{}\": {message}", case.name);
            writeln!(out, "{}", document.error(&format!("/cases/{at}{key}"), message))?;
        }
    }
    for topic in topics.topics.iter().filter(|topic| topic.enabled) {
        if !topics.cases.iter().any(|case| case.expect.contains(&topic.id)) {
            writeln!(out, "topics: {}: no case expects it: nothing says that it is ever given", topic.id)?;
        }
    }
    Ok(counts)
}

/// What does not hold: a pointer within the case, and a message.
fn failures(config: &Configuration, case: &TopicCase) -> Vec<(String, String)> {
    let pipeline = &config.pipeline;
    let news = NewsItem {
        headline: case.headline.clone(),
        body: case.text.trim().to_owned(),
        language: Some(case.language.clone()),
        urgency: case.urgency,
        ..NewsItem::default()
    };
    let feed = case.feed.as_deref().unwrap_or_default();
    let item = classify(enrich(news, pipeline.kb_of(feed)), feed, &pipeline.topics);
    let has = |id: &str| item.subjects.iter().any(|subject| subject.topic.qcode == format!("desk:{id}"));
    let mut failures = Vec::new();
    for (at, id) in case.expect.iter().enumerate().filter(|(_, id)| !has(id)) {
        failures.push((format!("/expect/{at}"), format!("expected the topic {id}; {}", why(config, &item, feed, id))));
    }
    for (at, id) in case.absent.iter().enumerate().filter(|(_, id)| has(id)) {
        failures.push((format!("/absent/{at}"), format!("expected no topic {id}; {}", why(config, &item, feed, id))));
    }
    failures
}

/// What an item says for a topic.
fn why(config: &Configuration, item: &TaggedItem, feed: &str, id: &str) -> String {
    let findings = config.pipeline.topics.explain_own(item, feed);
    let Some(found) = findings.into_iter().find(|found| found.topic.qcode == format!("desk:{id}")) else {
        return "nothing speaks for it".to_owned();
    };
    let rules = if found.rules_hold { "" } else { ", and its rules do not hold" };
    match found.least_points {
        None => "its rules hold".to_owned(),
        Some(least) => {
            format!("{:.1} points of {least:.1} by {}{rules}", found.points, found.evidence.join(", "))
        }
    }
}
