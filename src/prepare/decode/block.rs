//! Mark-up to paragraphs: what the walkers of XML and HTML feed, element by element.
//!
//! A walker tells where blocks begin and end and hands over text; white space collapses, empty blocks vanish, and no letter is
//! dropped. What comes out reads as an editor would type it:
//!
//! - paragraphs and headings with one empty line between them;
//! - lists as a paragraph of lines, `- item` or `1. item`;
//! - tables as a paragraph of rows, cells parted by ` | `;
//! - line breaks and the lines of preformatted text as line breaks.

use std::borrow::Cow;

use crate::item::wire::Body;
use crate::prepare::normalize::layout;

/// Lists within lists, at most; deeper ones are read as part of the last.
const MAX_LISTS: usize = 16;

/// What stands between what was written and what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// Builds a body from blocks.
#[derive(Debug)]
pub struct Blocks {
    out: String,
    gap: Gap,
    /// What opens the next text: an item's mark, the bar before a cell.
    mark: String,
    /// Open lists: the number of the next item, or none where items are only marked.
    lists: Vec<Option<u32>>,
    /// Rows of several cells that are open: breaks within them are spaces.
    rows: u32,
    /// Nothing but preformatted text was written.
    preformatted: bool,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { out: String::new(), gap: Gap::None, mark: String::new(), lists: Vec::new(), rows: 0, preformatted: true }
    }
}

impl Blocks {
    /// For a text of about so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { out: String::with_capacity(bytes), ..Self::default() }
    }

    /// A paragraph or heading begins or ends here. In a list, its parts are lines of the item; in a row, nothing breaks.
    pub fn paragraph(&mut self) {
        self.part(if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line });
    }

    /// A line break.
    pub fn line(&mut self) {
        self.part(Gap::Line);
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(if self.rows > 0 { Gap::Space } else { gap });
    }

    /// A list begins, numbered from `first` or only marked.
    pub fn open_list(&mut self, first: Option<u32>) {
        self.paragraph();
        if self.lists.len() < MAX_LISTS {
            self.lists.push(first);
        }
    }

    /// The innermost list ends.
    pub fn close_list(&mut self) {
        self.lists.pop();
        self.mark.clear();
        self.paragraph();
    }

    /// An item of the innermost list begins; outside of a list it is a line.
    pub fn item(&mut self) {
        self.line();
        self.mark.clear();
        match self.lists.last_mut() {
            None => {}
            Some(None) => self.mark.push_str("- "),
            Some(Some(number)) => {
                self.mark.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
        }
    }

    /// A row of a table begins, of so many cells. One cell alone is no row: tables are used for layout, too.
    pub fn open_row(&mut self, cells: usize) {
        if cells > 1 {
            self.line();
            self.rows += 1;
        } else {
            self.paragraph();
        }
    }

    /// The row ends that was opened with so many cells.
    pub fn close_row(&mut self, cells: usize) {
        if cells > 1 {
            self.mark.clear();
            self.rows = self.rows.saturating_sub(1);
            self.line();
        } else {
            self.paragraph();
        }
    }

    /// A cell begins, `index` counted from 0. Empty cells keep their place.
    pub fn cell(&mut self, index: usize) {
        self.part(Gap::Space);
        if index > 0 && self.rows > 0 {
            self.mark.push_str("| ");
        }
    }

    /// Running text: white space collapses, at its ends too.
    pub fn text(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let plain =
            memchr::memchr3(b'\n', b'\r', b'\t', bytes).is_none() && memchr::memmem::find(bytes, b"  ").is_none();
        if plain {
            self.spaced(text);
        } else {
            for (at, word) in text.split([' ', '\n', '\r', '\t']).enumerate() {
                if at > 0 {
                    self.gap = self.gap.max(Gap::Space);
                }
                self.word(word);
            }
        }
    }

    /// Text whose white space is single spaces.
    fn spaced(&mut self, text: &str) {
        let opened = text.strip_prefix(' ');
        let inner = opened.unwrap_or(text);
        if opened.is_some() {
            self.gap = self.gap.max(Gap::Space);
        }
        let closed = inner.strip_suffix(' ');
        self.word(closed.unwrap_or(inner));
        if closed.is_some() {
            self.gap = self.gap.max(Gap::Space);
        }
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        self.preformatted = false;
        self.write(word);
    }

    fn write(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::None;
        self.out.push_str(&self.mark);
        self.mark.clear();
        self.out.push_str(text);
    }

    /// Preformatted text: a paragraph whose lines and gaps are kept.
    pub fn preformatted(&mut self, text: &str) {
        self.paragraph();
        for line in text.lines() {
            let trimmed = line.trim_end();
            if trimmed.trim_start().is_empty() {
                self.paragraph();
            } else {
                self.write(trimmed);
            }
            self.line();
        }
        self.paragraph();
    }

    /// Wire copy whose line breaks and indents make its paragraphs.
    pub fn copy(&mut self, text: &str) {
        let text = if text.contains('\r') { Cow::Owned(text.replace('\r', "")) } else { Cow::Borrowed(text) };
        for paragraph in layout::reflow(&text) {
            self.preformatted = false;
            match paragraph.split_once('\n') {
                // A note to editors, on the line above what it is said of.
                Some((note, rest)) if note.starts_with('(') && note.ends_with(')') => {
                    self.preformatted(note);
                    self.preformatted(rest);
                }
                _ => self.preformatted(&paragraph),
            }
        }
    }

    /// True where no letter, figure or sign was written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// The body. One that holds nothing but preformatted text is wire copy, whose lines may be broken by its width.
    pub fn finish(self) -> Body {
        match (self.out.is_empty(), self.preformatted) {
            (true, _) => Body::None,
            (false, true) => Body::Text(self.out),
            (false, false) => Body::Paragraphs(self.out),
        }
    }

    /// The text alone, for fields that are no body.
    pub fn into_text(self) -> String {
        self.out
    }
}

/// What an element of HTML does to the text in it. NITF and the news formats' own mark-up use HTML's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Running text: `b`, `a`, `span`, and every element that is not known.
    Inline,
    Paragraph,
    /// A line of its own: `dt`, `dd`, `caption`, `address`.
    Line,
    Break,
    List,
    NumberedList,
    Item,
    Row,
    Cell,
    Preformatted,
    /// Holds no text for a reader: `script`, `style`, `head`.
    Hidden,
}

/// What the element of that name does, in lower case and without a prefix.
pub fn tag(name: &str) -> Tag {
    match name {
        "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "section" | "article" | "main" | "header"
        | "footer" | "aside" | "nav" | "blockquote" | "figure" | "figcaption" | "table" | "thead" | "tbody"
        | "tfoot" | "dl" | "hr" | "body" | "html" | "form" | "fieldset" | "details" | "summary" | "center" => {
            Tag::Paragraph
        }
        "dt" | "dd" | "caption" | "address" | "legend" | "option" => Tag::Line,
        "br" => Tag::Break,
        "ul" | "menu" | "dir" => Tag::List,
        "ol" => Tag::NumberedList,
        "li" => Tag::Item,
        "tr" => Tag::Row,
        "td" | "th" => Tag::Cell,
        "pre" | "listing" | "xmp" => Tag::Preformatted,
        "script" | "style" | "head" | "template" | "noscript" | "iframe" | "object" | "svg" | "math" | "canvas" => {
            Tag::Hidden
        }
        _ => Tag::Inline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(build: impl FnOnce(&mut Blocks)) -> String {
        let mut blocks = Blocks::default();
        build(&mut blocks);
        match blocks.finish() {
            Body::None => String::new(),
            Body::Text(text) | Body::Paragraphs(text) => text,
        }
    }

    #[test]
    fn white_space_collapses() {
        let text = body(|b| {
            b.paragraph();
            b.text("\n  The port\n   of ");
            b.text("Riga");
            b.text(" is  closed.\t\n");
            b.paragraph();
            b.paragraph();
            b.text(" ");
            b.paragraph();
            b.text("It opens");
            b.line();
            b.text(" on Friday");
            b.text(".");
        });
        assert_eq!(text, "The port of Riga is closed.\n\nIt opens\non Friday.");
    }

    #[test]
    fn lists() {
        let text = body(|b| {
            b.text("Known so far");
            b.open_list(None);
            for item in ["One", "", "Two"] {
                b.item();
                b.paragraph();
                b.text(item);
                b.paragraph();
            }
            b.open_list(Some(3));
            b.item();
            b.text("inner");
            b.close_list();
            b.close_list();
            b.text("After");
        });
        assert_eq!(text, "Known so far\n\n- One\n- Two\n3. inner\n\nAfter");
    }

    #[test]
    fn tables() {
        let text = body(|b| {
            b.text("Before");
            b.paragraph();
            for row in [&["", "Ships", "Tons"][..], &["Riga", "", "900"], &["Oslo", "3", ""], &["all in one"]] {
                b.open_row(row.len());
                for (at, cell) in row.iter().enumerate() {
                    b.cell(at);
                    b.paragraph();
                    b.text(cell);
                    b.paragraph();
                }
                b.close_row(row.len());
            }
            b.text("After");
        });
        assert_eq!(text, "Before\n\n| Ships | Tons\nRiga | | 900\nOslo | 3\n\nall in one\n\nAfter");
    }

    #[test]
    fn preformatted_text_alone_is_wire_copy() {
        let mut blocks = Blocks::default();
        blocks.preformatted("\nThe port   is\n  closed.\n\nIt opens.\n");
        assert_eq!(blocks.finish(), Body::Text("The port   is\n  closed.\n\nIt opens.".to_owned()));
        let mut blocks = Blocks::default();
        blocks.text("a");
        blocks.preformatted("b  c\nd");
        assert_eq!(blocks.finish(), Body::Paragraphs("a\n\nb  c\nd".to_owned()));
    }
}
