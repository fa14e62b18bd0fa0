//! The names of HTML that reading tells apart.

use html5gum::State;

use crate::prepare::decode::block::{self, Tag};

/// An element's name, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The document.
    Root,
    /// No element: text.
    Text,
    Html,
    Head,
    Body,
    Title,
    Meta,
    Link,
    Base,
    Script,
    Style,
    /// `noscript`, `template`, `svg` and others whose text is not for readers.
    Hidden,
    Paragraph,
    Heading1,
    Heading,
    /// `div`, `section`, `blockquote` and other blocks.
    Block,
    Article,
    Main,
    Header,
    /// `nav`, `aside`, `footer`: what stands beside the text.
    Beside,
    Figure,
    Caption,
    Form,
    Button,
    Select,
    Option,
    Textarea,
    /// A line of its own: `address`, `legend`, a table's `caption`.
    Line,
    Terms,
    Term,
    Break,
    List,
    NumberedList,
    Item,
    Table,
    RowGroup,
    Row,
    Cell,
    Preformatted,
    Quote,
    Anchor,
    Time,
    Image,
    /// `wbr`, `input`, `source` and others that hold nothing.
    Void,
    /// Running text that is known: `b`, `span`.
    Inline,
    Other,
}

impl Name {
    /// The name in a tag, in any case.
    pub fn of(name: &[u8]) -> Name {
        // The tokenizer gives names in lower case; a prefix is XHTML's.
        let name = std::str::from_utf8(name).unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or(name);
        match name {
            "p" => Name::Paragraph,
            "html" => Name::Html,
            "head" => Name::Head,
            "body" => Name::Body,
            "title" => Name::Title,
            "meta" => Name::Meta,
            "link" => Name::Link,
            "base" => Name::Base,
            "script" => Name::Script,
            "style" => Name::Style,
            "h1" => Name::Heading1,
            "h2" | "h3" | "h4" | "h5" | "h6" => Name::Heading,
            "article" => Name::Article,
            "main" => Name::Main,
            "header" => Name::Header,
            "nav" | "aside" | "footer" => Name::Beside,
            "figure" => Name::Figure,
            "figcaption" => Name::Caption,
            "form" => Name::Form,
            "button" => Name::Button,
            "select" | "datalist" => Name::Select,
            "option" | "optgroup" => Name::Option,
            "textarea" => Name::Textarea,
            "dl" => Name::Terms,
            "dt" | "dd" => Name::Term,
            "table" => Name::Table,
            "thead" | "tbody" | "tfoot" => Name::RowGroup,
            "a" => Name::Anchor,
            "time" => Name::Time,
            "img" => Name::Image,
            "q" => Name::Quote,
            "area" | "col" | "embed" | "input" | "source" | "track" | "wbr" | "param" => Name::Void,
            "hr" => Name::Block,
            "b" | "i" | "em" | "strong" | "span" | "u" | "s" | "sup" | "sub" | "small" | "font" | "abbr" | "cite"
            | "code" | "mark" | "label" | "big" | "tt" | "del" | "ins" | "strike" | "nobr" | "kbd" | "var" | "bdi"
            | "bdo" | "acronym" | "samp" | "dfn" | "data" | "blink" => Name::Inline,
            _ => match block::tag(name) {
                Tag::Inline => Name::Other,
                Tag::Paragraph => Name::Block,
                Tag::Line => Name::Line,
                Tag::Break => Name::Break,
                Tag::List => Name::List,
                Tag::NumberedList => Name::NumberedList,
                Tag::Item => Name::Item,
                Tag::Row => Name::Row,
                Tag::Cell => Name::Cell,
                Tag::Preformatted => Name::Preformatted,
                Tag::Hidden => Name::Hidden,
            },
        }
    }

    /// Elements that have no content and no end tag.
    pub fn is_void(self) -> bool {
        matches!(self, Name::Meta | Name::Link | Name::Base | Name::Break | Name::Image | Name::Void)
    }

    pub fn is_inline(self) -> bool {
        matches!(self, Name::Text | Name::Anchor | Name::Time | Name::Inline | Name::Other | Name::Quote | Name::Image)
    }

    /// The text in it is not for readers.
    pub fn is_hidden(self) -> bool {
        matches!(self, Name::Head | Name::Title | Name::Script | Name::Style | Name::Hidden)
    }

    pub fn is_table_part(self) -> bool {
        matches!(self, Name::RowGroup | Name::Row | Name::Cell)
    }

    /// Start tags before which an open paragraph ends.
    pub fn closes_paragraph(self) -> bool {
        matches!(
            self,
            Name::Paragraph
                | Name::Heading1
                | Name::Heading
                | Name::Block
                | Name::Article
                | Name::Main
                | Name::Header
                | Name::Beside
                | Name::Figure
                | Name::Caption
                | Name::Form
                | Name::Line
                | Name::Terms
                | Name::Term
                | Name::List
                | Name::NumberedList
                | Name::Item
                | Name::Table
                | Name::Preformatted
        )
    }

    /// What the tokenizer reads the content of an element as, where that is no mark-up.
    pub fn raw_text(self) -> Option<State> {
        Some(match self {
            Name::Script => State::ScriptData,
            Name::Style => State::RawText,
            Name::Title | Name::Textarea => State::RcData,
            _ => return None,
        })
    }
}

/// An attribute that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    AriaHidden,
    Class,
    Content,
    Datetime,
    Hidden,
    Href,
    Id,
    Itemprop,
    Itemtype,
    Lang,
    Name,
    Property,
    Rel,
    Role,
    Start,
    Style,
    Type,
    /// Not kept.
    Other,
}

impl Attribute {
    pub fn of(name: &[u8]) -> Attribute {
        match name {
            b"aria-hidden" => Attribute::AriaHidden,
            b"class" => Attribute::Class,
            b"content" => Attribute::Content,
            b"datetime" => Attribute::Datetime,
            b"hidden" => Attribute::Hidden,
            b"href" => Attribute::Href,
            b"id" => Attribute::Id,
            b"itemprop" => Attribute::Itemprop,
            b"itemtype" => Attribute::Itemtype,
            b"lang" | b"xml:lang" => Attribute::Lang,
            b"name" => Attribute::Name,
            b"property" => Attribute::Property,
            b"rel" => Attribute::Rel,
            b"role" => Attribute::Role,
            b"start" => Attribute::Start,
            b"style" => Attribute::Style,
            b"type" => Attribute::Type,
            _ => Attribute::Other,
        }
    }
}
