//! IPTC Media Topics: what an item is about, by the wire's own codes and by its words.
//!
//! [`Topics`] holds the taxonomy and the lexicon (`kb/topics`), compiled once and shared. Codes of the wire are taken at their
//! word (confidence 100). English text is matched against the lexicon's terms in one pass; every topic gets points for the
//! terms that speak for it (`score.rs`), and is kept when it has enough of them, in itself and beside the best one. Text that
//! is known to be in another language has only its wire's codes. Nothing is kept rather than a guess. The desk's own topics
//! (`own`) are added to these, in text of any language.

mod lexicon;
mod matcher;
mod own;
mod score;
mod taxonomy;
mod tokens;
mod wire;

use std::fmt;

use self::lexicon::{BUILTIN, Lexicon};
pub use self::own::{OwnContext, OwnFinding, OwnTopicError};
use self::own::{OwnTally, OwnTopics};
use self::score::{IN_BODY, IN_HEADLINE, IN_LEAD, Score, Scorer, Scores, Tally};
pub use self::taxonomy::{Taxonomy, TopicId, URI_BASE};
use super::enrich::EnrichedItem;
use crate::config::suggest::nearest;
use crate::config::topics::TopicsConfig;
use crate::item::{NewsItem, Subject, TaggedItem};

/// Points that a topic needs in a short text; a long one says more words by chance and needs more.
const LEAST_POINTS: f32 = 7.0;
/// Points that a top-level topic needs when they come from a single term.
const LEAST_POINTS_OF_ONE_TERM: f32 = 10.0;
/// Words from which on a text needs more points.
const SHORT_WORDS: f32 = 150.0;
/// Share of the best top-level topic's points that another top-level topic needs.
const LEAST_SHARE: f32 = 0.25;
const LEAST_SHARE_OF_ONE_TERM: f32 = 0.7;
/// Share of its top-level topic's points that a lower topic needs.
const LEAST_SHARE_BELOW: f32 = 0.16;
/// Points at which relevance and confidence reach half of their range.
const HALF_RELEVANCE_POINTS: f32 = 4.0;
const HALF_CONFIDENCE_POINTS: f32 = 8.0;
/// Relevance of what the wire says and the text does not.
const WIRE_RELEVANCE: u8 = 80;
/// Topics published at most.
const MOST_TOPICS: usize = 20;

/// A mistake in the topics' files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct TopicsError {
    pub file: String,
    /// From 1; 0 for a mistake that no one line makes.
    pub line: usize,
    pub message: String,
}

impl TopicsError {
    fn new(file: &str, line: usize, message: &str) -> Self {
        Self { file: file.to_owned(), line, message: message.to_owned() }
    }
}

/// The taxonomy and the compiled lexicon: immutable, shared by all threads.
#[derive(Clone)]
pub struct Topics {
    taxonomy: Taxonomy,
    scorer: Scorer,
    own: Option<OwnTopics>,
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topics").field("topics", &self.taxonomy.len()).finish_non_exhaustive()
    }
}

impl Topics {
    /// The topics and the lexicon that the program carries. Takes some ten milliseconds: load once, share by `Arc`.
    ///
    /// # Errors
    /// Every mistake in those files; there is none, which a test proves.
    pub fn builtin() -> Result<Self, Vec<TopicsError>> {
        let taxonomy = Taxonomy::builtin().map_err(|error| vec![error])?;
        let mut lexicon = Lexicon::default();
        let errors: Vec<TopicsError> =
            BUILTIN.iter().flat_map(|(file, text)| lexicon.read(file, text, &taxonomy)).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let scorer = Scorer::new(&lexicon, &taxonomy)?;
        Ok(Self { taxonomy, scorer, own: None })
    }

    /// These topics, and the desk's own.
    ///
    /// # Errors
    /// Every value that means nothing, with the TOML path that it stands at.
    pub fn with_own(self, config: &TopicsConfig, context: &OwnContext<'_>) -> Result<Self, Vec<OwnTopicError>> {
        let own = own::compile(config, &self, context)?;
        Ok(Self { own: (own.len() > 0).then_some(own), ..self })
    }

    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// The code of one of the desk's own topics, written `desk:ID`.
    ///
    /// # Errors
    /// That there is none, with the one that is written most like it.
    pub fn own_code(&self, written: &str) -> Result<u32, String> {
        let own = || self.own.iter().flat_map(OwnTopics::topics);
        own().find(|topic| topic.qcode == written).map(|topic| topic.code).ok_or_else(|| {
            let near = nearest(written, own().map(|topic| topic.qcode.as_str()));
            let meant = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("\"{written}\" {}{meant}", own::NO_OWN_TOPIC)
        })
    }

    /// What an item is about by IPTC's topics; the most relevant first, ancestors included.
    pub fn subjects(&self, news: &NewsItem) -> Vec<Subject> {
        let tally = self.read(news, &mut None);
        self.found(news, &tally).into_iter().map(|found| self.subject(found)).collect()
    }

    /// Files an item under IPTC's topics and the desk's own.
    fn file(&self, item: &mut TaggedItem, feed: &str) {
        let mut own_tally = self.own.as_ref().map(OwnTopics::begin);
        let tally = self.read(&item.news, &mut own_tally);
        item.subjects = self.found(&item.news, &tally).into_iter().map(|found| self.subject(found)).collect();
        if let (Some(own), Some(own_tally)) = (&self.own, own_tally) {
            item.subjects.extend(own.subjects(item, feed, &own_tally, tally.words));
            item.subjects.sort_by_key(|subject| std::cmp::Reverse((subject.relevance, subject.confidence)));
        }
    }

    /// What the desk's own topics make of an item that is filed, those that fall short included.
    pub fn explain_own(&self, item: &TaggedItem, feed: &str) -> Vec<OwnFinding> {
        let Some(own) = &self.own else { return Vec::new() };
        let mut own_tally = Some(own.begin());
        let words = self.read(&item.news, &mut own_tally).words;
        own_tally.map(|tally| own.explain(item, feed, &tally, words)).unwrap_or_default()
    }

    /// What an item is about, and for each subject the terms that spoke most for it, the strongest first; none where the wire
    /// says it.
    pub fn explain(&self, news: &NewsItem) -> Vec<(Subject, Vec<String>)> {
        let tally = self.read(news, &mut None);
        let found = self.found(news, &tally);
        let topics: Vec<TopicId> = found.iter().map(|f| f.topic).collect();
        let evidence = self.scorer.evidence(&topics, &tally);
        let owned = |terms: Vec<&str>| terms.into_iter().map(str::to_owned).collect();
        found.into_iter().zip(evidence).map(|(found, terms)| (self.subject(found), owned(terms))).collect()
    }

    fn found(&self, news: &NewsItem, tally: &Tally) -> Vec<Found> {
        let mut found = self.by_words(tally);
        self.add_wire_codes(news, &mut found);
        let order = |f: &Found| (std::cmp::Reverse((f.relevance, f.confidence)), self.taxonomy.level(f.topic), f.topic);
        found.sort_unstable_by_key(order);
        found.truncate(MOST_TOPICS);
        found
    }

    /// Counts the terms in an item: the lexicon's in English text, the desk's own in any, where `own` asks for them.
    fn read(&self, news: &NewsItem, own: &mut Option<OwnTally>) -> Tally {
        let mut tally = self.scorer.begin();
        let is_english = news.language.as_deref().is_none_or(is_english);
        if !is_english && own.is_none() {
            return tally;
        }
        let mut read = |text: &str, times| {
            self.scorer.begin_part(text, &mut tally);
            if is_english {
                self.scorer.read(text, times, &mut tally);
            }
            if let (Some(topics), Some(own)) = (&self.own, own.as_mut()) {
                topics.read(text, &tally.tokens, times, own);
            }
        };
        let mut lead_times = IN_LEAD;
        for text in [&news.headline, &news.subheadline, &news.slug].into_iter().flatten() {
            read(text, IN_HEADLINE);
        }
        if news.headline.is_none() {
            lead_times = IN_HEADLINE;
        }
        for text in
            news.keywords.iter().chain(news.subjects.iter().filter_map(|s| s.name.as_ref())).chain(&news.summary)
        {
            read(text, IN_LEAD);
        }
        let lead_bytes = memchr::memmem::find(news.body.as_bytes(), b"\n\n").unwrap_or(news.body.len());
        let (lead, rest) = news.body.split_at_checked(lead_bytes).unwrap_or((&news.body, ""));
        read(lead, lead_times);
        read(rest, IN_BODY);
        tally
    }

    /// Topics that the words speak for strongly enough.
    fn by_words(&self, tally: &Tally) -> Vec<Found> {
        let scores = self.scorer.scores(tally);
        let best = scores.iter().map(|(_, score)| score.points).fold(0.0, f32::max);
        #[expect(clippy::cast_precision_loss, reason = "a number of words")]
        let least = LEAST_POINTS * (tally.words as f32 / SHORT_WORDS).sqrt().max(1.0);
        scores
            .iter()
            .filter(|(topic, score)| score.points >= least && self.stands_out(*topic, score.points, best, &scores))
            .map(|(topic, score)| Found::by_words(topic, score, best))
            .collect()
    }

    /// A topic counts if its points are a fair share of the best top-level topic's, and of that which it lies under; so its
    /// ancestors count whenever it does. One term alone does not bring in another top-level topic beside a strong one.
    fn stands_out(&self, topic: TopicId, points: f32, best: f32, scores: &Scores) -> bool {
        let top = self.taxonomy.lineage(topic).last().unwrap_or(topic);
        let Score { points: top_points, terms } = scores.of(top);
        let (least_points, least_share) =
            if terms > 1 { (0.0, LEAST_SHARE) } else { (LEAST_POINTS_OF_ONE_TERM, LEAST_SHARE_OF_ONE_TERM) };
        top_points >= least_points && top_points >= best * least_share && points >= top_points * LEAST_SHARE_BELOW
    }

    fn add_wire_codes(&self, news: &NewsItem, found: &mut Vec<Found>) {
        for topic in news.subjects.iter().filter_map(|subject| wire::resolve(subject, &self.taxonomy)) {
            for topic in self.taxonomy.lineage(topic) {
                match found.iter_mut().find(|f| f.topic == topic) {
                    Some(found) => {
                        found.relevance = found.relevance.max(WIRE_RELEVANCE);
                        found.confidence = 100;
                    }
                    None => found.push(Found { topic, relevance: WIRE_RELEVANCE, confidence: 100 }),
                }
            }
        }
    }

    fn subject(&self, found: Found) -> Subject {
        Subject {
            topic: self.taxonomy.get(found.topic).clone(),
            relevance: found.relevance,
            confidence: found.confidence,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Found {
    topic: TopicId,
    relevance: u8,
    confidence: u8,
}

impl Found {
    /// Relevance is the topic's share of the best one's points, less in a text that says little of any. Confidence grows with
    /// the points alone, and stays low where a single term gave them.
    fn by_words(topic: TopicId, score: Score, best: f32) -> Self {
        let relevance = score.points / best * best / (best + HALF_RELEVANCE_POINTS);
        let several = if score.terms > 1 { 1.0 } else { 0.7 };
        let confidence = several * score.points / (score.points + HALF_CONFIDENCE_POINTS);
        Self { topic, relevance: percent(relevance), confidence: percent(confidence) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a u8 holds")]
fn percent(share: f32) -> u8 {
    (share * 100.0).round().clamp(0.0, 100.0) as u8
}

fn is_english(tag: &str) -> bool {
    tag.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case("en"))
}

/// Adds the subjects that an item of a feed is filed under.
pub fn classify(item: EnrichedItem, feed: &str, topics: &Topics) -> TaggedItem {
    let mut tagged = item.tagged;
    topics.file(&mut tagged, feed);
    tagged
}

#[cfg(test)]
mod tests;
