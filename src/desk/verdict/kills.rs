//! Kills: where they go, and what they stand against.
//!
//! - A kill always goes out, as a `kill`: it is never `stale` and never a `duplicate`, whatever its version or text.
//! - It goes to every stream that its chain has reached. Where that is none, because its item is unknown or long gone, it goes
//!   where its own copy says, and to [`NOTICES`].
//! - Nothing newer is harmed by an older kill: in streams that hold a version which is newer than the one that it names, there is
//!   nothing left to take back. It goes to the other streams and to [`NOTICES`], and the chain is not killed.
//! - A kill is remembered. What it names and is not newer is `killed`, and goes nowhere, also when it comes after the kill: by
//!   version where the wire gives one. Without, a correction or an update is newer; an original is not when it repeats what was
//!   killed, or when the kill came before anything that it could have meant.

use super::chain::Chain;
use super::{Judge, union};
use crate::desk::index::{Item, ItemRef};
use crate::desk::sighting::{ItemVerdict, MatchedCode, VerdictCode};
use crate::item::news::Kind;
use crate::item::published::{Matched, Verdict};
use crate::prepare::route::NOTICES;

impl Judge<'_> {
    /// Where a kill goes, and what its chain has reached then. `own`: where its copy would go by itself; `reached`: what the chain
    /// had reached before.
    pub(super) fn kill_streams(
        &mut self,
        here: ItemRef,
        item: &Item,
        own: Vec<String>,
        reached: Vec<String>,
    ) -> (Vec<String>, Vec<String>) {
        if reached.is_empty() {
            return (noticed(own.clone()), own);
        }
        let replaced = self.newer_out(item, here);
        let left = reached.iter().filter(|s| !replaced.contains(s)).cloned().collect();
        // What a notice says of itself is not what it takes back: it goes where the item went, and nowhere else.
        (if replaced.is_empty() { left } else { noticed(left) }, reached)
    }

    /// Streams that hold a version of a kill's item which is newer than the kill, of those that stand before a place in the log.
    pub(super) fn newer_out(&mut self, kill: &Item, before: ItemRef) -> Vec<String> {
        let (true, Some(version)) = (kill.has_own_id, kill.version) else { return Vec::new() };
        let mut streams = Vec::new();
        for candidate in self.standing(self.index.with_uri(&kill.uri, before)) {
            let is_newer = self.get(candidate).is_some_and(|i| {
                i.kind != Kind::Kill && i.has_own_id && i.uri == kill.uri && i.version.is_some_and(|v| v > version)
            });
            if is_newer && let Some(verdict) = self.verdict(candidate) {
                streams = union(streams, &verdict.streams);
            }
        }
        streams
    }

    /// The newest kill that stands against an item.
    pub(super) fn standing_kill(&mut self, here: ItemRef, item: &Item) -> Option<ItemRef> {
        if item.kind == Kind::Kill {
            return None;
        }
        let mut candidates = self.index.with_uri(&item.uri, here);
        candidates.extend(self.index.with_reference(&item.uri, here));
        if item.words > 0 {
            candidates.extend(self.index.with_content(item.content, here));
        }
        candidates.retain(|c| self.get(*c).is_some_and(|i| i.kind == Kind::Kill));
        let mut kills = self.standing(candidates);
        kills.sort_unstable();
        kills.into_iter().rev().find(|kill| self.stands_against(*kill, here, item))
    }

    fn stands_against(&self, kill: ItemRef, here: ItemRef, item: &Item) -> bool {
        let Some((record, notice)) = self.index.item(kill) else { return false };
        let by_id = notice.has_own_id && item.has_own_id && notice.uri == item.uri;
        let by_name = notice.refers_to.as_deref() == Some(&*item.uri);
        // A notice without any id that repeats its item's text, on a wire that gives none.
        let by_text = notice.refers_to.is_none()
            && !notice.has_own_id
            && notice.content == item.content
            && record.feed == self.record.feed;
        if by_id && let (Some(mine), Some(killed)) = (item.version, notice.version) {
            return mine <= killed;
        }
        // Comes later.
        if matches!(item.kind, Kind::Update | Kind::Correction) {
            return false;
        }
        if !(by_id || by_name) {
            return by_text;
        }
        let mut meant = self.standing(self.index.with_uri(&item.uri, here.min(kill)));
        meant.retain(|c| self.get(*c).is_some_and(|i| i.kind != Kind::Kill && i.uri == item.uri));
        meant.is_empty() || meant.iter().any(|c| self.get(*c).is_some_and(|i| i.content == item.content))
    }

    /// The verdict on an item that a kill stands against.
    pub(super) fn killed(&mut self, here: ItemRef, item: &Item, kill: ItemRef) -> ItemVerdict {
        let notice = self.get(kill).map_or_else(|| item.uri.to_string(), |i| i.uri.to_string());
        // Without a verdict yet, this one is provisional and thrown away: the record waits.
        let theirs = self
            .verdict(kill)
            .cloned()
            .unwrap_or_else(|| ItemVerdict { root: notice.clone(), ..ItemVerdict::default() });
        let chain = Chain::of(self, here, &theirs);
        ItemVerdict {
            item: item.index,
            verdict: VerdictCode::from(Verdict::Killed).into(),
            of: Some(notice),
            root: theirs.root,
            matched: MatchedCode::from(Some(Matched::Id)).into(),
            reached: chain.reached,
            after: chain.after,
            ..ItemVerdict::default()
        }
    }
}

/// Some streams and the notices. Later items of the chain follow it to its streams, but not to the notices.
pub(super) fn noticed(streams: Vec<String>) -> Vec<String> {
    union(streams, &[NOTICES.to_owned()])
}
