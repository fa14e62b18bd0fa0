//! What each candidate means: one sense for a name through the item, chosen by the names around it.
//!
//! Persons first: a full name makes the surname a mention of the same person; a person that the base does not know
//! takes the surname away from places. Then places: countries and subdivisions that the other names speak for, the
//! dateline more than the rest, weigh against population. What nothing supports is dropped.

use crate::item::{EntityType, Field};
use crate::knowledge::own::OWN_DETAIL;
use crate::knowledge::{Class, EntityId, KnowledgeBase, NOWHERE, NameKind, Posting, Record, WordKind};

use super::candidates::{Candidate, Candidates, after_a_locative, is_part, unknown_person};
use super::document::{FieldText, Style};
use super::matcher::{Gap, HashKeyed};

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

/// Weight of a country's share among the other names, against the logarithm of the population. From the trials.
const COUNTRY_SHARE: f32 = 4.0;
const SUBDIVISION_SHARE: f32 = 4.0;
/// Of what the others say a dateline's place needs this part only: it is the one that the whole world knows so.
const DATELINE_SHARE: f32 = 0.3;
/// A dateline's place speaks for its country as much as this many names.
const DATELINE_VOTES: f32 = 2.0;
/// Cities below this need support from another name, a locative or a qualifier.
const UNSUPPORTED_CITY_POPULATION: u32 = 500_000;

/// Cities below this need a locative, or other names of their subdivision with at least this share.
const TOWN_POPULATION: u32 = 100_000;
const TOWN_SUPPORT: f32 = 0.15;
/// From this on a name that also is a word is a name.
const WORD_POPULATION: u32 = 400_000;

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
enum State {
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

/// The places' part.
struct Places<'a> {
    fields: &'a [FieldText<'a>],
    found: &'a Candidates,
    kb: &'a KnowledgeBase,
}

/// One name that occurs as a place, with the votes that it gives.
struct Group {
    /// Candidates that it stands at.
    members: Vec<usize>,
    in_dateline: bool,
    /// Somewhere a locative stands before it.
    locative: bool,
}

/// A name's readings by their weight alone: the prior of each in their order, and the votes that it gives.
struct Weighed {
    priors: Vec<f32>,
    own: Votes,
}

/// How many names speak for each country and subdivision.
#[derive(Default)]
struct Votes {
    country: Tally,
    subdivision: Tally,
    total: f32,
}

/// Votes by country or subdivision. An item speaks of a few, so that a scan beats a hash.
#[derive(Default)]
struct Tally(Vec<(u16, f32)>);

impl Tally {
    fn add(&mut self, key: u16, weight: f32) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, sum)) => *sum += weight,
            None => self.0.push((key, weight)),
        }
    }

    fn get(&self, key: u16) -> f32 {
        self.0.iter().find(|(k, _)| *k == key).map_or(0.0, |(_, sum)| *sum)
    }
}

impl Votes {
    fn add(&mut self, record: &Record, weight: f32) {
        self.total += weight;
        if record.country != NOWHERE {
            self.country.add(record.country, weight);
        }
        if record.subdivision != NOWHERE {
            self.subdivision.add(record.subdivision, weight);
        }
    }

    /// Shares of the record's country and subdivision among the votes that are not `own`.
    fn shares(&self, record: &Record, own: &Votes) -> (f32, f32) {
        let total = self.total - own.total;
        if total <= 0.01 {
            return (0.0, 0.0);
        }
        // One name alone speaks for its country, but not as loudly as many.
        let total = total + 0.5;
        let rest = |all: &Tally, own: &Tally, key: u16| ((all.get(key) - own.get(key)) / total).clamp(0.0, 1.0);
        let country = if record.country == NOWHERE { 0.0 } else { rest(&self.country, &own.country, record.country) };
        let subdivision = if record.subdivision == NOWHERE {
            0.0
        } else {
            rest(&self.subdivision, &own.subdivision, record.subdivision)
        };
        (country, subdivision)
    }
}

impl<'a> Places<'a> {
    fn new(fields: &'a [FieldText<'a>], found: &'a Candidates, kb: &'a KnowledgeBase) -> Self {
        Places { fields, found, kb }
    }

    fn resolve(&self, state: &mut [State]) {
        self.qualified(state);
        let groups = self.groups(state);
        let mut votes = Votes::default();
        self.settled_votes(state, &mut votes);
        let weighed: Vec<Weighed> = groups.iter().map(|g| self.prior_votes(g, &mut votes)).collect();
        let (votes, weighed) = self.chosen_votes(&groups, state, &votes, weighed);
        for (group, weighed) in groups.iter().zip(&weighed) {
            let meaning = self.choose(group, &votes, weighed);
            let common = match meaning {
                State::Means(entity, _, _) => self.is_common(group, self.kb.entity(entity)),
                _ => false,
            };
            for member in &group.members {
                state[*member] = if common && self.is_word(*member) { State::Blocked } else { meaning };
            }
        }
    }

    /// `Paris, Texas`: a place, a comma, and the subdivision or country that it lies in.
    fn qualified(&self, state: &mut [State]) {
        for at in 0..self.found.all.len().saturating_sub(1) {
            let (inner, outer) = (&self.found.all[at], &self.found.all[at + 1]);
            let adjacent = inner.field == outer.field
                && inner.last + 1 == outer.first
                && self.fields[inner.field].tokens[outer.first].gap == Gap::Comma;
            if !adjacent || state[at] != State::Open || state[at + 1] == State::Blocked {
                continue;
            }
            let best = self.pairs(inner, outer).max_by_key(|(city, _)| self.kb.entity(city.entity).population);
            if let Some((city, around)) = best {
                state[at] = State::Means(city.entity, city.kind, 0.97);
                state[at + 1] = State::Means(around.entity, around.kind, 0.97);
            }
        }
    }

    /// Readings of two neighbours of which the second holds the first.
    fn pairs(&self, inner: &Candidate, outer: &Candidate) -> impl Iterator<Item = (Posting, Posting)> {
        let kb = self.kb;
        let around = self.found.readings(outer);
        self.found.readings(inner).iter().flat_map(move |city| {
            let record = kb.entity(city.entity);
            around.iter().filter_map(move |outer| {
                let holder = kb.entity(outer.entity);
                let holds = match holder.class {
                    Class::Country => record.country == holder.country && record.class != Class::Country,
                    Class::Subdivision => {
                        record.class == Class::City
                            && record.country == holder.country
                            && record.subdivision == holder.subdivision
                    }
                    _ => false,
                };
                (holds && outer.kind != NameKind::Demonym).then_some((*city, *outer))
            })
        })
    }

    /// The open candidates by name.
    fn groups(&self, state: &[State]) -> Vec<Group> {
        let mut by_key: HashKeyed<usize> = HashKeyed::default();
        let mut groups: Vec<Group> = Vec::new();
        for (at, candidate) in self.found.all.iter().enumerate() {
            if state[at] != State::Open {
                continue;
            }
            let field = &self.fields[candidate.field];
            let index = *by_key.entry(candidate.key).or_insert(groups.len());
            if index == groups.len() {
                groups.push(Group { members: Vec::new(), in_dateline: false, locative: false });
            }
            let group = &mut groups[index];
            group.members.push(at);
            group.in_dateline |= field.field == Field::Dateline;
            group.locative |= after_a_locative(field, candidate.first);
        }
        groups
    }

    /// Votes of what is decided already: people and bodies speak for their country, less than places do.
    fn settled_votes(&self, state: &[State], votes: &mut Votes) {
        let mut seen: Vec<EntityId> = Vec::new();
        for one in state {
            if let State::Means(entity, _, _) = one
                && !seen.contains(entity)
            {
                seen.push(*entity);
                let record = self.kb.entity(*entity);
                let weight = if record.entity_type == EntityType::Place { 1.0 } else { 0.5 };
                votes.add(record, weight);
            }
        }
    }

    /// The votes once more, each name's for what it was chosen to mean: a name that may be many places speaks for the one that
    /// the others speak for.
    fn chosen_votes(
        &self,
        groups: &[Group],
        state: &[State],
        votes: &Votes,
        mut weighed: Vec<Weighed>,
    ) -> (Votes, Vec<Weighed>) {
        let mut chosen = Votes::default();
        self.settled_votes(state, &mut chosen);
        for (group, weighed) in groups.iter().zip(&mut weighed) {
            let meaning = self.choose(group, votes, weighed);
            weighed.own = Votes::default();
            if let State::Means(entity, _, _) = meaning {
                let weight = if group.in_dateline { DATELINE_VOTES } else { 1.0 };
                weighed.own.add(self.kb.entity(entity), weight);
                chosen.add(self.kb.entity(entity), weight);
            }
        }
        (chosen, weighed)
    }

    /// Adds a name's own votes, shared out among its readings by their weight alone; returns them.
    fn prior_votes(&self, group: &Group, votes: &mut Votes) -> Weighed {
        let readings = self.readings(group);
        let priors: Vec<f32> = readings.iter().map(|p| self.prior(p, readings)).collect();
        let mut own = Votes::default();
        // One reading has all of the weight, whatever its prior.
        let shares: Vec<f32> = match priors.len() {
            1 => vec![1.0],
            _ => priors.iter().map(|prior| 10f32.powf(prior - 6.0)).collect(),
        };
        let total: f32 = shares.iter().sum();
        let weight = if group.in_dateline { DATELINE_VOTES } else { 1.0 };
        for (posting, share) in readings.iter().zip(shares) {
            let record = self.kb.entity(posting.entity);
            let share = weight * share / total.max(f32::MIN_POSITIVE);
            own.add(record, share);
            votes.add(record, share);
        }
        Weighed { priors, own }
    }

    /// Whether the name also is a word, and what it means is not known widely enough to outdo the word.
    fn is_common(&self, group: &Group, record: &Record) -> bool {
        let common = group.members.first().is_some_and(|at| self.found.all[*at].common);
        let small = matches!(record.class, Class::City | Class::Subdivision)
            && record.population < WORD_POPULATION
            && &*record.detail != "capital";
        common && small
    }

    /// A common word at the start of a sentence stays a word, whatever the name means elsewhere.
    fn is_word(&self, at: usize) -> bool {
        let candidate = &self.found.all[at];
        let field = &self.fields[candidate.field];
        field.field == Field::Body && field.opens_sentence(candidate.first)
    }

    fn readings(&self, group: &Group) -> &[Posting] {
        group.members.first().map_or(&[], |at| self.found.readings(&self.found.all[*at]))
    }

    /// The logarithm of how often a reading is meant when nothing else is known.
    fn prior(&self, posting: &Posting, readings: &[Posting]) -> f32 {
        let record = self.kb.entity(posting.entity);
        let people = (record.population.max(1) as f32).log10();
        let base = match record.class {
            // Mexico the country, not the cities called so; among countries of one name the larger.
            Class::Country => 8.0 + people / 10.0,
            Class::Region => 8.0,
            Class::Water | Class::Area | Class::Seat => 7.0,
            Class::Subdivision => {
                let city = readings.iter().any(|p| {
                    let other = self.kb.entity(p.entity);
                    other.class == Class::City && other.country == record.country
                });
                people - if city { 1.2 } else { 0.0 }
            }
            Class::City => people + if &*record.detail == "capital" { 1.5 } else { 0.0 },
            // Well-known bodies against towns of the same name: Toyota.
            Class::Person | Class::Organisation => 6.2,
        };
        if matches!(posting.kind, NameKind::Former | NameKind::Foreign) { base - 0.5 } else { base }
    }

    fn choose(&self, group: &Group, votes: &Votes, weighed: &Weighed) -> State {
        let own = &weighed.own;
        let mut best: Option<(f32, &Posting)> = None;
        let mut second = f32::MIN;
        for (posting, prior) in self.readings(group).iter().zip(&weighed.priors) {
            let (country, subdivision) = votes.shares(self.kb.entity(posting.entity), own);
            let others = COUNTRY_SHARE * country + SUBDIVISION_SHARE * subdivision;
            let score = prior + others * if group.in_dateline { DATELINE_SHARE } else { 1.0 };
            match best {
                Some((top, _)) if score <= top => second = second.max(score),
                _ => {
                    second = best.map_or(second, |(top, _)| top);
                    best = Some((score, posting));
                }
            }
        }
        match best {
            Some((score, posting)) if self.counts(group, posting, votes, own) => {
                let margin = (score - second).clamp(0.0, 2.0) / 2.0;
                State::Means(posting.entity, posting.kind, 0.6 + 0.35 * margin)
            }
            _ => State::Blocked,
        }
    }

    /// Whether the chosen reading has what it needs to be named at all.
    fn counts(&self, group: &Group, posting: &Posting, votes: &Votes, own: &Votes) -> bool {
        let record = self.kb.entity(posting.entity);
        let (country, subdivision) = votes.shares(record, own);
        if posting.kind == NameKind::Short {
            return false;
        }
        let supported = country > 0.0 || group.in_dateline;
        if self.is_common(group, record) {
            return group.locative && supported;
        }
        match record.class {
            // A desk that adds a village wants it.
            Class::City if matches!(&*record.detail, "capital" | OWN_DETAIL) => true,
            Class::City if record.population < TOWN_POPULATION => {
                group.in_dateline || supported && (group.locative || subdivision >= TOWN_SUPPORT)
            }
            Class::City => supported || group.locative || record.population >= UNSUPPORTED_CITY_POPULATION,
            Class::Subdivision => supported || group.locative || record.population >= 2_000_000,
            _ => true,
        }
    }
}
