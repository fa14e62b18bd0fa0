//! Places that lie near each other speak for each other: of the many Huntsvilles the one in whose county the story plays.

use crate::knowledge::{Class, Record};

/// At this distance two places speak for each other half as loudly as at none.
const HALF_KM: f32 = 50.0;
/// A degree of latitude.
const DEGREE_KM: f32 = 111.2;
/// Readings of one name that are looked at, and those of all names: what an item costs is bounded.
const MAX_READINGS: usize = 16;
const MAX_POINTS: usize = 200;
/// What the least likely reading weighs: that a town and its county are named by chance is less likely than that the town is
/// not the largest one of its name.
const MIN_WEIGHT: f32 = 0.5;

/// Where the item's places may lie.
#[derive(Default)]
pub(super) struct Near {
    /// Those of one name stand together.
    points: Vec<Point>,
    names: usize,
}

#[derive(Clone, Copy)]
struct Point {
    name: usize,
    lat: f32,
    lon: f32,
    weight: f32,
}

impl Near {
    /// Adds what a name may mean, with the share of each reading. Only cities and counties are points.
    pub fn add<'r>(&mut self, name: usize, readings: impl Iterator<Item = (&'r Record, f32)>) {
        let first = self.points.len();
        for (record, weight) in readings {
            let full = self.points.len() >= MAX_POINTS || self.points.len() - first >= MAX_READINGS;
            if !full && is_point(record) {
                let weight = weight.max(MIN_WEIGHT);
                self.points.push(Point { name, lat: record.lat, lon: record.lon, weight });
            }
        }
        self.names += usize::from(self.points.len() > first);
    }

    /// How near a reading of a name lies to the other names' readings: 0 none is near, half one at the same place, 1 many.
    pub fn of(&self, name: usize, record: &Record) -> f32 {
        if self.names < 2 || !is_point(record) {
            return 0.0;
        }
        let narrowing = cosine(record.lat.to_radians());
        let (mut sum, mut at) = (0.0, 0);
        while let Some(first) = self.points.get(at) {
            let mut best = 0f32;
            while let Some(point) = self.points.get(at).filter(|point| point.name == first.name) {
                let (north, east) = (point.lat - record.lat, (point.lon - record.lon) * narrowing);
                let far = (north * north + east * east) * (DEGREE_KM * DEGREE_KM / HALF_KM / HALF_KM);
                best = best.max(point.weight / (1.0 + far * far));
                at += 1;
            }
            if first.name != name {
                sum += best;
            }
        }
        sum / (sum + 1.0)
    }
}

fn is_point(record: &Record) -> bool {
    record.class == Class::City && record.lat.is_finite()
}

/// Up to 0.02 from the cosine between the poles, which is enough for a distance that others are weighed against.
fn cosine(angle: f32) -> f32 {
    let square = angle * angle;
    1.0 - square / 2.0 + square * square / 24.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::KnowledgeBase;

    fn city(kb: &KnowledgeBase, uri: &str) -> Record {
        kb.entity(kb.by_uri(uri).unwrap()).clone()
    }

    #[test]
    fn what_lies_near_speaks_louder() {
        let kb = KnowledgeBase::embedded().unwrap();
        let oslo = city(&kb, "https://sws.geonames.org/3143244/");
        let drammen = city(&kb, "https://sws.geonames.org/3159016/");
        let bergen = city(&kb, "https://sws.geonames.org/3161732/");
        let mut near = Near::default();
        near.add(0, [(&oslo, 1.0)].into_iter());
        assert_eq!(near.of(0, &oslo), 0.0, "a name says nothing for itself");
        near.add(1, [(&drammen, 0.5), (&bergen, 0.5)].into_iter());
        // Drammen's half, which lies 37 km away.
        assert!((0.25..0.3).contains(&near.of(0, &oslo)), "{}", near.of(0, &oslo));
        assert!(near.of(1, &drammen) > 20.0 * near.of(1, &bergen));
        assert!((cosine(1.0) - 1f32.cos()).abs() < 0.02 && (cosine(1.57) - 1.57f32.cos()).abs() < 0.03);
    }
}
