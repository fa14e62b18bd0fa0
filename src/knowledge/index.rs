//! Names to entities, made from the content when a base is loaded.

use std::collections::HashSet;

use super::content::Content;
use super::record::{EntityId, NameKind, WordKind};
use crate::prepare::enrich::matcher::{Case, HashKeyed, PhraseMap, Token, tokenize};

/// One entity that a name may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub entity: EntityId,
    pub kind: NameKind,
    /// Tokens (by bit) that begin with a capital in the table, and so must in the text.
    pub caps: u16,
    /// Tokens that are all capitals in the table.
    pub upper: u16,
}

/// The entities that one name may mean: a range of the postings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameSet {
    pub first: u32,
    pub count: u16,
    /// The name also is a common word.
    pub common: bool,
    /// The phrase is no name, or never counts as one.
    pub blocked: bool,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    pub phrases: PhraseMap<NameSet>,
    pub postings: Vec<Posting>,
    /// Kinds of a word, by bit.
    pub words: HashKeyed<u16>,
}

impl Index {
    /// About 0.3 microseconds a name. Entities in `first` stand before others of the same name.
    pub fn build(content: &Content, first: &[EntityId]) -> Index {
        let mut tokens = Vec::new();
        let mut words: HashKeyed<u16> = HashKeyed::default();
        let mut special: PhraseMap<WordKind> = PhraseMap::default();
        // What never counts comes first: a phrase keeps the first kind that it gets.
        for never in [true, false] {
            for (word, kind) in &content.words {
                tokenize(word, &mut tokens);
                let special_kind = matches!(kind, WordKind::Common | WordKind::Never | WordKind::BlockPhrase);
                if special_kind && (*kind != WordKind::Common) == never {
                    special.insert(&tokens, *kind);
                }
                // Of `Prime Minister` the last word is what stands before the name.
                if let Some(last) = tokens.last() {
                    *words.entry(last.hash).or_default() |= 1 << *kind as u16;
                }
            }
        }

        let mut ids: PhraseMap<u32> = PhraseMap::with_capacity(content.names.len());
        let mut sets: Vec<Vec<Token>> = Vec::new();
        let mut rows: Vec<(u32, Posting)> = Vec::with_capacity(content.names.len());
        for name in &content.names {
            tokenize(&name.text, &mut tokens);
            if tokens.is_empty() || tokens.len() > 16 {
                continue;
            }
            let fresh = sets.len() as u32;
            let id = ids.insert(&tokens, fresh).unwrap_or(fresh);
            if id == fresh {
                sets.push(tokens.clone());
            }
            let (caps, upper) = case_masks(&tokens);
            rows.push((id, Posting { entity: name.entity, kind: name.kind, caps, upper }));
        }
        let first: HashSet<EntityId> = first.iter().copied().collect();
        rows.sort_by_key(|(id, posting)| (*id, !first.contains(&posting.entity), posting.entity, posting.kind));
        // `Labour Party` and `Labour party`: what is small in one of them may be small.
        rows.dedup_by(|(id, posting), (kept_id, kept)| {
            let same = id == kept_id && posting.entity == kept.entity;
            if same && posting.kind == kept.kind {
                kept.caps &= posting.caps;
                kept.upper &= posting.upper;
            }
            same
        });
        let mut index = Index { phrases: PhraseMap::with_capacity(ids.len()), postings: Vec::new(), words };
        index.fill(&sets, &rows, &special, content);
        index
    }

    fn fill(&mut self, sets: &[Vec<Token>], rows: &[(u32, Posting)], special: &PhraseMap<WordKind>, content: &Content) {
        self.postings = rows.iter().map(|(_, posting)| *posting).collect();
        let mut at = 0;
        for (id, phrase) in sets.iter().enumerate() {
            let count = rows[at..].iter().take_while(|(row, _)| *row as usize == id).count();
            let word = special.get(phrase);
            let set = NameSet {
                first: at as u32,
                count: count as u16,
                common: word == Some(WordKind::Common),
                blocked: matches!(word, Some(WordKind::Never | WordKind::BlockPhrase)),
            };
            self.phrases.insert(phrase, set);
            at += count;
        }
        let mut tokens = Vec::new();
        for (word, _) in content.words.iter().filter(|(_, kind)| *kind == WordKind::BlockPhrase) {
            tokenize(word, &mut tokens);
            self.phrases.insert(&tokens, NameSet { first: 0, count: 0, common: false, blocked: true });
        }
    }
}

/// Which tokens the table writes with a capital, and which all in capitals.
fn case_masks(tokens: &[Token]) -> (u16, u16) {
    let (mut caps, mut upper) = (0, 0);
    for (bit, token) in tokens.iter().enumerate() {
        caps |= u16::from(matches!(token.case, Case::Title | Case::Upper)) << bit;
        upper |= u16::from(token.case == Case::Upper) << bit;
    }
    (caps, upper)
}
