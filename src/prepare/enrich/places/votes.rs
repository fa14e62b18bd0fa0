//! How many names speak for each country and subdivision.

use crate::knowledge::{NOWHERE, Record};

/// A name's readings by their weight alone: the prior of each and its share of the name's votes, in their order; and the votes
/// that the name gives.
pub(super) struct Weighed {
    pub priors: Vec<f32>,
    pub shares: Vec<f32>,
    pub own: Votes,
}

#[derive(Default)]
pub(super) struct Votes {
    country: Tally,
    subdivision: Tally,
    total: f32,
}

/// Votes by country or subdivision. An item speaks of a few, so that a scan beats a hash.
#[derive(Default)]
struct Tally(Vec<(u16, f32)>);

impl Tally {
    fn add(&mut self, key: u16, weight: f32) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, sum)) => *sum += weight,
            None => self.0.push((key, weight)),
        }
    }

    fn get(&self, key: u16) -> f32 {
        self.0.iter().find(|(k, _)| *k == key).map_or(0.0, |(_, sum)| *sum)
    }
}

impl Votes {
    pub fn add(&mut self, record: &Record, weight: f32) {
        self.total += weight;
        if record.country != NOWHERE {
            self.country.add(record.country, weight);
        }
        if record.subdivision != NOWHERE {
            self.subdivision.add(record.subdivision, weight);
        }
    }

    /// Shares of the record's country and subdivision among the votes that are not `own`.
    pub fn shares(&self, record: &Record, own: &Votes) -> (f32, f32) {
        let total = self.total - own.total;
        if total <= 0.01 {
            return (0.0, 0.0);
        }
        // One name alone speaks for its country, but not as loudly as many.
        let total = total + 0.5;
        let rest = |all: &Tally, own: &Tally, key: u16| ((all.get(key) - own.get(key)) / total).clamp(0.0, 1.0);
        let country = if record.country == NOWHERE { 0.0 } else { rest(&self.country, &own.country, record.country) };
        let subdivision = if record.subdivision == NOWHERE {
            0.0
        } else {
            rest(&self.subdivision, &own.subdivision, record.subdivision)
        };
        (country, subdivision)
    }
}
