//! Senses to entities and mentions.

use std::collections::HashMap;

use crate::item::{Entity, EntityType, Field, Mention};
use crate::knowledge::{EntityId, KnowledgeBase, NOWHERE, NameKind, Record};

use super::candidates::Candidates;
use super::document::FieldText;
use super::resolve::Sense;

/// What a mention weighs where: headline, dateline, first paragraph, the rest.
const HEADLINE_WEIGHT: f32 = 3.0;
const DATELINE_WEIGHT: f32 = 1.0;
const LEAD_WEIGHT: f32 = 2.0;
const BODY_WEIGHT: f32 = 0.75;
/// The weight at which an entity is half as relevant as can be.
const HALF_WEIGHT: f32 = 2.5;

/// The mentions in reading order.
pub fn mentions(fields: &[FieldText<'_>], found: &Candidates, senses: &[Sense], kb: &KnowledgeBase) -> Vec<Mention> {
    let mut uris: HashMap<EntityId, Option<String>> = HashMap::new();
    let mut counters: Vec<CodePoints> = fields.iter().map(|_| CodePoints::default()).collect();
    let mut out = Vec::with_capacity(senses.len());
    for sense in senses {
        let candidate = &found.all[sense.candidate];
        let field = &fields[candidate.field];
        let record = kb.entity(sense.entity);
        let uri = uris.entry(sense.entity).or_insert_with(|| record.uri());
        let first = field.tokens[candidate.first].start as usize;
        let last = end(field, candidate.last, sense.kind);
        let counter = &mut counters[candidate.field];
        out.push(Mention {
            entity: uri.clone(),
            entity_type: record.entity_type,
            text: field.text[first..last].to_owned(),
            field: field.field,
            start: counter.at(field.text, first),
            end: counter.at(field.text, last),
            confidence: (sense.confidence * 100.0).round() / 100.0,
            country: country(record, kb),
        });
    }
    out
}

/// Byte at which a name ends; an abbreviation's stop is its own.
fn end(field: &FieldText<'_>, last: usize, kind: NameKind) -> usize {
    let end = field.tokens[last].end as usize;
    let stop = kind == NameKind::Abbreviation && field.text.as_bytes().get(end) == Some(&b'.');
    end + usize::from(stop)
}

/// Byte offsets to code points, counting on from the last one asked for.
#[derive(Default)]
struct CodePoints {
    byte: usize,
    points: u32,
}

impl CodePoints {
    fn at(&mut self, text: &str, byte: usize) -> u32 {
        let between = &text.as_bytes()[self.byte..byte];
        self.points += between.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u32;
        self.byte = byte;
        self.points
    }
}

/// The distinct entities that have a URI, most relevant first.
pub fn entities(fields: &[FieldText<'_>], found: &Candidates, senses: &[Sense], kb: &KnowledgeBase) -> Vec<Entity> {
    let mut weights: Vec<(EntityId, f32)> = Vec::new();
    for sense in senses {
        let weight = weight(fields, found, sense);
        match weights.iter_mut().find(|(entity, _)| *entity == sense.entity) {
            Some((_, sum)) => *sum += weight,
            None => weights.push((sense.entity, weight)),
        }
    }
    // A stable sort: of equal weight, first named first.
    weights.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    weights.iter().filter_map(|(id, weight)| entity(*id, *weight, kb)).collect()
}

fn entity(id: EntityId, weight: f32, kb: &KnowledgeBase) -> Option<Entity> {
    let record = kb.entity(id);
    let mut uris = record.uris().into_iter();
    Some(Entity {
        uri: uris.next()?,
        same_as: uris.collect(),
        entity_type: record.entity_type,
        name: record.name.to_string(),
        relevance: (weight / (weight + HALF_WEIGHT) * 100.0).round() / 100.0,
        country: country(record, kb),
        position: (record.entity_type == EntityType::Place).then(|| record.position()).flatten(),
    })
}

/// What one mention weighs.
pub fn weight(fields: &[FieldText<'_>], found: &Candidates, sense: &Sense) -> f32 {
    let candidate = &found.all[sense.candidate];
    let field = &fields[candidate.field];
    match field.field {
        Field::Headline => HEADLINE_WEIGHT,
        Field::Dateline => DATELINE_WEIGHT,
        Field::Body if (field.tokens[candidate.first].start as usize) < field.lead_end => LEAD_WEIGHT,
        Field::Body => BODY_WEIGHT,
    }
}

fn country(record: &Record, kb: &KnowledgeBase) -> Option<String> {
    (record.country != NOWHERE).then(|| kb.countries()[usize::from(record.country)].iso2.to_string())
}
