//! HTML to a tree: WHATWG's tokens (html5gum), nested by the rules that matter for reading.
//!
//! No document is an error. End tags that HTML lets one leave out are supplied, those that close nothing are passed over, and
//! what is nested deeper than [`MAX_DEPTH`] stays at that depth: no text is lost. The tree is one list in document order, which a
//! walk reads without recursion.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};

use super::names::{Attribute, Name};

/// Open elements, at most.
pub const MAX_DEPTH: usize = 256;

/// A parsed document or fragment.
#[derive(Debug, Default)]
pub struct Document {
    /// In document order; the first is the root, which stands for the document itself.
    pub nodes: Vec<Node>,
    /// All text and attribute values.
    text: String,
    attributes: Vec<(Attribute, TextRange)>,
}

/// Bytes of [`Document::text`].
type TextRange = (u32, u32);

/// An element or a text.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub name: Name,
    pub parent: u32,
    /// The node after its last descendant.
    pub end: u32,
    /// Of a row: its cells. Of a text: unused.
    pub cells: u32,
    text: TextRange,
    attributes: (u32, u32),
}

impl Document {
    pub fn parse(html: &str) -> Document {
        let mut builder = Builder::new(html.len());
        let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| builder.event(event));
        let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
        // An element whose content is no mark-up: the tokenizer has to be told, since only we know that it is not `<script/>`.
        while let Some(Ok(content)) = tokenizer.next() {
            tokenizer.set_state(content);
        }
        drop(tokenizer);
        builder.finish()
    }

    /// A text node's text.
    pub fn text(&self, node: &Node) -> &str {
        self.slice(node.text)
    }

    /// An element's attribute, entities decoded.
    pub fn attribute(&self, node: &Node, name: Attribute) -> Option<&str> {
        let (start, end) = (node.attributes.0 as usize, node.attributes.1 as usize);
        let found = self.attributes.get(start..end)?.iter().find(|(other, _)| *other == name);
        found.map(|(_, range)| self.slice(*range))
    }

    fn slice(&self, range: TextRange) -> &str {
        self.text.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    /// Indices of a node's descendants, itself left out.
    pub fn descendants(&self, at: usize) -> std::ops::Range<usize> {
        at + 1..self.nodes.get(at).map_or(at + 1, |node| node.end as usize)
    }

    /// All text below a node, white space collapsed.
    pub fn text_of(&self, at: usize) -> String {
        let mut out = String::new();
        let range = self.descendants(at);
        let mut at = range.start;
        while at < range.end {
            let node = &self.nodes[at];
            if node.name.is_hidden() || super::is_invisible(self, at) {
                at = node.end as usize;
                continue;
            }
            at += 1;
            if node.name != Name::Text {
                // Only running text joins without a gap.
                if !node.name.is_inline() && !out.ends_with(' ') {
                    out.push(' ');
                }
                continue;
            }
            for (index, word) in self.text(node).split(|c: char| c.is_ascii_whitespace()).enumerate() {
                if index > 0 && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push_str(word);
            }
        }
        out.trim().to_owned()
    }
}

/// Builds the tree from the tokenizer's events.
struct Builder {
    document: Document,
    /// Open elements, the root first.
    open: Vec<u32>,
    /// The start tag that is being read.
    tag: Name,
    attribute: Attribute,
    attributes_from: u32,
}

impl Builder {
    fn new(html_bytes: usize) -> Builder {
        let mut document = Document { text: String::with_capacity(html_bytes), ..Document::default() };
        let root = Node { name: Name::Root, parent: 0, end: 0, cells: 0, text: (0, 0), attributes: (0, 0) };
        document.nodes.push(root);
        Builder { document, open: vec![0], tag: Name::Other, attribute: Attribute::Other, attributes_from: 0 }
    }

    fn event(&mut self, event: CallbackEvent<'_>) -> Option<State> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Name::of(name);
                self.attributes_from = index(self.document.attributes.len());
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute = Attribute::of(name);
                // Without a value it is there all the same: `hidden`.
                if self.attribute != Attribute::Other {
                    let at = index(self.document.text.len());
                    self.document.attributes.push((self.attribute, (at, at)));
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if self.attribute != Attribute::Other {
                    let range = self.push_text(value);
                    if let Some(last) = self.document.attributes.last_mut() {
                        last.1 = range;
                    }
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => return self.start(self_closing),
            CallbackEvent::EndTag { name } => {
                self.document.attributes.truncate(self.attributes_from as usize);
                self.end(Name::of(name));
            }
            CallbackEvent::String { value } => {
                let text = self.push_text(value);
                let node = Node { text, ..self.node(Name::Text) };
                self.push(node);
                self.attributes_from = index(self.document.attributes.len());
            }
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    }

    /// The tokenizer hands on what was UTF-8; a broken piece is repaired all the same.
    fn push_text(&mut self, bytes: &[u8]) -> TextRange {
        let start = index(self.document.text.len());
        match std::str::from_utf8(bytes) {
            Ok(text) => self.document.text.push_str(text),
            Err(_) => self.document.text.push_str(&String::from_utf8_lossy(bytes)),
        }
        (start, index(self.document.text.len()))
    }

    fn node(&self, name: Name) -> Node {
        let parent = self.open.last().copied().unwrap_or(0);
        let at = index(self.document.nodes.len());
        let attributes = index(self.document.attributes.len());
        Node { name, parent, end: at + 1, cells: 0, text: (0, 0), attributes: (attributes, attributes) }
    }

    fn push(&mut self, node: Node) -> u32 {
        let at = index(self.document.nodes.len());
        self.document.nodes.push(node);
        at
    }

    fn start(&mut self, self_closing: bool) -> Option<State> {
        let name = self.tag;
        self.close_implied(name);
        let attributes = (self.attributes_from, index(self.document.attributes.len()));
        let node = Node { attributes, ..self.node(name) };
        let at = self.push(node);
        self.attributes_from = attributes.1;
        if name == Name::Cell
            && let Some(row) = self.nearest(Name::Row, &[Name::Table])
        {
            self.document.nodes[row as usize].cells += 1;
        }
        if name.is_void() || self_closing || self.open.len() >= MAX_DEPTH {
            return (!self_closing).then(|| name.raw_text()).flatten();
        }
        self.open.push(at);
        name.raw_text()
    }

    /// Start tags that end what is open before them.
    fn close_implied(&mut self, name: Name) {
        match name {
            Name::Item => self.close(&[Name::Item], &[Name::List, Name::NumberedList, Name::Table]),
            Name::Term => self.close(&[Name::Term], &[Name::Terms, Name::Table]),
            Name::Option => self.close(&[Name::Option], &[Name::Select, Name::Table]),
            Name::Cell => self.close(&[Name::Cell], &[Name::Row, Name::Table]),
            Name::Row => self.close(&[Name::Row], &[Name::Table]),
            Name::RowGroup => self.close(&[Name::RowGroup, Name::Row], &[Name::Table]),
            _ => {}
        }
        if name.closes_paragraph() {
            self.close(&[Name::Paragraph], &[Name::Cell, Name::Table, Name::Item, Name::Button]);
        }
    }

    /// Closes the innermost open element of these names that stands within the nearest of `scope`.
    fn close(&mut self, names: &[Name], scope: &[Name]) {
        let mut found = None;
        for (depth, at) in self.open.iter().enumerate().skip(1).rev() {
            let name = self.document.nodes[*at as usize].name;
            if names.contains(&name) {
                found = Some(depth);
                // A row group holds rows: the outermost within the scope ends them all.
                if names.len() == 1 {
                    break;
                }
            } else if scope.contains(&name) {
                break;
            }
        }
        if let Some(depth) = found {
            self.close_from(depth);
        }
    }

    fn end(&mut self, name: Name) {
        match name {
            Name::Break => {
                let node = self.node(Name::Break);
                self.push(node);
                return;
            }
            // `</p>` without a paragraph is an empty one.
            Name::Paragraph if self.nearest(Name::Paragraph, &[Name::Cell, Name::Table]).is_none() => {
                let node = self.node(Name::Paragraph);
                self.push(node);
                return;
            }
            _ => {}
        }
        // What stands in a cell cannot close what is around the table.
        let scope: &[Name] = if name.is_table_part() { &[Name::Table] } else { &[Name::Cell, Name::Table] };
        match name {
            Name::Table | Name::Body | Name::Html => self.close(&[name], &[]),
            Name::Other => self.close_other(),
            _ => self.close(&[name], scope),
        }
    }

    /// Elements that are not told apart close only where they stand innermost: an unknown end tag must not close more.
    fn close_other(&mut self) {
        if let Some(&at) = self.open.last()
            && at > 0
            && self.document.nodes[at as usize].name == Name::Other
        {
            self.close_from(self.open.len() - 1);
        }
    }

    fn nearest(&self, name: Name, scope: &[Name]) -> Option<u32> {
        let mut open = self.open.iter().skip(1).rev().map(|at| (*at, self.document.nodes[*at as usize].name));
        let found = open.find(|(_, other)| *other == name || scope.contains(other));
        found.filter(|(_, other)| *other == name).map(|(at, _)| at)
    }

    fn close_from(&mut self, depth: usize) {
        let end = index(self.document.nodes.len());
        for at in self.open.drain(depth..) {
            self.document.nodes[at as usize].end = end;
        }
    }

    fn finish(mut self) -> Document {
        self.close_from(0);
        self.document
    }
}

/// Records are at most 64 MiB: positions fit.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
