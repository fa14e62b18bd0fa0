//! `Walton and Oconee counties`: each name of the list is a county's, though the word stands once, behind them all.

use super::super::document::FieldText;
use super::super::matcher::{Case, Gap, Token, tokenize};
use super::{Candidate, Candidates, key};
use crate::knowledge::KnowledgeBase;

/// Names in one list, at most.
const MAX_NAMES: usize = 12;
/// Words of one name, at most.
const MAX_WORDS: usize = 3;

/// Reads the list before the word at `at`. Its names replace what was found there.
pub(super) fn take(field: &FieldText<'_>, index: usize, at: usize, kb: &KnowledgeBase, out: &mut Candidates) {
    let mut county = Vec::with_capacity(1);
    tokenize("x County", &mut county);
    let Some(county) = county.pop() else { return };
    let mut names: Vec<(usize, usize)> = Vec::new();
    let mut end = at;
    while names.len() < MAX_NAMES {
        let Some((first, last)) = name_before(field, end) else { break };
        names.push((first, last));
        end = match first.checked_sub(1) {
            Some(and) if field.word(and) == "and" && field.tokens[first].gap == Gap::Space => and,
            _ if field.tokens[first].gap == Gap::Comma => first,
            _ => break,
        };
    }
    for (first, last) in names.into_iter().rev() {
        replace(field, index, (first, last), county, kb, out);
    }
}

/// The run of capitalized words that ends before `end`.
fn name_before(field: &FieldText<'_>, end: usize) -> Option<(usize, usize)> {
    let last = end.checked_sub(1)?;
    let joined = |at: usize| matches!(field.tokens[at].gap, Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Apostrophe);
    let capital = |at: usize| field.tokens[at].case == Case::Title;
    if !capital(last) || !matches!(field.tokens[end].gap, Gap::Space | Gap::Comma) {
        return None;
    }
    let mut first = last;
    while last - first + 1 < MAX_WORDS && first > 0 && joined(first) && capital(first - 1) {
        first -= 1;
    }
    Some((first, last))
}

/// Adds the county of this name, if there is one, in place of what the words were taken for.
fn replace(
    field: &FieldText<'_>,
    index: usize,
    (first, last): (usize, usize),
    county: Token,
    kb: &KnowledgeBase,
    out: &mut Candidates,
) {
    // Of `Northern Walton` the end may be the name.
    for first in first..=last {
        let mut tokens = field.tokens[first..=last].to_vec();
        tokens.push(county);
        let mut whole = None;
        kb.names_at(&tokens, 0, |length, set| {
            if length == tokens.len() && !set.blocked {
                whole = Some(set);
            }
        });
        let Some(set) = whole else { continue };
        let start = out.postings.len();
        out.postings.extend(kb.postings(set));
        out.all.retain(|c| c.field != index || c.last < first || c.first > last);
        let readings = start..out.postings.len();
        let candidate = Candidate { field: index, first, last, readings, common: false, key: key(&tokens) };
        let place = out.all.partition_point(|c| (c.field, c.first) < (index, first));
        out.all.insert(place, candidate);
        return;
    }
}
