//! A chain: what its items came to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Judge, union};
use crate::desk::index::ItemRef;
use crate::desk::sighting::{ItemVerdict, RecordRef, VerdictCode};

/// What a chain has come to.
pub(super) struct Chain {
    /// Streams that its items went to.
    pub reached: Vec<String>,
    /// Its records that are not out yet, the last one of each raw partition.
    pub after: Vec<RecordRef>,
    /// A kill stands in it, and nothing newer after that.
    pub killed: bool,
}

impl Chain {
    pub fn of(judge: &mut Judge<'_>, here: ItemRef, target: &ItemVerdict) -> Chain {
        let mut chain = Chain { reached: target.reached.clone(), after: Vec::new(), killed: false };
        let mut members: Vec<ItemRef> = judge.index.chain(&target.root).filter(|m| *m < here).collect();
        members.sort_unstable();
        let mut last: BTreeMap<(Arc<str>, i32), i64> = BTreeMap::new();
        for member in members {
            let Some((record, item)) = judge.index.item(member) else { continue };
            let Some(verdict) = item.verdict.as_deref() else { continue };
            chain.reached = union(std::mem::take(&mut chain.reached), &verdict.reached);
            chain.note(verdict, || judge.newer_out(item, member).is_empty());
            if !record.done && !judge.record.out_of_turn {
                let (topic, partition) = judge.index.partition_name(record.partition);
                let offset = last.entry((topic.clone(), partition)).or_insert(record.offset);
                *offset = (*offset).max(record.offset);
            }
        }
        chain.after = last
            .into_iter()
            .map(|((topic, partition), offset)| RecordRef { topic: topic.to_string(), partition, offset })
            .collect();
        for (at, own) in (0..).zip(judge.own.clone()) {
            if own.root == target.root {
                chain.reached = union(std::mem::take(&mut chain.reached), &own.reached);
                let here = ItemRef { record: here.record, at };
                let Some(item) = judge.get(here) else { continue };
                chain.note(&own, || judge.newer_out(item, here).is_empty());
            }
        }
        chain
    }

    fn note(&mut self, verdict: &ItemVerdict, nothing_newer: impl FnOnce() -> bool) {
        match verdict.verdict() {
            VerdictCode::Kill => self.killed |= nothing_newer(),
            VerdictCode::Update | VerdictCode::Correction | VerdictCode::New => self.killed = false,
            VerdictCode::Duplicate | VerdictCode::Stale | VerdictCode::Killed | VerdictCode::Unknown => {}
        }
    }
}
