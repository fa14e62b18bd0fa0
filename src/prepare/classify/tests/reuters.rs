//! Reuters-21578's topics as Media Topics, where that set is at hand.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use super::super::*;

/// A Reuters topic, the Media Topics of which any stands for it, and all the Reuters labels that mean these: Media Topics have one
/// for agriculture, Reuters one for each crop.
const MAPPING: [(&str, &[u32], &str); 11] = [
    ("earn", &[20_000_178], "earn"),
    ("acq", &[20_000_204], "acq"),
    ("crude", &[20_000_387, 20_001_243], "crude nat-gas gas fuel heat jet propane naphtha"),
    (
        "grain",
        &[20_000_210],
        "grain wheat corn barley oat rice sorghum rye oilseed soybean rapeseed sunseed soy-oil soy-meal meal-feed veg-oil \
         palm-oil palmkernel coconut coconut-oil copra-cake groundnut groundnut-oil cotton cotton-oil castor-oil livestock hog \
         carcass l-cattle f-cattle sugar coffee cocoa tea orange potato rubber wool pork-belly rape-oil sun-oil sun-meal \
         lin-oil rape-meal plywood",
    ),
    ("trade", &[20_000_373], "trade"),
    ("interest", &[20_000_371], "interest"),
    ("money-fx", &[20_000_391, 20_000_355, 20_000_379], "money-fx dlr yen dmk stg money-supply"),
    ("ship", &[20_000_343], "ship"),
    ("gnp", &[20_000_359, 20_000_357], "gnp"),
    ("cpi", &[20_000_370], "cpi wpi"),
    ("jobs", &[20_000_365, 20_000_523], "jobs"),
];
const LEAST_MICRO_F1: f32 = 0.85;

#[derive(Clone, Copy, Default)]
struct Counts {
    right: f32,
    wrong: f32,
    missed: f32,
}

impl Counts {
    fn count(&mut self, wanted: bool, found: bool) {
        match (wanted, found) {
            (true, true) => self.right += 1.0,
            (false, true) => self.wrong += 1.0,
            (true, false) => self.missed += 1.0,
            (false, false) => {}
        }
    }

    fn print(&self, name: &str) -> f32 {
        let share = |of: f32| self.right / (self.right + of).max(1.0);
        let (precision, recall) = (share(self.wrong), share(self.missed));
        let f1 = 2.0 * self.right / (2.0 * self.right + self.wrong + self.missed).max(1.0);
        println!("{name:8} P {precision:.3} R {recall:.3} F1 {f1:.3} of {}", self.right + self.missed);
        f1
    }
}

#[test]
fn reuters_topics_are_found() {
    let shared = std::env::var("WIREDESK_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = format!("{shared}/gold/reuters.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
    let topics = Topics::builtin().unwrap();
    let mut by_topic: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for line in lines.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let gold: HashSet<&str> =
            record["gold"]["topics"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
        if gold.is_empty() {
            continue; // Most of these were not labelled.
        }
        let (headline, body) = record["payload"].as_str().unwrap().split_once('\n').unwrap_or_default();
        let news = NewsItem { headline: Some(headline.to_owned()), body: body.to_owned(), ..NewsItem::default() };
        let found: HashSet<u32> = topics.subjects(&news).iter().map(|s| s.topic.code).collect();
        for (name, codes, labels) in MAPPING {
            let wanted = labels.split(' ').any(|label| gold.contains(label));
            let is_found = codes.iter().any(|code| found.contains(code));
            by_topic.entry(name).or_default().count(wanted, is_found);
            all.count(wanted, is_found);
        }
    }
    for (name, counts) in &by_topic {
        counts.print(name);
    }
    assert!(all.print("all") >= LEAST_MICRO_F1);
}
