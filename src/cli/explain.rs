//! `wiredesk explain`: every stage's decision on an item, for a person.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use jiff::Timestamp;

use super::Cli;
use super::desk::{Decided, Desk, feed, load};
use super::error::{CliError, Exit};
use super::input::{self, Record};
use crate::item::published::Verdict;
use crate::item::wire::{Body, WireTime};
use crate::item::{NewsItem, Reject, TaggedItem, WireItem};
use crate::pipeline::Pipeline;
use crate::prepare::classify::{OwnFinding, Topics};
use crate::prepare::decode::{self, Decoded, Found};
use crate::prepare::fingerprint::fingerprint;
use crate::prepare::route::{RouteExplanation, mask};

/// Columns of a label.
const LABEL_CHARS: usize = 16;
/// Characters shown of a value; the rest is counted.
const VALUE_CHARS: usize = 140;

const EXAMPLES: &str = "\
Examples:
  wiredesk explain --feed metro story.txt
  wiredesk explain --feed metro original.txt copy.txt     why is the second a duplicate of the first?";

/// Show what every stage makes of an item, and why
///
/// Several files go to one desk in turn, so that the verdict on a later one tells how it relates to those before it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The feed that the records belong to.
    #[arg(long, value_name = "ID")]
    feed: String,
    /// Take the records as received at this RFC 3339 time; default: the file's own time, else now.
    #[arg(long, value_name = "TIME", value_parser = input::parse_time)]
    received: Option<Timestamp>,
    /// Input files, one record each; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

impl Args {
    pub fn run(&self, cli: &Cli) -> Result<Exit, CliError> {
        let config = load(&cli.config)?;
        let mut desk = Desk::new(&config);
        let mut page = Page(io::stdout().lock());
        let mut exit = Exit::Fine;
        for record in input::files(feed(&config, &self.feed)?, &self.files, self.received) {
            let record = record?;
            page.record(&record)?;
            let decoded = decode::decode(&record.raw, &record.feed).ok();
            if let Some(decoded) = &decoded {
                page.format(decoded)?;
            }
            let items = decoded.map(|decoded| decoded.items).unwrap_or_default();
            let prepared = config.pipeline.prepare(&record.feed, &record.raw, |_| {});
            for ended in desk.decide(&record.feed, &record.raw, prepared)? {
                page.heading(&format!("item {}", ended.item))?;
                if let Some(Ok(wire)) = items.get(ended.item as usize) {
                    page.wire(wire)?;
                }
                match ended.end {
                    Ok(decided) => page.decided(&record, ended.item, &decided, &config.pipeline)?,
                    Err(reject) => {
                        page.rejected(&reject)?;
                        exit = Exit::Rejects;
                    }
                }
            }
        }
        page.0.flush()?;
        Ok(exit)
    }
}

/// Aligned text.
struct Page<W>(W);

impl<W: Write> Page<W> {
    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.0, "\n{text}")
    }

    fn row(&mut self, label: &str, value: impl Display) -> io::Result<()> {
        let text = value.to_string();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = words.chars().count();
        let shown: String = words.chars().take(VALUE_CHARS).collect();
        let rest = if count > VALUE_CHARS { format!("... ({count} characters)") } else { String::new() };
        writeln!(self.0, "    {label:<LABEL_CHARS$} {shown}{rest}")
    }

    fn optional(&mut self, label: &str, value: Option<impl Display>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.row(label, value))
    }

    fn stage(&mut self, name: &str) -> io::Result<()> {
        writeln!(self.0, "  {name}")
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let received = Timestamp::from_millisecond(record.raw.timestamp_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        writeln!(
            self.0,
            "{}: record {} of feed {}, {} bytes, received {received}",
            record.source,
            record.raw.origin,
            record.feed.id,
            record.raw.size_bytes()
        )
    }

    /// Which format read the record, and why that.
    fn format(&mut self, decoded: &Decoded) -> io::Result<()> {
        self.optional("unpacked", decoded.packing)?;
        match decoded.found {
            Found::Configured => self.row("format", format_args!("{}, the feed's", decoded.format)),
            Found::Sniffed(sure) => self.row("format", format_args!("{}: {sure}", decoded.format)),
        }?;
        self.row("items", decoded.items.len())
    }

    fn rejected(&mut self, reject: &Reject) -> io::Result<()> {
        self.stage(reject.stage.as_str())?;
        self.row("rejected", format_args!("{}: {}", reject.reason.as_str(), reject.message))
    }

    fn decided(&mut self, record: &Record, item: u32, decided: &Decided, pipeline: &Pipeline) -> io::Result<()> {
        let tagged = &decided.prepared.tagged;
        self.news(&tagged.news)?;
        self.tags(tagged, &record.feed.id, &pipeline.topics)?;
        self.stage("route")?;
        let decision = decided.verdict.decision();
        for route in pipeline.routes.explain(tagged, &record.feed, decision.verdict, decision.story.as_deref()) {
            self.route(&route)?;
        }
        for stream in &decided.prepared.routed.always {
            self.row("belongs to", stream)?;
        }
        for sometimes in &decided.prepared.routed.sometimes {
            let under = Verdict::ALL.iter().filter(|verdict| mask(**verdict) & sometimes.verdicts != 0);
            let under: Vec<_> = under.map(|verdict| verdict.as_str()).collect();
            self.row("belongs to", format_args!("{} as {}", sometimes.stream, under.join(", ")))?;
        }
        let sighting = fingerprint(&record.feed, &record.raw, &[(item, &decided.prepared)]);
        self.stage("fingerprint")?;
        for print in &sighting.items {
            let hash: String = print.content_hash.iter().map(|byte| format!("{byte:02x}")).collect();
            self.row("content hash", hash)?;
            self.row(
                "text",
                format_args!(
                    "{} words, {} shingles, {} in the sketch",
                    print.words,
                    print.shingles,
                    print.sketch.len()
                ),
            )?;
            self.row("numbers", print.numbers.len())?;
        }
        self.verdict(decided)
    }

    /// What the decoder found, in the words of the wire.
    fn wire(&mut self, wire: &WireItem) -> io::Result<()> {
        self.stage("decode")?;
        for (label, value) in [
            ("id", &wire.id),
            ("version", &wire.version),
            ("slug", &wire.slug),
            ("headline", &wire.headline),
            ("subheadline", &wire.subheadline),
            ("summary", &wire.summary),
            ("byline", &wire.byline),
            ("dateline", &wire.dateline),
            ("credit", &wire.credit),
            ("language", &wire.language),
            ("urgency", &wire.urgency),
            ("status", &wire.status),
            ("genre", &wire.genre),
            ("located", &wire.located),
            ("copyright", &wire.copyright_notice),
        ] {
            self.optional(label, value.as_ref())?;
        }
        for (label, time) in [
            ("first created", &wire.first_created),
            ("version created", &wire.version_created),
            ("content created", &wire.content_created),
            ("embargoed", &wire.embargoed),
            ("expires", &wire.expires),
        ] {
            self.optional(label, time.as_ref().map(|WireTime(text)| text))?;
        }
        for mark in &wire.marks {
            self.row("mark", mark)?;
        }
        for subject in &wire.subjects {
            self.row("subject", format_args!("{} {}", subject.scheme, subject.code))?;
        }
        match &wire.body {
            Body::None => self.row("body", "none"),
            Body::Text(text) => self.row("body (text)", text),
            Body::Paragraphs(text) => self.row("body (paragraphs)", text),
        }
    }

    /// What normalization made of it, and which rule took what.
    fn news(&mut self, news: &NewsItem) -> io::Result<()> {
        self.stage("normalize")?;
        self.row("uri", format_args!("{}{}", news.uri, if news.has_own_id { "" } else { " (made from its origin)" }))?;
        self.row("kind", format_args!("{}, {:?}", news.kind.as_str(), news.status))?;
        self.optional("version", news.version)?;
        for (label, value) in [
            ("slug", &news.slug),
            ("headline", &news.headline),
            ("subheadline", &news.subheadline),
            ("summary", &news.summary),
            ("byline", &news.byline),
            ("credit", &news.credit),
            ("language", &news.language),
            ("note to editors", &news.ed_note),
            ("refers to", &news.refers_to),
        ] {
            self.optional(label, value.as_ref())?;
        }
        if let Some(dateline) = &news.dateline {
            self.row("dateline", &dateline.text)?;
            for place in &dateline.places {
                let qualifier = place.qualifier.as_ref().map(|q| format!(", {q}")).unwrap_or_default();
                self.row("  place", format_args!("{}{qualifier}", place.name))?;
            }
            self.optional("  date", dateline.date)?;
            self.optional("  credit", dateline.credit.as_ref())?;
        }
        if let Some(signoff) = &news.signoff {
            let credit = signoff.credit.as_deref().unwrap_or("no credit");
            self.row("sign-off", format_args!("{credit}; desk {}", signoff.desk.join(", ")))?;
        }
        for (label, time) in [
            ("first created", news.first_created),
            ("version created", news.version_created),
            ("content created", news.content_created),
            ("embargoed until", news.embargoed_until),
            ("expires", news.expires),
        ] {
            self.optional(label, time)?;
        }
        self.optional("urgency", news.urgency)?;
        self.row("body", format_args!("{} paragraphs: {}", news.paragraphs().count(), news.body))?;
        if news.repaired_chars > 0 {
            self.row("repaired", format_args!("{} characters", news.repaired_chars))?;
        }
        for note in &news.notes {
            self.row("rule", format_args!("{} gave {} from \"{}\"", note.rule, note.field, note.span))?;
        }
        Ok(())
    }

    /// What it is about, and what spoke for it.
    fn tags(&mut self, tagged: &TaggedItem, feed: &str, topics: &Topics) -> io::Result<()> {
        self.stage("enrich")?;
        for entity in &tagged.entities {
            self.row(
                &format!("{:?}", entity.entity_type).to_lowercase(),
                format_args!("{} {:.2} {}", entity.name, entity.relevance, entity.uri),
            )?;
        }
        for mention in &tagged.mentions {
            let entity = mention.entity.as_deref().unwrap_or("not in the knowledge base");
            self.row(
                "mention",
                format_args!(
                    "\"{}\" {} {}-{}: {entity} {:.2}",
                    mention.text,
                    mention.field.pointer(),
                    mention.start,
                    mention.end,
                    mention.confidence
                ),
            )?;
        }
        for region in &tagged.regions {
            let names: Vec<_> = region.evidence.iter().map(|uri| name_of(tagged, uri)).collect();
            self.row(
                region.scheme.as_str(),
                format_args!("{} {} {:.2} by {}", region.code, region.name, region.relevance, names.join(", ")),
            )?;
        }
        self.stage("classify")?;
        for (subject, terms) in topics.explain(&tagged.news) {
            let by = if terms.is_empty() { "the wire's code".to_owned() } else { terms.join(", ") };
            self.row(
                &format!("{} / {}", subject.relevance, subject.confidence),
                format_args!("{} {} by {by}", subject.topic.name, subject.topic.uri),
            )?;
        }
        topics.explain_own(tagged, feed).iter().try_for_each(|finding| self.own_topic(finding))
    }

    /// What one of the desk's own topics makes of it, also if it is not given.
    fn own_topic(&mut self, finding: &OwnFinding) -> io::Result<()> {
        let OwnFinding { topic, subject, points, least_points, rules_hold, evidence } = finding;
        let label = subject.as_ref().map_or("not given".to_owned(), |s| format!("{} / {}", s.relevance, s.confidence));
        let points = least_points.map(|least| format!("{points:.1} points of {least:.1}")).unwrap_or_default();
        let by = if evidence.is_empty() { String::new() } else { format!("by {}", evidence.join(", ")) };
        let rules = if *rules_hold { "" } else { "its rules do not hold" };
        let why: Vec<&str> = [&*points, &*by, rules].into_iter().filter(|part| !part.is_empty()).collect();
        let why = if why.is_empty() { "by its rules".to_owned() } else { why.join("; ") };
        self.row(&label, format_args!("{} {}: {why}", topic.name, topic.qcode))
    }

    fn route(&mut self, route: &RouteExplanation) -> io::Result<()> {
        let label = if route.matched { "takes it" } else { "does not" };
        self.row(label, format_args!("{}: {}", route.topic, why(route)))
    }

    fn verdict(&mut self, decided: &Decided) -> io::Result<()> {
        let decision = decided.verdict.decision();
        self.stage("decide")?;
        self.row("verdict", decision.verdict.as_str())?;
        self.optional("of", decision.of.as_ref())?;
        self.optional("matched", decision.matched.map(|m| format!("{m:?}").to_lowercase()))?;
        self.optional("similarity", decision.similarity)?;
        self.row("root", &decision.root)?;
        if decision.routes.is_empty() {
            self.row("published to", "none: suppressed")?;
        }
        for stream in &decision.routes {
            self.row("published to", stream)?;
        }
        Ok(())
    }
}

/// Why a route takes an item or not: what held, and, of the table that came closest, what did not.
pub(super) fn why(route: &RouteExplanation) -> String {
    let closest = route.matches.iter().max_by_key(|table| {
        let held = table.keys.iter().filter(|key| !key.holds.is_empty()).count();
        (table.matched, held)
    });
    let mut why = Vec::new();
    if !route.enabled {
        why.push("switched off".to_owned());
    }
    if let Some(other) = &route.left_to {
        why.push(other.clone());
    }
    if !route.excluded_by.is_empty() {
        why.push(format!("kept out by {}", route.excluded_by.join(", ")));
    }
    for key in closest.iter().flat_map(|table| &table.keys) {
        why.push(match (key.holds.as_slice(), key.short.as_slice()) {
            ([], []) => format!("{} is none of {}", key.key, key.wanted.join(", ")),
            ([], short) => format!("{} too little: {}", key.key, short.join(", ")),
            (holds, _) => format!("{} {}", key.key, holds.join(", ")),
        });
    }
    why.join("; ")
}

/// An entity's name, for evidence that is given by URI.
fn name_of<'a>(tagged: &'a TaggedItem, uri: &'a str) -> &'a str {
    tagged.entities.iter().find(|entity| entity.uri == uri).map_or(uri, |entity| &entity.name)
}
