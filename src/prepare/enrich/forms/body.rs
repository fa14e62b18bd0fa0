//! Companies, ministries, banks, unions by form.

use crate::item::EntityType;
use crate::knowledge::{Class, NameKind, WordKind};

use super::super::matcher::{Case, Gap};
use super::super::resolve::Sense;
use super::{Finder, is_capital};

/// Who a firm is called after has these: `Dillon, Read and Co`, `Brown and Sons`.
fn is_partner(word: &str) -> bool {
    matches!(word, "Co" | "Cos" | "Sons" | "Brothers" | "Bros" | "Associates" | "Partners" | "Company")
}

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
        let merged = if is_partner(field.word(start)) {
            self.over_partners(index, start, senses)
        } else if start == head && !suffix || self.is_second_of_two(index, start, head) {
            self.over_and(index, start, senses)
        } else {
            None
        };
        start = merged.unwrap_or(start);
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
        self.forms[form].known = self.known_inside(index, start, end, senses).filter(|known| {
            // `General Electric Co Plc` is not the American one.
            let country = self.kb.entity(*known).country;
            !matches!(field.word(head), "Plc" | "PLC") || self.kb.country_id("US") != Some(country)
        });
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
        let council =
            matches!(field.word(head), "Commission" | "Committee" | "Council" | "Conference" | "Center" | "Centre");
        if field.tokens.get(at)?.gap != Gap::Space
            || !(matches!(field.word(at), "of" | "for") || council && field.word(at) == "on")
        {
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
        // `Office of Management and Budget Director James Miller`
        let title = (at + 1..=end).find(|word| self.bits(&field.tokens[*word]).is(WordKind::Title));
        Some(title.map_or(end, |title| title - 1))
    }

    /// `Telephone and Telegraph Co`, `Food and Agriculture Organisation`: two words of the language with `and` between them, and the head.
    fn is_second_of_two(&self, index: usize, start: usize, head: usize) -> bool {
        let field = &self.fields[index];
        start >= 2
            && head == start + 1
            && field.word(start - 1) == "and"
            && self.bits(&field.tokens[start]).is(WordKind::Word)
            && self.bits(&field.tokens[start - 2]).is_plain_word()
            && !self.bits(&field.tokens[start - 2]).is_body()
    }

    /// `Merck and Co Inc`, `Dillon, Read and Co`, `Alex. Brown and Sons`: back over `and` to where the name begins, whatever its
    /// beginning was taken for.
    fn over_partners(&mut self, index: usize, first: usize, senses: &[Sense]) -> Option<usize> {
        let field = &self.fields[index];
        let and = first.checked_sub(1)?;
        if !matches!(field.word(and), "and") || field.tokens[first].gap != Gap::Space {
            return None;
        }
        let mut at = and.checked_sub(1).filter(|at| is_capital(&field.tokens[*at]))?;
        // `Goldman, Sachs`: as much of it as was found by form begins where that begins.
        let taken = self.forms.last().filter(|form| form.field == index && form.last == at).map(|form| form.first);
        if taken.is_some() {
            self.forms.pop();
            self.memory.forget(self.forms.len());
        }
        let floor = self.forms.last().filter(|form| form.field == index).map_or(0, |form| form.last + 1);
        let field = &self.fields[index];
        if let Some(first) = taken {
            at = first;
        }
        if let Some(sense) = self.sense_at(at) {
            at = self.found.all[senses[sense].candidate].first;
        }
        while at > floor && is_capital(&field.tokens[at - 1]) && !self.bits(&field.tokens[at - 1]).is(WordKind::Opener)
        {
            let before = &field.tokens[at - 1];
            match field.tokens[at].gap {
                Gap::Space | Gap::Hyphen | Gap::Comma => {}
                Gap::Dot if before.len() <= 4 => {}
                _ => break,
            }
            if self.bits(before).is_body() || self.class_at(at - 1, senses).is_some() {
                break;
            }
            at -= 1;
        }
        Some(at)
    }

    /// `Food and Drug Administration`: back over `and` to where the name begins.
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
            && self.sense_at(at - 1).is_none_or(|sense| senses[sense].kind == NameKind::Demonym)
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
                _ if known.is_some()
                    && (self.bits(&field.tokens[at]).is(WordKind::OrgSuffix) || field.word(at) == "and") => {}
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
