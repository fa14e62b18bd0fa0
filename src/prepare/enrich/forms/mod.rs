//! Names that the knowledge base does not know, found by their form: people by titles, first names and surnames, roles
//! and ages around them; bodies by their last or first word, their legal form, their acronym.
//!
//! A name is typed and tied to the other mentions of the same bearer within the item (`Langer` after `Bernhard Langer`, `CME`
//! after `Chicago Mercantile Exchange`), and has no id. English rules. Only capitalized words are looked at: about 2
//! microseconds an item of 2.3 KB.

mod body;
mod memory;
mod person;
mod run;

use crate::item::EntityType;
use crate::knowledge::{Class, EntityId, KnowledgeBase, NameKind, WordKind};

use super::candidates::Candidates;
use super::document::{FieldText, Style};
use super::matcher::{Case, Token};
use super::resolve::{Sense, Within};

/// No more names than this are found by form in one item: tables of prices and results are no prose.
const MAX_FORMS: usize = 400;

/// A name found by form.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Index into the document's fields.
    pub field: usize,
    pub first: usize,
    pub last: usize,
    pub entity_type: EntityType,
    /// The entity that is meant where the base knows the bearer by another name: `Toyota` in `Toyota Motor Corp`.
    pub known: Option<EntityId>,
    /// The first form that gives the name in full, as an index into [`Forms::all`]; its own for that one.
    pub full: usize,
    /// 0 to 1.
    pub confidence: f32,
}

/// Names found by form, in reading order; they do not overlap each other.
#[derive(Debug, Default)]
pub struct Forms {
    pub all: Vec<Form>,
}

/// Finds the names and marks the senses that are only parts of them.
pub fn find(fields: &[FieldText<'_>], found: &Candidates, senses: &mut [Sense], kb: &KnowledgeBase) -> Forms {
    let mut finder =
        Finder { fields, found, kb, forms: Vec::new(), cover: Vec::new(), memory: memory::Memory::default() };
    for (index, field) in fields.iter().enumerate() {
        if field.style == Style::Plain {
            finder.cover(index, senses);
            finder.field(index, senses);
        }
    }
    for sense in senses.iter() {
        let candidate = &found.all[sense.candidate];
        let token = &fields[candidate.field].tokens[candidate.first];
        let whole = sense.kind == NameKind::Full && candidate.last > candidate.first;
        if whole && kb.entity(sense.entity).class == Class::Person && kb.word_is(token, WordKind::Given) {
            finder.memory.remember_given(token.hash, sense.entity);
        }
    }
    finder.again(senses);
    let Finder { mut forms, .. } = finder;
    order(&mut forms);
    hide(fields, found, senses, &forms);
    Forms { all: forms }
}

struct Finder<'a> {
    fields: &'a [FieldText<'a>],
    found: &'a Candidates,
    kb: &'a KnowledgeBase,
    forms: Vec<Form>,
    /// For each token of the field at hand one more than the index of the sense that it belongs to, 0 for none.
    cover: Vec<u16>,
    memory: memory::Memory,
}

impl<'a> Finder<'a> {
    /// Notes which tokens of a field the senses cover.
    fn cover(&mut self, index: usize, senses: &[Sense]) {
        self.cover.clear();
        self.cover.resize(self.fields[index].tokens.len(), 0);
        for (at, sense) in senses.iter().enumerate().take(usize::from(u16::MAX) - 1) {
            let candidate = &self.found.all[sense.candidate];
            if candidate.field == index {
                self.cover[candidate.first..=candidate.last].fill(at as u16 + 1);
            }
        }
    }

    /// Index of the sense that the token belongs to.
    fn sense_at(&self, token: usize) -> Option<usize> {
        self.cover.get(token).copied().and_then(|at| at.checked_sub(1)).map(usize::from)
    }

    fn class_at(&self, token: usize, senses: &[Sense]) -> Option<Class> {
        self.sense_at(token).map(|at| self.kb.entity(senses[at].entity).class)
    }

    fn bits(&self, token: &Token) -> Bits {
        Bits(self.kb.word_bits(token))
    }

    /// Reads a field run by run.
    fn field(&mut self, index: usize, senses: &[Sense]) {
        let field = &self.fields[index];
        let mut at = 0;
        while at < field.tokens.len() && self.forms.len() < MAX_FORMS {
            if !is_capital(&field.tokens[at]) || self.class_at(at, senses) == Some(Class::Person) {
                at += 1;
                continue;
            }
            if let Some(sense) = self.sense_at(at)
                && self.kb.entity(senses[sense].entity).class == Class::Organisation
            {
                at = self.known_body(index, sense, senses) + 1;
                continue;
            }
            let last = self.run_end(index, at, senses);
            at = self.read_run(index, at, last, senses) + 1;
        }
    }

    fn push(&mut self, field: usize, first: usize, last: usize, entity_type: EntityType, confidence: f32) -> usize {
        let full = self.forms.len();
        self.forms.push(Form { field, first, last, entity_type, known: None, full, confidence });
        full
    }
}

/// Kinds of a word, by bit.
#[derive(Clone, Copy, Default)]
struct Bits(u16);

impl Bits {
    fn is(self, kind: WordKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// A word of the language that is no first name and no surname.
    fn is_plain_word(self) -> bool {
        self.is(WordKind::Word) && !self.is(WordKind::Given) && !self.is(WordKind::Surname)
    }

    /// What ends, or with `of` begins, the name of a body.
    fn is_body(self) -> bool {
        self.is(WordKind::OrgHead) || self.is(WordKind::OrgSuffix)
    }
}

fn is_capital(token: &Token) -> bool {
    matches!(token.case, Case::Title | Case::Upper)
}

fn is_initial(token: &Token) -> bool {
    token.len() == 1 && token.case == Case::Title
}

/// Reading order; what the forms point at moves with it.
fn order(forms: &mut [Form]) {
    let mut places: Vec<usize> = (0..forms.len()).collect();
    places.sort_by_key(|at| (forms[*at].field, forms[*at].first));
    let mut moved = vec![0; forms.len()];
    for (to, from) in places.iter().enumerate() {
        moved[*from] = to;
    }
    for form in forms.iter_mut() {
        form.full = moved[form.full];
    }
    forms.sort_by_key(|form| (form.field, form.first));
}

/// Marks senses whose letters belong to a longer name. A place in a body's name (`Chicago Mercantile Exchange`) still speaks
/// for its region; what stands in a person's name speaks for nothing.
fn hide(fields: &[FieldText<'_>], found: &Candidates, senses: &mut [Sense], forms: &[Form]) {
    let mut at = 0;
    for sense in senses {
        let candidate = &found.all[sense.candidate];
        let place = (candidate.field, candidate.first);
        while forms.get(at).is_some_and(|form| (form.field, form.last) < place) {
            at += 1;
        }
        let Some(form) = forms.get(at) else { return };
        let inside = form.field == candidate.field && form.first <= candidate.last && candidate.first <= form.last;
        // `University of Toronto`: the place is a name of its own.
        let after_of = inside
            && candidate.first > form.first
            && fields[form.field].tokens[candidate.first - 1].case == Case::Lower
            && form.entity_type == EntityType::Organisation;
        if inside && !after_of {
            sense.within = Some(match form.entity_type {
                EntityType::Person => Within::Person,
                _ => Within::Body,
            });
        }
    }
}
