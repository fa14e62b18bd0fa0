//! Runs of capitalized words, and how one is read: titles part it, a body's words end it, what is left may be a person.

use crate::item::EntityType;
use crate::knowledge::{Class, WordKind};

use super::super::matcher::{Case, Gap};
use super::super::resolve::Sense;
use super::{Finder, is_capital, is_initial};

/// Longer runs are lists or shouting.
const MAX_RUN: usize = 12;

/// Small words inside the names of people.
const PARTICLES: [&str; 22] = [
    "de", "la", "le", "van", "von", "der", "den", "del", "di", "da", "dos", "das", "du", "bin", "ibn", "al", "el",
    "bint", "ben", "ul", "ur", "ter",
];

/// What ministers and secretaries are for.
const OFFICES: [&str; 24] = [
    "Agriculture",
    "Commerce",
    "Defence",
    "Defense",
    "Deputy",
    "Economics",
    "Economy",
    "Education",
    "Energy",
    "Environment",
    "Finance",
    "Foreign",
    "Health",
    "Home",
    "Housing",
    "Industry",
    "Interior",
    "Justice",
    "Labor",
    "Labour",
    "Prime",
    "Trade",
    "Transport",
    "Treasury",
];

impl Finder<'_> {
    /// The last token of the run of capitalized words that begins at `at`.
    pub(super) fn run_end(&self, index: usize, at: usize, senses: &[Sense]) -> usize {
        let field = &self.fields[index];
        let tokens = &field.tokens;
        let mut last = at;
        while last + 1 < tokens.len() && last - at < MAX_RUN {
            let next = last + 1;
            let token = &tokens[next];
            match self.class_at(next, senses) {
                Some(Class::Person) => break,
                Some(Class::Organisation) if self.cover[next] != self.cover[last] => break,
                _ => {}
            }
            let capital = is_capital(token);
            let joined = match token.gap {
                Gap::Space | Gap::Inner => capital,
                Gap::Hyphen if !capital => {
                    // `Miami-based`: the word before is no part of a name that follows.
                    return last.saturating_sub(1).max(at);
                }
                Gap::Hyphen => true,
                Gap::Apostrophe => capital && tokens[last].len() <= 2,
                Gap::Dot => capital && self.goes_on_after_a_stop(index, last),
                Gap::Comma => {
                    let word = field.word(next);
                    capital && matches!(word, "Inc" | "Ltd" | "LLC" | "Jr" | "Sr" | "LP" | "PLC")
                }
                _ => false,
            };
            if joined {
                last = next;
                continue;
            }
            match self.over_particles(index, next) {
                Some(to) if token.gap == Gap::Space && self.class_at(to, senses) != Some(Class::Person) => last = to,
                _ => break,
            }
        }
        last
    }

    /// `J. Smith`, `Gen. Smith`, `St. Louis`, `Jr. University`.
    fn goes_on_after_a_stop(&self, index: usize, last: usize) -> bool {
        let token = &self.fields[index].tokens[last];
        is_initial(token)
            || token.len() <= 4 && token.case == Case::Title && {
                let bits = self.bits(token);
                bits.is(WordKind::Title) && !bits.is(WordKind::Word) || self.fields[index].word(last) == "St"
            }
    }

    /// Over `van der` to the capital behind it.
    fn over_particles(&self, index: usize, from: usize) -> Option<usize> {
        let field = &self.fields[index];
        let mut at = from;
        while at < from + 2 && PARTICLES.contains(&field.word(at)) {
            at += 1;
            let next = field.tokens.get(at)?;
            if !matches!(next.gap, Gap::Space | Gap::Hyphen | Gap::Apostrophe) {
                return None;
            }
            if is_capital(next) {
                return Some(at);
            }
        }
        None
    }

    /// Reads a run; returns the last token that it used, which may lie behind the run.
    pub(super) fn read_run(&mut self, index: usize, first: usize, last: usize, senses: &[Sense]) -> usize {
        let field = &self.fields[index];
        let mut first = first;
        while first <= last {
            let bits = self.bits(&field.tokens[first]);
            let opener = bits.is(WordKind::Opener) && (!bits.is(WordKind::Given) || field.opens_sentence(first));
            if !opener && !field.word(first).eq_ignore_ascii_case("the") {
                break;
            }
            first += 1;
        }
        if first > last {
            return last;
        }
        let title = (first..last).rev().find(|at| self.bits(&field.tokens[*at]).is(WordKind::Title));
        if let Some(title) = title
            && !(title + 1..=last).any(|at| self.bits(&field.tokens[at]).is_body())
            && self.titled(index, title + 1, last, senses)
        {
            if title > first {
                self.before_title(index, first, title - 1, senses);
            }
            return last;
        }
        match self.body(index, first, last, senses) {
            Some(end) if end < last => self.read_run(index, end + 1, last, senses),
            Some(end) => end,
            None => {
                self.untitled(index, first, last, senses);
                last
            }
        }
    }

    /// `Georgia Power Chairman X`, `Bundesbank President X`: whose office it is.
    fn before_title(&mut self, index: usize, first: usize, last: usize, senses: &[Sense]) {
        let field = &self.fields[index];
        let mut last = last;
        // `Finance Minister`, `Foreign Secretary`: the words of the office itself.
        let office = |at: usize| self.bits(&field.tokens[at]).is(WordKind::Title) || OFFICES.contains(&field.word(at));
        while last > first && office(last) {
            last -= 1;
        }
        if OFFICES.contains(&field.word(last)) {
            return;
        }
        if self.body(index, first, last, senses).is_some() {
            return;
        }
        let bits = self.bits(&field.tokens[first]);
        let alone = first == last
            && self.sense_at(first).is_none()
            && !bits.is(WordKind::Word)
            && !bits.is(WordKind::Title)
            && !bits.is(WordKind::Letters)
            && field.tokens[first].len() > 2;
        if alone {
            self.push(index, first, last, EntityType::Organisation, 0.5);
        }
    }
}
