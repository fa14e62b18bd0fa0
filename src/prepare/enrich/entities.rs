//! Senses to entities and mentions.

use std::collections::HashMap;

use crate::item::{Entity, EntityType, Field, Mention};
use crate::knowledge::{EntityId, KnowledgeBase, NOWHERE, NameKind, Record};

use super::candidates::{Candidate, Candidates};
use super::document::FieldText;
use super::forms::{Form, Forms};
use super::matcher::Case;
use super::resolve::{Sense, Within};

/// What a mention weighs where: headline, dateline, first paragraph, the rest.
const HEADLINE_WEIGHT: f32 = 3.0;
const DATELINE_WEIGHT: f32 = 1.0;
const LEAD_WEIGHT: f32 = 2.0;
const BODY_WEIGHT: f32 = 0.75;
/// The weight at which an entity is half as relevant as can be.
const HALF_WEIGHT: f32 = 2.5;

/// The mentions in reading order.
pub fn mentions(
    fields: &[FieldText<'_>],
    found: &Candidates,
    senses: &[Sense],
    forms: &Forms,
    kb: &KnowledgeBase,
) -> Vec<Mention> {
    let mut writer = Writer { fields, kb, uris: HashMap::new(), counters: vec![CodePoints::default(); fields.len()] };
    let mut out = Vec::with_capacity(senses.len() + forms.all.len());
    let mut forms = forms.all.iter().peekable();
    for sense in senses.iter().filter(|sense| sense.within.is_none()) {
        let candidate = &found.all[sense.candidate];
        while let Some(form) = forms.next_if(|form| (form.field, form.first) < (candidate.field, candidate.first)) {
            out.push(writer.form(form));
        }
        out.push(writer.sense(sense, candidate));
    }
    out.extend(forms.map(|form| writer.form(form)));
    out
}

struct Writer<'a> {
    fields: &'a [FieldText<'a>],
    kb: &'a KnowledgeBase,
    uris: HashMap<EntityId, Option<String>>,
    counters: Vec<CodePoints>,
}

impl Writer<'_> {
    fn sense(&mut self, sense: &Sense, candidate: &Candidate) -> Mention {
        let last = end(&self.fields[candidate.field], candidate.last, sense.kind);
        let entity_type = self.kb.entity(sense.entity).entity_type;
        self.write(candidate.field, candidate.first, last, entity_type, sense.confidence, Some(sense.entity))
    }

    fn form(&mut self, form: &Form) -> Mention {
        let field = &self.fields[form.field];
        let mut last = field.tokens[form.last].end as usize;
        // `Imax Corp.`: the stop of a legal form is its own.
        let stop = match field.word(form.last) {
            "Jr" | "Sr" => true,
            "Inc" | "Corp" | "Co" | "Ltd" | "Cos" => goes_on(field, form.last),
            _ => false,
        };
        last += usize::from(stop && field.text.as_bytes().get(last) == Some(&b'.'));
        self.write(form.field, form.first, last, form.entity_type, form.confidence, form.known)
    }

    fn write(
        &mut self,
        field: usize,
        first: usize,
        last: usize,
        entity_type: EntityType,
        confidence: f32,
        entity: Option<EntityId>,
    ) -> Mention {
        let (text, counter) = (&self.fields[field], &mut self.counters[field]);
        let first = text.tokens[first].start as usize;
        let kb = self.kb;
        let uri = |id: EntityId| kb.entity(id).uri();
        Mention {
            entity: entity.and_then(|id| self.uris.entry(id).or_insert_with(|| uri(id)).clone()),
            entity_type,
            text: text.text[first..last].to_owned(),
            field: text.field,
            start: counter.at(text.text, first),
            end: counter.at(text.text, last),
            confidence: (confidence * 100.0).round() / 100.0,
            country: entity.and_then(|id| country(kb.entity(id), kb)),
        }
    }
}

/// Whether the sentence goes on behind a stop: then the stop is an abbreviation's.
fn goes_on(field: &FieldText<'_>, last: usize) -> bool {
    let comma = field.text[field.tokens[last].end as usize..].starts_with(".,");
    comma || field.tokens.get(last + 1).is_some_and(|next| next.case == Case::Lower)
}

/// Byte at which a name ends; an abbreviation's stop is its own.
fn end(field: &FieldText<'_>, last: usize, kind: NameKind) -> usize {
    let end = field.tokens[last].end as usize;
    let stop = kind == NameKind::Abbreviation && field.text.as_bytes().get(end) == Some(&b'.');
    end + usize::from(stop)
}

/// Byte offsets to code points, counting on from the last one asked for.
#[derive(Clone, Default)]
struct CodePoints {
    byte: usize,
    points: u32,
}

impl CodePoints {
    fn at(&mut self, text: &str, byte: usize) -> u32 {
        if byte < self.byte {
            // A name inside the one before.
            *self = CodePoints::default();
        }
        let between = &text.as_bytes()[self.byte..byte];
        self.points += between.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u32;
        self.byte = byte;
        self.points
    }
}

/// The distinct entities that have a URI, most relevant first.
pub fn entities(fields: &[FieldText<'_>], found: &Candidates, senses: &[Sense], kb: &KnowledgeBase) -> Vec<Entity> {
    let mut weights: Vec<(EntityId, f32)> = Vec::new();
    for sense in senses.iter().filter(|sense| sense.within != Some(Within::Person)) {
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
