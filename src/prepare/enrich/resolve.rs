//! What each candidate means: one sense for a name through the item, chosen by the names around it.
//!
//! Persons first: a full name makes the surname a mention of the same person; a person that the base does not know
//! takes the surname away from places. Then places (`super::places`). What nothing supports is dropped.

use crate::item::{EntityType, Field};
use crate::knowledge::{Class, EntityId, KnowledgeBase, NameKind, Posting, WordKind};

use super::candidates::{Candidate, Candidates, after_a_locative, is_part, unknown_person};
use super::document::{FieldText, Style};
use super::places::Places;

/// A candidate with its sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sense {
    /// Index into [`Candidates::all`].
    pub candidate: usize,
    pub entity: EntityId,
    pub kind: NameKind,
    /// 0 to 1.
    pub confidence: f32,
    /// The name that its letters are a part of, when it is found by form; then it is no mention of its own.
    pub within: Option<Within>,
}

/// What kind of name holds a shorter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// `Paris Hilton`: says nothing about Paris.
    Person,
    /// `Chicago Mercantile Exchange`: says a little about Chicago.
    Body,
}

/// Resolves the candidates; those that mean nothing known are left out.
pub fn resolve(fields: &[FieldText<'_>], found: &Candidates, kb: &KnowledgeBase) -> Vec<Sense> {
    let mut state = vec![State::Open; found.all.len()];
    persons(fields, found, kb, &mut state);
    Places::new(fields, found, kb).resolve(&mut state);
    let senses = state.iter().enumerate().filter_map(|(candidate, state)| match state {
        State::Means(entity, kind, confidence) => {
            Some(Sense { candidate, entity: *entity, kind: *kind, confidence: *confidence, within: None })
        }
        State::Open | State::Blocked => None,
    });
    senses.collect()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Open,
    /// Some person or thing that the base does not know.
    Blocked,
    Means(EntityId, NameKind, f32),
}

fn is_place(kb: &KnowledgeBase, posting: &Posting) -> bool {
    kb.entity(posting.entity).entity_type == EntityType::Place
}

fn class(kb: &KnowledgeBase, posting: &Posting) -> Class {
    kb.entity(posting.entity).class
}

/// Decides persons and organisations, and blocks what belongs to unknown persons.
fn persons(fields: &[FieldText<'_>], found: &Candidates, kb: &KnowledgeBase, state: &mut [State]) {
    let mut strangers: Vec<u64> = Vec::new();
    let mut present: Vec<EntityId> = Vec::new();
    for (at, candidate) in found.all.iter().enumerate() {
        let field = &fields[candidate.field];
        let readings = found.readings(candidate);
        // A dateline names places; what else stands there is whose copy it is.
        if field.field == Field::Dateline && !readings.iter().any(|p| is_place(kb, p)) {
            state[at] = State::Blocked;
            continue;
        }
        if let Some(surname) = unknown_person(field, candidate, readings, kb) {
            strangers.push(surname);
            state[at] = State::Blocked;
            continue;
        }
        if readings.iter().all(|p| class(kb, p) == Class::City) && is_part(field, candidate, kb) {
            state[at] = State::Blocked;
            continue;
        }
        let full = readings.iter().find(|p| class(kb, p) == Class::Person && p.kind != NameKind::Short);
        if let Some(posting) = full
            && !strangers.contains(&field.tokens[candidate.last].hash)
        {
            present.push(posting.entity);
            let confidence = if posting.kind == NameKind::Alone { 0.85 } else { 0.97 };
            state[at] = State::Means(posting.entity, posting.kind, confidence);
        }
    }
    for (at, candidate) in found.all.iter().enumerate() {
        if state[at] == State::Open {
            let field = &fields[candidate.field];
            state[at] = second_mention(field, candidate, found.readings(candidate), kb, &strangers, &present);
        }
    }
}

/// A surname after the full name, or an organisation's name, or a stranger's surname again.
fn second_mention(
    field: &FieldText<'_>,
    candidate: &Candidate,
    readings: &[Posting],
    kb: &KnowledgeBase,
    strangers: &[u64],
    present: &[EntityId],
) -> State {
    let single = candidate.first == candidate.last;
    let short = readings.iter().find(|p| p.kind == NameKind::Short && present.contains(&p.entity));
    if let Some(posting) = short {
        return State::Means(posting.entity, NameKind::Short, 0.85);
    }
    let locative = after_a_locative(field, candidate.first);
    if single && !locative && field.field != Field::Dateline {
        let hash = field.tokens[candidate.first].hash;
        let demonym = readings.iter().any(|p| p.kind == NameKind::Demonym);
        if strangers.contains(&hash) && !demonym {
            return State::Blocked;
        }
    }
    if let Some(posting) = readings.iter().find(|p| p.kind == NameKind::Short)
        && in_office(field, candidate, posting, kb)
    {
        return State::Means(posting.entity, NameKind::Short, 0.7);
    }
    let places = readings.iter().any(|p| is_place(kb, p));
    match readings.iter().find(|p| matches!(class(kb, p), Class::Organisation)) {
        Some(posting) if !places && (!candidate.common || locative || field.style == Style::Plain) => {
            State::Means(posting.entity, posting.kind, 0.9)
        }
        _ if !places && readings.iter().all(|p| class(kb, p) == Class::Person) => State::Blocked,
        _ => State::Open,
    }
}

/// `President Xi`, `Prime Minister Sánchez`: the office makes the surname suffice for one who holds it.
fn in_office(field: &FieldText<'_>, candidate: &Candidate, posting: &Posting, kb: &KnowledgeBase) -> bool {
    let titled = field
        .before(candidate.first)
        .is_some_and(|t| kb.word_is(t, WordKind::Title) && !kb.word_is(t, WordKind::NameCue) && t.may_begin_name());
    titled && &*kb.entity(posting.entity).detail == "head"
}
