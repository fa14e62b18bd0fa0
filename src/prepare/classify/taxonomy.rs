//! IPTC Media Topics as a table: 1,099 codes in six levels, with the subject codes that came before them.

use std::collections::HashMap;
use std::sync::Arc;

use super::TopicsError;
use crate::item::Topic;

const MEDIA_TOPICS: &str = include_str!("../../../kb/topics/media-topics.tsv");
const RETIRED: &str = include_str!("../../../kb/topics/retired-topics.tsv");

/// Put before a code, the URI of a topic.
pub const URI_BASE: &str = "http://cv.iptc.org/newscodes/mediatopic/";

/// Index of a topic in [`Taxonomy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(pub(super) u16);

impl TopicId {
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A topic's place among the others.
#[derive(Clone, Debug)]
struct Place {
    topic: Arc<Topic>,
    parent: Option<TopicId>,
    /// 0 for the 17 top-level topics.
    level: u8,
}

/// All Media Topics in use; parents come before their children.
#[derive(Clone, Debug)]
pub struct Taxonomy {
    topics: Vec<Place>,
    by_code: HashMap<u32, TopicId>,
    /// Retired Media Topic codes, by the nearest ancestor in use.
    retired: HashMap<u32, TopicId>,
    /// IPTC subject codes, by the Media Topic that means the same or, where that is retired, its nearest ancestor in use.
    by_subject_code: HashMap<u32, TopicId>,
}

impl Taxonomy {
    /// Reads the table that the program carries.
    ///
    /// # Errors
    /// Only if that table is broken, which a test rules out.
    pub fn builtin() -> Result<Self, TopicsError> {
        let mut taxonomy = Self {
            topics: Vec::new(),
            by_code: HashMap::new(),
            retired: HashMap::new(),
            by_subject_code: HashMap::new(),
        };
        for (at, columns) in rows(MEDIA_TOPICS) {
            let broken = || TopicsError::new("media-topics.tsv", at, "not a row of four columns with known codes");
            taxonomy.add(&columns).ok_or_else(broken)?;
        }
        for (at, columns) in rows(RETIRED) {
            let broken = || TopicsError::new("retired-topics.tsv", at, "not a row of three columns with known codes");
            taxonomy.retire(&columns).ok_or_else(broken)?;
        }
        Ok(taxonomy)
    }

    fn add(&mut self, columns: &[&str]) -> Option<()> {
        let &[code, parent, subject_code, name] = columns else { return None };
        let parent = match parent {
            "-" => None,
            parent => Some(*self.by_code.get(&parse_code(parent)?)?),
        };
        let level = parent.map_or(0, |p| self.topics[p.index()].level + 1);
        let id = TopicId(u16::try_from(self.topics.len()).ok()?);
        let number = parse_code(code)?;
        if subject_code != "-" {
            self.by_subject_code.entry(parse_code(subject_code)?).or_insert(id);
        }
        self.by_code.insert(number, id);
        let topic = Topic {
            code: number,
            qcode: format!("medtop:{code}"),
            uri: format!("{URI_BASE}{code}"),
            name: name.to_owned(),
        };
        self.topics.push(Place { topic: Arc::new(topic), parent, level });
        Some(())
    }

    fn retire(&mut self, columns: &[&str]) -> Option<()> {
        let &[code, ancestor, subject_code] = columns else { return None };
        let ancestor = *self.by_code.get(&parse_code(ancestor)?)?;
        self.retired.insert(parse_code(code)?, ancestor);
        if subject_code != "-" {
            self.by_subject_code.entry(parse_code(subject_code)?).or_insert(ancestor);
        }
        Some(())
    }

    pub fn get(&self, id: TopicId) -> &Arc<Topic> {
        &self.topics[id.index()].topic
    }

    /// 0 for the 17 top-level topics, 1 for those right below them, and so on.
    pub fn level(&self, id: TopicId) -> u8 {
        self.topics[id.index()].level
    }

    pub fn len(&self) -> usize {
        self.topics.len()
    }

    pub fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.topics.iter().map(|place| &*place.topic)
    }

    /// A topic in use, by its code.
    pub fn by_code(&self, code: u32) -> Option<TopicId> {
        self.by_code.get(&code).copied()
    }

    /// The nearest ancestor in use of a code that was retired.
    pub fn retired(&self, code: u32) -> Option<TopicId> {
        self.retired.get(&code).copied()
    }

    /// The Media Topic for an IPTC subject code; for one that has none, that of the code it lies under.
    pub fn by_subject_code(&self, code: u32) -> Option<TopicId> {
        [code, code / 1_000 * 1_000, code / 1_000_000 * 1_000_000]
            .iter()
            .find_map(|c| self.by_subject_code.get(c).copied())
    }

    /// Whether a code is an IPTC subject code that a Media Topic stands for.
    pub fn has_subject_code(&self, code: u32) -> bool {
        self.by_subject_code.contains_key(&code)
    }

    /// The topic itself, its parent, and so on to the top.
    pub fn lineage(&self, id: TopicId) -> impl Iterator<Item = TopicId> + '_ {
        std::iter::successors(Some(id), |id| self.topics[id.index()].parent)
    }
}

/// Eight digits, as a number.
pub(super) fn parse_code(code: &str) -> Option<u32> {
    (code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit())).then(|| code.parse().ok()).flatten()
}

/// Lines that are no comments, with their numbers, split at tabs.
fn rows(table: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    (1..)
        .zip(table.lines())
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(at, line)| (at, line.split('\t').collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(taxonomy: &Taxonomy, id: Option<TopicId>) -> Option<&str> {
        id.map(|id| taxonomy.get(id).name.as_str())
    }

    #[test]
    fn the_table_has_17_top_level_topics_and_no_retired_one() {
        let taxonomy = Taxonomy::builtin().unwrap();
        assert_eq!(taxonomy.len(), 1099);
        assert_eq!((0..1099).filter(|id| taxonomy.level(TopicId(*id)) == 0).count(), 17);
        for (code, ancestor) in &taxonomy.retired {
            assert_eq!(taxonomy.by_code(*code), None, "{code} is retired under {ancestor:?}");
        }
    }

    #[test]
    fn codes_old_and_new_map() {
        let taxonomy = Taxonomy::builtin().unwrap();
        assert_eq!(name(&taxonomy, taxonomy.by_code(20_000_639)), Some("diplomacy"));
        assert_eq!(name(&taxonomy, taxonomy.by_subject_code(11_002_000)), Some("diplomacy"));
        assert_eq!(name(&taxonomy, taxonomy.by_subject_code(15_054_000)), Some("soccer"));
        assert_eq!(name(&taxonomy, taxonomy.by_subject_code(15_054_999)), Some("soccer"), "falls back to its matter");
        assert_eq!(name(&taxonomy, taxonomy.by_subject_code(15_999_999)), Some("sport"), "falls back to its top");
        assert_eq!(taxonomy.by_subject_code(99_000_000), None);
        assert_eq!(name(&taxonomy, taxonomy.retired(20_000_064)), Some("war"));
    }

    #[test]
    fn lineage_goes_to_the_top() {
        let taxonomy = Taxonomy::builtin().unwrap();
        let summit = taxonomy.by_code(20_000_640).unwrap();
        let names: Vec<&str> = taxonomy.lineage(summit).map(|id| taxonomy.get(id).name.as_str()).collect();
        assert_eq!(names, ["summit meetings", "diplomacy", "international relations", "politics"]);
    }
}
