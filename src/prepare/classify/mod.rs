//! IPTC Media Topics: what an item is about, by the wire's own codes and by its words.
//!
//! [`Topics`] holds the taxonomy and the lexicon (`kb/topics`), compiled once and shared. Codes of the wire are taken at their
//! word (confidence 100). English text is matched against the lexicon's terms in one pass; every topic gets points for the
//! terms that speak for it (`score.rs`), and is kept when it has enough of them, in itself and beside the best one. Text that
//! is known to be in another language has only its wire's codes. Nothing is kept rather than a guess.

mod lexicon;
mod matcher;
mod score;
mod taxonomy;
mod tokens;
mod wire;

use std::fmt;

use self::lexicon::{BUILTIN, Lexicon};
use self::score::{IN_BODY, IN_HEADLINE, IN_LEAD, Score, Scorer, Scores, Tally};
pub use self::taxonomy::{Taxonomy, TopicId, URI_BASE};
use super::enrich::EnrichedItem;
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
        Ok(Self { taxonomy, scorer })
    }

    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    /// What an item is about; the most relevant first, ancestors included.
    pub fn subjects(&self, news: &NewsItem) -> Vec<Subject> {
        let tally = self.read(news);
        self.found(news, &tally).into_iter().map(|found| self.subject(found)).collect()
    }

    /// What an item is about, and for each subject the terms that spoke most for it, the strongest first; none where the wire
    /// says it.
    pub fn explain(&self, news: &NewsItem) -> Vec<(Subject, Vec<String>)> {
        let tally = self.read(news);
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

    fn read(&self, news: &NewsItem) -> Tally {
        let mut tally = self.scorer.begin();
        if news.language.as_deref().is_some_and(|tag| !is_english(tag)) {
            return tally;
        }
        let mut read = |text: &str, times| self.scorer.read(text, times, &mut tally);
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

/// Adds the subjects that an item is filed under.
pub fn classify(item: EnrichedItem, topics: &Topics) -> TaggedItem {
    let mut tagged = item.tagged;
    tagged.subjects = topics.subjects(&tagged.news);
    tagged
}

#[cfg(test)]
mod tests;
