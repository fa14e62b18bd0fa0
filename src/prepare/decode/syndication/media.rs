//! Pictures, sound and video of an entry: associations of the item, each with what is written about it.

use super::content::{self, Written};
use super::names::{Module, Names};
use crate::item::wire::{LinkRel, WireItem, WireLink};
use crate::prepare::decode::xml::Element;

/// Associations of one entry, at most: galleries are no news text.
const MAX_MEDIA: usize = 100;

/// Media of one entry, in their order.
#[derive(Debug, Default)]
pub struct Media {
    found: Vec<(String, Option<String>)>,
    /// Small copies of what else is there.
    thumbnails: Vec<String>,
}

impl Media {
    /// An address and what is written about it; one that is there already only adds a caption that it lacked.
    pub fn add(&mut self, address: &str, caption: Option<String>) {
        if let Some((_, known)) = self.found.iter_mut().find(|(known, _)| known == address) {
            *known = known.take().or(caption);
        } else if self.found.len() < MAX_MEDIA && !address.is_empty() {
            self.found.push((address.to_owned(), caption));
        }
    }

    /// Reads an element of Media RSS: `content`, a `group` of renditions, a `thumbnail`.
    pub fn read(&mut self, element: Element<'_, '_>, names: &Names<'_>) {
        match element.name() {
            "content" => {
                let address = element.attr("url").or_else(|| player(element)).unwrap_or_default();
                self.add(address, caption(element, names));
            }
            // Renditions of one thing: the one that is marked, else the first.
            "group" => {
                let renditions: Vec<_> = element.elements().filter(|e| e.name() == "content").collect();
                let default = renditions.iter().find(|e| e.attr("isDefault") == Some("true")).or(renditions.first());
                if let Some(one) = default {
                    let caption = caption(*one, names).or_else(|| caption(element, names));
                    let address = one.attr("url").or_else(|| player(*one)).unwrap_or_default();
                    self.add(address, caption);
                }
            }
            "thumbnail" => self.thumbnails.extend(element.attr("url").map(str::to_owned)),
            _ => {}
        }
    }

    /// Links of the item. A thumbnail counts where there is nothing that it could be of.
    pub fn finish(mut self, item: &mut WireItem) {
        if self.found.is_empty() {
            let thumbnail = self.thumbnails.into_iter().next();
            self.found.extend(thumbnail.map(|address| (address, None)));
        }
        let association = |(id, title)| WireLink { rel: LinkRel::Association, id, title };
        item.links.extend(self.found.into_iter().map(association));
    }
}

fn player<'t>(element: Element<'t, '_>) -> Option<&'t str> {
    element.elements().find(|child| child.name() == "player").and_then(|player| player.attr("url"))
}

/// Description and credit of a picture; its title where it has no description.
fn caption(element: Element<'_, '_>, names: &Names<'_>) -> Option<String> {
    let text = |name: &str| {
        let found = element.elements().find(|child| child.name() == name && names.module(*child) == Module::Media)?;
        content::line(Written::Either, &found.raw_text())
    };
    let said = text("description").or_else(|| text("title")).or_else(|| text("text"));
    match (said, text("credit").or_else(|| text("copyright"))) {
        (Some(said), Some(credit)) if !said.contains(&credit) => Some(format!("{said} ({credit})")),
        (Some(said), _) => Some(said),
        (None, credit) => credit,
    }
}
