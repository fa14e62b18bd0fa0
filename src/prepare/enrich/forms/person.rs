//! People by form.

use crate::item::EntityType;
use crate::knowledge::{Class, WordKind};

use super::super::matcher::{Case, Gap};
use super::super::resolve::Sense;
use super::{Finder, is_initial};

/// Longest name of a person, in words.
const MAX_WORDS: usize = 5;
/// What the signs of a person have to add up to.
const ENOUGH: f32 = 2.0;

/// `YouTube`, `PayPal`; not `McGregor`, `DeKalb`.
fn has_inner_capital(word: &str) -> bool {
    const PREFIXES: [&str; 10] = ["Mc", "Mac", "De", "Le", "La", "Di", "Du", "Van", "Fitz", "O"];
    let bytes = word.as_bytes();
    let inner = bytes.windows(2).position(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
    inner.is_some_and(|at| !PREFIXES.contains(&&word[..=at]))
}

impl Finder<'_> {
    /// A name after a title: `Sen. Marco Rubio`, `Mr Shorten`.
    pub(super) fn titled(&mut self, index: usize, first: usize, last: usize, senses: &[Sense]) -> bool {
        let field = &self.fields[index];
        if last + 1 - first > MAX_WORDS || self.is_all_place(first, last, senses) && last > first {
            return false;
        }
        let bits = self.bits(&field.tokens[first]);
        let odd = bits.is(WordKind::Opener) || first == last && bits.is_plain_word() || field.tokens[last].len() < 2;
        let cue = first > 0 && self.bits(&field.tokens[first - 1]).is(WordKind::NameCue);
        if first == last && !cue && self.is_all_place(first, last, senses) {
            return false;
        }
        if odd || field.tokens[first].case == Case::Upper && first == last {
            return false;
        }
        self.person(index, first, last, 0.85);
        true
    }

    /// A name without a title.
    pub(super) fn untitled(&mut self, index: usize, first: usize, last: usize, senses: &[Sense]) {
        if last + 1 - first > MAX_WORDS {
            return;
        }
        if last == first {
            return self.single(index, first);
        }
        let signs = self.signs(index, first, last, senses);
        if signs >= ENOUGH {
            self.person(index, first, last, (0.45 + 0.1 * signs).min(0.9));
        } else if self.has_officer(index, last) && self.may_be_body_word(index, last) {
            let form = self.push(index, first, last, EntityType::Organisation, 0.55);
            self.memory.remember_body(self.kb, &self.fields[index], first, last, last, form);
        }
    }

    /// One word: `a Dominion spokesman`, `Pelling said`, `YouTube`.
    fn single(&mut self, index: usize, at: usize) {
        const INSTITUTIONS: [&str; 6] = ["Congress", "Parliament", "Senate", "Treasury", "Cabinet", "Knesset"];
        let field = &self.fields[index];
        if INSTITUTIONS.contains(&field.word(at)) && !field.opens_sentence(at) && self.sense_at(at).is_none() {
            self.push(index, at, at, EntityType::Organisation, 0.6);
            return;
        }
        if !self.may_be_body_word(index, at) || self.sense_at(at).is_some() {
            return;
        }
        let token = &field.tokens[at];
        let speaks = field.tokens.get(at + 1).is_some_and(|next| {
            next.gap == Gap::Space && next.case == Case::Lower && self.bits(next).is(WordKind::Speech)
        });
        let surname = self.bits(token).is(WordKind::Surname);
        if self.has_officer(index, at) && !field.opens_sentence(at) {
            let form = self.push(index, at, at, EntityType::Organisation, 0.5);
            self.memory.remember_short(token.hash, form);
        } else if speaks && surname {
            self.person(index, at, at, 0.5);
        } else if speaks && !self.bits(token).is(WordKind::Given) || has_inner_capital(field.word(at)) {
            let form = self.push(index, at, at, EntityType::Organisation, 0.5);
            self.memory.remember_short(token.hash, form);
        }
    }

    /// A word that may be a body's name by itself.
    fn may_be_body_word(&self, index: usize, at: usize) -> bool {
        let token = &self.fields[index].tokens[at];
        let bits = self.bits(token);
        let other = [WordKind::Word, WordKind::Opener, WordKind::Civic, WordKind::Title, WordKind::Letters];
        token.case == Case::Title && token.len() > 2 && !other.iter().any(|kind| bits.is(*kind))
    }

    /// `Philips chairman`, `a Dominion spokesman`.
    fn has_officer(&self, index: usize, last: usize) -> bool {
        const OFFICERS: [&str; 9] = [
            "chairman",
            "spokesman",
            "spokeswoman",
            "spokesperson",
            "president",
            "boss",
            "executive",
            "executives",
            "shares",
        ];
        let field = &self.fields[index];
        let next = field.tokens.get(last + 1);
        next.is_some_and(|next| next.gap == Gap::Space) && OFFICERS.contains(&field.word(last + 1))
    }

    pub(super) fn person(&mut self, index: usize, first: usize, last: usize, confidence: f32) {
        let form = self.push(index, first, last, EntityType::Person, confidence);
        self.memory.remember_person(&self.fields[index], first, last, form);
    }

    /// How much speaks for a person.
    fn signs(&self, index: usize, first: usize, last: usize, senses: &[Sense]) -> f32 {
        let field = &self.fields[index];
        let mut signs = 0.0;
        let mut strange = 0;
        for at in first..=last {
            let token = &field.tokens[at];
            let bits = self.bits(token);
            if token.case == Case::Lower {
                continue;
            }
            if is_initial(token) {
                signs += if at > first && at < last { 1.0 } else { 0.5 };
            } else if token.case == Case::Upper && token.len() > 2 {
                signs -= 1.0;
            } else if bits.is(WordKind::Opener) || bits.is(WordKind::Civic) && !bits.is(WordKind::Surname) {
                signs -= 2.0;
            } else if at == first && bits.is(WordKind::Given) {
                signs += if bits.is(WordKind::Word) { 1.0 } else { 2.0 };
            } else if at == last && bits.is(WordKind::Surname) {
                signs += if bits.is(WordKind::Word) { 0.5 } else { 1.0 };
            } else if bits.is_plain_word() {
                // `Fred Couples`: after a first name that is nothing else a word may be a surname.
                let after_given = at == last && at == first + 1 && {
                    let given = self.bits(&field.tokens[first]);
                    given.is(WordKind::Given) && !given.is(WordKind::Word)
                };
                let other = [WordKind::Civic, WordKind::Part, WordKind::OrgHead, WordKind::OrgSuffix, WordKind::Title];
                let may = after_given && !other.iter().any(|kind| bits.is(*kind));
                signs -= if may { 0.0 } else { 1.5 };
            } else if !bits.is(WordKind::Word) {
                strange += 1;
            }
        }
        if strange > 0 {
            signs += 0.5;
        }
        signs += self.around(index, first, last);
        if let Some(class) = self.class_at(last, senses) {
            signs -= if class == Class::City { 0.5 } else { 2.0 };
        }
        if self.class_at(first, senses).is_some_and(|class| class != Class::City) {
            signs -= 1.0;
        }
        signs
    }

    /// Role before, age, speech or `who` after.
    fn around(&self, index: usize, first: usize, last: usize) -> f32 {
        let field = &self.fields[index];
        let mut signs = 0.0;
        if first > 0 && matches!(field.tokens[first].gap, Gap::Space | Gap::Comma) {
            let before = &field.tokens[first - 1];
            let bits = self.bits(before);
            if before.case == Case::Lower && (bits.is(WordKind::Role) || bits.is(WordKind::Speech)) {
                signs += 1.5;
            }
        }
        if let Some(next) = field.tokens.get(last + 1) {
            let word = field.word(last + 1);
            match next.gap {
                Gap::Comma if next.case == Case::Caseless && word.len() == 2 => signs += 2.0,
                Gap::Comma if matches!(word, "a" | "an") && self.is_role_soon(index, last + 2) => signs += 1.5,
                Gap::Comma if matches!(word, "who" | "a" | "an" | "the" | "chief" | "president" | "director") => {
                    signs += 0.7;
                }
                Gap::Comma if next.case == Case::Lower && self.bits(next).is(WordKind::Role) => signs += 1.0,
                Gap::Space if next.case == Case::Lower && self.bits(next).is(WordKind::Speech) => signs += 1.2,
                Gap::Space if matches!(word, "who" | "whose") => signs += 1.0,
                _ => {}
            }
        }
        signs
    }

    /// `, an analyst with`, `, a former defence minister`.
    fn is_role_soon(&self, index: usize, at: usize) -> bool {
        let tokens = &self.fields[index].tokens;
        let near = tokens.iter().skip(at).take(3).take_while(|t| t.gap == Gap::Space && t.case == Case::Lower);
        near.into_iter().any(|t| self.bits(t).is(WordKind::Role))
    }

    /// Whether places cover it all.
    fn is_all_place(&self, first: usize, last: usize, senses: &[Sense]) -> bool {
        (first..=last).all(|at| {
            let class = self.class_at(at, senses);
            class.is_some_and(|class| !matches!(class, Class::Person | Class::Organisation))
        })
    }
}
