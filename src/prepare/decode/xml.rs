//! XML to a tree, within bounds.
//!
//! A pull parser's events become one arena of nodes in the document's order; names and text are borrowed from the source. No
//! entity of a document type declaration is expanded and nothing outside of the document is read: a document that refers to an
//! entity that it declares is refused, so that there is nothing to expand. What wires get wrong and what can only be meant one
//! way is read: a lone `&`, HTML's named characters, text that was escaped twice (`&amp;quot;`).
//!
//! Elements are found by their local names. A prefix may be any, but an element's own fields have its prefix: a vendor's
//! `x:headline` beside `headline` is not taken for it.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::encoding::{self, Text};
use crate::item::{Reject, RejectReason};

/// Elements within elements, at most.
pub const MAX_DEPTH: usize = 128;
/// Elements and texts of one document, at most: about 60 MB in memory.
pub const MAX_NODES: usize = 600_000;
/// Bytes at the start of a document in which its XML declaration is looked for.
const DECLARATION_BYTES: usize = 256;

/// Bytes of an XML document as text: its declared encoding comes before the feed's. What is UTF-8 is read so whatever is
/// declared; documents are re-encoded on their way more often than their declarations are mended.
///
/// # Errors
/// [`RejectReason::Binary`].
pub fn text<'a>(bytes: &'a [u8], feed: Option<&'static encoding_rs::Encoding>) -> Result<Text<'a>, Reject> {
    encoding::read(bytes, declared_encoding(bytes).or(feed))
}

fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let declaration = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memmem::find(declaration, b"?>")?];
    let label = &declaration[memchr::memmem::find(declaration, b"encoding")? + b"encoding".len()..];
    let label = label.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *label.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let label = &label[1..];
    encoding_rs::Encoding::for_label(&label[..memchr::memchr(quote, label)?])
}

/// One document.
#[derive(Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

#[derive(Debug)]
struct Node<'a> {
    /// Qualified name of an element; empty for a text.
    name: &'a str,
    /// Of a text.
    text: Cow<'a, str>,
    /// Of an element, in the tree's list.
    attributes: (u32, u32),
    /// The node after this one's last descendant.
    end: u32,
}

/// An element of a tree.
#[derive(Clone, Copy)]
pub struct Element<'t, 'a> {
    tree: &'t Tree<'a>,
    at: u32,
}

/// A child of an element.
#[derive(Clone, Copy)]
pub enum Child<'t, 'a> {
    Element(Element<'t, 'a>),
    Text(&'t str),
    /// A line break that was written as a character reference: it is meant.
    Break,
}

fn malformed(message: impl Into<String>) -> Reject {
    Reject::decode(RejectReason::Malformed, message)
}

impl<'a> Tree<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// [`RejectReason::Malformed`]: not well-formed, too deep, of too many nodes, or with entities of its own.
    pub fn read(source: &'a str) -> Result<Tree<'a>, Reject> {
        Builder::new(source).read()
    }

    /// The document's outermost element.
    pub fn root(&self) -> Option<Element<'_, 'a>> {
        let at = self.nodes.iter().position(|node| !node.name.is_empty())?;
        Some(Element { tree: self, at: u32::try_from(at).ok()? })
    }
}

/// Makes a tree of a parser's events.
struct Builder<'a> {
    source: &'a str,
    tree: Tree<'a>,
    open: Vec<u32>,
    /// The document type declaration, for the entities that it declares.
    doctype: &'a str,
    /// Bytes of the next text that were read with the reference before it.
    skip: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let nodes = Vec::with_capacity(source.len() / 48);
        let tree = Tree { nodes, attributes: Vec::with_capacity(source.len() / 96) };
        Self { source, tree, open: Vec::with_capacity(16), doctype: "", skip: 0 }
    }

    fn read(mut self) -> Result<Tree<'a>, Reject> {
        let mut reader = Reader::from_str(self.source);
        reader.config_mut().allow_dangling_amp = true;
        let mut start = 0;
        loop {
            let event = reader.read_event();
            let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(self.source.len());
            let written = self.source.get(start..end).unwrap_or_default();
            start = end;
            match event {
                Err(error) => return Err(malformed(format!("not well-formed XML at byte {end}: {error}"))),
                Ok(Event::Start(_)) => {
                    let at = self.element(tag_of(written))?;
                    self.open.push(at);
                    if self.open.len() > MAX_DEPTH {
                        return Err(malformed(format!("elements within elements are read {MAX_DEPTH} deep at most")));
                    }
                }
                Ok(Event::Empty(_)) => drop(self.element(tag_of(written))?),
                Ok(Event::End(_)) => self.close(),
                Ok(Event::Text(text)) => {
                    let skip = std::mem::take(&mut self.skip);
                    match text.into_inner() {
                        Cow::Borrowed(text) => self.text(Cow::Borrowed(text.get(skip..).unwrap_or_default()))?,
                        Cow::Owned(text) => self.text(Cow::Owned(text.get(skip..).unwrap_or_default().to_owned()))?,
                    }
                }
                Ok(Event::CData(data)) => self.text(data.into_inner())?,
                Ok(Event::GeneralRef(reference)) => {
                    let name = written.trim_start_matches('&').trim_end_matches(';');
                    debug_assert_eq!(&*reference, name);
                    self.reference(name, end)?;
                }
                Ok(Event::DocType(_)) => self.doctype = written,
                Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => {}
                Ok(Event::Eof) => break,
            }
        }
        match self.open.last() {
            Some(&at) => Err(malformed(format!("the document ends within <{}>", self.tree.nodes[at as usize].name))),
            None => Ok(self.tree),
        }
    }

    fn push(&mut self, node: Node<'a>) -> Result<u32, Reject> {
        if self.tree.nodes.len() >= MAX_NODES {
            return Err(malformed(format!("more than {MAX_NODES} elements and texts")));
        }
        self.tree.nodes.push(node);
        Ok(self.next() - 1)
    }

    fn next(&self) -> u32 {
        // MAX_NODES fits.
        u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX)
    }

    /// `tag` is what stands between the angle brackets.
    fn element(&mut self, tag: &'a str) -> Result<u32, Reject> {
        let name_len = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
        let first = self.tree.attributes.len();
        if name_len < tag.len() {
            for attribute in Attributes::new(tag, name_len).with_checks(false) {
                let attribute =
                    attribute.map_err(|error| malformed(format!("an attribute of <{}>: {error}", &tag[..name_len])))?;
                let key = attribute.key.into_inner();
                let value = match attribute.value {
                    Cow::Borrowed(value) => unescape(value),
                    Cow::Owned(value) => Cow::Owned(unescape(&value).into_owned()),
                };
                self.tree.attributes.push((key, value));
            }
        }
        let range = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let attributes = (range(first), range(self.tree.attributes.len()));
        let end = self.next() + 1;
        self.push(Node { name: &tag[..name_len], text: Cow::Borrowed(""), attributes, end })
    }

    fn close(&mut self) {
        if let Some(at) = self.open.pop() {
            self.tree.nodes[at as usize].end = self.next();
        }
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Reject> {
        if !text.is_empty() && !self.open.is_empty() {
            let end = self.next() + 1;
            self.push(Node { name: "", text, attributes: (0, 0), end })?;
        }
        Ok(())
    }

    /// A reference in running text; `after` is where the text behind it begins.
    fn reference(&mut self, name: &'a str, after: usize) -> Result<(), Reject> {
        let mut resolved = resolve(name);
        if resolved == Some(Resolved::Text("&")) {
            // Escaped more than once.
            let mut rest = &self.source[after..];
            while let Some((twice, len)) = reference_body(rest) {
                self.skip += len;
                rest = &rest[len..];
                resolved = Some(twice);
                if twice != Resolved::Text("&") {
                    break;
                }
            }
        }
        match resolved {
            Some(Resolved::Text(text)) => self.text(Cow::Borrowed(text)),
            Some(Resolved::Char(c)) => self.text(Cow::Owned(c.to_string())),
            None if self.declares(name) => {
                let message =
                    format!("the document uses &{name};, an entity that it declares itself: none is expanded");
                Err(malformed(message))
            }
            None => self.text(Cow::Owned(format!("&{name};"))),
        }
    }

    fn declares(&self, entity: &str) -> bool {
        self.doctype.split("<!ENTITY").skip(1).any(|declaration| {
            declaration
                .trim_start()
                .strip_prefix(entity)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace()))
        })
    }
}

/// The inside of a tag as it is written, without its brackets and closing slash.
fn tag_of(written: &str) -> &str {
    let inner = written.strip_prefix('<').unwrap_or(written);
    let inner = inner.strip_suffix('>').unwrap_or(inner);
    inner.strip_suffix('/').unwrap_or(inner)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolved {
    Text(&'static str),
    Char(char),
}

/// A reference without its `&` and `;`.
fn resolve(name: &str) -> Option<Resolved> {
    let Some(number) = name.strip_prefix('#') else {
        return match name {
            "amp" => Some(Resolved::Text("&")),
            "lt" => Some(Resolved::Text("<")),
            "gt" => Some(Resolved::Text(">")),
            "quot" => Some(Resolved::Text("\"")),
            "apos" => Some(Resolved::Text("'")),
            _ => resolve_html5_entity(name).map(Resolved::Text),
        };
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(Resolved::Char(char::from_u32(code).filter(|&c| c != '\0')?))
}

/// `quot;`, `#39;` or `amp;` at the start of a text that stands behind an `&`: what it was before it was escaped again. Angle
/// brackets stay escaped, since they may be mark-up that is quoted.
fn reference_body(text: &str) -> Option<(Resolved, usize)> {
    let end = text.bytes().take(10).position(|b| b == b';')?;
    let name = &text[..end];
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    if name.is_empty() || !plain || matches!(name, "lt" | "gt" | "#60" | "#62" | "#x3C" | "#x3E" | "#x3c" | "#x3e") {
        return None;
    }
    Some((resolve(name)?, end + 1))
}

/// Replaces references in a text that is not parsed further: attributes, and text that was escaped twice. Unknown ones stay.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let name = rest.bytes().take(32).position(|b| b == b';').map(|end| &rest[..end]);
        match name.and_then(|name| Some((resolve(name)?, name.len() + 1))) {
            Some((Resolved::Text(text), len)) => {
                out.push_str(text);
                rest = &rest[len..];
            }
            Some((Resolved::Char(c), len)) => {
                out.push(c);
                rest = &rest[len..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

impl<'t, 'a> Element<'t, 'a> {
    fn node(self) -> &'t Node<'a> {
        &self.tree.nodes[self.at as usize]
    }

    /// Its name without the prefix.
    pub fn name(self) -> &'a str {
        let name = self.node().name;
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// Its prefix; empty where it has none.
    pub fn prefix(self) -> &'a str {
        self.node().name.rsplit_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// An attribute's value by its name as written, without white space around it; `None` where it is empty.
    pub fn attr(self, name: &str) -> Option<&'t str> {
        let (first, end) = self.node().attributes;
        let own = self.tree.attributes.get(first as usize..end as usize)?;
        own.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Its attributes' names as written, and their values.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, &'t str)> {
        let (first, end) = self.node().attributes;
        let own = self.tree.attributes.get(first as usize..end as usize).unwrap_or_default();
        own.iter().map(|(key, value)| (*key, value.trim()))
    }

    /// Its elements and texts, in their order.
    pub fn nodes(self) -> impl Iterator<Item = Child<'t, 'a>> {
        let tree = self.tree;
        let (mut at, end) = (self.at + 1, self.node().end);
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let node = &tree.nodes[at as usize];
            let child = match (node.name, &node.text) {
                ("", Cow::Owned(text)) if text == "\n" => Child::Break,
                ("", text) => Child::Text(text),
                _ => Child::Element(Element { tree, at }),
            };
            at = node.end;
            Some(child)
        })
    }

    /// Its elements, whatever their prefix.
    pub fn elements(self) -> impl Iterator<Item = Element<'t, 'a>> {
        self.nodes().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) | Child::Break => None,
        })
    }

    /// Its own elements of that local name: those with its prefix.
    pub fn children(self, name: &str) -> impl Iterator<Item = Element<'t, 'a>> {
        self.elements().filter(move |child| child.name() == name && child.prefix() == self.prefix())
    }

    /// The first of its own elements of that local name.
    pub fn child(self, name: &str) -> Option<Element<'t, 'a>> {
        self.children(name).next()
    }

    /// The first element at the end of a path of own elements, any of each name tried.
    pub fn find(self, path: &[&str]) -> Option<Element<'t, 'a>> {
        match path {
            [] => Some(self),
            [name, rest @ ..] => self.children(name).find_map(|child| child.find(rest)),
        }
    }

    /// Every element below it in the document's order, whatever its prefix.
    pub fn descendants(self) -> impl Iterator<Item = Element<'t, 'a>> {
        let tree = self.tree;
        (self.at + 1..self.node().end)
            .filter(move |&at| !tree.nodes[at as usize].name.is_empty())
            .map(move |at| Element { tree, at })
    }

    /// The first element below it of that local name, whatever its prefix.
    pub fn descendant(self, name: &str) -> Option<Element<'t, 'a>> {
        self.descendants().find(|element| element.name() == name)
    }

    /// All text in it, white space collapsed; `None` where there is none.
    pub fn text(self) -> Option<String> {
        let mut out = String::new();
        let mut space = false;
        for node in &self.tree.nodes[self.at as usize..self.node().end as usize] {
            collapse(&node.text, &mut space, &mut out);
        }
        (!out.is_empty()).then_some(out)
    }

    /// All text in it as it is written.
    pub fn raw_text(self) -> Cow<'t, str> {
        let mut texts = self.tree.nodes[self.at as usize..self.node().end as usize]
            .iter()
            .map(|node| &*node.text)
            .filter(|text| !text.is_empty());
        let first = texts.next().unwrap_or_default();
        match texts.next() {
            None => Cow::Borrowed(first),
            Some(second) => {
                let mut all = String::with_capacity(first.len() + second.len() + 64);
                all.push_str(first);
                all.push_str(second);
                texts.for_each(|text| all.push_str(text));
                Cow::Owned(all)
            }
        }
    }

    /// The text of an own element of that name, white space collapsed.
    pub fn child_text(self, name: &str) -> Option<String> {
        self.children(name).find_map(Element::text)
    }
}

/// Appends a text with its white space collapsed; `space` tells whether some is pending.
pub fn collapse(text: &str, space: &mut bool, out: &mut String) {
    for (at, word) in text.split([' ', '\n', '\r', '\t']).enumerate() {
        *space |= at > 0;
        if !word.is_empty() {
            if *space && !out.is_empty() {
                out.push(' ');
            }
            *space = false;
            out.push_str(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(source: &str) -> String {
        let tree = Tree::read(source).unwrap();
        tree.root().unwrap().text().unwrap_or_default()
    }

    #[test]
    fn finds_by_local_name_and_own_prefix() {
        let source = "<?xml version='1.0'?><!-- c --><n:a xmlns:n='x' k=' 1 &amp; 2'><v:h>no</v:h><n:h>\n yes <b>and</b>\n no</n:h></n:a>";
        let tree = Tree::read(source).unwrap();
        let root = tree.root().unwrap();
        assert_eq!((root.name(), root.attr("k"), root.attr("z")), ("a", Some("1 & 2"), None));
        assert_eq!(root.child_text("h").as_deref(), Some("yes and no"));
        assert_eq!(root.elements().count(), 2);
        assert_eq!(root.descendants().count(), 3);
        assert_eq!(root.find(&["h", "b"]).and_then(Element::text), None, "b has no prefix");
    }

    #[test]
    fn references() {
        assert_eq!(text_of("<a>AT&T &amp; S&P; &eacute;&#233;&#xE9; &lt;b&gt;</a>"), "AT&T & S&P; ééé <b>");
        assert_eq!(
            text_of("<a>o&amp;#39;clock &amp;amp;quot;x&amp;quot; A&amp;B; &amp;lt;p</a>"),
            "o'clock \"x\" A&B; &lt;p"
        );
        assert_eq!(text_of("<a><![CDATA[<p>a & b</p>]]></a>"), "<p>a & b</p>");
    }

    #[test]
    fn a_line_break_that_is_meant() {
        let tree = Tree::read("<a>one&#10;two\nthree</a>").unwrap();
        let breaks = tree.root().unwrap().nodes().filter(|child| matches!(child, Child::Break)).count();
        assert_eq!(breaks, 1);
    }

    #[test]
    fn bombs_and_broken_documents_are_refused() {
        let laughs = "<!DOCTYPE a [<!ENTITY b \"lol\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        let wide = format!("<a>{}</a>", "<b/>".repeat(MAX_NODES));
        for source in [laughs, external, &deep, &wide, "<a><b></a>", "<a>", "<a", "<a b=c'>x</a>"] {
            let start = &source[..source.len().min(60)];
            assert_eq!(Tree::read(source).unwrap_err().reason, RejectReason::Malformed, "{start}");
        }
        let unused = "<!DOCTYPE a PUBLIC \"x\" \"y\" [<!ENTITY % dtd SYSTEM \"z\"> %dtd;]><a>&nbsp;x</a>";
        assert_eq!(text_of(unused), "\u{A0}x");
    }

    #[test]
    fn declared_encodings() {
        let latin = b"<?xml version=\"1.0\" encoding='iso-8859-1'?><a>Gen\xE8ve \x96 caf\xE9</a>";
        assert!(text(latin, None).unwrap().text.contains("Genève – café"));
        let lies = "<?xml version=\"1.0\" encoding='iso-8859-1'?><a>Genève</a>".as_bytes();
        assert!(text(lies, None).unwrap().text.contains("Genève"));
        let greek = b"<?xml version=\"1.0\" encoding=\"ISO-8859-7\"?><a>\xC1\xE8\xDE\xED\xE1</a>";
        assert!(text(greek, None).unwrap().text.contains("Αθήνα"));
    }
}
