//! Names of the knowledge base in the text: longest first, by the case rules of each name's kind.

use crate::item::Field;
use crate::knowledge::{Class, KnowledgeBase, NameKind, NameSet, Posting, WordKind};

use super::document::{FieldText, Style};
use super::matcher::{Case, Gap, Token, hash_word};

mod counties;

/// A name in the text and what it may mean.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Index into the document's fields.
    pub field: usize,
    pub first: usize,
    pub last: usize,
    /// The readings that case and kind allow; range in [`Candidates::postings`].
    pub readings: std::ops::Range<usize>,
    /// The name also is a common word.
    pub common: bool,
    /// Known by its letters: same key, same name.
    pub key: u64,
}

/// Candidates in reading order; they do not overlap.
#[derive(Debug, Default)]
pub struct Candidates {
    pub all: Vec<Candidate>,
    pub postings: Vec<Posting>,
}

impl Candidates {
    pub fn readings(&self, candidate: &Candidate) -> &[Posting] {
        &self.postings[candidate.readings.clone()]
    }
}

/// Finds every candidate.
pub fn find(fields: &[FieldText<'_>], kb: &KnowledgeBase, english: bool) -> Candidates {
    let counties = hash_word("counties");
    let mut out = Candidates { all: Vec::with_capacity(64), postings: Vec::with_capacity(128) };
    for (index, field) in fields.iter().enumerate() {
        let mut at = 0;
        while at < field.tokens.len() {
            if english && field.tokens[at].hash == counties {
                counties::take(field, index, at, kb, &mut out);
            }
            at += if begins(field, at) { take(field, index, at, kb, english, &mut out) } else { 1 };
        }
    }
    out
}

/// Whether a name may begin here: at a capital, or at a particle (`al`, `von`) before one.
fn begins(field: &FieldText<'_>, at: usize) -> bool {
    let token = &field.tokens[at];
    match token.case {
        Case::Title | Case::Upper => true,
        Case::Caseless => !field.text.as_bytes()[token.start as usize].is_ascii_digit(),
        Case::Lower => token.len() <= 3 && field.tokens.get(at + 1).is_some_and(|next| next.case == Case::Title),
    }
}

/// Takes the longest acceptable name at `at`; returns how many tokens to go on by.
fn take(
    field: &FieldText<'_>,
    index: usize,
    at: usize,
    kb: &KnowledgeBase,
    english: bool,
    out: &mut Candidates,
) -> usize {
    const DEPTH: usize = 6;
    let mut found: [Option<(usize, NameSet)>; DEPTH] = [None; DEPTH];
    let mut count = 0;
    kb.names_at(&field.tokens, at, |length, set| {
        found[count % DEPTH] = Some((length, set));
        count += 1;
    });
    for n in (count.saturating_sub(DEPTH)..count).rev() {
        let Some((length, set)) = found[n % DEPTH] else { continue };
        if set.blocked {
            return length;
        }
        // Where every word is a capital, a common word is a word.
        if set.common && field.style != Style::Plain && field.field != Field::Dateline {
            continue;
        }
        let start = out.postings.len();
        let tokens = &field.tokens[at..at + length];
        let allowed = kb.postings(set).iter().filter(|p| allows(p, field, at, tokens, english, set.common));
        out.postings.extend(allowed.copied());
        if out.postings.len() > start {
            let key = key(tokens);
            out.all.push(Candidate {
                field: index,
                first: at,
                last: at + length - 1,
                readings: start..out.postings.len(),
                common: set.common,
                key,
            });
            return length;
        }
    }
    1
}

/// Known by its letters.
fn key(tokens: &[Token]) -> u64 {
    tokens.iter().fold(tokens.len() as u64, |key, t| key.rotate_left(17) ^ t.hash)
}

/// The case rule of one reading.
fn allows(posting: &Posting, field: &FieldText<'_>, at: usize, tokens: &[Token], english: bool, common: bool) -> bool {
    let capitals = field.style == Style::Capitals;
    match posting.kind {
        NameKind::Acronym => {
            if capitals && common {
                return false;
            }
            tokens.iter().enumerate().all(|(bit, token)| {
                posting.upper >> bit & 1 == 0
                    || token.case == Case::Upper
                    // `Nato`, `Unesco`: long acronyms are words to some houses.
                    || !common && token.len() >= 4 && token.case == Case::Title
                    || token.len() == 1 && token.case == Case::Title
            })
        }
        NameKind::Abbreviation => {
            // `Md.` is Maryland, `M.D.` a doctor.
            let spelt = tokens.iter().enumerate().all(|(bit, token)| {
                token.case != Case::Upper || capitals || token.len() == 1 || posting.upper >> bit & 1 == 1
            });
            let dotted = tokens.len() == 1 && field.word(at).contains('.') && posting.upper == 1;
            spelt && (dotted || follows_a_comma(field, at)) && cased(posting, tokens)
        }
        // Names in other languages are words of their own there: not in English copy, unless the script tells.
        NameKind::Foreign => cased(posting, tokens) && !(english && is_latin(field, at, tokens.len())),
        _ => cased(posting, tokens),
    }
}

fn is_latin(field: &FieldText<'_>, at: usize, length: usize) -> bool {
    field.span(at, at + length - 1).chars().all(|c| (c as u32) < 0x250)
}

fn cased(posting: &Posting, tokens: &[Token]) -> bool {
    tokens.iter().enumerate().all(|(bit, token)| posting.caps >> bit & 1 == 0 || token.case != Case::Lower)
}

fn follows_a_comma(field: &FieldText<'_>, at: usize) -> bool {
    at > 0 && field.tokens[at].gap == Gap::Comma && field.tokens[at - 1].case != Case::Lower
}

/// Whether the words before say that a place follows: `in Reading`, `near Nice`.
pub fn after_a_locative(field: &FieldText<'_>, at: usize) -> bool {
    const LOCATIVES: [&str; 17] = [
        "in",
        "at",
        "near",
        "from",
        "to",
        "outside",
        "around",
        "across",
        "into",
        "toward",
        "towards",
        "of",
        "inside",
        "over",
        "within",
        "throughout",
        "downtown",
    ];
    field.before(at).is_some_and(|_| {
        let word = field.word(at - 1);
        LOCATIVES.iter().any(|l| word.eq_ignore_ascii_case(l))
    })
}

/// Whether the candidate belongs to a person that the base does not know, by what stands around it.
///
/// Returns the hash of the surname, to recognise the person later in the text.
pub fn unknown_person(
    field: &FieldText<'_>,
    candidate: &Candidate,
    readings: &[Posting],
    kb: &KnowledgeBase,
) -> Option<u64> {
    if field.style == Style::Capitals || field.field == Field::Dateline || candidate.first != candidate.last {
        return None;
    }
    let at = candidate.first;
    let name = &field.tokens[at];
    let is_demonym = readings.iter().all(|p| p.kind == NameKind::Demonym);
    if is_demonym {
        return None;
    }
    let town = readings.iter().all(|p| is_town(kb, p));
    if let Some(previous) = previous_name(field, at) {
        let token = &field.tokens[previous];
        let given = kb.word_is(token, WordKind::Given) && token.case == Case::Title;
        if given || kb.word_is(token, WordKind::NameCue) && !readings.iter().any(|p| is_person(kb, p)) {
            return Some(name.hash);
        }
        let sufficient = town || readings.iter().all(|p| is_person(kb, p));
        let opener = town && field.opens_sentence(previous);
        if sufficient && !opener && other_first_name(field, previous, kb) {
            return Some(name.hash);
        }
    }
    if town && is_surname_here(field, candidate, kb) {
        return Some(name.hash);
    }
    let next = field.after(candidate.last)?;
    let person_follows = kb.word_is(name, WordKind::Given)
        && next.case == Case::Title
        && ![WordKind::Civic, WordKind::Title, WordKind::Part].iter().any(|kind| kb.word_is(next, *kind))
        && !after_a_locative(field, at);
    person_follows.then_some(next.hash)
}

/// The capitalized word right before, over a middle initial: `Michael B. Jordan`.
fn previous_name(field: &FieldText<'_>, at: usize) -> Option<usize> {
    let previous = at.checked_sub(1)?;
    let token = &field.tokens[previous];
    match field.tokens[at].gap {
        Gap::Space if token.case != Case::Lower => Some(previous),
        Gap::Dot if token.len() == 1 && token.case == Case::Title => {
            let before = previous.checked_sub(1)?;
            (field.tokens[previous].gap == Gap::Space).then_some(before)
        }
        // `Sgt. Jordan`
        Gap::Dot if token.len() <= 4 && token.case == Case::Title => Some(previous),
        _ => None,
    }
}

/// `Mojtaba Khamenei`: a capitalized word that is no title, no word that opens sentences, and no name of a place.
fn other_first_name(field: &FieldText<'_>, at: usize, kb: &KnowledgeBase) -> bool {
    let token = &field.tokens[at];
    let word_like = token.case == Case::Title && token.len() > 2;
    let other = [WordKind::Title, WordKind::Civic, WordKind::Opener].iter().any(|kind| kb.word_is(token, *kind));
    if !word_like || other {
        return false;
    }
    let mut known = false;
    kb.names_at(&field.tokens, at, |length, _| known |= length == 1);
    field.style == Style::Plain && !known
}

/// `said Walker`, `Walker said`: towns do not speak.
fn is_surname_here(field: &FieldText<'_>, candidate: &Candidate, kb: &KnowledgeBase) -> bool {
    let speaks =
        |token: Option<&Token>| token.is_some_and(|t| t.case == Case::Lower && kb.word_is(t, WordKind::Speech));
    // `Firefighters from Roswell said`
    speaks(field.before(candidate.first))
        || speaks(field.after(candidate.last)) && !after_a_locative(field, candidate.first)
}

/// A place that is not known far from it.
fn is_town(kb: &KnowledgeBase, posting: &Posting) -> bool {
    let record = kb.entity(posting.entity);
    record.class == Class::City && record.population < 300_000 && &*record.detail != "capital"
}

/// Whether the name is only the beginning of another: `Walker County`, `Boston University`.
pub fn is_part(field: &FieldText<'_>, candidate: &Candidate, kb: &KnowledgeBase) -> bool {
    // `Douglas County Hospital`: the county is named whole.
    let county = candidate.last > candidate.first && field.word(candidate.last) == "County";
    field.style != Style::Capitals
        && !county
        && field.after(candidate.last).is_some_and(|t| t.may_begin_name() && kb.word_is(t, WordKind::Part))
}

fn is_person(kb: &KnowledgeBase, posting: &Posting) -> bool {
    kb.entity(posting.entity).class == Class::Person
}
