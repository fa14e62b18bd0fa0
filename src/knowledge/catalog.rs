//! The regions that routes may name.

use super::{KnowledgeBase, RegionRow};
use crate::item::RegionScheme;
use crate::prepare::route::RegionCatalog;

impl RegionCatalog for KnowledgeBase {
    fn knows(&self, scheme: RegionScheme, code: &str) -> bool {
        self.codes(scheme).contains(&code)
    }

    fn codes(&self, scheme: RegionScheme) -> Vec<&str> {
        match scheme {
            RegionScheme::Iso3166_1 => self.countries().iter().map(|country| &*country.iso2).collect(),
            RegionScheme::Iso3166_2 => self.subdivisions().iter().map(|id| &*self.entity(*id).detail).collect(),
            RegionScheme::M49 => rows(self.m49()),
            RegionScheme::Desk => rows(self.desks()),
        }
    }
}

fn rows(rows: &[RegionRow]) -> Vec<&str> {
    rows.iter().map(|row| &*row.code).collect()
}
