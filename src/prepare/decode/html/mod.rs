//! HTML and entities to text: paragraphs, lists and tables stay readable, what is not for readers goes.
//!
//! Serves every format that carries HTML in a field. The mark-up is read once ([`parse`]) and walked once. Captions of pictures are not copy: they are taken out and kept.

pub mod article;
pub mod content;
pub mod entities;
pub mod metadata;
pub mod names;
pub mod parse;

use std::borrow::Cow;

use super::block::Blocks;
use crate::item::news::RuleNote;
use crate::item::wire::{Body, WireItem};
use names::{Attribute, Name};
use parse::Document;

/// What a piece of HTML says.
#[derive(Debug, PartialEq)]
pub struct Text {
    pub body: Body,
    /// Captions of pictures that stood in it.
    pub captions: Vec<String>,
}

/// Reads a fragment or document of HTML or XHTML.
pub fn read(html: &str) -> Text {
    let html = without_cdata(html);
    let document = Document::parse(&html);
    let mut blocks = Blocks::with_capacity(html.len());
    let mut captions = Vec::new();
    write(&document, 0, &mut blocks, &mut captions, &|_| false);
    Text { body: blocks.finish(), captions }
}

/// True where a text is mark-up rather than text that holds an angle bracket.
pub fn looks_like(text: &str) -> bool {
    has_tag(text)
}

/// Writes what a fragment says to blocks that hold more than it. Captions stay with the text.
pub fn walk(html: &str, blocks: &mut Blocks) {
    let html = without_cdata(html);
    let document = Document::parse(&html);
    let mut captions = Vec::new();
    write(&document, 0, blocks, &mut captions, &|_| false);
    for caption in captions {
        blocks.paragraph();
        blocks.text(&caption);
        blocks.paragraph();
    }
}

/// A field of one line that may hold HTML: a headline, a name. Text without mark-up and entities is borrowed.
///
/// What looks like a tag but is the name of no element stays: `Review: <Hamlet>`.
pub fn line(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    if !has_tag(text) {
        return entities::decode(text);
    }
    match read(text).body {
        Body::None => Cow::Borrowed(""),
        Body::Text(text) | Body::Paragraphs(text) => Cow::Owned(text.replace('\n', " ")),
    }
}

/// True where an element of HTML begins or ends in the text.
pub fn has_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes).any(|at| {
        let rest = &bytes[at + 1..];
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        let end = rest.iter().take(16).position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len().min(16));
        let after = rest.get(end).copied();
        let closes = after.is_none_or(|b| b == b'>' || b == b'/' || b.is_ascii_whitespace());
        let name = rest[..end].to_ascii_lowercase();
        end > 0 && closes && Name::of(&name) != Name::Other && memchr::memchr(b'>', rest).is_some()
    })
}

/// XHTML's CDATA sections, which HTML takes for comments, as text.
fn without_cdata(html: &str) -> Cow<'_, str> {
    const OPEN: &str = "<![CDATA[";
    if memchr::memmem::find(html.as_bytes(), OPEN.as_bytes()).is_none() {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = rest.find(OPEN) {
        out.push_str(&rest[..at]);
        let inside = &rest[at + OPEN.len()..];
        let (text, after) = inside.split_once("]]>").unwrap_or((inside, ""));
        // Feeds put HTML into CDATA, XHTML puts text: what has tags is mark-up.
        if has_tag(text) {
            out.push_str(text);
        } else {
            out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Some vendors repeat the headline as the body's first paragraph.
pub fn repeated_headline(item: &mut WireItem) {
    let Some(headline) = item.headline.as_deref().map(str::trim) else { return };
    let (Body::Text(body) | Body::Paragraphs(body)) = &item.body else { return };
    let (first, rest) = body.split_once('\n').unwrap_or((body, ""));
    if first.trim() != headline || rest.trim().is_empty() {
        return;
    }
    let (span, rest) = (first.to_owned(), rest.trim_start_matches('\n').to_owned());
    match &mut item.body {
        Body::Text(body) | Body::Paragraphs(body) => *body = rest,
        Body::None => {}
    }
    item.notes.push(RuleNote { field: "headlines", rule: "the headline repeated above the copy", span });
}

/// Writes what stands below a node, without the nodes that `left_out` names.
pub fn write(
    document: &Document,
    root: usize,
    blocks: &mut Blocks,
    captions: &mut Vec<String>,
    left_out: &dyn Fn(usize) -> bool,
) {
    // Elements whose end does something, with the node after their last descendant.
    let mut open: Vec<(u32, Name, u32)> = Vec::new();
    // Cells written of each open row.
    let mut cells: Vec<usize> = Vec::new();
    let range = document.descendants(root);
    let mut at = range.start;
    while at < range.end {
        while let Some(&(_, name, count)) = open.last().filter(|(end, ..)| *end as usize <= at) {
            close(blocks, &mut cells, name, count);
            open.pop();
        }
        let node = &document.nodes[at];
        if node.name == Name::Text {
            blocks.text(document.text(node));
            at += 1;
            continue;
        }
        if node.name.is_hidden() || is_invisible(document, at) || left_out(at) {
            at = node.end as usize;
            // What is left out parts the text around it, unless it stands within a line.
            if !node.name.is_inline() && !matches!(node.name, Name::Script | Name::Style | Name::Hidden) {
                blocks.paragraph();
            }
            continue;
        }
        if node.name == Name::Caption || (node.name == Name::Figure && is_picture(document, at)) {
            let caption = document.text_of(at);
            if !caption.is_empty() {
                captions.push(caption);
            }
            blocks.paragraph();
            at = node.end as usize;
            continue;
        }
        if node.name == Name::Preformatted {
            blocks.preformatted(&raw_text(document, at));
            at = node.end as usize;
            continue;
        }
        let count = begin(document, at, blocks, &mut cells);
        if node.end as usize > at + 1 || node.name == Name::Cell {
            open.push((node.end, node.name, count));
        } else {
            close(blocks, &mut cells, node.name, count);
        }
        at += 1;
    }
    while let Some((_, name, count)) = open.pop() {
        close(blocks, &mut cells, name, count);
    }
}

/// What an element's beginning does. Returns the cells of a row.
fn begin(document: &Document, at: usize, blocks: &mut Blocks, cells: &mut Vec<usize>) -> u32 {
    let node = &document.nodes[at];
    match node.name {
        Name::Break => blocks.line(),
        Name::Line | Name::Term | Name::Option => blocks.line(),
        Name::List => blocks.open_list(None),
        Name::NumberedList => {
            let first = document.attribute(node, Attribute::Start).and_then(|s| s.trim().parse().ok());
            blocks.open_list(Some(first.unwrap_or(1)));
        }
        Name::Item => blocks.item(),
        Name::Row => {
            cells.push(0);
            blocks.open_row(node.cells as usize);
        }
        Name::Cell => {
            let index = cells.last_mut().map_or(0, |count| {
                *count += 1;
                *count - 1
            });
            blocks.cell(index);
        }
        Name::Quote => blocks.text("“"),
        name if !name.is_inline() && !name.is_void() => blocks.paragraph(),
        _ => {}
    }
    node.cells
}

fn close(blocks: &mut Blocks, cells: &mut Vec<usize>, name: Name, count: u32) {
    match name {
        Name::Break | Name::Item => {}
        Name::Line | Name::Term | Name::Option => blocks.line(),
        Name::List | Name::NumberedList => blocks.close_list(),
        Name::Row => {
            cells.pop();
            blocks.close_row(count as usize);
        }
        Name::Cell => {}
        Name::Quote => blocks.text("”"),
        name if !name.is_inline() && !name.is_void() => blocks.paragraph(),
        _ => {}
    }
}

/// A figure is a picture with its caption and credit, unless it frames a table or a text.
fn is_picture(document: &Document, at: usize) -> bool {
    let below = document.nodes.get(document.descendants(at)).unwrap_or_default();
    let text = [Name::Table, Name::Preformatted, Name::Paragraph, Name::List, Name::NumberedList];
    below.iter().any(|node| node.name == Name::Image) && !below.iter().any(|node| text.contains(&node.name))
}

/// Elements that a browser does not show.
fn is_invisible(document: &Document, at: usize) -> bool {
    let node = &document.nodes[at];
    document.attribute(node, Attribute::Hidden).is_some_and(|value| value != "false")
        || document.attribute(node, Attribute::Style).is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Text below a node as it is written, line breaks included.
fn raw_text(document: &Document, at: usize) -> String {
    let mut out = String::new();
    let range = document.descendants(at);
    let mut at = range.start;
    while at < range.end {
        let node = &document.nodes[at];
        match node.name {
            Name::Text => out.push_str(document.text(node)),
            Name::Break => out.push('\n'),
            name if name.is_hidden() || is_invisible(document, at) => {
                at = node.end as usize;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(html: &str) -> String {
        match read(html).body {
            Body::None => String::new(),
            Body::Text(text) | Body::Paragraphs(text) => text,
        }
    }

    #[test]
    fn paragraphs_and_what_ends_them() {
        for (html, text) in [
            ("<p>One<p>Two <b>bold</b>ly", "One\n\nTwo boldly"),
            ("One<br>two<br/><br />three", "One\ntwo\nthree"),
            ("<div>One</div>\n<div>Two<span> three</span></div>", "One\n\nTwo three"),
            ("</p>One</b></div> two", "One two"),
            ("<h2>Head</h2>One &amp; two &ndash; caf&eacute; &#8220;x&#x201D;", "Head\n\nOne & two – café “x”"),
            ("<p>One<p/><p/>two</p>", "One\n\ntwo"),
            ("AT&T <3 a < b", "AT&T <3 a < b"),
            ("<p>He said: <q>No.</q></p>", "He said: “No.”"),
            ("<blockquote><p>One</p></blockquote>two", "One\n\ntwo"),
            ("<!-- no --><?xml no?><!DOCTYPE html>yes", "yes"),
            ("<p><![CDATA[a < b & c]]></p>", "a < b & c"),
            ("", ""),
            ("<p> \n </p>", ""),
        ] {
            assert_eq!(body(html), text, "{html}");
        }
    }

    #[test]
    fn lists_and_tables() {
        assert_eq!(
            body("Three:<ul><li>a<li>b<ol start=4><li>x<li>y</ol></ul>end"),
            "Three:\n\n- a\n- b\n4. x\n5. y\n\nend"
        );
        assert_eq!(body("<table><tr><th>A<th>B<tr><td>1<td></table>x"), "A | B\n1\n\nx");
        assert_eq!(body("<dl><dt>a<dd>b</dl>c"), "a\nb\n\nc");
        assert_eq!(body("<table><tr><td><p>layout</p><p>table</p></td></tr></table>"), "layout\n\ntable");
    }

    #[test]
    fn what_is_not_for_readers_goes() {
        for html in [
            "a<script>if (a < b) { '</p>' }</script> b",
            "a<style>p { color: red }</style> b",
            "a <span hidden>no</span>b",
            "a <div style='color: red; display : none'>no</div>b",
            "<html><head><title>no</title><meta name=x></head><body>a b</body></html>",
            "a <noscript>no</noscript>b",
            "a <iframe src=x></iframe>b",
        ] {
            assert_eq!(body(html).replace("\n\n", " "), "a b", "{html}");
        }
        // XHTML's empty elements hold nothing that the rest could be part of.
        assert_eq!(body("<p>a</p><script src='x'/><p>b</p><iframe src='y'/>c"), "a\n\nb\n\nc");
    }

    #[test]
    fn captions_are_kept_apart() {
        let text =
            read("<p>One</p><figure><img src=x><figcaption>The port. <b>Photo</b>: A B</figcaption></figure><p>two");
        assert_eq!(text.body, Body::Paragraphs("One\n\ntwo".to_owned()));
        assert_eq!(text.captions, ["The port. Photo: A B"]);
        let text =
            read("<p>One</p><figure><img><div class=credit>A B/Wire</div><figcaption>The port.</figcaption></figure>");
        assert_eq!(
            (text.body, &*text.captions),
            (Body::Paragraphs("One".to_owned()), &["A B/Wire The port.".to_owned()][..])
        );
    }

    #[test]
    fn preformatted_lines_stay() {
        assert_eq!(body("a<pre>b  c\n  d</pre>"), "a\n\nb  c\n  d");
        assert_eq!(read("<pre>b\nc</pre>").body, Body::Text("b\nc".to_owned()));
    }

    #[test]
    fn fields_of_one_line() {
        for (written, read) in [
            ("S&amp;P rises <b>3%</b>", "S&P rises 3%"),
            ("Review: <Hamlet> in Riga", "Review: <Hamlet> in Riga"),
            ("a < b > c", "a < b > c"),
            ("&quot;No&quot;", "\"No\""),
            ("<p>One</p><p>two</p>", "One  two"),
            ("plain", "plain"),
        ] {
            assert_eq!(line(written), read);
        }
    }

    #[test]
    fn depth_is_bounded_and_loses_nothing() {
        let html = format!("{}deep{}after", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert_eq!(body(&html), "deep\n\nafter");
        let html = format!("{}deep", "<ul><li>".repeat(10_000));
        assert!(body(&html).ends_with("deep"));
        let html = format!("{}deep", "<table><tr><td>".repeat(10_000));
        assert_eq!(body(&html), "deep");
    }
}
