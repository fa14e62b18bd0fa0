//! A desk whose log is a vector: for `wiredesk process`, `explain`, `check` and the benchmarks. The same code decides as in
//! the service.

use std::collections::HashSet;

use super::index::{DeskIndex, IndexConfig, LogReplaced};
use super::owner::{Action, DecidedItem, Owner, PartitionName};
use super::sighting::Sighting;

/// A desk of one instance, in memory. Each record is decided and published before the next is offered.
#[derive(Debug)]
pub struct MemoryDesk {
    owner: Owner,
    log_end: u64,
    assigned: HashSet<PartitionName>,
}

impl MemoryDesk {
    pub fn new(config: IndexConfig) -> Self {
        Self { owner: Owner::new(DeskIndex::new(config), "memory", 1), log_end: 0, assigned: HashSet::new() }
    }

    pub fn index(&self) -> &DeskIndex {
        self.owner.index()
    }

    /// Sights, decides and publishes one record; its timestamp is the log's time. Gives the verdicts on its items.
    ///
    /// # Errors
    /// Never in practice: the log cannot be replaced under its only writer.
    pub fn decide(&mut self, sighting: Sighting) -> Result<Vec<DecidedItem>, LogReplaced> {
        let name = (sighting.topic.clone(), sighting.partition);
        let (time_ms, offset) = (sighting.timestamp_ms, sighting.offset);
        if self.assigned.insert(name.clone()) {
            self.owner.assign(name.clone(), offset, self.log_end);
        }
        self.owner.offer(sighting);
        let decided = self.settle(time_ms)?;
        self.owner.committed(&name, offset + 1);
        self.settle(time_ms)?;
        Ok(decided)
    }

    fn settle(&mut self, time_ms: i64) -> Result<Vec<DecidedItem>, LogReplaced> {
        let mut decided = Vec::new();
        loop {
            let actions = self.owner.take_actions();
            if actions.is_empty() {
                return Ok(decided);
            }
            for action in actions {
                match action {
                    Action::Append(body) => {
                        let entry = self.owner.entry(body);
                        let offset = self.log_end;
                        self.log_end += 1;
                        self.owner.fold(offset, time_ms, entry)?;
                    }
                    Action::Decided(record) => decided.extend(record.items),
                    Action::Out(_) | Action::Skipped(_) | Action::Rewind(_) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::desk::sighting::{ConditionalStream, DedupeRules, DuplicatesCode, ItemSighting, VerdictCode};
    use crate::desk::test_desk::{DAY_MS, TestDesk, item, kind, streams, text, version};
    use crate::item::news::Kind;

    fn sometimes(mut item: ItemSighting, stream: &str, verdicts: &[VerdictCode], code: DuplicatesCode) -> ItemSighting {
        let verdicts = verdicts.iter().fold(0, |all, verdict| all | 1 << *verdict as u32);
        let stream = stream.to_owned();
        item.sometimes.push(ConditionalStream { stream, verdicts, stories: Vec::new(), duplicates: code.into() });
        item
    }

    #[test]
    fn streams_that_depend_on_the_verdict_are_picked_by_it() {
        let mut wire = TestDesk::new();
        let (fresh, later) = (&[VerdictCode::New][..], &[VerdictCode::Update, VerdictCode::Duplicate][..]);
        let picky = |uri: &str, from| {
            let item = streams(item(uri, &text(from, from + 60)), &["always"]);
            sometimes(sometimes(item, "fresh", fresh, DuplicatesCode::Feed), "later", later, DuplicatesCode::Feed)
        };
        assert_eq!(wire.see(version(picky("a", 0), 1)).verdict.streams, ["always", "fresh"]);
        let update = wire.see(version(picky("a", 200), 2)).verdict;
        assert_eq!(update.streams, ["always", "later", "fresh"], "and where its predecessor went");
        assert_eq!(wire.see(picky("b", 200)).verdict.streams, [] as [&str; 0], "a copy of what all have");
    }

    #[test]
    fn a_stream_may_keep_or_drop_duplicates_whatever_the_feed_says() {
        let all = [VerdictCode::New, VerdictCode::Duplicate];
        for (flag, code, expected) in [
            (false, DuplicatesCode::Feed, false),
            (false, DuplicatesCode::Keep, true),
            (true, DuplicatesCode::Feed, true),
            (true, DuplicatesCode::Drop, false),
        ] {
            let mut wire = TestDesk::new();
            let mut first = sometimes(streams(item("a", &text(0, 60)), &[]), "s", &all, code);
            first.rules.as_mut().unwrap().flag_duplicates = flag;
            let copy = ItemSighting { uri: "b".to_owned(), ..first.clone() };
            assert_eq!(wire.see(first).verdict.streams, ["s"]);
            let verdict = wire.see(copy).verdict;
            assert_eq!(verdict.verdict(), VerdictCode::Duplicate);
            assert_eq!(verdict.streams == ["s"], expected, "{flag} {code:?}");
        }
    }

    #[test]
    fn the_same_text_under_another_id_is_a_duplicate_and_suppressed() {
        let mut wire = TestDesk::new();
        assert_eq!(wire.see(item("u:1", &text(0, 40))).verdict.verdict(), VerdictCode::New);
        let copy = wire.see(item("u:2", &text(0, 40)));
        assert_eq!(copy.verdict.verdict(), VerdictCode::Duplicate);
        assert_eq!(copy.verdict.of.as_deref(), Some("u:1"));
        assert_eq!(copy.verdict.similarity, Some(1.0));
        assert!(copy.verdict.streams.is_empty());
    }

    #[test]
    fn a_copy_of_a_copy_names_the_original() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        wire.see(item("u:2", &text(0, 42)));
        let third = wire.see(item("u:3", &text(0, 42)));
        assert_eq!(third.verdict.of.as_deref(), Some("u:1"));
        assert_eq!(third.verdict.root, "u:1");
    }

    #[test]
    fn a_duplicate_reaches_the_streams_that_its_original_did_not() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        let copy = wire.see(streams(item("u:2", &text(0, 40)), &["news.a", "news.b"]));
        assert_eq!(copy.verdict.streams, ["news.b"]);
        let third = wire.see(streams(item("u:3", &text(0, 40)), &["news.a", "news.b"]));
        assert!(third.verdict.streams.is_empty(), "{third:?}");
    }

    #[test]
    fn a_near_copy_with_other_numbers_is_an_update_and_published() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &format!("{} 12 dead", text(0, 40))));
        let more = wire.see(item("u:2", &format!("{} 15 dead", text(0, 40))));
        assert_eq!(more.verdict.verdict(), VerdictCode::Update);
        assert_eq!(more.verdict.streams, ["news.a"]);
        let cut = wire.see(item("u:3", &format!("{} dead", text(0, 40))));
        assert_eq!(cut.verdict.verdict(), VerdictCode::Duplicate, "a cut copy brings no number");
    }

    #[test]
    fn short_texts_are_compared_for_equality_only() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 15)));
        assert_eq!(wire.see(item("u:2", &text(0, 14))).verdict.verdict(), VerdictCode::New);
        assert_eq!(wire.see(item("u:3", &text(0, 15))).verdict.verdict(), VerdictCode::Duplicate);
    }

    #[test]
    fn versions_go_by_number_and_a_late_older_one_is_stale() {
        let mut wire = TestDesk::new();
        wire.see(version(item("u:1", &text(0, 40)), 1));
        let third = wire.see(version(item("u:1", &text(0, 40)), 3));
        assert_eq!(third.verdict.verdict(), VerdictCode::Update, "published though its text is the same");
        assert_eq!(third.verdict.matched(), crate::desk::sighting::MatchedCode::Id);
        let second = wire.see(version(item("u:1", &text(5, 50)), 2));
        assert_eq!(second.verdict.verdict(), VerdictCode::Stale);
        assert!(second.verdict.streams.is_empty());
        let again = wire.see(version(item("u:1", &text(0, 40)), 3));
        assert_eq!(again.verdict.verdict(), VerdictCode::Duplicate);
    }

    #[test]
    fn leads_of_a_wire_without_ids_go_by_their_numbers() {
        let lead = |number: u64, to: u32, more: &str| {
            let plain = item(&format!("u:{number}{to}"), &format!("{}{more}", text(0, to)));
            ItemSighting { has_own_id: false, version: Some(number), ..kind(plain, Kind::Update) }
        };
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        assert_eq!(wire.see(lead(2, 50, "")).verdict.verdict(), VerdictCode::Update);
        let late = wire.see(lead(1, 45, "")).verdict;
        assert_eq!(late.verdict(), VerdictCode::Stale, "UPDATE 1 after UPDATE 2");
        assert!(late.streams.is_empty());
        let other = wire.see(lead(1, 45, " 4711")).verdict;
        assert_eq!(other.verdict(), VerdictCode::Update, "it brings a number: another day's, from the same template");
        let third = wire.see(lead(3, 48, "")).verdict;
        assert_eq!(third.verdict(), VerdictCode::Update);
        let correction = wire.see(kind(lead(1, 46, ""), Kind::Correction)).verdict;
        assert_eq!(correction.verdict(), VerdictCode::Correction, "never swallowed");
    }

    #[test]
    fn a_correction_is_published_though_its_text_is_the_same() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        let fixed = wire.see(kind(item("u:2", &text(0, 40)), Kind::Correction));
        assert_eq!(fixed.verdict.verdict(), VerdictCode::Correction);
        assert_eq!(fixed.verdict.of.as_deref(), Some("u:1"));
        assert_eq!(fixed.verdict.streams, ["news.a"]);
    }

    #[test]
    fn nothing_is_suppressed_against_a_killed_item() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        wire.see(kind(item("u:1", "kill it"), Kind::Kill));
        let copy = wire.see(item("u:2", &text(0, 40)));
        assert_eq!(copy.verdict.verdict(), VerdictCode::Duplicate);
        assert_eq!(copy.verdict.streams, ["news.a"]);
    }

    #[test]
    fn nothing_is_suppressed_against_what_may_not_be_used_yet() {
        let embargoed = |uri: &str, until| ItemSighting { withheld_until_ms: until, ..item(uri, &text(0, 40)) };
        let mut wire = TestDesk::new();
        wire.see(embargoed("u:1", 1000));
        assert!(wire.see(embargoed("u:2", 1000)).verdict.streams.is_empty(), "no more use than the first");
        let free = wire.see(item("u:3", &text(0, 40))).verdict;
        assert_eq!((free.verdict(), free.streams), (VerdictCode::Duplicate, vec!["news.a".to_owned()]));
        assert!(wire.see(item("u:4", &text(0, 40))).verdict.streams.is_empty(), "now one that may be used is there");

        let mut wire = TestDesk::new();
        wire.see(embargoed("u:1", 1000));
        assert!(wire.at(1000, item("u:2", &text(0, 40))).verdict.streams.is_empty(), "the embargo is over");
    }

    #[test]
    fn an_order_to_hold_is_published_though_its_text_is_the_same() {
        let held =
            |uri: &str| ItemSighting { withheld_until_ms: i64::MAX, ..kind(item(uri, &text(0, 40)), Kind::Hold) };
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        let order = wire.see(held("u:2")).verdict;
        assert_eq!((order.verdict(), order.streams), (VerdictCode::Update, vec!["news.a".to_owned()]));
        let copy = wire.see(item("u:3", &text(0, 40))).verdict;
        assert_eq!(copy.streams, ["news.a"], "another agency's copy is not on hold");
    }

    #[test]
    fn a_slug_alone_makes_no_version_of_an_original() {
        let mut wire = TestDesk::new();
        for uri in ["u:1", "u:2"] {
            let mut item = item(uri, uri);
            item.slug_hash = 7;
            assert_eq!(wire.see(item).verdict.verdict(), VerdictCode::New);
        }
    }

    #[test]
    fn what_has_left_the_window_is_forgotten_once_enough_entries_followed() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        assert_eq!(wire.at(DAY_MS + 1, item("u:2", &text(0, 40))).verdict.verdict(), VerdictCode::Duplicate);
        for n in 0..60u32 {
            wire.at(2 * DAY_MS, item(&format!("x:{n}"), &text(1000 + 50 * n, 1040 + 50 * n)));
        }
        wire.at(4 * DAY_MS, item("x:y", "other words"));
        let again = wire.at(4 * DAY_MS, item("u:9", &text(0, 40)));
        assert_eq!(again.verdict.verdict(), VerdictCode::New);
        assert!(wire.desk.index().live_items() < 60, "{}", wire.desk.index().live_items());
    }

    #[test]
    fn a_feed_may_compare_less_far_back_than_the_desk() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        let mut late = item("u:2", &text(0, 40));
        late.rules = late.rules.map(|r| DedupeRules { window_secs: 60, ..r });
        assert_eq!(wire.at(61_000, late).verdict.verdict(), VerdictCode::New);
    }

    #[test]
    fn a_repeated_record_gets_the_verdict_that_it_had() {
        let mut wire = TestDesk::new();
        wire.see(item("u:1", &text(0, 40)));
        wire.next = 0;
        let again = wire.see(item("u:1", &text(0, 40)));
        assert_eq!(again.verdict.verdict(), VerdictCode::New);
    }
}
