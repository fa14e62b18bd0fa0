//! The regions that a story is about, and those that it only names.
//!
//! A country's relevance is a logistic function of where its names stand: dateline, headline, first paragraph, how
//! often, with what share of all. A region of several countries is as relevant as the most relevant of them, or as its
//! own names make it. Each carries the entities that speak for it.

use std::collections::BTreeMap;

use crate::item::{EntityType, Field, Region, RegionScheme};
use crate::knowledge::{Class, EntityId, KnowledgeBase, NOWHERE, NameKind};

use super::candidates::Candidates;
use super::document::FieldText;
use super::resolve::{Sense, Within};

/// Below this a person's or body's country alone is not worth naming.
const MIN_RELEVANCE: f32 = 0.02;
/// What a person or a body says for its country, against a place in it.
const BODY_SHARE: f32 = 0.35;

/// Entities that a region names as its evidence, first named first. Of all, a region of many countries would repeat most of the
/// item's entities; its relevance counts them all.
const MAX_EVIDENCE: usize = 5;

/// What speaks for one region.
#[derive(Clone, Debug, Default)]
struct Evidence {
    dateline: f32,
    headline: f32,
    lead: f32,
    rest: f32,
    /// Some place, and not only persons or bodies.
    named: bool,
    entities: Vec<EntityId>,
}

impl Evidence {
    fn add(&mut self, sense: &Sense, part: Part, weight: f32, place: bool) {
        match part {
            Part::Dateline => self.dateline = self.dateline.max(weight),
            Part::Headline => self.headline = self.headline.max(weight),
            Part::Lead => self.lead += weight,
            Part::Rest => self.rest += weight,
        }
        self.named |= place || weight >= 1.0;
        if !self.entities.contains(&sense.entity) {
            self.entities.push(sense.entity);
        }
    }

    fn mass(&self) -> f32 {
        self.dateline + self.headline + self.lead + self.rest
    }

    /// 0 to 1. A logistic regression of what editors said that stories are about, on the half of a corpus of wire copy, moved so
    /// that 0.5 parts "about" from "named" best: F1 0.934 there. `all` is the mass of all regions, `others` how many they are.
    fn relevance(&self, all: f32, others: usize) -> f32 {
        let share = self.mass() / all.max(1.0);
        let z = -3.38
            + 4.4 * self.dateline
            + 1.72 * self.headline
            + 1.31 * self.lead.min(1.0)
            + 0.27 * (self.lead.min(3.0) - 1.0).max(0.0)
            + 0.85 * (1.0 + self.rest).ln()
            + 1.47 * share
            + if others == 0 { 3.03 } else { 0.68 * (1.0 + others as f32).ln() };
        1.0 / (1.0 + (-z).exp())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Dateline,
    Headline,
    Lead,
    Rest,
}

fn part(fields: &[FieldText<'_>], found: &Candidates, sense: &Sense) -> Part {
    let candidate = &found.all[sense.candidate];
    let field = &fields[candidate.field];
    match field.field {
        Field::Headline => Part::Headline,
        Field::Dateline => Part::Dateline,
        Field::Body if (field.tokens[candidate.first].start as usize) < field.lead_end => Part::Lead,
        Field::Body => Part::Rest,
    }
}

/// The regions, most relevant first.
pub fn regions(fields: &[FieldText<'_>], found: &Candidates, senses: &[Sense], kb: &KnowledgeBase) -> Vec<Region> {
    let mut gathered = Gathered::default();
    for sense in senses.iter().filter(|sense| sense.within != Some(Within::Person)) {
        gathered.take(sense, part(fields, found, sense), kb);
    }
    let mut out = gathered.score(kb);
    out.retain(|region| region.relevance >= MIN_RELEVANCE);
    out.sort_by(|a, b| b.relevance.total_cmp(&a.relevance).then(a.scheme.cmp(&b.scheme)));
    out
}

#[derive(Default)]
struct Gathered {
    countries: BTreeMap<u16, Evidence>,
    subdivisions: BTreeMap<u16, Evidence>,
    desks: BTreeMap<u8, Evidence>,
}

impl Gathered {
    fn take(&mut self, sense: &Sense, part: Part, kb: &KnowledgeBase) {
        let record = kb.entity(sense.entity);
        let place = record.entity_type == EntityType::Place;
        let whole = (place || record.class == Class::Seat) && sense.within.is_none();
        let weight = if whole { 1.0 } else { BODY_SHARE };
        if record.country != NOWHERE {
            self.countries.entry(record.country).or_default().add(sense, part, weight, place);
        }
        if record.class == Class::Subdivision && sense.kind != NameKind::Abbreviation {
            self.subdivisions.entry(record.subdivision).or_default().add(sense, part, weight, place);
        }
        for desk in &record.desks {
            self.desks.entry(*desk).or_default().add(sense, part, weight, place);
        }
    }

    fn score(self, kb: &KnowledgeBase) -> Vec<Region> {
        let all: f32 = self.countries.values().map(Evidence::mass).sum();
        let others = self.countries.values().filter(|evidence| evidence.named).count().saturating_sub(1);
        let mut out = Vec::new();
        let mut m49: BTreeMap<u8, (f32, Vec<EntityId>)> = BTreeMap::new();
        let mut desks: BTreeMap<u8, (f32, Vec<EntityId>)> = BTreeMap::new();
        for (id, evidence) in self.countries.iter().filter(|(_, evidence)| evidence.named) {
            let country = &kb.countries()[usize::from(*id)];
            let relevance = evidence.relevance(all, others);
            let name = &kb.entity(country.entity).name;
            out.push(region(RegionScheme::Iso3166_1, &country.iso2, name, relevance, &evidence.entities, kb));
            for at in &country.m49 {
                merge(m49.entry(*at).or_default(), relevance, &evidence.entities);
            }
            for at in &country.desks {
                merge(desks.entry(*at).or_default(), relevance, &evidence.entities);
            }
        }
        for (at, evidence) in &self.desks {
            merge(desks.entry(*at).or_default(), evidence.relevance(all, others + 1), &evidence.entities);
        }
        for (id, evidence) in &self.subdivisions {
            let record = kb.entity(kb.subdivisions()[usize::from(*id)]);
            let relevance = evidence.relevance(all, others + 1);
            let scheme = RegionScheme::Iso3166_2;
            out.push(region(scheme, &record.detail, &record.name, relevance, &evidence.entities, kb));
        }
        for (at, (relevance, entities)) in m49 {
            let row = &kb.m49()[usize::from(at)];
            out.push(region(RegionScheme::M49, &row.code, &row.name, relevance, &entities, kb));
        }
        for (at, (relevance, entities)) in desks {
            let row = &kb.desks()[usize::from(at)];
            out.push(region(RegionScheme::Desk, &row.code, &row.name, relevance, &entities, kb));
        }
        out
    }
}

fn merge(into: &mut (f32, Vec<EntityId>), relevance: f32, entities: &[EntityId]) {
    into.0 = into.0.max(relevance);
    for entity in entities {
        if !into.1.contains(entity) {
            into.1.push(*entity);
        }
    }
}

fn region(
    scheme: RegionScheme,
    code: &str,
    name: &str,
    relevance: f32,
    entities: &[EntityId],
    kb: &KnowledgeBase,
) -> Region {
    Region {
        scheme,
        code: code.to_owned(),
        name: name.to_owned(),
        relevance: (relevance * 100.0).round() / 100.0,
        evidence: entities.iter().filter_map(|e| kb.entity(*e).uri()).take(MAX_EVIDENCE).collect(),
    }
}
