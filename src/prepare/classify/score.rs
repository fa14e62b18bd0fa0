//! How strongly a text speaks for each topic.
//!
//! A term adds its weight, once for every topic that it speaks for and for all ancestors of these, times the root of how
//! often it stands there (a word in the headline counts as three, in the lead as two), so that saying a word again adds less
//! each time. An ancestor takes each term once, with the largest weight below it: it is never behind its descendants.

use super::TopicsError;
use super::lexicon::{Lexicon, MONEY_SIGN, SCORE_SIGN};
use super::matcher::Matcher;
use super::taxonomy::{Taxonomy, TopicId};
use super::tokens::{Sign, Token, signs, tokenize};

/// How often a term in each part of an item counts.
pub(super) const IN_HEADLINE: u8 = 3;
pub(super) const IN_LEAD: u8 = 2;
pub(super) const IN_BODY: u8 = 1;

/// Terms kept for each topic, for `explain`.
const MOST_EVIDENCE: usize = 4;

/// No more than so many times, headline and lead included.
pub(super) const MOST_TIMES: u8 = 16;

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
    score_sign: Option<u32>,
    money_sign: Option<u32>,
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
        let sign = |name: &str| (0..).zip(lexicon.terms.keys()).find(|(_, term)| *term == name).map(|(index, _)| index);
        let (score_sign, money_sign) = (sign(SCORE_SIGN), sign(MONEY_SIGN));
        Ok(Self { matcher, names, ranges, weights, topics: taxonomy.len(), score_sign, money_sign })
    }

    pub fn begin(&self) -> Tally {
        Tally {
            times: vec![0; self.names.len()],
            found: Vec::with_capacity(128),
            tokens: Vec::with_capacity(512),
            words: 0,
        }
    }

    /// Reads the words of a part of an item; [`Scorer::read`] and the desk's own topics look at them.
    pub fn begin_part(&self, text: &str, tally: &mut Tally) {
        tally.tokens.clear();
        tokenize(text, &mut tally.tokens);
        tally.words += tally.tokens.len();
    }

    /// Counts the terms in a part of an item.
    pub fn read(&self, text: &str, times: u8, tally: &mut Tally) {
        let (counts, found) = (&mut tally.times, &mut tally.found);
        let mut add = |term: u32| {
            let count = &mut counts[term as usize];
            if *count == 0 {
                found.push(term);
            }
            *count = (*count + times).min(MOST_TIMES);
        };
        self.matcher.find(text, &tally.tokens, &mut add);
        signs(text, |sign| {
            let term = match sign {
                Sign::Score => self.score_sign,
                Sign::Money => self.money_sign,
            };
            term.into_iter().for_each(&mut add);
        });
    }

    /// What the terms add up to, for every topic that one speaks for.
    pub fn scores(&self, tally: &Tally) -> Scores {
        let mut scores = Scores { by_topic: vec![Score::default(); self.topics], touched: Vec::with_capacity(64) };
        for &term in &tally.found {
            let factor = DAMPED[usize::from(tally.times[term as usize])];
            for &(topic, weight) in self.topics_of(term) {
                let score = &mut scores.by_topic[topic.index()];
                if score.terms == 0 {
                    scores.touched.push(topic);
                }
                score.points += f32::from(weight) * factor;
                score.terms += 1;
            }
        }
        scores
    }

    /// For each of some topics the terms that spoke most for it, the strongest first.
    pub fn evidence(&self, topics: &[TopicId], tally: &Tally) -> Vec<Vec<&str>> {
        let mut place = vec![0u8; self.topics];
        for (topic, at) in topics.iter().zip(1..) {
            place[topic.index()] = at;
        }
        let mut strongest = vec![[(0.0f32, ""); MOST_EVIDENCE]; topics.len()];
        for &term in &tally.found {
            let factor = DAMPED[usize::from(tally.times[term as usize])];
            for &(topic, weight) in self.topics_of(term) {
                let Some(at) = usize::from(place[topic.index()]).checked_sub(1) else { continue };
                insert(&mut strongest[at], f32::from(weight) * factor, &self.names[term as usize]);
            }
        }
        let names = |list: [(f32, _); MOST_EVIDENCE]| list.into_iter().filter(|e| e.0 > 0.0).map(|e| e.1).collect();
        strongest.into_iter().map(names).collect()
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
    /// Words of the part that is being read.
    pub tokens: Vec<Token>,
    /// Words read.
    pub words: usize,
}

/// One topic's points, and the number of different terms that gave them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Score {
    pub points: f32,
    pub terms: u16,
}

#[derive(Debug)]
pub(super) struct Scores {
    by_topic: Vec<Score>,
    /// Topics with points, each once.
    touched: Vec<TopicId>,
}

impl Scores {
    pub fn of(&self, topic: TopicId) -> Score {
        self.by_topic[topic.index()]
    }

    pub fn iter(&self) -> impl Iterator<Item = (TopicId, Score)> + '_ {
        self.touched.iter().map(|topic| (*topic, self.of(*topic)))
    }
}

/// Puts an entry before the first that is weaker; the last one falls out. Of two as strong, the one found first stays first.
fn insert<'a>(list: &mut [(f32, &'a str); MOST_EVIDENCE], points: f32, name: &'a str) {
    let mut entry = (points, name);
    for slot in list {
        if entry.0 > slot.0 {
            std::mem::swap(slot, &mut entry);
        }
    }
}

/// Square roots of 0 to [`MOST_TIMES`].
#[rustfmt::skip]
pub(super) const DAMPED: [f32; MOST_TIMES as usize + 1] = [
    0.0, 1.0, 1.414, 1.732, 2.0, 2.236, 2.449, 2.646, 2.828, 3.0, 3.162, 3.317, 3.464, 3.606, 3.742, 3.873, 4.0,
];
