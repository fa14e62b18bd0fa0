//! Companies, ministries, banks, unions by form.

use crate::item::EntityType;
use crate::knowledge::{Class, NameKind, WordKind};

use super::super::matcher::{Case, Gap};
use super::super::resolve::Sense;
use super::{Finder, is_capital};

/// Heads before which a nation's adjective stays outside: `the Japanese Finance Ministry`.
const STATE_HEADS: [&str; 13] = [
    "Ministry",
    "Parliament",
    "Government",
    "Embassy",
    "Army",
    "Navy",
    "Police",
    "Cabinet",
    "Senate",
    "Court",
    "Treasury",
    "Consulate",
    "Congress",
];

/// Heads of public bodies: with a place before them the place is named, and the body is its own (`Boston Police Department`).
const PUBLIC_HEADS: [&str; 41] = [
    "Police",
    "Department",
    "Departments",
    "Court",
    "Council",
    "Commission",
    "Board",
    "Agency",
    "Authority",
    "Bureau",
    "Office",
    "Service",
    "Services",
    "Administration",
    "Guard",
    "Army",
    "Navy",
    "Hospital",
    "School",
    "Schools",
    "College",
    "University",
    "Academy",
    "Center",
    "Centre",
    "Museum",
    "Assembly",
    "Senate",
    "Legislature",
    "Association",
    "Society",
    "Chamber",
    "Church",
    "Embassy",
    "Clinic",
    "Library",
    "Theatre",
    "Theater",
    "Government",
    "Parliament",
    "Ministry",
];

impl Finder<'_> {
    /// A name of the base that is an organisation's: with the country before it, or more of the name behind it, or as it is.
    /// Returns its last token.
    pub(super) fn known_body(&mut self, index: usize, sense: usize, senses: &[Sense]) -> usize {
        let field = &self.fields[index];
        let candidate = &self.found.all[senses[sense].candidate];
        let (mut first, mut last) = (candidate.first, candidate.last);
        let end = self.run_end(index, last, senses);
        let head = (last + 1..=end).rev().find(|at| self.bits(&field.tokens[*at]).is_body());
        let titled = (last + 1..=end).any(|at| self.bits(&field.tokens[at]).is(WordKind::Title));
        if let Some(head) = head.filter(|_| !titled) {
            last = head;
        }
        // `U.S. Food and Drug Administration`
        if first > 0
            && field.tokens[first].gap == Gap::Space
            && let Some(before) = self.sense_at(first - 1).map(|at| &senses[at])
            && self.kb.entity(before.entity).class == Class::Country
            && before.kind != NameKind::Demonym
            && candidate.last > candidate.first
        {
            first = self.found.all[before.candidate].first;
        }
        if (first, last) != (candidate.first, candidate.last) {
            let form = self.push(index, first, last, EntityType::Organisation, 0.8);
            self.forms[form].known = self.known_inside(index, first, last, senses);
        }
        last
    }

    /// A body's name at the beginning of a run; returns its last token.
    pub(super) fn body(&mut self, index: usize, first: usize, last: usize, senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        let head = (first..=last).rev().find(|at| self.bits(&field.tokens[*at]).is_body())?;
        let mut start = first;
        let mut end = head;
        if head == last {
            end = self.after_of(index, head, senses).unwrap_or(head);
        }
        let suffix = self.bits(&field.tokens[head]).is(WordKind::OrgSuffix);
        if start == head && !suffix
            || suffix && matches!(field.word(head), "Co" | "Sons" | "Brothers" | "Associates" | "Partners" | "Company")
        {
            start = self.over_and(index, start, senses).unwrap_or(start);
        }
        while start < head && self.adjective_outside(index, start, head, senses) {
            start += 1;
        }
        if end == head && PUBLIC_HEADS.contains(&field.word(head)) && self.is_place_at(start, senses) {
            return Some(end);
        }
        let words = end + 1 - start;
        if words < 2 || words == 2 && end == head && self.is_weak(index, start, head) {
            return (words >= 2).then_some(end);
        }
        // What the base knows by exactly this name stays as it is.
        if let Some(at) = self.sense_at(start)
            && self.kb.entity(senses[at].entity).class == Class::Organisation
            && self.found.all[senses[at].candidate].first == start
            && self.found.all[senses[at].candidate].last >= end
        {
            return Some(end);
        }
        let form = self.push(index, start, end, EntityType::Organisation, if suffix { 0.9 } else { 0.75 });
        self.forms[form].known = self.known_inside(index, start, end, senses);
        if !PUBLIC_HEADS.contains(&field.word(head)) {
            self.memory.remember_body(self.kb, field, start, end, head, form);
        }
        let acronym = self.acronym_after(index, start, end);
        if let Some(at) = acronym {
            self.push(index, at, at, EntityType::Organisation, 0.9);
            let known = self.forms[form].known;
            if let Some(short) = self.forms.last_mut() {
                short.full = form;
                short.known = known;
            }
            self.memory.remember_short(field.tokens[at].hash, form);
            return Some(at);
        }
        Some(end)
    }

    /// `Bank of Montreal`, `Office for National Statistics`, `Ministry of Trade and Industry`.
    fn after_of(&self, index: usize, head: usize, senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        if !self.bits(&field.tokens[head]).is(WordKind::OrgHead) {
            return None;
        }
        let mut at = head + 1;
        if field.tokens.get(at)?.gap != Gap::Space || !matches!(field.word(at), "of" | "for" | "on") {
            return None;
        }
        at += 1;
        if field.tokens.get(at).is_some_and(|t| t.gap == Gap::Space) && field.word(at) == "the" {
            at += 1;
        }
        let next = field.tokens.get(at).filter(|t| t.gap == Gap::Space && is_capital(t))?;
        if self.class_at(at, senses) == Some(Class::Person) || next.len() == 1 {
            return None;
        }
        let mut end = self.run_end(index, at, senses);
        // `Trade and Industry`
        if field.tokens.get(end + 1).is_some_and(|t| t.gap == Gap::Space)
            && field.word(end + 1) == "and"
            && field.tokens.get(end + 2).is_some_and(|t| t.gap == Gap::Space && is_capital(t))
            && self.bits(&field.tokens[end]).is_plain_word()
            && self.bits(&field.tokens[end + 2]).is_plain_word()
        {
            end = self.run_end(index, end + 2, senses);
        }
        Some(end)
    }

    /// `Food and Drug Administration`, `Goldman, Sachs and Co`: back over `and` to where the name begins.
    fn over_and(&self, index: usize, first: usize, senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        let and = first.checked_sub(1)?;
        if field.tokens[first].gap != Gap::Space
            || !matches!(field.word(and), "and")
            || field.tokens[and].gap != Gap::Space
        {
            return None;
        }
        let mut at = and.checked_sub(1).filter(|at| is_capital(&field.tokens[*at]))?;
        let taken = self.forms.last().is_some_and(|form| form.field == index && form.last >= at);
        if taken || self.class_at(at, senses).is_some() {
            return None;
        }
        let floor = self.forms.last().filter(|form| form.field == index).map_or(0, |form| form.last + 1);
        while at > floor
            && is_capital(&field.tokens[at - 1])
            && matches!(field.tokens[at].gap, Gap::Space | Gap::Hyphen | Gap::Comma)
            && self.sense_at(at - 1).is_none()
            && !self.bits(&field.tokens[at - 1]).is(WordKind::Opener)
        {
            at -= 1;
        }
        Some(at)
    }

    /// Whether a place's name begins here.
    fn is_place_at(&self, at: usize, senses: &[Sense]) -> bool {
        self.sense_at(at).is_some_and(|sense| {
            let class = self.kb.entity(senses[sense].entity).class;
            !matches!(class, Class::Person | Class::Organisation) && self.found.all[senses[sense].candidate].first == at
        })
    }

    /// A nation's adjective before a ministry or a parliament is a name of its own.
    fn adjective_outside(&self, index: usize, at: usize, head: usize, senses: &[Sense]) -> bool {
        let Some(sense) = self.sense_at(at).map(|at| &senses[at]) else { return false };
        let field = &self.fields[index];
        sense.kind == NameKind::Demonym && (STATE_HEADS.contains(&field.word(head)) || field.word(at + 1) == "Central")
    }

    /// Two words of which the first says nothing: `The Bank`, `Big Oil`, `New Power`.
    fn is_weak(&self, index: usize, first: usize, head: usize) -> bool {
        let field = &self.fields[index];
        let bits = self.bits(&field.tokens[first]);
        bits.is(WordKind::Opener)
            || field.opens_sentence(first)
                && bits.is_plain_word()
                && !self.bits(&field.tokens[head]).is(WordKind::OrgHead)
    }

    /// The entity of a shorter name inside, when only the country before it or the legal form after it is added.
    fn known_inside(
        &self,
        index: usize,
        first: usize,
        last: usize,
        senses: &[Sense],
    ) -> Option<crate::knowledge::EntityId> {
        let field = &self.fields[index];
        let mut known = None;
        for at in first..=last {
            match self.sense_at(at).map(|at| &senses[at]) {
                Some(sense) if self.kb.entity(sense.entity).class == Class::Organisation => {
                    if known.is_some_and(|entity| entity != sense.entity) {
                        return None;
                    }
                    known = Some(sense.entity);
                }
                Some(_) if known.is_none() => {}
                _ if known.is_some() && self.bits(&field.tokens[at]).is(WordKind::OrgSuffix) => {}
                _ => return None,
            }
        }
        known
    }

    /// `Chicago Mercantile Exchange (CME)`, `Chicago Mercantile Exchange, CME,`.
    fn acronym_after(&self, index: usize, first: usize, last: usize) -> Option<usize> {
        let field = &self.fields[index];
        let at = last + 1;
        let token = field.tokens.get(at)?;
        let bracketed = matches!(token.gap, Gap::Other | Gap::Comma)
            && token.case == Case::Upper
            && (2..=8).contains(&token.len())
            && self.sense_at(at).is_none();
        let letters = field.word(at);
        let mut wanted = letters.bytes().filter(u8::is_ascii_alphabetic).peekable();
        for word in first..=last {
            if let (Some(next), Some(initial)) = (wanted.peek(), field.word(word).bytes().next())
                && next.eq_ignore_ascii_case(&initial)
            {
                wanted.next();
            }
        }
        (bracketed && wanted.peek().is_none()).then_some(at)
    }
}
