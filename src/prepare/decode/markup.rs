//! XHTML and NITF content to paragraphs.
//!
//! One walker for both, since NITF took its blocks from HTML. What is no running copy in NITF (notes, captions, taglines) is set
//! aside for the fields that it belongs in.

use super::block::{self, Blocks, Tag};
use super::html;
use super::xml::{self, Child, Element};
use crate::item::wire::{Body, LinkRel, WireItem, WireLink};
use crate::prepare::normalize::layout;

/// Characters of a line that the wire's width broke.
const WRAP_CHARS: std::ops::RangeInclusive<usize> = 40..=90;

/// What a content element held besides its copy.
#[derive(Debug, Default)]
pub struct Aside {
    /// Notes to editors, and copy that is marked as not for publication.
    pub notes: Vec<String>,
    /// Pictures and other media that stand in it: where each is, and its caption and credit.
    pub captions: Vec<(String, String)>,
    /// Who else wrote it, from the end of the body.
    pub taglines: Vec<String>,
}

impl Aside {
    /// Puts each part where it belongs: taglines below the copy, which normalization reads, notes and captions beside it.
    pub fn finish(self, item: &mut WireItem) {
        item.ed_notes.extend(self.notes);
        for (id, caption) in self.captions {
            match id.is_empty() {
                true => item.ed_notes.push(caption),
                false => {
                    let title = Some(caption).filter(|caption| !caption.is_empty());
                    item.links.push(WireLink { rel: LinkRel::Association, id, title });
                }
            }
        }
        for line in self.taglines {
            let (Body::Text(body) | Body::Paragraphs(body)) = &mut item.body else {
                item.body = Body::Paragraphs(line);
                continue;
            };
            body.push_str("\n\n");
            body.push_str(&line);
        }
    }
}

/// Walks the content of an element.
pub fn walk(element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    if element.elements().next().is_none() {
        return running_text(element, blocks);
    }
    if is_laid_out(element) {
        return blocks.copy(&element.raw_text());
    }
    for child in element.nodes() {
        match child {
            Child::Text(text) => blocks.text(text),
            Child::Break => blocks.line(),
            Child::Element(child) => walk_element(child, blocks, aside),
        }
    }
}

/// The body of a content element.
pub fn body(element: Element<'_, '_>, aside: &mut Aside) -> Body {
    let mut blocks = Blocks::default();
    walk(element, &mut blocks, aside);
    blocks.finish()
}

fn walk_element(element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    let name = element.name().to_ascii_lowercase();
    match name.as_str() {
        "hl1" | "hl2" | "block" | "bq" | "fn" | "nitf-table" | "lede" | "credit" | "abstract" | "body.content" => {
            blocks.paragraph();
            walk(element, blocks, aside);
            blocks.paragraph();
        }
        "note" => aside.notes.extend(note(element)),
        "media" | "figure" => aside.captions.extend(media(element)),
        "tagline" | "bibliography" => aside.taglines.extend(element.text()),
        // The table's name, which its copy repeats or does not need.
        "nitf-table-metadata" | "nitf-col" | "nitf-colgroup" | "col" | "colgroup" => {}
        _ => html_element(block::tag(&name), element, blocks, aside),
    }
}

fn html_element(tag: Tag, element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    match tag {
        Tag::Inline => walk_inline(element, blocks, aside),
        Tag::Paragraph => {
            blocks.paragraph();
            paragraph(element, blocks, aside);
            blocks.paragraph();
        }
        Tag::Line => {
            blocks.line();
            walk(element, blocks, aside);
            blocks.line();
        }
        Tag::Break => blocks.line(),
        Tag::List | Tag::NumberedList => {
            let first = element.attr("start").or(element.attr("seqnum")).and_then(|n| n.parse().ok()).unwrap_or(1);
            blocks.open_list((tag == Tag::NumberedList).then_some(first));
            walk(element, blocks, aside);
            blocks.close_list();
        }
        Tag::Item => {
            blocks.item();
            walk(element, blocks, aside);
        }
        Tag::Row => row(element, blocks, aside),
        Tag::Cell => {
            blocks.paragraph();
            walk(element, blocks, aside);
            blocks.paragraph();
        }
        Tag::Preformatted => blocks.preformatted(&element.raw_text()),
        Tag::Hidden => {}
    }
}

/// A paragraph. Lines that `br` breaks at the width of a wire's page are one line.
fn paragraph(element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    let broken = element.elements().any(|e| e.name().eq_ignore_ascii_case("br"));
    if !broken || element.descendants().any(|e| block::tag(&e.name().to_ascii_lowercase()) == Tag::Paragraph) {
        return walk(element, blocks, aside);
    }
    let mut inner = Blocks::default();
    walk(element, &mut inner, aside);
    let text = inner.into_text();
    let wrapped = is_broken_by_width(&text);
    for (at, line) in text.split('\n').enumerate() {
        match (at, wrapped) {
            (0, _) => {}
            (_, true) => blocks.text(" "),
            (_, false) => blocks.line(),
        }
        blocks.text(line);
    }
}

/// True where most lines stop in mid-sentence, all about as long as a line of the wire.
fn is_broken_by_width(text: &str) -> bool {
    let lines: Vec<&str> = text.split('\n').collect();
    let Some((_, full)) = lines.split_last() else { return false };
    let stops = full.iter().filter(|line| layout::ends_sentence(line)).count();
    let width = |line: &&str| (WRAP_CHARS).contains(&line.chars().count());
    full.iter().all(width) && stops * 2 <= full.len() && !lines.iter().any(|line| layout::is_list_item(line))
}

fn walk_inline(element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    for child in element.nodes() {
        match child {
            Child::Text(text) => blocks.text(text),
            Child::Break => blocks.line(),
            Child::Element(child) => walk_element(child, blocks, aside),
        }
    }
}

fn row(element: Element<'_, '_>, blocks: &mut Blocks, aside: &mut Aside) {
    let is_cell = |cell: &Element<'_, '_>| matches!(block::tag(&cell.name().to_ascii_lowercase()), Tag::Cell);
    let cells = element.elements().filter(is_cell).count();
    blocks.open_row(cells);
    for (at, cell) in element.elements().filter(is_cell).enumerate() {
        blocks.cell(at);
        walk(cell, blocks, aside);
    }
    blocks.close_row(cells);
}

/// Text without elements: running text, wire copy with its own layout, or mark-up that was escaped.
fn running_text(element: Element<'_, '_>, blocks: &mut Blocks) {
    let mut texts = element.nodes();
    let only = match (texts.next(), texts.next()) {
        (Some(Child::Text(text)), None) => Some(text),
        (None, _) => return,
        _ => None,
    };
    if let Some(text) = only
        && memchr::memchr(b'\n', text.trim_ascii().as_bytes()).is_none()
        && memchr::memchr(b'<', text.as_bytes()).is_none()
    {
        return blocks.text(text);
    }
    let whole = element.raw_text();
    if is_escaped(&whole) {
        escaped(&whole, blocks);
    } else if whole.contains("dash>") {
        // STT writes dashes as elements, and escapes them with the rest of its text.
        let dashes = [("<endash>-</endash>", "–"), ("<emdash>-</emdash>", "—"), ("<endash/>", "–"), ("<emdash/>", "—")];
        blocks.text(&dashes.iter().fold(whole.into_owned(), |text, (written, dash)| text.replace(written, dash)));
    } else if has_layout(&whole) {
        blocks.copy(&whole);
    } else {
        for child in element.nodes() {
            match child {
                Child::Text(text) => blocks.text(text),
                Child::Break => blocks.line(),
                Child::Element(_) => {}
            }
        }
    }
}

/// True for the text of an element that was written as mark-up and escaped: a tag that is closed, that begins it or breaks a line, or
/// several. A single open one within a sentence is what the sentence is about.
fn is_escaped(text: &str) -> bool {
    let begins = || text.trim_start().starts_with('<');
    let closes = || text.contains("</") || text.contains("/>") || text.contains("<br") || text.contains("<BR");
    html::looks_like(text) && (begins() || closes() || memchr::memchr_iter(b'<', text.as_bytes()).nth(1).is_some())
}

/// Mark-up that was escaped or stands in CDATA. One paragraph around copy with its own layout is no mark-up of it.
pub fn escaped(text: &str, blocks: &mut Blocks) {
    let inner = text.trim();
    let bare = ["<p>", "<P>"].iter().find_map(|open| inner.strip_prefix(open));
    let bare = bare.and_then(|rest| rest.strip_suffix("</p>").or_else(|| rest.strip_suffix("</P>")));
    match bare.filter(|copy| !html::looks_like(copy) && has_layout(copy)) {
        Some(copy) => blocks.copy(&xml::unescape(copy)),
        None => html::walk(text, blocks),
    }
}

/// True for a paragraph of copy that keeps the wire's own layout, with at most inline mark-up in it.
fn is_laid_out(element: Element<'_, '_>) -> bool {
    element.nodes().any(|child| matches!(child, Child::Text(text) if text.trim_ascii().contains('\n')))
        && element.descendants().all(|e| block::tag(&e.name().to_ascii_lowercase()) == Tag::Inline)
        && has_layout(&element.raw_text())
}

/// True where line breaks and indents mean something: an empty line parts the text, or most lines begin at the margin and others
/// are indented. In a document that is only printed prettily, every line after the first has the same indent.
pub fn has_layout(text: &str) -> bool {
    let (mut margin, mut indented, mut lines) = (0, 0, 0);
    let (mut gap, mut parted) = (false, false);
    for line in text.trim_matches(['\n', '\r']).split('\n') {
        if line.trim().is_empty() {
            gap = lines > 0;
            continue;
        }
        parted |= gap;
        gap = false;
        let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        margin += usize::from(lines > 0 && indent == 0);
        indented += usize::from(lines > 0 && (indent >= 2 || line.starts_with('\t')));
        lines += 1;
    }
    parted || (lines >= 3 && margin > 0 && (indented > 0 || gap))
}

/// A note's text; who it is for is told by its class.
fn note(element: Element<'_, '_>) -> Option<String> {
    let mut blocks = Blocks::default();
    walk(element, &mut blocks, &mut Aside::default());
    Some(blocks.into_text()).filter(|text| !text.is_empty())
}

/// A picture: its address or name, and what is written about it. `None` where nothing is.
fn media(element: Element<'_, '_>) -> Option<(String, String)> {
    let mut parts = Vec::new();
    let mut source = None;
    for part in element.descendants() {
        match part.name() {
            "media-caption" | "media-producer" | "figcaption" | "caption" => parts.extend(part.text()),
            "media-reference" | "img" => {
                source = source.or(part.attr("source").or(part.attr("src")).or(part.attr("name")));
            }
            _ => {}
        }
    }
    let caption = parts.join(" ");
    (source.is_some() || !caption.is_empty()).then(|| (source.unwrap_or_default().to_owned(), caption))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_part_copy_that_is_indented_throughout() {
        let source = "<p>\n     The port authority has closed the two largest harbours of the\n     country as a storm moved in.\n\n     Nothing sails before Thursday, and the crews have been told to\n     stay ashore.\n</p>";
        let tree = xml::Tree::read(source).unwrap();
        let mut blocks = Blocks::default();
        walk(tree.root().unwrap(), &mut blocks, &mut Aside::default());
        assert_eq!(
            blocks.into_text(),
            "The port authority has closed the two largest harbours of the country as a storm moved in.\n\nNothing sails before Thursday, and the crews have been told to stay ashore."
        );
    }

    #[test]
    fn a_tag_that_a_sentence_speaks_of_is_no_mark_up() {
        for (text, escaped) in [
            ("The element <p> opens a paragraph.", false),
            ("Less < more", false),
            ("<p>One", true),
            ("One<br>two", true),
            ("One <b>and</b> two", true),
            ("One<p>Two<p>Three", true),
        ] {
            assert_eq!(is_escaped(text), escaped, "{text:?}");
        }
    }

    #[test]
    fn what_lays_copy_out() {
        for (text, laid_out) in [
            ("One line.", false),
            ("\n   Printed prettily\n   over three\n   lines.\n\n  ", false),
            ("   Every line\n   is indented.\n\n   And there is a second paragraph.", true),
            ("One.\n\nTwo.", true),
            ("One, that goes\non.\n   Two, that goes\non.", true),
        ] {
            assert_eq!(has_layout(text), laid_out, "{text:?}");
        }
    }
}
