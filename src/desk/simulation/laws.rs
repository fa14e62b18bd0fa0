//! What must hold once a run has settled.

use std::collections::{BTreeMap, HashMap};

use super::broker::{Broker, Origin, Output};
use super::kills;
use super::wire::{copies_cluster, partition_at};
use crate::desk::owner::DecidedItem;
use crate::desk::sighting::{Body, Decision, ItemVerdict, LogEntry, Sighting, VerdictCode};
use crate::item::news::Kind;

pub fn check(broker: &Broker) -> Result<(), String> {
    let desk = Desk::new(broker);
    desk.each_record_once()?;
    desk.by_the_first_decision()?;
    if !broker.plan.operator && !broker.plan.recreate {
        desk.nothing_before_what_it_names()?;
        desk.in_order()?;
    }
    if broker.plan.is_plain() && broker.plan.is_long() {
        desk.one_new_a_cluster()?;
        desk.nothing_lost_by_suppression()?;
        kills::check(&desk.items()?)?;
        desk.one_story_a_chain()?;
    }
    Ok(())
}

/// A published item with its place.
pub struct Published<'a> {
    pub sighting: u64,
    pub transaction: usize,
    pub item: &'a DecidedItem,
    pub seen: &'a crate::desk::sighting::ItemSighting,
}

struct Desk<'a> {
    broker: &'a Broker,
    /// Transaction and place in it, of each committed record.
    order: HashMap<(usize, i64), usize>,
}

impl<'a> Desk<'a> {
    fn new(broker: &'a Broker) -> Self {
        let mut order = HashMap::new();
        for output in &broker.outputs {
            order.entry((output.origin.0, output.origin.2)).or_insert(output.transaction);
        }
        Self { broker, order }
    }

    fn entry(&self, offset: u64) -> &'a LogEntry {
        &self.broker.log[usize::try_from(offset).unwrap()].1
    }

    fn sighting(&self, offset: u64) -> Result<&'a Sighting, String> {
        match &self.entry(offset).body {
            Some(Body::Sighting(s)) => Ok(s),
            other => Err(format!("published by {offset}, which is no sighting: {other:?}")),
        }
    }

    fn items(&self) -> Result<Vec<Published<'a>>, String> {
        let mut items = Vec::new();
        for output in &self.broker.outputs {
            let Some((sighting, decided)) = &output.decided else { continue };
            let seen = self.sighting(*sighting)?;
            for item in decided {
                let seen = seen.items.iter().find(|i| i.item == item.item).ok_or("a verdict on no item")?;
                items.push(Published { sighting: *sighting, transaction: output.transaction, item, seen });
            }
        }
        items.sort_by_key(|i| (i.sighting, i.item.item));
        Ok(items)
    }

    /// Conservation: every raw record has one outcome, and one only.
    fn each_record_once(&self) -> Result<(), String> {
        let mut times: HashMap<Origin, usize> = HashMap::new();
        for output in &self.broker.outputs {
            *times.entry(output.origin).or_default() += 1;
            self.is_complete(output)?;
        }
        for (partition, raw) in self.broker.raw.iter().enumerate() {
            for offset in 0..self.broker.raw_end(partition) {
                let origin = (partition, raw.life, offset);
                let count = times.get(&origin).copied().unwrap_or(0);
                if count != 1 && !self.broker.touched.contains(&origin) {
                    return Err(format!("once: {origin:?} was published {count} times"));
                }
            }
        }
        match times.iter().find(|(origin, count)| **count > 1 && !self.broker.touched.contains(origin)) {
            Some((origin, count)) => Err(format!("once: {origin:?} was published {count} times")),
            None => Ok(()),
        }
    }

    /// The record that was read is the one that was sighted, and each of its items has a verdict.
    fn is_complete(&self, output: &Output) -> Result<(), String> {
        let Some((sighting, items)) = &output.decided else { return Ok(()) };
        let seen = self.sighting(*sighting)?;
        let place = (partition_at(&(seen.topic.clone(), seen.partition)), seen.offset);
        if place != (output.origin.0, output.origin.2) {
            return Err(format!("{:?} was published by the sighting of {place:?}", output.origin));
        }
        let of_this_life = self.broker.raw[place.0].life == output.origin.1;
        if of_this_life && self.broker.raw[place.0].records[usize::try_from(place.1).unwrap()].hash != seen.raw_hash {
            return Err(format!("{:?} was published by the sighting of another record", output.origin));
        }
        if items.len() != seen.items.len() {
            return Err(format!("{:?}: {} verdicts on {} items", output.origin, items.len(), seen.items.len()));
        }
        Ok(())
    }

    /// What goes out is what the first decision that counts says, whoever wrote it.
    fn by_the_first_decision(&self) -> Result<(), String> {
        let lateness = self.broker.plan.config.max_lateness_records;
        let mut first: HashMap<u64, &Decision> = HashMap::new();
        for (offset, (_, entry)) in (0u64..).zip(&self.broker.log) {
            if let Some(Body::Decision(decision)) = &entry.body
                && offset - entry.seen <= lateness
                && entry.epoch == self.broker.epoch
            {
                first.entry(decision.sighting).or_insert(decision);
            }
        }
        for output in &self.broker.outputs {
            let Some((sighting, items)) = &output.decided else { continue };
            let Some(decision) = first.get(sighting) else {
                return Err(format!("first decision: {:?} was published without one", output.origin));
            };
            let published: Vec<&ItemVerdict> = items.iter().map(|i| &i.verdict).collect();
            if published != decision.items.iter().collect::<Vec<_>>() {
                return Err(format!("first decision: {:?} was published by another", output.origin));
            }
        }
        Ok(())
    }

    /// Every record that a verdict names in `after` is out no later than the verdict's.
    fn nothing_before_what_it_names(&self) -> Result<(), String> {
        for output in &self.broker.outputs {
            let Some((_, items)) = &output.decided else { continue };
            for reference in items.iter().flat_map(|i| &i.verdict.after) {
                let place = (partition_at(&(reference.topic.clone(), reference.partition)), reference.offset);
                match self.order.get(&place) {
                    Some(out) if *out <= output.transaction => {}
                    other => {
                        let at = output.transaction;
                        return Err(format!("order: {:?} went in {at}, {place:?} in {other:?}", output.origin));
                    }
                }
            }
        }
        Ok(())
    }

    /// A partition's records go out in their order.
    fn in_order(&self) -> Result<(), String> {
        let mut last: HashMap<usize, i64> = HashMap::new();
        for output in &self.broker.outputs {
            let (partition, _, offset) = output.origin;
            if last.insert(partition, offset).is_some_and(|before| before >= offset) {
                return Err(format!("order: {:?} went after a later one of its partition", output.origin));
            }
        }
        Ok(())
    }

    fn one_new_a_cluster(&self) -> Result<(), String> {
        let mut news: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for published in &self.items()? {
            let Some(cluster) = copies_cluster(&published.item.uri) else { continue };
            let (all, new) = news.entry(copies_cluster(&published.seen.uri).unwrap_or(cluster)).or_default();
            *all += 1;
            *new += usize::from(published.item.verdict.verdict() == VerdictCode::New);
        }
        match news.iter().find(|(_, (_, new))| *new != 1) {
            Some((cluster, (all, new))) => Err(format!("copies: {new} of {all} in cluster {cluster} are new")),
            None => Ok(()),
        }
    }

    /// What is suppressed went out before, by an earlier item of its chain that may be used as soon; and nothing that changes a story is suppressed.
    fn nothing_lost_by_suppression(&self) -> Result<(), String> {
        let items = self.items()?;
        for (at, published) in items.iter().enumerate() {
            let verdict = &published.item.verdict;
            let earlier = || items[..at].iter();
            let missing: Vec<&String> =
                published.seen.streams.iter().filter(|s| !verdict.streams.contains(s)).collect();
            let changes = published.item.kind != Kind::Original;
            match verdict.verdict() {
                VerdictCode::Duplicate => {
                    let same = |e: &Published<'_>| {
                        e.item.kind == published.item.kind && e.seen.content_hash == published.seen.content_hash
                    };
                    if changes && !earlier().any(same) {
                        return Err(format!("suppressed: {} changes a story", published.item.uri));
                    }
                    for stream in missing {
                        let withheld = |e: &Published<'_>| e.seen.withheld_until_ms > 0;
                        let went = |e: &Published<'_>| {
                            (withheld(published) || !withheld(e))
                                && e.item.verdict.root == verdict.root
                                && e.item.verdict.streams.contains(stream)
                                && e.transaction <= published.transaction
                        };
                        if !earlier().any(went) {
                            return Err(format!("suppressed: {} never reached {stream}", published.item.uri));
                        }
                    }
                }
                VerdictCode::Stale => {
                    let newer =
                        |e: &Published<'_>| e.item.uri == published.item.uri && e.seen.version > published.seen.version;
                    if !earlier().any(newer) {
                        return Err(format!("suppressed: {} is not stale", published.item.uri));
                    }
                }
                // A kill goes where its item went, and what it stands against nowhere; see the laws of kills.
                VerdictCode::Killed if verdict.streams.is_empty() => {}
                VerdictCode::Kill
                    if published.item.verdict.of.is_some() && !published.item.verdict.streams.is_empty() => {}
                _ if !missing.is_empty() => {
                    return Err(format!("suppressed: {} does not go to {missing:?}", published.item.uri));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What is a version, a copy or a kill of an item is in its story.
    fn one_story_a_chain(&self) -> Result<(), String> {
        let mut told: HashMap<&str, u64> = HashMap::new();
        for published in &self.items()? {
            let verdict = &published.item.verdict;
            let story = *told.entry(&verdict.root).or_insert(verdict.story);
            if verdict.story == 0 || (verdict.of.is_some() && verdict.story != story) {
                return Err(format!("story: {} is in {:x}, its chain in {story:x}", published.item.uri, verdict.story));
            }
        }
        Ok(())
    }
}
