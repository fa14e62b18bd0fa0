//! Finds the lexicon's terms in a text, the longest first, in one pass over its words.
//!
//! A trie over word hashes in one open-addressed table, with a bitmap before it that holds the words that begin a term, so
//! that most words of a text cost one bit look-up. A byte-wise automaton (Aho-Corasick) over the same terms has to fetch a
//! state for every byte; this fetches one for every word that may begin a term, and gets word boundaries for nothing.

use std::collections::BTreeMap;

use super::lexicon::{Case, forms};
use super::tokens::{MONEY, SCORE, Token, tokenize};

/// Bits of the bitmap, as a power of two: 16 KiB, with a few per cent of them set.
const FIRST_WORD_BITS: u32 = 17;
/// Words of the longest term.
const MAX_WORDS: usize = 6;
/// Target of a slot without an edge: no edge leads back to the root.
const ROOT: u32 = 0;

#[derive(Clone, Debug)]
pub(super) struct Matcher {
    first_words: Vec<u64>,
    /// `(check, target node)` by the hash of source node and word. Slot and check are different bits of that hash: an edge is
    /// told from others by more than 40 bits.
    edges: Vec<(u32, u32)>,
    nodes: Vec<Node>,
    ends: Vec<End>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    ends_from: u32,
    ends_len: u16,
    has_children: bool,
}

/// A term that ends at a node, if its words have the right case. The strictest stand first.
#[derive(Clone, Copy, Debug)]
struct End {
    term: u32,
    cases: [Case; MAX_WORDS],
}

impl Matcher {
    /// Compiles terms; a match is told by the index of its term.
    ///
    /// # Errors
    /// The terms that are empty or longer than six words.
    pub fn new<'a>(terms: impl Iterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        let mut trie = Trie { edges: BTreeMap::new(), ends: vec![Vec::new()], has_children: vec![false] };
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
        let loud = !bytes.iter().any(u8::is_ascii_lowercase);
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let (block, bit) = first_word_bit(token.hash);
            if self.first_words[block] & bit == 0 {
                at += 1;
                continue;
            }
            match self.longest(bytes, &tokens[at..], loud) {
                Some((term, words)) => {
                    hit(term);
                    at += words;
                }
                None => at += 1,
            }
        }
    }

    /// The longest term that begins at the first of `tokens`, with its number of words.
    fn longest(&self, bytes: &[u8], tokens: &[Token], loud: bool) -> Option<(u32, usize)> {
        let mut best = None;
        let mut node = ROOT;
        for (words, token) in (1..).zip(tokens) {
            let Some(next) = self.follow(node, token.hash) else { break };
            let Node { ends_from, ends_len, has_children } = self.nodes[next as usize];
            let ends = &self.ends[ends_from as usize..][..usize::from(ends_len)];
            if let Some(end) = ends.iter().find(|end| cases_match(&end.cases[..words], bytes, tokens, loud)) {
                best = Some((end.term, words));
            }
            if !has_children {
                break;
            }
            node = next;
        }
        best
    }

    fn follow(&self, node: u32, word: u64) -> Option<u32> {
        let hash = edge_hash(node, word);
        let mask = self.edges.len() - 1;
        let mut slot = slot_of(hash) & mask;
        loop {
            let (check, target) = self.edges[slot];
            if target == ROOT {
                return None;
            }
            if check == check_of(hash) {
                return Some(target);
            }
            slot = (slot + 1) & mask;
        }
    }
}

fn cases_match(cases: &[Case], bytes: &[u8], tokens: &[Token], loud: bool) -> bool {
    cases.iter().zip(tokens).all(|(case, token)| {
        let upper = |at: usize| bytes.get(token.start as usize + at).is_some_and(u8::is_ascii_uppercase);
        let digit = |at: usize| bytes.get(token.start as usize + at).is_some_and(u8::is_ascii_digit);
        match case {
            Case::Any => true,
            Case::Capital => upper(0),
            Case::Capitals => !loud && upper(0) && (upper(1) || digit(1)),
        }
    })
}

fn first_word_bit(hash: u64) -> (usize, u64) {
    let bit = hash >> (u64::BITS - FIRST_WORD_BITS);
    ((bit / 64) as usize, 1 << (bit % 64))
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
}

impl Trie {
    /// False for a form that is empty or too long.
    fn insert(&mut self, form: &[(String, Case)], term: u32) -> bool {
        let words: Vec<(u64, Case)> = form.iter().flat_map(|(word, case)| hashes(word, *case)).collect();
        if words.is_empty() || words.len() > MAX_WORDS {
            return false;
        }
        let mut cases = [Case::Any; MAX_WORDS];
        let mut node = ROOT;
        for (at, (hash, case)) in words.into_iter().enumerate() {
            cases[at] = case;
            node = self.step(node, hash);
        }
        let ends = &mut self.ends[node as usize];
        // The plural of one term may be another term as written: whichever comes first in the lexicon's order has it.
        if !ends.iter().any(|end| end.cases == cases) {
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

    fn compile(self) -> Matcher {
        let mut first_words = vec![0; (1 << FIRST_WORD_BITS) / 64];
        let mut edges = vec![(0, ROOT); (self.edges.len() * 2).next_power_of_two()];
        let mask = edges.len() - 1;
        for ((node, word), target) in self.edges {
            if node == ROOT {
                let (block, bit) = first_word_bit(word);
                first_words[block] |= bit;
            }
            let hash = edge_hash(node, word);
            let mut slot = slot_of(hash) & mask;
            while edges[slot].1 != ROOT {
                slot = (slot + 1) & mask;
            }
            edges[slot] = (check_of(hash), target);
        }
        let mut nodes = Vec::new();
        let mut ends = Vec::new();
        for (list, has_children) in self.ends.into_iter().zip(self.has_children) {
            let ends_from = u32::try_from(ends.len()).unwrap_or(u32::MAX);
            let ends_len = u16::try_from(list.len()).unwrap_or(u16::MAX);
            ends.extend(list);
            nodes.push(Node { ends_from, ends_len, has_children });
        }
        Matcher { first_words, edges, nodes, ends }
    }
}

/// A written word may be several in the text's terms (`d'etat`); the first has its case.
fn hashes(word: &str, case: Case) -> Vec<(u64, Case)> {
    match word {
        "#score" => return vec![(SCORE, Case::Any)],
        "#money" => return vec![(MONEY, Case::Any)],
        _ => {}
    }
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
    fn signs_stand_for_results_and_sums() {
        assert_eq!(found(&["#score", "#money"], "won 2-1 and $5"), ["#score", "#money"]);
    }

    #[test]
    fn terms_that_cannot_be_matched_are_refused() {
        let refused = Matcher::new(["fine", "!", "one two three four five six seven"].into_iter()).unwrap_err();
        assert_eq!(refused, ["!", "one two three four five six seven"]);
    }
}
