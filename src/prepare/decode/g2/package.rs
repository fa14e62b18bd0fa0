//! Packages: what they refer to becomes associations, in the reading order of their groups.

use super::no_text;
use crate::item::Reject;
use crate::item::wire::{LinkRel, WireItem, WireLink};
use crate::prepare::decode::xml::Element;

/// References that one package gives, at most; the rest are left out.
const MAX_REFERENCES: usize = 500;
/// Groups within groups, at most.
const MAX_DEPTH: usize = 16;

/// Adds the package's references; without a headline it takes its title.
///
/// # Errors
/// A package that nothing names.
pub fn read(element: Element<'_, '_>, item: &mut WireItem) -> Result<(), Reject> {
    let title = element.child("itemMeta").and_then(|meta| meta.child_text("title"));
    item.headline = item.headline.take().or(title);
    if let Some(set) = element.child("groupSet") {
        let root = set.attr("root").and_then(|id| group(set, id)).or_else(|| set.child("group"));
        if let Some(root) = root {
            references(set, root, item, 0);
        }
    }
    if item.headline.is_none() && item.summary.is_none() && item.status.as_deref() != Some("canceled") {
        let message = format!("a package of {} references without headline or summary", item.links.len());
        return Err(no_text(message));
    }
    Ok(())
}

fn group<'t, 'a>(set: Element<'t, 'a>, id: &str) -> Option<Element<'t, 'a>> {
    set.children("group").find(|group| group.attr("id") == Some(id))
}

fn references(set: Element<'_, '_>, of: Element<'_, '_>, item: &mut WireItem, depth: usize) {
    for part in of.elements() {
        if item.links.len() >= MAX_REFERENCES || depth > MAX_DEPTH {
            return;
        }
        match part.name() {
            "groupRef" => {
                if let Some(inner) = part.attr("idref").and_then(|id| group(set, id)) {
                    references(set, inner, item, depth + 1);
                }
            }
            "itemRef" => {
                let Some(id) = part.attr("residref").or(part.attr("href")) else { continue };
                if item.links.iter().any(|link| link.rel == LinkRel::Association && link.id == id) {
                    continue;
                }
                let title = ["headline", "title", "slugline"].iter().find_map(|name| part.child_text(name));
                item.links.push(WireLink { rel: LinkRel::Association, id: id.to_owned(), title });
            }
            _ => {}
        }
    }
}
