//! The lexicon: which words and phrases speak for which topic, and how strongly.
//!
//! A file of `kb/topics/lexicon` holds sections of lines:
//!
//! ```text
//! # a comment
//! [20000639 diplomacy]
//! 6: ambassador, foreign minister, state visit
//! 3: mediate~, accord
//! ```
//!
//! The number is the weight, 1 (a hint among others) to 9 (settles it). The last word of a term also matches its plural.
//! `~` after a word: also its verb forms; `!` after a word: only as written. A word with a capital must have one in the text
//! too, one that begins with two capitals must begin with two. The terms `#score` and `#money` stand for results such as `2-1`
//! and sums such as `$5`. Terms of the section `[neutral]` speak for nothing: a longer term hides the shorter ones in it, so they take
//! words away from topics that these do not belong to (`price war`).

use std::collections::BTreeMap;

use super::TopicsError;
use super::taxonomy::{Taxonomy, TopicId, parse_code};

/// `(file name, text)` of the lexicon that the program carries.
pub(super) const BUILTIN: [(&str, &str); 18] = [
    ("arts.txt", include_str!("../../../kb/topics/lexicon/arts.txt")),
    ("conflict.txt", include_str!("../../../kb/topics/lexicon/conflict.txt")),
    ("crime.txt", include_str!("../../../kb/topics/lexicon/crime.txt")),
    ("disaster.txt", include_str!("../../../kb/topics/lexicon/disaster.txt")),
    ("economy.txt", include_str!("../../../kb/topics/lexicon/economy.txt")),
    ("education.txt", include_str!("../../../kb/topics/lexicon/education.txt")),
    ("environment.txt", include_str!("../../../kb/topics/lexicon/environment.txt")),
    ("health.txt", include_str!("../../../kb/topics/lexicon/health.txt")),
    ("human.txt", include_str!("../../../kb/topics/lexicon/human.txt")),
    ("labour.txt", include_str!("../../../kb/topics/lexicon/labour.txt")),
    ("lifestyle.txt", include_str!("../../../kb/topics/lexicon/lifestyle.txt")),
    ("neutral.txt", include_str!("../../../kb/topics/lexicon/neutral.txt")),
    ("politics.txt", include_str!("../../../kb/topics/lexicon/politics.txt")),
    ("religion.txt", include_str!("../../../kb/topics/lexicon/religion.txt")),
    ("science.txt", include_str!("../../../kb/topics/lexicon/science.txt")),
    ("society.txt", include_str!("../../../kb/topics/lexicon/society.txt")),
    ("sport.txt", include_str!("../../../kb/topics/lexicon/sport.txt")),
    ("weather.txt", include_str!("../../../kb/topics/lexicon/weather.txt")),
];

/// Terms that stand for what numbers say by their form.
pub(super) const SIGNS: [&str; 2] = [SCORE_SIGN, MONEY_SIGN];
pub(super) const SCORE_SIGN: &str = "#score";
pub(super) const MONEY_SIGN: &str = "#money";

/// A term and what it speaks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Term {
    /// Topics with weights, ancestors included: at an ancestor the largest weight of what lies below it.
    pub topics: BTreeMap<TopicId, u8>,
    neutral: bool,
}

/// Terms as written in the lexicon. Ordered, so that everything made from it is the same in every run.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    pub terms: BTreeMap<String, Term>,
}

impl Lexicon {
    /// Adds the terms of one file; returns every mistake in it.
    pub fn read(&mut self, file: &str, text: &str, taxonomy: &Taxonomy) -> Vec<TopicsError> {
        let mut errors = Vec::new();
        let mut section = None;
        for (at, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let result = match line.strip_prefix('[') {
                Some(header) => read_header(header, taxonomy).map(|found| section = Some(found)),
                None => match &section {
                    Some(topic) => self.read_terms(line, *topic, taxonomy),
                    None => Err("a section such as [11000000 politics] must come first".to_owned()),
                },
            };
            if let Err(message) = result {
                errors.push(TopicsError::new(file, at, &message));
            }
        }
        errors
    }

    fn read_terms(&mut self, line: &str, topic: Option<TopicId>, taxonomy: &Taxonomy) -> Result<(), String> {
        let (weight, terms) = line.split_once(':').ok_or("expected a weight, a colon and terms")?;
        let weight: u8 = weight.trim().parse().ok().filter(|w| *w <= 9).ok_or("a weight is a number from 1 to 9")?;
        if (weight == 0) != topic.is_none() {
            return Err("a weight is 1 to 9, in the neutral section 0".to_owned());
        }
        for written in terms.split(',').map(str::trim) {
            if written.is_empty() {
                return Err("an empty term: two commas, or one at the end".to_owned());
            }
            if written.starts_with('#') && !SIGNS.contains(&written) {
                return Err(format!("\"{written}\" is no sign; there are {}", SIGNS.join(" and ")));
            }
            let term = self.terms.entry(written.to_owned()).or_default();
            term.neutral |= topic.is_none();
            for id in topic.into_iter().flat_map(|topic| taxonomy.lineage(topic)) {
                let at_topic = term.topics.entry(id).or_default();
                *at_topic = weight.max(*at_topic);
            }
            if term.neutral && !term.topics.is_empty() {
                return Err(format!("\"{written}\" is neutral and speaks for a topic"));
            }
        }
        Ok(())
    }
}

/// `Some(topic)`, or `None` for the neutral section.
fn read_header(header: &str, taxonomy: &Taxonomy) -> Result<Option<TopicId>, String> {
    let header = header.strip_suffix(']').ok_or("a section's line ends with ]")?;
    if header == "neutral" {
        return Ok(None);
    }
    let (code, name) = header.split_once(' ').ok_or("a section is [code name]")?;
    let id = parse_code(code).and_then(|code| taxonomy.by_code(code)).ok_or(format!("no Media Topic {code}"))?;
    let known = &taxonomy.get(id).name;
    if known == name { Ok(Some(id)) } else { Err(format!("{code} is called \"{known}\", not \"{name}\"")) }
}

/// The case that a term's word must have in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    #[default]
    Any,
    /// Begins with a capital.
    Capital,
    /// Begins with two capitals.
    Capitals,
}

impl Case {
    fn of(word: &str) -> Case {
        let mut letters = word.bytes();
        match (letters.next(), letters.next()) {
            (Some(a), Some(b)) if a.is_ascii_uppercase() && (b.is_ascii_uppercase() || b.is_ascii_digit()) => {
                Case::Capitals
            }
            (Some(a), _) if a.is_ascii_uppercase() => Case::Capital,
            _ => Case::Any,
        }
    }
}

/// All ways to write a term: each a sequence of words with the case that they must have. None for a sign, which is no word.
pub(super) fn forms(term: &str) -> Vec<Vec<(String, Case)>> {
    if term.starts_with('#') {
        return Vec::new();
    }
    // An apostrophe and what follows is dropped or split by the tokenizer; it sees each word as it stands in a text.
    let words: Vec<&str> = term.split([' ', '-']).filter(|w| !w.is_empty()).collect();
    let mut all = vec![Vec::new()];
    for (at, word) in words.iter().enumerate() {
        let variants = word_forms(word, at + 1 == words.len());
        all = all
            .into_iter()
            .flat_map(|begun| {
                variants.iter().map(move |form| {
                    let mut longer = begun.clone();
                    longer.push((form.clone(), Case::of(form)));
                    longer
                })
            })
            .collect();
    }
    all
}

fn word_forms(word: &str, last: bool) -> Vec<String> {
    if let Some(exact) = word.strip_suffix('!') {
        return vec![exact.to_owned()];
    }
    if let Some(verb) = word.strip_suffix('~') {
        return verb_forms(verb);
    }
    if last { vec![word.to_owned(), with_s(word)] } else { vec![word.to_owned()] }
}

fn with_s(word: &str) -> String {
    match consonant_y(word) {
        Some(stem) => format!("{stem}ies"),
        None if word.ends_with(['s', 'x', 'z']) || word.ends_with("ch") || word.ends_with("sh") => format!("{word}es"),
        None => format!("{word}s"),
    }
}

fn verb_forms(verb: &str) -> Vec<String> {
    let mut forms = vec![verb.to_owned(), with_s(verb)];
    if let Some(stem) = verb.strip_suffix('e') {
        forms.extend([format!("{verb}d"), format!("{stem}ing")]);
    } else if let Some(stem) = consonant_y(verb) {
        forms.extend([format!("{stem}ied"), format!("{verb}ing")]);
    } else {
        forms.extend([format!("{verb}ed"), format!("{verb}ing")]);
        if let Some(end) = verb.chars().last().filter(|end| "bdglmnprt".contains(*end)) {
            forms.extend([format!("{verb}{end}ed"), format!("{verb}{end}ing")]);
        }
    }
    forms
}

/// The word without its `y`, if that follows a consonant.
fn consonant_y(word: &str) -> Option<&str> {
    let stem = word.strip_suffix('y')?;
    (!stem.ends_with(['a', 'e', 'i', 'o', 'u'])).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(term: &str) -> Vec<String> {
        forms(term).iter().map(|f| f.iter().map(|(w, _)| w.as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn terms_are_inflected() {
        assert_eq!(written("foreign minister"), ["foreign minister", "foreign ministers"]);
        assert_eq!(written("embassy"), ["embassy", "embassies"]);
        assert_eq!(written("politics!"), ["politics"]);
        assert_eq!(written("invade~"), ["invade", "invades", "invaded", "invading"]);
        assert!(written("kidnap~").contains(&"kidnapped".to_owned()));
        assert_eq!(written("plunge~ into!").len(), 4);
    }

    #[test]
    fn case_is_taken_from_the_term() {
        let cases = |term: &str| forms(term)[0].iter().map(|(_, case)| *case).collect::<Vec<_>>();
        assert_eq!(cases("WHO"), [Case::Capitals]);
        assert_eq!(cases("MPs"), [Case::Capitals]);
        assert_eq!(cases("Lib Dem"), [Case::Capital, Case::Capital]);
        assert_eq!(cases("US sanctions"), [Case::Capitals, Case::Any]);
        assert_eq!(cases("peace"), [Case::Any]);
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let taxonomy = Taxonomy::builtin().unwrap();
        let text = "5: early\n[11000000 politics]\n5 treaty\n12: treaty\n3: treaty,\n[11000000 polities]\n[99000000 x]\n[neutral]\n0: ok\n1: no\n0: #sum";
        let mut lexicon = Lexicon::default();
        let errors: Vec<String> = lexicon.read("t.txt", text, &taxonomy).iter().map(ToString::to_string).collect();
        let lines: Vec<&str> = errors.iter().map(|e| e.split(':').nth(1).unwrap()).collect();
        assert_eq!(lines, ["1", "3", "4", "5", "6", "7", "10", "11"], "{errors:#?}");
    }
}
