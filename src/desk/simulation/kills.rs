//! The laws of kills: what a reader of the outputs can count on, whatever the order of arrival. Items stand in the log's order.

use super::laws::Published;
use crate::desk::sighting::VerdictCode;
use crate::item::news::Kind;
use crate::prepare::route::NOTICES;

pub fn check(items: &[Published<'_>]) -> Result<(), String> {
    for (at, published) in items.iter().enumerate() {
        let earlier = &items[..at];
        if published.item.kind == Kind::Kill {
            a_kill_goes_out(published)?;
            it_reaches_all(published, earlier)?;
            it_harms_nothing_newer(published, earlier)?;
        } else {
            it_is_remembered(published, earlier)?;
        }
    }
    Ok(())
}

fn verdict(published: &Published<'_>) -> VerdictCode {
    published.item.verdict.verdict()
}

fn streams<'a>(published: &'a Published<'_>) -> &'a [String] {
    &published.item.verdict.streams
}

fn same_id(a: &Published<'_>, b: &Published<'_>) -> bool {
    a.seen.uri == b.seen.uri
}

/// Never stale, never a duplicate, never nowhere; with no item to go after, among the notices.
fn a_kill_goes_out(kill: &Published<'_>) -> Result<(), String> {
    if verdict(kill) != VerdictCode::Kill || streams(kill).is_empty() {
        return Err(format!("kill: {} does not go out: {:?}", kill.item.uri, verdict(kill)));
    }
    if kill.item.verdict.of.is_none() && !streams(kill).iter().any(|s| s == NOTICES) {
        return Err(format!("kill: {} has no item, and is not among the notices", kill.item.uri));
    }
    Ok(())
}

/// Whether an earlier item is a version that outlives a kill.
fn outlives(version: &Published<'_>, kill: &Published<'_>) -> bool {
    let is_newer = matches!((version.seen.version, kill.seen.version), (Some(theirs), Some(mine)) if theirs > mine);
    version.item.kind != Kind::Kill && same_id(version, kill) && is_newer && !streams(version).is_empty()
}

/// It goes wherever an earlier item of its chain, or version of its id, went, but where a version stands that outlives it.
fn it_reaches_all(kill: &Published<'_>, earlier: &[Published<'_>]) -> Result<(), String> {
    let outliving: Vec<&Published<'_>> = earlier.iter().filter(|e| outlives(e, kill)).collect();
    let spared = |stream: &String| outliving.iter().any(|e| streams(e).contains(stream));
    for other in earlier {
        if !same_id(other, kill) && other.item.verdict.root != kill.item.verdict.root {
            continue;
        }
        // A notice is no version of an item: what it says besides is its own.
        let is_notice = |stream: &String| stream == NOTICES;
        let missed = |s: &&String| !streams(kill).contains(s) && !is_notice(s) && !spared(s);
        if let Some(stream) = streams(other).iter().find(missed) {
            return Err(format!("kill: {} does not reach {stream}", kill.item.uri));
        }
        if other.transaction > kill.transaction {
            return Err(format!("kill: {} went before {}", kill.item.uri, other.item.uri));
        }
    }
    if !outliving.is_empty() && !streams(kill).iter().any(|s| s == NOTICES) {
        return Err(format!("kill: {} is older than what is out, and not among the notices", kill.item.uri));
    }
    Ok(())
}

fn it_harms_nothing_newer(kill: &Published<'_>, earlier: &[Published<'_>]) -> Result<(), String> {
    for version in earlier.iter().filter(|e| outlives(e, kill)) {
        if let Some(stream) = streams(kill).iter().find(|s| streams(version).contains(s)) {
            return Err(format!("kill: {} harms a newer version in {stream}", kill.item.uri));
        }
    }
    Ok(())
}

/// What an earlier kill names and is not newer goes nowhere, and is called so; and nothing else is.
fn it_is_remembered(published: &Published<'_>, earlier: &[Published<'_>]) -> Result<(), String> {
    let stands = earlier.iter().enumerate().any(|(at, kill)| stands_against(kill, &earlier[..at], published));
    let is_killed = verdict(published) == VerdictCode::Killed;
    if stands != is_killed {
        return Err(format!("kill: {} is {:?}, a kill stands: {stands}", published.item.uri, verdict(published)));
    }
    Ok(())
}

fn stands_against(kill: &Published<'_>, before: &[Published<'_>], published: &Published<'_>) -> bool {
    let by_id = same_id(kill, published);
    let by_name = kill.seen.refers_to.as_deref() == Some(&published.seen.uri);
    if kill.item.kind != Kind::Kill || !(by_id || by_name) {
        return false;
    }
    if by_id && let (Some(mine), Some(killed)) = (published.seen.version, kill.seen.version) {
        return mine <= killed;
    }
    let meant = || before.iter().filter(|e| e.item.kind != Kind::Kill && same_id(e, published));
    let is_unheard_of = meant().next().is_none();
    let repeats = meant().any(|e| e.seen.content_hash == published.seen.content_hash);
    !matches!(published.item.kind, Kind::Update | Kind::Correction) && (is_unheard_of || repeats)
}
