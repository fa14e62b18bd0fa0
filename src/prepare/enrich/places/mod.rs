//! What a name means as a place: population, weighed against the countries and subdivisions that the other names speak for, and
//! the places near which it lies.

mod cues;
mod near;
mod votes;

use crate::item::{EntityType, Field};
use crate::knowledge::own::OWN_DETAIL;
use crate::knowledge::{Class, EntityId, KnowledgeBase, NameKind, Posting, Record};

use super::candidates::{Candidate, Candidates, after_a_locative};
use super::document::FieldText;
use super::matcher::{Gap, HashKeyed};
use super::resolve::State;
use cues::{civic_follows, is_dateline_in_text};
use near::Near;
use votes::{Votes, Weighed};

/// Weight of a country's share among the other names, against the logarithm of the population. From the trials.
const COUNTRY_SHARE: f32 = 4.0;
const SUBDIVISION_SHARE: f32 = 4.0;
/// The same for the places near which it lies.
const NEAR_SHARE: f32 = 4.0;
/// Of what the others say a dateline's place needs this part only: it is the one that the whole world knows so.
const DATELINE_SHARE: f32 = 0.3;
/// A dateline's place speaks for its country as much as this many names.
const DATELINE_VOTES: f32 = 2.0;
/// Cities below this need support from another name, a locative or a qualifier.
const UNSUPPORTED_CITY_POPULATION: u32 = 500_000;

/// Cities below this need a locative, or other names of their subdivision with at least this share.
const TOWN_POPULATION: u32 = 100_000;
const TOWN_SUPPORT: f32 = 0.15;
/// What places nearby have to say at least for a town without a locative.
const NEAR_SUPPORT: f32 = 0.15;
/// A subdivision so many times as large as a town of its name is what is meant.
const STATE_TO_TOWN: u32 = 20;
/// [`Record::detail`] of a county.
const COUNTY: &str = "county";
/// From this on a name that also is a word is a name.
const WORD_POPULATION: u32 = 400_000;

/// Resolves the candidates that are still open.
pub(super) struct Places<'a> {
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
    /// Somewhere it stands as only a place can: `Hartford police`, or as a dateline in the text.
    civic: bool,
}

impl<'a> Places<'a> {
    pub(super) fn new(fields: &'a [FieldText<'a>], found: &'a Candidates, kb: &'a KnowledgeBase) -> Self {
        Places { fields, found, kb }
    }

    pub(super) fn resolve(&self, state: &mut [State]) {
        self.qualified(state);
        let groups = self.groups(state);
        let mut votes = Votes::default();
        let mut near = Near::default();
        self.settled(state, groups.len(), &mut votes, &mut near);
        let weighed: Vec<Weighed> = groups.iter().map(|g| self.prior_votes(g, &mut votes)).collect();
        for (name, (group, weighed)) in groups.iter().zip(&weighed).enumerate() {
            let records = self.readings(group).iter().map(|p| self.kb.entity(p.entity));
            near.add(name, records.zip(weighed.shares.iter().copied()));
        }
        let first = Context { votes, near };
        let (context, weighed) = self.chosen(&groups, state, &first, weighed);
        for (name, (group, weighed)) in groups.iter().zip(&weighed).enumerate() {
            let meaning = self.choose(name, group, &context, weighed);
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
                groups.push(Group { members: Vec::new(), in_dateline: false, locative: false, civic: false });
            }
            let group = &mut groups[index];
            group.members.push(at);
            group.in_dateline |= field.field == Field::Dateline;
            group.locative |= after_a_locative(field, candidate.first);
            group.civic |=
                civic_follows(field, candidate.last) || is_dateline_in_text(field, candidate.first, candidate.last);
        }
        groups
    }

    /// What is decided already: people and bodies speak for their country, less than places do. Their points are numbered on
    /// from `names`.
    fn settled(&self, state: &[State], names: usize, votes: &mut Votes, near: &mut Near) {
        let mut seen: Vec<EntityId> = Vec::new();
        for one in state {
            if let State::Means(entity, _, _) = one
                && !seen.contains(entity)
            {
                seen.push(*entity);
                let record = self.kb.entity(*entity);
                let weight = if record.entity_type == EntityType::Place { 1.0 } else { 0.5 };
                votes.add(record, weight);
                near.add(names + seen.len(), [(record, 1.0)].into_iter());
            }
        }
    }

    /// The context once more, of each name what it was chosen to mean: a name that may be many places speaks for the one that the
    /// others speak for.
    fn chosen(
        &self,
        groups: &[Group],
        state: &[State],
        context: &Context,
        mut weighed: Vec<Weighed>,
    ) -> (Context, Vec<Weighed>) {
        let mut chosen = Context::default();
        self.settled(state, groups.len(), &mut chosen.votes, &mut chosen.near);
        for (name, (group, weighed)) in groups.iter().zip(&mut weighed).enumerate() {
            let meaning = self.choose(name, group, context, weighed);
            weighed.own = Votes::default();
            if let State::Means(entity, _, _) = meaning {
                let record = self.kb.entity(entity);
                let weight = if group.in_dateline { DATELINE_VOTES } else { 1.0 };
                weighed.own.add(record, weight);
                chosen.votes.add(record, weight);
                chosen.near.add(name, [(record, 1.0)].into_iter());
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
        let total = shares.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let shares: Vec<f32> = shares.iter().map(|share| share / total).collect();
        let weight = if group.in_dateline { DATELINE_VOTES } else { 1.0 };
        for (posting, share) in readings.iter().zip(&shares) {
            let record = self.kb.entity(posting.entity);
            own.add(record, weight * share);
            votes.add(record, weight * share);
        }
        Weighed { priors, shares, own }
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
                // The Red Sea, not the governorate called after it.
                let water = readings.iter().any(|p| self.kb.entity(p.entity).class == Class::Water);
                people - if city { 1.2 } else { 0.0 } - if water { 4.0 } else { 0.0 }
            }
            Class::City if &*record.detail == "capital" => people + 1.5,
            Class::City => {
                // Kansas the state, not the village called after it.
                let state = readings.iter().map(|p| self.kb.entity(p.entity)).any(|other| {
                    other.class == Class::Subdivision
                        && other.country == record.country
                        && other.population > STATE_TO_TOWN.saturating_mul(record.population)
                });
                people - if state { 2.0 } else { 0.0 }
            }
            // Well-known bodies against towns of the same name: Toyota.
            Class::Person | Class::Organisation => 6.2,
        };
        if matches!(posting.kind, NameKind::Former | NameKind::Foreign) { base - 0.5 } else { base }
    }

    fn choose(&self, name: usize, group: &Group, context: &Context, weighed: &Weighed) -> State {
        let mut best: Option<(f32, &Posting, Support)> = None;
        let mut second = f32::MIN;
        for (posting, prior) in self.readings(group).iter().zip(&weighed.priors) {
            let support = context.support(name, self.kb.entity(posting.entity), weighed);
            let others =
                COUNTRY_SHARE * support.country + SUBDIVISION_SHARE * support.subdivision + NEAR_SHARE * support.near;
            let score = prior + others * if group.in_dateline { DATELINE_SHARE } else { 1.0 };
            match best {
                Some((top, ..)) if score <= top => second = second.max(score),
                _ => {
                    second = best.map_or(second, |(top, ..)| top);
                    best = Some((score, posting, support));
                }
            }
        }
        match best {
            Some((score, posting, support)) if self.counts(group, posting, &support) => {
                let margin = (score - second).clamp(0.0, 2.0) / 2.0;
                State::Means(posting.entity, posting.kind, 0.6 + 0.35 * margin)
            }
            _ => State::Blocked,
        }
    }

    /// Whether the chosen reading has what it needs to be named at all.
    fn counts(&self, group: &Group, posting: &Posting, support: &Support) -> bool {
        let record = self.kb.entity(posting.entity);
        if posting.kind == NameKind::Short {
            return false;
        }
        let supported = support.country > 0.0 || group.in_dateline;
        if self.is_common(group, record) {
            return group.locative && supported;
        }
        // As only a place stands, or twice, once after a locative.
        let stands = group.civic || group.locative && group.members.len() > 1;
        match record.class {
            // A desk that adds a village wants it; a county is called one.
            Class::City if matches!(&*record.detail, "capital" | OWN_DETAIL) => true,
            Class::City if &*record.detail == COUNTY && record.name.contains(' ') => true,
            Class::City if record.population < TOWN_POPULATION => {
                let around = group.locative || support.subdivision >= TOWN_SUPPORT || support.near >= NEAR_SUPPORT;
                group.in_dateline || stands || supported && around
            }
            // One that is no town is known by a name that is its alone.
            Class::City => {
                let sole = self.readings(group).len() == 1;
                sole || supported || stands || group.locative || record.population >= UNSUPPORTED_CITY_POPULATION
            }
            Class::Subdivision => supported || stands || group.locative || record.population >= 2_000_000,
            _ => true,
        }
    }
}

/// What the other names say.
#[derive(Default)]
struct Context {
    votes: Votes,
    near: Near,
}

/// What the other names say for one reading: shares, 0 to 1.
struct Support {
    country: f32,
    subdivision: f32,
    near: f32,
}

impl Context {
    fn support(&self, name: usize, record: &Record, weighed: &Weighed) -> Support {
        let (country, subdivision) = self.votes.shares(record, &weighed.own);
        Support { country, subdivision, near: self.near.of(name, record) }
    }
}
