//! Made-up wire copy: any number of distinct stories in the shape of real plain-text wires, about 2.3 KB each, and what
//! agencies do to them: copies, edited copies, fuller versions, corrections, kills.
//!
//! Everything follows from the seed. The words are drawn so widely that two stories share next to no run of four words
//! (`strangers_are_strange` in the delivery tests measures it), while an edited copy keeps nine tenths of them.

use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::vocabulary::{
    ABSTRACTS, ADJECTIVES, ADVERBS, CITIES, CREDITS, EVENTS, FIELDS, FIRST_NAMES, GOODS, INITIALS, INTENTIONS, PLACES,
    PURPOSES, REPORTED, ROLES, SURNAMES, TIMES, VERBS,
};

/// One item of plain wire copy, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// A mark that stands on a line of its own before the dateline: `UPDATE 2`, `CORRECTED`, `KILL`.
    pub mark: Option<String>,
    pub date: jiff::civil::Date,
    pub cities: Vec<&'static str>,
    pub credit: &'static str,
    pub paragraphs: Vec<String>,
    /// Initials of the desk.
    pub desk: Vec<&'static str>,
}

impl Story {
    /// The item as the wire sends it.
    pub fn text(&self) -> String {
        let mut text = format!(" date {} ", self.date);
        if let Some(mark) = &self.mark {
            text.push_str(mark);
            text.push('\n');
        }
        let day = self.date.strftime("%B %-d");
        text.push_str(&format!("{}, {day} ({}) ", self.cities.join("/"), self.credit));
        text.push_str(&self.paragraphs.join("\n\n"));
        text.push_str(&format!("\n\n--{}\n\n{}", self.credit, self.desk.join("/")));
        text
    }

    /// The same text in another transmission: other line ends, wider spacing, invisible characters. The words stay.
    pub fn text_resent(&self) -> String {
        self.text().replace("\n\n", "\r\n\r\n").replace(", ", ",  ").replace("between", "be\u{ad}tween")
    }

    /// The story over and over, until it is longer than `bytes`.
    pub fn longer_than(&self, bytes: usize) -> String {
        let text = self.text();
        text.repeat(bytes / text.len() + 1)
    }
}

/// Whom and where a story is about. Few places, named again and again, as in real copy: 90 real items of this length name 5
/// entities in 2 countries, 14 times in all. With other places in every sentence an item had 20 countries and 70 regions, and
/// its record three times the bytes of a real one.
struct Scene {
    names: [String; 2],
    cities: Vec<&'static str>,
}

/// Writes stories.
pub struct Newsroom {
    rng: ChaCha8Rng,
}

impl Newsroom {
    pub fn new(seed: u64) -> Newsroom {
        Newsroom { rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// A story like none before.
    pub fn story(&mut self) -> Story {
        let first_day = jiff::civil::date(2026, 3, 2);
        let day = self.rng.random_range(0..20);
        let places = if self.rng.random_bool(0.2) { 2 } else { 1 };
        let paragraphs = self.rng.random_range(10..=13);
        let cities = CITIES.iter().copied().sample(&mut self.rng, places);
        let scene = self.scene(&cities);
        Story {
            mark: None,
            date: first_day.checked_add(jiff::Span::new().days(day)).unwrap_or(first_day),
            cities,
            credit: self.pick(CREDITS),
            paragraphs: (0..paragraphs).map(|_| self.paragraph(&scene)).collect(),
            desk: INITIALS.iter().copied().sample(&mut self.rng, 2),
        }
    }

    /// What another agency makes of a story: its own dateline, credit and sign-off, sometimes a word changed or a short last
    /// paragraph cut. Numbers stay. Any two such copies of one story share at least 85 % of their runs of four words, so that
    /// the error of a sketch does not decide.
    pub fn edited_copy(&mut self, of: &Story) -> Story {
        let mut copy = of.clone();
        copy.credit = self.pick(CREDITS);
        copy.desk = INITIALS.iter().copied().sample(&mut self.rng, 2);
        copy.cities.truncate(1);
        if self.rng.random_bool(0.6) {
            let at = self.rng.random_range(0..copy.paragraphs.len());
            copy.paragraphs[at] = self.reworded(&copy.paragraphs[at]);
        }
        if self.rng.random_bool(0.3) && copy.paragraphs.last().is_some_and(|p| is_short_and_wordy(p)) {
            copy.paragraphs.pop();
        }
        copy
    }

    /// A fuller version of a story: two paragraphs more.
    pub fn fuller(&mut self, of: &Story) -> Story {
        let mut fuller = Story { mark: None, ..of.clone() };
        let scene = self.scene(&of.cities);
        for _ in 0..2 {
            let paragraph = self.paragraph(&scene);
            let at = self.rng.random_range(1..=fuller.paragraphs.len());
            fuller.paragraphs.insert(at, paragraph);
        }
        fuller
    }

    /// A version that mends one figure, and says so.
    pub fn corrected(&mut self, of: &Story) -> Story {
        let mut corrected = Story { mark: Some("CORRECTED".to_owned()), ..of.clone() };
        let figure = self.rng.random_range(2..900);
        corrected.paragraphs[0] =
            format!("{} The figure of {figure} replaces an earlier one.", corrected.paragraphs[0]);
        corrected
    }

    /// The order to take a story back.
    pub fn killed(&self, of: &Story) -> Story {
        Story { mark: Some("KILL".to_owned()), ..of.clone() }
    }

    /// Something between 0 and 1 happens with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.rng).expect("the vocabulary has no empty lists")
    }

    fn person(&mut self) -> String {
        format!("{} {}", self.pick(FIRST_NAMES), self.pick(SURNAMES))
    }

    /// A story set in these cities, and one or two more.
    fn scene(&mut self, cities: &[&'static str]) -> Scene {
        let mut cities = cities.to_vec();
        while cities.len() < 3 {
            cities.push(self.pick(CITIES));
        }
        Scene { names: [self.person(), self.person()], cities }
    }

    fn paragraph(&mut self, scene: &Scene) -> String {
        let mut sentences = vec![self.sentence(scene)];
        if self.rng.random_bool(0.45) {
            sentences.push(self.sentence(scene));
        }
        sentences.join(" ")
    }

    fn noun_phrase(&mut self, scene: &Scene) -> String {
        let (adjective, second) = (self.pick(ADJECTIVES), self.pick(ADJECTIVES));
        match self.rng.random_range(0..5) {
            0 => format!("a {adjective} {} for {}", self.pick(ABSTRACTS), self.pick(GOODS)),
            1 => format!("the {adjective} {} in {}", self.pick(EVENTS), self.pick(&scene.cities)),
            2 => format!("{adjective} {} and {second} {}", self.pick(GOODS), self.pick(ABSTRACTS)),
            3 => format!("its {adjective} {} {}", self.pick(FIELDS), self.pick(ABSTRACTS)),
            _ => format!("{adjective} {} near {}", self.pick(PLACES), self.pick(&scene.cities)),
        }
    }

    fn body(&mut self, scene: &Scene) -> String {
        let city = self.pick(&scene.cities);
        match self.rng.random_range(0..5) {
            0 => format!("the {city} {} council", self.pick(FIELDS)),
            1 => format!("the ministry of {}", self.pick(FIELDS)),
            2 => format!("{city}'s {} {} agency", self.pick(ADJECTIVES), self.pick(FIELDS)),
            3 => format!("the {} workers of {city}", self.pick(GOODS)),
            _ => format!("the {} {} board", self.pick(ADJECTIVES), self.pick(GOODS)),
        }
    }

    fn sentence(&mut self, scene: &Scene) -> String {
        let (verb, time, adverb) = (self.pick(VERBS), self.pick(TIMES), self.pick(ADVERBS));
        let name = scene.names.choose(&mut self.rng).cloned().unwrap_or_default();
        let (body, other) = (self.body(scene), self.body(scene));
        let (one, two) = (self.noun_phrase(scene), self.noun_phrase(scene));
        let sentence = match self.rng.random_range(0..10) {
            0 => format!(
                "{name}, {} of {body}, {} {time} that {one} {verb} {two}.",
                self.pick(ROLES),
                self.pick(REPORTED)
            ),
            1 => format!("{body} {adverb} {verb} {one} {time}, while {other} {} {two}.", self.pick(VERBS)),
            2 => format!("{time}, {body} will {} {one} {}.", self.pick(INTENTIONS), self.pick(PURPOSES)),
            3 => {
                let (count, share) = (self.rng.random_range(12..9_800), self.rng.random_range(2..97));
                format!(
                    "about {count} people {verb} {one}, and {share} percent of {other} {adverb} {} {two}.",
                    self.pick(VERBS)
                )
            }
            4 => format!("“{one} {verb} {two},” {name} {} {time}.", self.pick(REPORTED)),
            5 => format!("{adverb}, {one} {verb} {body}, which had {} {two} {time}.", self.pick(VERBS)),
            6 => {
                let sum = self.rng.random_range(3..4_000);
                format!(
                    "{body} put {sum} million dollars into {one} {}, {name} {}.",
                    self.pick(PURPOSES),
                    self.pick(REPORTED)
                )
            }
            7 => format!("neither {body} nor {other} {verb} {one} {time}.",),
            8 => {
                format!("in {}, {one} {adverb} {verb} {two}, {body} {}.", self.pick(&scene.cities), self.pick(REPORTED))
            }
            _ => format!(
                "{name} wants to {} {one} {} and {adverb} {} {two}.",
                self.pick(INTENTIONS),
                self.pick(PURPOSES),
                self.pick(INTENTIONS)
            ),
        };
        capitalized(&sentence)
    }

    /// One word of the paragraph replaced; none with a digit in it.
    fn reworded(&mut self, paragraph: &str) -> String {
        let mut words: Vec<&str> = paragraph.split(' ').collect();
        let candidates: Vec<usize> =
            (1..words.len()).filter(|&i| words[i].len() > 3 && words[i].chars().all(char::is_alphabetic)).collect();
        if let Some(&at) = candidates.choose(&mut self.rng) {
            words[at] = self.pick(ADJECTIVES);
        }
        words.join(" ")
    }
}

fn capitalized(sentence: &str) -> String {
    let at = sentence.char_indices().find(|(_, c)| c.is_alphabetic()).map_or(0, |(i, _)| i);
    let (before, rest) = sentence.split_at(at);
    let mut chars = rest.chars();
    chars.next().map_or_else(String::new, |first| format!("{before}{}{}", first.to_uppercase(), chars.as_str()))
}

fn is_short_and_wordy(paragraph: &str) -> bool {
    paragraph.split(' ').count() <= 14 && !paragraph.bytes().any(|b| b.is_ascii_digit())
}
