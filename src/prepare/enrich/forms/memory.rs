//! Later mentions: a surname after the full name, a company's first words, an acronym.

use crate::item::EntityType;
use crate::knowledge::{Class, EntityId, KnowledgeBase, WordKind};

use super::super::candidates::after_a_locative;
use super::super::document::{FieldText, Style};
use super::super::matcher::{Case, Gap, Token};
use super::super::resolve::Sense;
use super::{Bits, Finder, MAX_FORMS, is_capital};

/// Towns up to this size give way to a company of the item that is called after them.
const TOWN_POPULATION: u32 = 300_000;
/// No more short names than this are remembered.
const MAX_SHORT_NAMES: usize = 512;

/// Short names by the hash of their words.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Surnames; hash of the word, index of the form.
    surnames: Vec<(u64, usize)>,
    /// First names; [`AMBIGUOUS`] for several bearers.
    givens: Vec<(u64, usize)>,
    /// First names of people whom the base knows, and who they are; none for several bearers.
    known_givens: Vec<(u64, Option<EntityId>)>,
    /// Beginnings of bodies' names, longest first for one name: hash, number of words, form.
    bodies: Vec<(u64, usize, usize)>,
}

const AMBIGUOUS: usize = usize::MAX;

fn key(tokens: &[Token]) -> u64 {
    tokens.iter().fold(tokens.len() as u64, |key, t| key.rotate_left(17) ^ t.hash)
}

impl Memory {
    pub fn remember_person(&mut self, field: &FieldText<'_>, first: usize, last: usize, form: usize) {
        if self.surnames.len() >= MAX_SHORT_NAMES {
            return;
        }
        let mut surname = last;
        if surname > first && matches!(field.word(surname), "Jr" | "Sr" | "II" | "III") {
            surname -= 1;
        }
        let hash = field.tokens[surname].hash;
        if !self.surnames.iter().any(|(known, _)| *known == hash) {
            self.surnames.push((hash, form));
        }
        if last > first {
            let hash = field.tokens[first].hash;
            match self.givens.iter_mut().find(|(known, _)| *known == hash) {
                Some((_, bearer)) => *bearer = AMBIGUOUS,
                None => self.givens.push((hash, form)),
            }
        }
    }

    /// Forgets the bearers that were found as this form.
    pub fn forget(&mut self, form: usize) {
        self.surnames.retain(|(_, bearer)| *bearer != form);
        self.givens.retain(|(_, bearer)| *bearer != form);
        self.bodies.retain(|(_, _, bearer)| *bearer != form);
    }

    /// Remembers the first name of a person whom the base knows.
    pub fn remember_given(&mut self, hash: u64, person: EntityId) {
        let full = self.known_givens.len() >= MAX_SHORT_NAMES;
        match self.known_givens.iter_mut().find(|(known, _)| *known == hash) {
            Some((_, bearer)) if *bearer != Some(person) => *bearer = None,
            None if !full => self.known_givens.push((hash, Some(person))),
            _ => {}
        }
    }

    /// Remembers what a body may be called later: its name without the legal form, and its first word if that says
    /// something.
    pub fn remember_body(
        &mut self,
        kb: &KnowledgeBase,
        field: &FieldText<'_>,
        first: usize,
        last: usize,
        head: usize,
        form: usize,
    ) {
        if self.bodies.len() + 4 > MAX_SHORT_NAMES {
            return;
        }
        let bits = |at: usize| Bits(kb.word_bits(&field.tokens[at]));
        let words = last + 1 - first;
        self.bodies.push((key(&field.tokens[first..=last]), words, form));
        if last != head {
            return;
        }
        for length in (1..words).rev() {
            let tokens = &field.tokens[first..first + length];
            let end = bits(first + length - 1);
            let says = if length == 1 {
                // `Dominion` after `Dominion Textiles Inc`: a word is a name where its capital says so.
                let word = end.is(WordKind::Word)
                    && !(bits(head).is(WordKind::OrgSuffix) && tokens[0].len() > 4 && !end.is(WordKind::Civic));
                !word && !end.is(WordKind::Opener) && !end.is(WordKind::Given) && tokens[0].len() > 2
            } else {
                true
            };
            if says {
                self.bodies.push((key(tokens), length, form));
            }
        }
    }

    pub fn remember_short(&mut self, hash: u64, form: usize) {
        self.bodies.push((1u64.rotate_left(17) ^ hash, 1, form));
    }
}

impl Finder<'_> {
    /// Finds the later, and the earlier, mentions by short names.
    pub(super) fn again(&mut self, senses: &[Sense]) {
        let mut taken: Vec<(usize, usize, usize)> = self.forms.iter().map(|f| (f.field, f.first, f.last)).collect();
        taken.sort_unstable();
        for index in 0..self.fields.len() {
            let field = &self.fields[index];
            if field.style == Style::Capitals {
                continue;
            }
            self.cover(index, senses);
            let mut at = 0;
            while at < field.tokens.len() && self.forms.len() < MAX_FORMS {
                let token = &field.tokens[at];
                if !is_capital(token) {
                    at += 1;
                    continue;
                }
                let next = taken.partition_point(|(f, _, last)| (*f, *last) < (index, at));
                if let Some((f, first, last)) = taken.get(next)
                    && *f == index
                    && *first <= at
                {
                    at = last + 1;
                    continue;
                }
                at += self.short(index, at, senses).unwrap_or(1);
            }
        }
    }

    /// A short name at `at`; returns its number of words.
    fn short(&mut self, index: usize, at: usize, senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        for length in (1..=4usize).rev() {
            let Some(tokens) = field.tokens.get(at..at + length) else { continue };
            let hash = key(tokens);
            let Some((_, _, form)) = self.memory.bodies.iter().find(|(k, l, _)| *k == hash && *l == length) else {
                continue;
            };
            if self.may_be_body(index, at, length, senses) {
                let (full, known) = (*form, self.forms[*form].known);
                let new = self.push(index, at, at + length - 1, EntityType::Organisation, 0.7);
                self.forms[new].full = full;
                self.forms[new].known = known;
                return Some(length);
            }
        }
        let token = &field.tokens[at];
        if self.sense_at(at).is_some() || token.case == Case::Upper && field.style == Style::Plain {
            return self.acronym(index, at, senses);
        }
        let surname = self.memory.surnames.iter().find(|(k, _)| *k == token.hash).map(|(_, form)| (*form, 0.75));
        let given = || self.memory.givens.iter().find(|(k, form)| *k == token.hash && *form != AMBIGUOUS);
        if field.opens_sentence(at) && self.bits(token).is_plain_word() {
            return None;
        }
        if let Some((full, confidence)) = surname.or_else(|| given().map(|(_, form)| (*form, 0.55))) {
            let new = self.push(index, at, at, EntityType::Person, confidence);
            self.forms[new].full = full;
            return Some(1);
        }
        // `David` after `David Beckham`, unless another name goes on.
        let alone = field.after(at).is_none_or(|next| !is_capital(next));
        let known = self.memory.known_givens.iter().find(|(k, _)| *k == token.hash).and_then(|(_, person)| *person);
        let person = known.filter(|_| alone && !self.memory.givens.iter().any(|(k, _)| *k == token.hash))?;
        let new = self.push(index, at, at, EntityType::Person, 0.55);
        self.forms[new].known = Some(person);
        Some(1)
    }

    /// Whether the words are the body and not the place or thing that it is called after.
    fn may_be_body(&self, index: usize, at: usize, length: usize, senses: &[Sense]) -> bool {
        let field = &self.fields[index];
        if length == 1 && self.bits(&field.tokens[at]).is(WordKind::Word) {
            let next = field.tokens.get(at + 1).filter(|next| next.gap == Gap::Space);
            let speaks = next.is_some_and(|t| t.case == Case::Lower && self.bits(t).is(WordKind::Speech));
            if field.opens_sentence(at) && !speaks || next.is_some_and(is_capital) {
                return false;
            }
        }
        let Some(sense) = self.sense_at(at).map(|at| &senses[at]) else { return true };
        let record = self.kb.entity(sense.entity);
        if record.class == Class::Person {
            return false;
        }
        let candidate = &self.found.all[sense.candidate];
        if candidate.first != at || candidate.last >= at + length {
            return false;
        }
        if candidate.last + 1 < at + length {
            return true;
        }
        let town = record.class == Class::City && record.population < TOWN_POPULATION || record.class == Class::Area;
        town && !after_a_locative(field, at)
    }

    /// An acronym that is used like a body's name: `the CME said`, `NHC's`.
    fn acronym(&mut self, index: usize, at: usize, _senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        let token = &field.tokens[at];
        if self.sense_at(at).is_some() || !(3..=6).contains(&token.len()) || field.word(at).contains('.') {
            return None;
        }
        let bits = self.bits(token);
        if bits.is(WordKind::Letters) || bits.is(WordKind::Word) {
            return None;
        }
        let near = |t: Option<&Token>| t.is_some_and(|t| t.case == Case::Upper && t.len() > 2);
        let next = field.tokens.get(at + 1);
        if near(next) || at > 0 && near(field.tokens.get(at - 1)) {
            return None;
        }
        let the = at > 0 && token.gap == Gap::Space && field.word(at - 1).eq_ignore_ascii_case("the");
        let used = next.is_some_and(|t| match t.gap {
            Gap::Space => {
                let verb =
                    matches!(field.word(at + 1), "has" | "is" | "was" | "will" | "had" | "would" | "also" | "plans");
                t.case == Case::Lower && (verb || self.bits(t).is(WordKind::Speech) || self.bits(t).is(WordKind::Role))
            }
            Gap::Apostrophe => field.word(at + 1) == "s",
            _ => false,
        });
        let ends = next.is_none_or(|t| t.gap != Gap::Space || t.case == Case::Lower);
        if !(used || the && ends) {
            return None;
        }
        let form = self.push(index, at, at, EntityType::Organisation, 0.55);
        self.memory.remember_short(token.hash, form);
        Some(1)
    }
}
