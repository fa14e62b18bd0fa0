//! What an entry says: mark-up, escaped mark-up or plain text, to paragraphs.

use std::borrow::Cow;

use crate::item::wire::{Body, WireItem};
use crate::prepare::decode::block::Blocks;
use crate::prepare::decode::html::{self, entities};
use crate::prepare::decode::markup::{self, Aside};
use crate::prepare::decode::xml::Element;
use crate::prepare::decode::{json, nitf};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Text, or HTML where it looks like that: RSS does not say which.
    Either,
    /// Plain text: an angle bracket is one.
    Plain,
    Html,
    /// Elements of XHTML or of a news format, in the document itself.
    Inline,
}

/// One text of an entry.
#[derive(Clone, Debug)]
pub struct Text<'t> {
    pub written: Written,
    pub text: Cow<'t, str>,
}

/// Elements that part paragraphs; where HTML has none of them, its empty lines do.
const BLOCKS: &[&str] =
    &["<p", "<br", "<div", "<li", "<h1", "<h2", "<h3", "<h4", "<td", "<tr", "<blockquote", "<section", "<pre", "<dd"];

/// A text of one line: a title, a name.
pub fn line(written: Written, text: &str) -> Option<String> {
    let line = match written {
        Written::Plain => Cow::Borrowed(text),
        Written::Either | Written::Html | Written::Inline => html::line(text),
    };
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(line).filter(|line| !line.is_empty())
}

/// A text as a field that is no body: paragraphs without their pictures.
pub fn paragraphs(written: Written, text: &str) -> Option<String> {
    match body(written, text).0 {
        Body::None => None,
        Body::Text(text) | Body::Paragraphs(text) => Some(text),
    }
}

/// A text as a body, and the captions of pictures in it.
pub fn body(written: Written, text: &str) -> (Body, Vec<String>) {
    let markup = match written {
        Written::Plain => false,
        Written::Html | Written::Inline => true,
        Written::Either => html::looks_like(text),
    };
    if !markup {
        let text = if written == Written::Plain { Cow::Borrowed(text) } else { entities::decode(text) };
        let mut blocks = Blocks::default();
        if has_empty_line(&text) || markup::has_layout(&text) {
            blocks.copy(&text);
        } else {
            blocks.text(&text);
        }
        return (blocks.finish(), Vec::new());
    }
    let html::Text { body, captions } = match has_empty_line(text) && !has_blocks(text) {
        true => html::read(&as_paragraphs(text)),
        false => html::read(text),
    };
    (body, captions)
}

/// Puts elements of the document into an item's body: XHTML, or NITF, as AP's Atom carried it.
pub fn set_inline_body(element: Element<'_, '_>, item: &mut WireItem) {
    if let Some(document) = element.elements().find(|child| child.name().eq_ignore_ascii_case("nitf")) {
        item.body = nitf::read_inside(document, item);
        return;
    }
    let mut aside = Aside::default();
    item.body = markup::body(element, &mut aside);
    aside.finish(item);
}

/// Puts a text into an item's body, and the captions in it beside it.
pub fn set_body(text: &Text<'_>, item: &mut WireItem) {
    let (body, captions) = body(text.written, &text.text);
    item.body = body;
    json::keep_captions(item, captions);
}

fn has_empty_line(text: &str) -> bool {
    let mut lines = text.trim().lines();
    lines.any(|line| line.trim().is_empty())
}

fn has_blocks(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    BLOCKS.iter().any(|tag| lower.contains(tag))
}

/// HTML of inline elements alone, each of its paragraphs in an element.
fn as_paragraphs(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut open = false;
    for line in html.trim().lines() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        out.push_str(if open { "\n" } else { "<p>" });
        out.push_str(line);
        open = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: Written, text: &str) -> String {
        paragraphs(written, text).unwrap_or_default()
    }

    #[test]
    fn what_may_be_either() {
        for (text, expected) in [
            ("Fish &amp; chips\n  for all", "Fish & chips for all"),
            ("a < b, and b > c", "a < b, and b > c"),
            ("<p>One <b>two</b>.</p><p>Three.</p>", "One two.\n\nThree."),
            ("One <b>two</b>.\n\nThree\nfour.", "One two.\n\nThree four."),
            ("One.\n\nTwo.", "One.\n\nTwo."),
            ("", ""),
        ] {
            assert_eq!(read(Written::Either, text), expected, "{text}");
        }
    }

    #[test]
    fn plain_text_is_left_as_it_is() {
        assert_eq!(read(Written::Plain, "The tag <p> &amp; its end"), "The tag <p> &amp; its end");
        assert_eq!(line(Written::Plain, " a <b>\n c ").as_deref(), Some("a <b> c"));
        assert_eq!(line(Written::Either, "a <b>c</b>&#8217;s").as_deref(), Some("a c’s"));
    }
}
