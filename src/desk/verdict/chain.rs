//! A chain: what its items came to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Judge, union};
use crate::desk::index::{Item, ItemRef};
use crate::desk::sighting::{ItemVerdict, RecordRef, VerdictCode};

/// What a chain has come to.
pub(super) struct Chain {
    /// Streams that its items went to.
    pub reached: Vec<String>,
    /// Streams in which its text may be used: those of items after the last version that is withheld still. All of `reached` where
    /// none is.
    pub open: Vec<String>,
    /// Its records that are not out yet, the last one of each raw partition.
    pub after: Vec<RecordRef>,
    /// A kill stands in it, and nothing newer after that.
    pub killed: bool,
}

impl Chain {
    pub fn of(judge: &mut Judge<'_>, here: ItemRef, target: &ItemVerdict) -> Chain {
        let mut chain = Chain { reached: target.reached.clone(), open: Vec::new(), after: Vec::new(), killed: false };
        let (now_ms, mut withheld) = (judge.record.time_ms, false);
        let mut members: Vec<ItemRef> = judge.index.chain(&target.root).filter(|m| *m < here).collect();
        members.sort_unstable();
        let mut last: BTreeMap<(Arc<str>, i32), i64> = BTreeMap::new();
        for member in members {
            let Some((record, item)) = judge.index.item(member) else { continue };
            let Some(verdict) = item.verdict.as_deref() else { continue };
            chain.reached = union(std::mem::take(&mut chain.reached), &verdict.reached);
            withheld |= chain.note(item, verdict, now_ms, || judge.newer_out(item, member).is_empty());
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
                withheld |= chain.note(item, &own, now_ms, || judge.newer_out(item, here).is_empty());
            }
        }
        if !withheld {
            chain.open.clone_from(&chain.reached);
        }
        chain
    }

    /// Takes the next item of the chain in; true when it is withheld still.
    fn note(&mut self, item: &Item, verdict: &ItemVerdict, now_ms: i64, nothing_newer: impl FnOnce() -> bool) -> bool {
        let withheld = item.withheld_until_ms > now_ms;
        if !withheld && verdict.verdict() != VerdictCode::Kill {
            self.open = union(std::mem::take(&mut self.open), &verdict.streams);
        } else if withheld && verdict.verdict() != VerdictCode::Duplicate && !verdict.is_never_out() {
            self.open.clear();
        }
        match verdict.verdict() {
            VerdictCode::Kill => self.killed |= nothing_newer(),
            VerdictCode::Update | VerdictCode::Correction | VerdictCode::New => self.killed = false,
            VerdictCode::Duplicate | VerdictCode::Stale | VerdictCode::Killed | VerdictCode::Unknown => {}
        }
        withheld
    }
}
