//! How strongly a text speaks for each topic.
//!
//! A term adds its weight, once for every topic that it speaks for and for all ancestors of these, times the root of how
//! often it stands there (a word in the headline counts as three, in the lead as two), so that saying a word again adds less
//! each time. An ancestor takes each term once, with the largest weight below it: it is never behind its descendants.

use super::TopicsError;
use super::lexicon::Lexicon;
use super::matcher::Matcher;
use super::taxonomy::{Taxonomy, TopicId};
use super::tokens::{Token, tokenize};

/// How often a term in each part of an item counts.
pub(super) const IN_HEADLINE: u8 = 3;
pub(super) const IN_LEAD: u8 = 2;
pub(super) const IN_BODY: u8 = 1;

/// No more than so many times, headline and lead included.
const MOST_TIMES: u8 = 16;

/// The lexicon, compiled.
#[derive(Clone, Debug)]
pub(super) struct Scorer {
    matcher: Matcher,
    /// Terms as the lexicon writes them, without the signs for inflection.
    names: Vec<String>,
    /// Where each term's topics lie in `weights`; one more than there are terms.
    ranges: Vec<u32>,
    weights: Vec<(TopicId, u8)>,
    topics: usize,
}

impl Scorer {
    pub fn new(lexicon: &Lexicon, taxonomy: &Taxonomy) -> Result<Self, Vec<TopicsError>> {
        let matcher = Matcher::new(lexicon.terms.keys().map(String::as_str)).map_err(|terms| {
            let message = |term| format!("the term \"{term}\" has no word or more than six");
            terms.into_iter().map(|term| TopicsError::new("lexicon", 0, &message(term))).collect::<Vec<_>>()
        })?;
        let mut weights = Vec::new();
        let mut ranges = vec![0];
        for term in lexicon.terms.values() {
            weights.extend(term.topics.iter().map(|(id, weight)| (*id, *weight)));
            ranges.push(u32::try_from(weights.len()).unwrap_or(u32::MAX));
        }
        let names = lexicon.terms.keys().map(|term| term.replace(['~', '!'], "")).collect();
        Ok(Self { matcher, names, ranges, weights, topics: taxonomy.len() })
    }

    pub fn begin(&self) -> Tally {
        Tally {
            times: vec![0; self.names.len()],
            found: Vec::with_capacity(128),
            tokens: Vec::with_capacity(512),
            words: 0,
        }
    }

    /// Counts the terms in a part of an item.
    pub fn read(&self, text: &str, times: u8, tally: &mut Tally) {
        tally.tokens.clear();
        tokenize(text, &mut tally.tokens);
        tally.words += tally.tokens.len();
        let (counts, found) = (&mut tally.times, &mut tally.found);
        self.matcher.find(text, &tally.tokens, |term| {
            let count = &mut counts[term as usize];
            if *count == 0 {
                found.push(term);
            }
            *count = (*count + times).min(MOST_TIMES);
        });
    }

    /// The score of every topic, by its index, and the number of different terms that spoke for it.
    pub fn scores(&self, tally: &Tally) -> Vec<Score> {
        let mut scores = vec![Score::default(); self.topics];
        for &term in &tally.found {
            let factor = DAMPED[usize::from(tally.times[term as usize])];
            for &(topic, weight) in self.topics_of(term) {
                let score = &mut scores[topic.index()];
                score.points += f32::from(weight) * factor;
                score.terms += 1;
            }
        }
        scores
    }

    /// Terms that spoke for a topic, with what each added; the strongest first.
    pub fn evidence<'a>(&'a self, topic: TopicId, tally: &'a Tally) -> Vec<(&'a str, f32)> {
        let mut found: Vec<(&str, f32)> = tally
            .found
            .iter()
            .filter_map(|&term| {
                let weight = self.topics_of(term).iter().find(|(id, _)| *id == topic)?.1;
                let points = f32::from(weight) * DAMPED[usize::from(tally.times[term as usize])];
                Some((self.names[term as usize].as_str(), points))
            })
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }

    fn topics_of(&self, term: u32) -> &[(TopicId, u8)] {
        let from = self.ranges[term as usize] as usize;
        let to = self.ranges[term as usize + 1] as usize;
        &self.weights[from..to]
    }
}

/// The terms of one item.
#[derive(Debug)]
pub(super) struct Tally {
    /// How often each term was found, headline and lead counting more.
    times: Vec<u8>,
    /// Terms found, in the text's order.
    found: Vec<u32>,
    tokens: Vec<Token>,
    /// Words read.
    pub words: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Score {
    pub points: f32,
    pub terms: u16,
}

/// Square roots of 0 to [`MOST_TIMES`].
#[rustfmt::skip]
const DAMPED: [f32; MOST_TIMES as usize + 1] = [
    0.0, 1.0, 1.414, 1.732, 2.0, 2.236, 2.449, 2.646, 2.828, 3.0, 3.162, 3.317, 3.464, 3.606, 3.742, 3.873, 4.0,
];
