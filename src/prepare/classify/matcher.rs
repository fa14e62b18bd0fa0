//! Finds the lexicon's terms in a text, the longest first, in one pass over its words.
//!
//! A trie over word hashes in one open-addressed table, and before it a bitmap of the words that are a term and of the pairs of
//! words that begin one, so that most words of a text cost two bit look-ups and no branch. A byte-wise automaton
//! (Aho-Corasick) over the same terms has to fetch a state for every byte; this fetches one for a word in ten, and gets word
//! boundaries for nothing.

use std::collections::{BTreeMap, HashMap};

use super::lexicon::{Case, forms};
use super::tokens::{Token, tokenize};

/// Bits of the bitmap, as a power of two: 32 KiB, with some per cent of them set.
const BEGINNING_BITS: u32 = 18;
const BEGINNING_BLOCKS: usize = (1 << BEGINNING_BITS) / 64;
/// Words of the longest term.
const MAX_WORDS: usize = 6;
/// Target of a slot without an edge: no edge leads back to the root.
const ROOT: u32 = 0;

/// Marks an edge at which no term ends.
const NO_TERM: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(super) struct Matcher {
    beginnings: Box<[u64; BEGINNING_BLOCKS]>,
    edges: Vec<Edge>,
    /// By edge target, the terms that end there besides the edge's own: the same words in another case.
    others: HashMap<u32, Vec<End>>,
}

/// One slot of the table: the way from a node by a word, found by the hash of the two. Slot and check are different bits of
/// that hash: an edge is told from others by more than 40 bits. All that is needed of the target lies in the same 16 bytes,
/// since what costs is fetching them.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    check: u32,
    /// [`ROOT`] in an empty slot.
    target: u32,
    /// The term that ends here, or [`NO_TERM`].
    term: u32,
    /// Of that term.
    cases: Cases,
    has_children: bool,
    has_others: bool,
}

/// A term that ends at a node, if its words have the right case.
#[derive(Clone, Copy, Debug)]
struct End {
    term: u32,
    cases: Cases,
}

/// The cases of a term's words, two bits each, the first word's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cases(u16);

impl Cases {
    fn set(&mut self, word: usize, case: Case) {
        self.0 |= (case as u16) << (2 * word);
    }

    fn hold(self, bytes: &[u8], tokens: &[Token], loud: bool) -> bool {
        // Most terms ask for none.
        self.0 == 0 || tokens.iter().zip(0..MAX_WORDS).all(|(token, word)| self.holds_of(word, bytes, *token, loud))
    }

    fn holds_of(self, word: usize, bytes: &[u8], token: Token, loud: bool) -> bool {
        let first = bytes.get(token.start as usize).copied().unwrap_or_default();
        let second = bytes.get(token.start as usize + 1).copied().unwrap_or_default();
        match self.0 >> (2 * word) & 3 {
            CAPITAL => first.is_ascii_uppercase(),
            CAPITALS => !loud && first.is_ascii_uppercase() && (second.is_ascii_uppercase() || second.is_ascii_digit()),
            _ => true,
        }
    }
}

const CAPITAL: u16 = Case::Capital as u16;
const CAPITALS: u16 = Case::Capitals as u16;

impl Matcher {
    /// Compiles terms; a match is told by the index of its term.
    ///
    /// # Errors
    /// The terms that are empty or longer than six words.
    pub fn new<'a>(terms: impl Iterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        Self::build(terms, false)
    }

    /// The same for [`Matcher::find_all`]: terms that are written alike in some form are all found where that stands.
    ///
    /// # Errors
    /// As [`Matcher::new`].
    pub fn of_each<'a>(terms: impl Iterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        Self::build(terms, true)
    }

    fn build<'a>(terms: impl Iterator<Item = &'a str>, each: bool) -> Result<Self, Vec<String>> {
        let mut trie = Trie { edges: BTreeMap::new(), ends: vec![Vec::new()], has_children: vec![false], each };
        let mut refused = Vec::new();
        for (index, term) in (0..).zip(terms) {
            if !forms(term).into_iter().all(|form| trie.insert(&form, index)) {
                refused.push(term.to_owned());
            }
        }
        if refused.is_empty() { Ok(trie.compile()) } else { Err(refused) }
    }

    /// Calls `hit` with each term found in `text`, in order; terms do not overlap. `tokens` are the text's. In a text without
    /// small letters, words that must begin with two capitals are not told apart from others and do not match.
    pub fn find(&self, text: &str, tokens: &[Token], mut hit: impl FnMut(u32)) {
        let bytes = text.as_bytes();
        let loud = is_loud(bytes);
        let mut free_from = 0;
        for at in self.candidates(tokens) {
            if at < free_from {
                continue;
            }
            if let Some((term, words)) = self.longest(bytes, &tokens[at..], loud) {
                hit(term);
                free_from = at + words;
            }
        }
    }

    /// Calls `hit` with every term found in `text`, the word that it begins at and its words: in order of where they begin, of those
    /// that begin at one word the longest first. Terms may overlap.
    pub fn find_all(&self, text: &str, tokens: &[Token], mut hit: impl FnMut(u32, usize, usize)) {
        let bytes = text.as_bytes();
        let loud = is_loud(bytes);
        let mut found = Vec::new();
        for at in self.candidates(tokens) {
            self.walk(bytes, &tokens[at..], loud, |term, words| found.push((term, words)));
            found.drain(..).rev().for_each(|(term, words)| hit(term, at, words));
        }
    }

    /// Words at which a term may begin, in order.
    fn candidates(&self, tokens: &[Token]) -> Vec<usize> {
        // Without a branch: which words begin a term cannot be predicted.
        let mut candidates = vec![0; tokens.len()];
        let mut count = 0;
        let mut consider = |at: usize, word: u64, next: u64| {
            candidates[count] = at;
            count += self.bit(word) | self.bit(pair(word, next));
        };
        for (at, [word, next]) in tokens.array_windows().enumerate() {
            consider(at, word.hash, next.hash);
        }
        if let [.., last] = tokens {
            consider(tokens.len() - 1, last.hash, 0);
        }
        candidates.truncate(count);
        candidates
    }

    /// 1 if the bitmap has the hash, else 0.
    fn bit(&self, hash: u64) -> usize {
        let (block, shift) = place_of(hash);
        usize::from(self.beginnings[block] >> shift & 1 == 1)
    }

    /// The longest term that begins at the first of `tokens`, with its number of words.
    fn longest(&self, bytes: &[u8], tokens: &[Token], loud: bool) -> Option<(u32, usize)> {
        let mut best = None;
        let mut node = ROOT;
        for (words, token) in (1..).zip(tokens) {
            let Some(edge) = self.follow(node, token.hash) else { break };
            if edge.term != NO_TERM && edge.cases.hold(bytes, tokens, loud) {
                best = Some((edge.term, words));
            } else if edge.has_others {
                let others = self.others.get(&edge.target).into_iter().flatten();
                best = others
                    .clone()
                    .find(|end| end.cases.hold(bytes, tokens, loud))
                    .map(|end| (end.term, words))
                    .or(best);
            }
            if !edge.has_children {
                break;
            }
            node = edge.target;
        }
        best
    }

    /// Calls `end` with each term that begins at the first of `tokens`, the shortest first.
    fn walk(&self, bytes: &[u8], tokens: &[Token], loud: bool, mut end: impl FnMut(u32, usize)) {
        let mut node = ROOT;
        for (words, token) in (1..).zip(tokens) {
            let Some(edge) = self.follow(node, token.hash) else { break };
            if edge.term != NO_TERM && edge.cases.hold(bytes, tokens, loud) {
                end(edge.term, words);
            }
            if edge.has_others {
                let others = self.others.get(&edge.target).into_iter().flatten();
                others.filter(|other| other.cases.hold(bytes, tokens, loud)).for_each(|other| end(other.term, words));
            }
            if !edge.has_children {
                break;
            }
            node = edge.target;
        }
    }

    fn follow(&self, node: u32, word: u64) -> Option<&Edge> {
        let hash = edge_hash(node, word);
        let mask = self.edges.len() - 1;
        let mut slot = slot_of(hash) & mask;
        loop {
            let edge = &self.edges[slot];
            if edge.target == ROOT {
                return None;
            }
            if edge.check == check_of(hash) {
                return Some(edge);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// A text without small letters.
fn is_loud(bytes: &[u8]) -> bool {
    !bytes.iter().any(u8::is_ascii_lowercase)
}

/// Where the bitmap has a hash: block of 64 bits, bit in it.
fn place_of(hash: u64) -> (usize, u64) {
    let bit = hash >> (u64::BITS - BEGINNING_BITS);
    ((bit / 64) as usize, bit % 64)
}

fn pair(first: u64, second: u64) -> u64 {
    (first ^ second.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn edge_hash(node: u32, word: u64) -> u64 {
    (word ^ u64::from(node).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

fn slot_of(hash: u64) -> usize {
    (hash >> 40) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
fn check_of(hash: u64) -> u32 {
    (hash >> 8) as u32
}

/// What the matcher is compiled from.
struct Trie {
    edges: BTreeMap<(u32, u64), u32>,
    ends: Vec<Vec<End>>,
    has_children: Vec<bool>,
    /// Keeps all terms that end at one place.
    each: bool,
}

impl Trie {
    /// False for a form that is empty or too long.
    fn insert(&mut self, form: &[(String, Case)], term: u32) -> bool {
        let words: Vec<(u64, Case)> = form.iter().flat_map(|(word, case)| hashes(word, *case)).collect();
        if words.is_empty() || words.len() > MAX_WORDS {
            return false;
        }
        let mut cases = Cases::default();
        let mut node = ROOT;
        for (at, (hash, case)) in words.into_iter().enumerate() {
            cases.set(at, case);
            node = self.step(node, hash);
        }
        let ends = &mut self.ends[node as usize];
        // The plural of one term may be another term as written: whichever comes first in the lexicon's order has it.
        let is_taken = |end: &End| end.cases == cases && (!self.each || end.term == term);
        if !ends.iter().any(is_taken) {
            // The strictest first: where words have the case that one asks for, one that asks for none must not come before it.
            ends.push(End { term, cases });
            ends.sort_by_key(|end| std::cmp::Reverse(end.cases));
        }
        true
    }

    fn step(&mut self, node: u32, hash: u64) -> u32 {
        self.has_children[node as usize] = true;
        *self.edges.entry((node, hash)).or_insert_with(|| {
            self.ends.push(Vec::new());
            self.has_children.push(false);
            (0..).zip(&self.ends).last().map_or(ROOT, |(index, _)| index)
        })
    }

    /// Words that are a term, and pairs of words that begin one.
    fn beginnings(&self) -> Box<[u64; BEGINNING_BLOCKS]> {
        let mut bitmap = Box::new([0; BEGINNING_BLOCKS]);
        let mut set = |hash| {
            let (block, shift) = place_of(hash);
            bitmap[block] |= 1 << shift;
        };
        let from = |node: u32| self.edges.range((node, 0)..=(node, u64::MAX));
        for ((_, first), node) in from(ROOT) {
            if !self.ends[*node as usize].is_empty() {
                set(*first);
            }
            from(*node).for_each(|((_, second), _)| set(pair(*first, *second)));
        }
        bitmap
    }

    fn compile(self) -> Matcher {
        let beginnings = self.beginnings();
        let mut edges = vec![Edge::default(); (self.edges.len() * 2).next_power_of_two()];
        let mask = edges.len() - 1;
        let mut others = HashMap::new();
        for ((node, word), target) in self.edges {
            let hash = edge_hash(node, word);
            let mut slot = slot_of(hash) & mask;
            while edges[slot].target != ROOT {
                slot = (slot + 1) & mask;
            }
            let ends = &self.ends[target as usize];
            let first = ends.first().copied().unwrap_or(End { term: NO_TERM, cases: Cases::default() });
            if ends.len() > 1 {
                others.insert(target, ends[1..].to_vec());
            }
            edges[slot] = Edge {
                check: check_of(hash),
                target,
                term: first.term,
                cases: first.cases,
                has_children: self.has_children[target as usize],
                has_others: ends.len() > 1,
            };
        }
        Matcher { beginnings, edges, others }
    }
}

/// A written word may be several in the text's terms (`d'etat`); the first has its case.
fn hashes(word: &str, case: Case) -> Vec<(u64, Case)> {
    let mut tokens = Vec::new();
    tokenize(word, &mut tokens);
    tokens.iter().enumerate().map(|(at, token)| (token.hash, if at == 0 { case } else { Case::Any })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(terms: &[&'a str], text: &str) -> Vec<&'a str> {
        let matcher = Matcher::new(terms.iter().copied()).unwrap();
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        let mut out = Vec::new();
        matcher.find(text, &tokens, |term| out.push(terms[term as usize]));
        out
    }

    #[test]
    fn whole_words_in_any_inflection() {
        let terms = ["war", "invade~", "foreign minister", "coup d'etat"];
        assert_eq!(found(&["#score"], "a score"), [""; 0], "a sign is no word");
        assert_eq!(found(&terms, "A warm war; foreign-ministers invading."), ["war", "foreign minister", "invade~"]);
        assert_eq!(found(&terms, "after the coup d’etat, wars"), ["coup d'etat", "war"]);
        assert_eq!(found(&terms, "foreign affairs minister, backward, reward"), [""; 0]);
    }

    #[test]
    fn the_longest_wins_and_hides_what_is_in_it() {
        let terms = ["war", "price war", "war of words", "word"];
        assert_eq!(found(&terms, "a price war, a war of words, a war of nerves"), ["price war", "war of words", "war"]);
        assert_eq!(found(&["a b c d", "b c"], "a b c x"), ["b c"], "goes back after a longer term broke off");
    }

    #[test]
    fn all_terms_are_found_where_they_overlap_and_where_they_are_written_alike() {
        let terms = ["rate", "rates!", "interest rate", "rate cut", "Rate"];
        let matcher = Matcher::of_each(terms.iter().copied()).unwrap();
        let text = "Interest rate cut; Rates";
        let mut tokens = Vec::new();
        tokenize(text, &mut tokens);
        let mut out = Vec::new();
        matcher.find_all(text, &tokens, |term, at, words| out.push((terms[term as usize], at, words)));
        let found = [
            ("interest rate", 0, 2),
            ("rate cut", 1, 2),
            ("rate", 1, 1),
            ("rate", 3, 1),
            ("rates!", 3, 1),
            ("Rate", 3, 1),
        ];
        out.sort_unstable();
        let mut found = found.to_vec();
        found.sort_unstable();
        assert_eq!(out, found);
    }

    #[test]
    fn case_counts_where_the_term_has_capitals() {
        let terms = ["Labour", "WHO", "labour market"];
        assert_eq!(found(&terms, "Labour and labour; who, Who, WHO"), ["Labour", "WHO"]);
        assert_eq!(found(&terms, "Labour market"), ["labour market"]);
        assert_eq!(
            found(&terms, "LABOUR WINS: WHO KNEW"),
            ["Labour"],
            "capitals tell nothing in a headline of capitals"
        );
    }

    #[test]
    fn terms_that_cannot_be_matched_are_refused() {
        let refused = Matcher::new(["fine", "!", "one two three four five six seven"].into_iter()).unwrap_err();
        assert_eq!(refused, ["!", "one two three four five six seven"]);
    }
}
