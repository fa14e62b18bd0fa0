//! The desk's own topics, from `config/topics.toml`.
//!
//! What speaks for a topic (terms, entities, regions, Media Topics) adds up to points; rules say which items it may be given to.
//! Each topic's terms are matched as if they were the only ones: no topic takes words away from another, nor from the Media Topics.

mod compile;

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

pub(super) use self::compile::compile;
pub use self::compile::{NO_OWN_TOPIC, OwnTopicError};
use super::matcher::Matcher;
use super::score::{DAMPED, MOST_TIMES};
use super::tokens::Token;
use super::{HALF_CONFIDENCE_POINTS, SHORT_WORDS, percent};
use crate::item::{Subject, TaggedItem, Topic};
use crate::prepare::route::{RegionCatalog, Rules};

/// Codes of the desk's own topics begin here, beyond all of IPTC's.
const FIRST_CODE: u32 = 1 << 31;
/// Put before an id, the topic's name in routes.
pub const PREFIX: &str = "desk:";
/// Share of its weight that a tag (an entity, a region, a subject) of no relevance counts; one of full relevance counts that and 1.
const LEAST_OF_TAG: f32 = 0.5;

/// Compiled topics: immutable, shared by all threads.
#[derive(Clone, Debug)]
pub(super) struct OwnTopics {
    topics: Vec<OwnTopic>,
    matcher: Matcher,
    terms: Vec<Term>,
    /// A term's weights lie together.
    weights: Vec<Weight>,
    tags: Tags,
    /// None where no topic has any.
    rules: Option<Rules>,
}

#[derive(Clone, Debug)]
struct OwnTopic {
    topic: Arc<Topic>,
    enabled: bool,
    /// It has nothing but rules.
    by_rules_alone: bool,
    min_points: f32,
}

#[derive(Clone, Debug)]
struct Term {
    /// As the file writes it, without the signs for inflection.
    name: String,
    /// Where its weights lie.
    weights: std::ops::Range<usize>,
}

/// How strongly a term speaks for a topic.
#[derive(Clone, Copy, Debug)]
struct Weight {
    topic: u16,
    weight: u8,
    term: u32,
}

/// Topics with their weights, by a tag's value.
type ByValue<K> = HashMap<K, Vec<(u16, u8)>, FixedState>;

/// What tags speak for.
#[derive(Clone, Debug, Default)]
struct Tags {
    entities: ByValue<String>,
    /// One map a scheme.
    regions: [ByValue<String>; 4],
    subjects: ByValue<u32>,
}

/// How often terms were found, for each of their topics.
#[derive(Debug, Default)]
pub(super) struct OwnTally {
    times: Vec<u8>,
    /// Indices of weights, in the text's order.
    found: Vec<u32>,
    /// For each topic the word up to which a longer term has taken all.
    free_from: Vec<usize>,
}

/// What the desk's topics make of an item: for `wiredesk explain`.
#[derive(Clone, Debug)]
pub struct OwnFinding {
    pub topic: Arc<Topic>,
    /// It is given to the item.
    pub subject: Option<Subject>,
    pub points: f32,
    /// Points that it needs in an item of this length; none with nothing but rules.
    pub least_points: Option<f32>,
    /// Its rules hold.
    pub rules_hold: bool,
    /// What spoke for it, the strongest first.
    pub evidence: Vec<String>,
}

/// One topic's points, and how many things gave them.
#[derive(Clone, Copy, Debug, Default)]
struct Points {
    points: f32,
    pieces: u16,
}

impl OwnTopics {
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    pub fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.topics.iter().map(|own| &own.topic)
    }

    pub fn begin(&self) -> OwnTally {
        OwnTally { times: vec![0; self.weights.len()], found: Vec::new(), free_from: vec![0; self.topics.len()] }
    }

    /// Counts the terms in a part of an item.
    pub fn read(&self, text: &str, tokens: &[Token], times: u8, tally: &mut OwnTally) {
        tally.free_from.fill(0);
        let OwnTally { times: counts, found, free_from } = tally;
        self.matcher.find_all(text, tokens, |term, at, words| {
            for index in self.terms[term as usize].weights.clone() {
                let Weight { topic, weight, .. } = self.weights[index];
                let free_from = &mut free_from[usize::from(topic)];
                if at < *free_from {
                    continue;
                }
                *free_from = at + words;
                let count = &mut counts[index];
                if *count == 0 && weight > 0 {
                    found.extend(u32::try_from(index));
                }
                *count = (*count + times).min(MOST_TIMES);
            }
        });
    }

    /// The topics that an item is filed under, in the file's order.
    pub fn subjects(&self, item: &TaggedItem, feed: &str, tally: &OwnTally, words: usize) -> Vec<Subject> {
        let mut points = vec![Points::default(); self.topics.len()];
        self.each_piece(item, tally, |topic, piece, _| points[usize::from(topic)].add(piece));
        let holds = self.rules_that_hold(item, feed);
        let given = |at: usize| self.given(at, points[at], words).filter(|_| holds[at]);
        (0..self.topics.len()).filter_map(given).collect()
    }

    /// What each topic that anything speaks for, or whose rules hold, makes of an item.
    pub fn explain(&self, item: &TaggedItem, feed: &str, tally: &OwnTally, words: usize) -> Vec<OwnFinding> {
        let mut points = vec![Points::default(); self.topics.len()];
        let mut pieces = vec![Vec::new(); self.topics.len()];
        self.each_piece(item, tally, |topic, piece, name| {
            points[usize::from(topic)].add(piece);
            pieces[usize::from(topic)].push((piece, name.to_string()));
        });
        let holds = self.rules_that_hold(item, feed);
        let finding = |at: usize| {
            let OwnTopic { topic, by_rules_alone, .. } = &self.topics[at];
            let mut evidence = std::mem::take(&mut pieces[at]);
            evidence.sort_by(|a, b| b.0.total_cmp(&a.0));
            OwnFinding {
                topic: topic.clone(),
                subject: self.given(at, points[at], words).filter(|_| holds[at]),
                points: points[at].points,
                least_points: (!by_rules_alone).then(|| self.least_points(at, words)),
                rules_hold: holds[at],
                evidence: evidence.into_iter().map(|(_, name)| name).collect(),
            }
        };
        let all = (0..self.topics.len()).map(finding);
        all.filter(|finding| finding.subject.is_some() || finding.points > 0.0).collect()
    }

    /// Calls `piece` for all that speaks for a topic: the topic, the points, and what it is.
    fn each_piece(&self, item: &TaggedItem, tally: &OwnTally, mut piece: impl FnMut(u16, f32, &dyn std::fmt::Display)) {
        for &index in &tally.found {
            let Weight { topic, weight, term } = self.weights[index as usize];
            let points = f32::from(weight) * DAMPED[usize::from(tally.times[index as usize])];
            piece(topic, points, &self.terms[term as usize].name);
        }
        let Tags { entities, regions, subjects } = &self.tags;
        if !entities.is_empty() {
            for entity in &item.entities {
                let uris = entity.same_as.iter().chain([&entity.uri]);
                for (topic, weight) in uris.filter_map(|uri| entities.get(&**uri)).flatten() {
                    piece(*topic, of_tag(*weight, entity.relevance), &entity.name);
                }
            }
        }
        for region in &item.regions {
            for (topic, weight) in regions[region.scheme as usize].get(&*region.code).into_iter().flatten() {
                piece(*topic, of_tag(*weight, region.relevance), &region.name);
            }
        }
        if !subjects.is_empty() {
            for subject in &item.subjects {
                for (topic, weight) in subjects.get(&subject.topic.code).into_iter().flatten() {
                    piece(*topic, of_tag(*weight, f32::from(subject.relevance) / 100.0), &subject.topic.name);
                }
            }
        }
    }

    fn rules_that_hold(&self, item: &TaggedItem, feed: &str) -> Vec<bool> {
        let Some(rules) = &self.rules else { return vec![true; self.topics.len()] };
        let mut holds = vec![false; self.topics.len()];
        rules.holding(item, feed).for_each(|at| holds[at] = true);
        holds
    }

    fn least_points(&self, at: usize, words: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a number of words")]
        let length = (words as f32 / SHORT_WORDS).sqrt().max(1.0);
        self.topics[at].min_points * length
    }

    /// The subject that a topic's points make it, if they are enough. Relevance is 50 where they are just enough.
    fn given(&self, at: usize, Points { points, pieces }: Points, words: usize) -> Option<Subject> {
        let own = &self.topics[at];
        if !own.enabled {
            return None;
        }
        let topic = own.topic.clone();
        if own.by_rules_alone {
            return Some(Subject { topic, relevance: 100, confidence: 100 });
        }
        let least = self.least_points(at, words);
        if points < least {
            return None;
        }
        let several = if pieces > 1 { 1.0 } else { 0.7 };
        let confidence = percent(several * points / (points + HALF_CONFIDENCE_POINTS));
        Some(Subject { topic, relevance: percent(points / (points + least)), confidence })
    }
}

impl Points {
    fn add(&mut self, points: f32) {
        self.points += points;
        self.pieces += 1;
    }
}

fn of_tag(weight: u8, relevance: f32) -> f32 {
    f32::from(weight) * (LEAST_OF_TAG + relevance)
}

/// What regions are checked against, and the feeds that there are.
#[derive(Clone, Copy)]
pub struct OwnContext<'a> {
    pub regions: &'a dyn RegionCatalog,
    /// Ids of all feeds.
    pub feeds: &'a [&'a str],
}

#[cfg(test)]
mod tests;
