//! What an entry gives, whichever format wrote it, and the item that comes of it.

use super::content::{self, Text, Written};
use super::media::Media;
use super::names::{Module, Names};
use super::no_text;
use crate::item::Reject;
use crate::item::news::RuleNote;
use crate::item::wire::{Body, LinkRel, WireItem, WireLink, WireSubject, WireTime};
use crate::prepare::decode::json;
use crate::prepare::decode::xml::Element;

/// How blog software closes each text that it syndicates, in the languages that it speaks: start and middle of a paragraph.
const FOOTERS: &[(&str, &str)] = &[
    ("The post ", " appeared first on "),
    ("The post ", " first appeared on "),
    ("Der Beitrag ", " erschien zuerst auf "),
    ("L’article ", " est apparu en premier sur "),
    ("L'article ", " est apparu en premier sur "),
    ("La entrada ", " se publicó primero en "),
    ("La entrada ", " apareció primero en "),
    ("O post ", " apareceu primeiro em "),
    ("L’articolo ", " proviene da "),
    ("L'articolo ", " proviene da "),
];

/// What leads to the rest of a text that is only its beginning.
#[rustfmt::skip]
const MORE: &[&str] = &[
    "read more", "read full story", "read the full story", "read full article", "continue reading", "more", "weiterlesen", "mehr",
    "lire la suite", "lire plus", "leer más", "seguir leyendo", "leia mais", "continue lendo", "continua a leggere", "leggi tutto",
    "читать далее", "читать дальше", "подробнее", "اقرأ المزيد", "और पढ़ें",
];

/// Full text or teaser of an entry.
#[derive(Clone, Debug)]
pub enum Said<'t> {
    Text(Text<'t>),
    /// It came with elements of its own and was read at once, with its captions and the fields of a document within.
    Read(Box<WireItem>),
}

impl<'t> Said<'t> {
    /// An element that holds text, or mark-up of its own.
    pub fn of(element: Element<'t, '_>, written: Written) -> Self {
        if written == Written::Inline || element.elements().next().is_some() {
            let mut item = WireItem::default();
            content::set_inline_body(element, &mut item);
            return Said::Read(Box::new(item));
        }
        Said::Text(Text { written, text: element.raw_text() })
    }

    /// A text that is no element's.
    pub fn text(written: Written, text: &'t str) -> Self {
        Said::Text(Text { written, text: text.into() })
    }

    /// Makes it the item's body.
    fn into_body(self, item: &mut WireItem) {
        match self {
            Said::Text(text) => content::set_body(&text, item),
            Said::Read(mut read) => {
                item.fill(&mut read);
                item.body = read.body;
            }
        }
    }

    /// As a field that is no body.
    fn into_paragraphs(self) -> Option<String> {
        match self {
            Said::Text(text) => content::paragraphs(text.written, &text.text),
            Said::Read(read) => match read.body {
                Body::None => None,
                Body::Text(text) | Body::Paragraphs(text) => Some(text),
            },
        }
    }
}

/// One entry of a feed, as its elements are read. What needs no choice goes into `item` at once.
#[derive(Debug, Default)]
pub struct Entry<'t> {
    pub item: WireItem,
    /// The whole text, where the feed has it besides a teaser.
    pub full: Option<Said<'t>>,
    /// Description or summary: the text itself where there is no other.
    pub teaser: Option<Said<'t>>,
    /// Address of the page.
    pub link: Option<String>,
    /// The page's own address, where `link` leads through a counter of clicks.
    pub permalink: Option<String>,
    pub published: Option<String>,
    pub updated: Option<String>,
    pub authors: Vec<String>,
    pub media: Media,
}

impl<'t> Entry<'t> {
    /// Sets a field that is not set.
    fn first(field: &mut Option<String>, value: Option<String>) {
        *field = field.take().or(value);
    }

    pub fn set_full(&mut self, said: Said<'t>) {
        self.full.get_or_insert(said);
    }

    /// Somebody who wrote it; the same name twice is one.
    pub fn add_author(&mut self, written: &str) {
        match person(written) {
            Some(name) if !self.authors.contains(&name) => self.authors.push(name),
            Some(_) => {}
            None if written.trim().is_empty() => {}
            None => self.note("by", "an author's address without a name", written.trim()),
        }
    }

    /// A category: a subject where it names its scheme, else a keyword.
    pub fn add_category(&mut self, scheme: Option<&str>, code: &str, name: Option<String>) {
        match scheme {
            Some(scheme) => {
                let subject = WireSubject { scheme: scheme.to_owned(), code: code.to_owned(), name };
                if !self.item.subjects.contains(&subject) {
                    self.item.subjects.push(subject);
                }
            }
            None => {
                let keyword = name.unwrap_or_else(|| code.to_owned());
                if !keyword.is_empty() && !self.item.keywords.contains(&keyword) {
                    self.item.keywords.push(keyword);
                }
            }
        }
    }

    pub fn add_link(&mut self, rel: LinkRel, id: &str) {
        self.item.links.push(WireLink { rel, id: id.to_owned(), title: None });
    }

    fn note(&mut self, field: &'static str, rule: &'static str, span: impl Into<String>) {
        self.item.notes.push(RuleNote { field, rule, span: span.into() });
    }

    /// Reads an element of a module that any of the formats may carry.
    pub fn read_module(&mut self, module: Module, element: Element<'t, '_>, names: &Names<'_>) {
        match module {
            Module::DublinCore => self.read_dublin_core(element),
            Module::Prism => self.read_prism(element),
            Module::Media => self.read_media(element, names),
            Module::Content => match element.name() {
                "encoded" => self.set_full(Said::of(element, Written::Either)),
                "items" => {
                    if let Some(value) = element.descendant("value") {
                        self.set_full(Said::of(value, Written::Either));
                    }
                }
                _ => {}
            },
            Module::FullText => match element.name() {
                "full-text" | "fulltext" | "content" => self.set_full(Said::of(element, Written::Either)),
                "genre" => Self::first(&mut self.item.genre, element.text()),
                _ => {}
            },
            Module::Xhtml if matches!(element.name(), "body" | "div") => {
                self.set_full(Said::of(element, Written::Inline));
            }
            Module::FeedBurner if element.name() == "origLink" => Self::first(&mut self.permalink, element.text()),
            Module::Publishing if element.name() == "edited" => Self::first(&mut self.updated, element.text()),
            // A draft is not published yet.
            Module::Publishing if element.name() == "control" => {
                let draft = element.descendant("draft").and_then(Element::text);
                if draft.is_some_and(|draft| draft == "yes") {
                    self.item.status = Some("withheld".to_owned());
                }
            }
            _ => {}
        }
    }

    fn read_dublin_core(&mut self, element: Element<'t, '_>) {
        let Some(text) = element.text() else { return };
        match element.name() {
            "creator" => self.add_author(&text),
            "date" | "issued" | "created" => Self::first(&mut self.published, Some(text)),
            "modified" => Self::first(&mut self.updated, Some(text)),
            "subject" => self.add_category(None, "", Some(text)),
            "language" => Self::first(&mut self.item.language, Some(text)),
            "publisher" | "source" if !text.contains("://") => Self::first(&mut self.item.credit, Some(text)),
            "rights" => Self::first(&mut self.item.copyright_notice, Some(text)),
            "rightsHolder" => Self::first(&mut self.item.copyright_holder, Some(text)),
            "license" => Self::first(&mut self.item.usage_terms, Some(text)),
            "identifier" => self.item.alt_ids.push(("dc:identifier".to_owned(), text)),
            "abstract" | "description" => {
                self.teaser.get_or_insert_with(|| Said::of(element, Written::Either));
            }
            "replaces" => self.add_link(LinkRel::Replaces, &text),
            "valid" => {
                let end = text.split(';').find_map(|part| part.trim().strip_prefix("end="));
                self.item.expires = self.item.expires.take().or(end.map(|end| WireTime(end.trim().to_owned())));
            }
            _ => {}
        }
    }

    fn read_prism(&mut self, element: Element<'t, '_>) {
        let Some(text) = element.text() else { return };
        let item = &mut self.item;
        match element.name() {
            "publicationDate" | "creationDate" => Self::first(&mut self.published, Some(text)),
            "modificationDate" => Self::first(&mut self.updated, Some(text)),
            "embargoDate" => item.embargoed = Some(WireTime(text)),
            "expirationDate" | "killDate" => item.expires = Some(WireTime(text)),
            "copyright" => Self::first(&mut item.copyright_notice, Some(text)),
            "keyword" => self.add_category(None, "", Some(text)),
            _ => {}
        }
    }

    fn read_media(&mut self, element: Element<'t, '_>, names: &Names<'_>) {
        match element.name() {
            "keywords" => {
                for keyword in element.text().unwrap_or_default().split(',').map(str::trim) {
                    self.add_category(None, keyword, None);
                }
            }
            "copyright" => Self::first(&mut self.item.copyright_notice, element.text()),
            _ => self.media.read(element, names),
        }
    }

    /// The item.
    ///
    /// # Errors
    /// An entry that says nothing.
    pub fn finish(mut self) -> Result<WireItem, Reject> {
        self.texts();
        let Entry { mut item, link, permalink, published, updated, authors, media, .. } = self;
        media.finish(&mut item);
        let page = permalink.or(link);
        match (&item.id, page) {
            (None, page) => item.id = page,
            (Some(id), Some(page)) if *id != page => item.alt_ids.push(("link".to_owned(), page)),
            _ => {}
        }
        item.byline = item.byline.take().or(Some(authors.join(", ")).filter(|names| !names.is_empty()));
        item.first_created = published.clone().map(WireTime);
        item.version_created = updated.or(published).map(WireTime);
        let says = item.headline.is_some() || item.summary.is_some() || item.body != Body::None;
        if says || item.status.as_deref() == Some("canceled") {
            return Ok(item);
        }
        Err(no_text("an entry without title, description and content"))
    }

    /// Body and summary: the full text and its teaser, or the teaser alone.
    fn texts(&mut self) {
        if let Some(full) = self.full.take() {
            full.into_body(&mut self.item);
        }
        if json::letters(&self.item.body) == 0 {
            if let Some(teaser) = self.teaser.take() {
                teaser.into_body(&mut self.item);
            }
            self.footers();
            return;
        }
        self.footers();
        let teaser = self.teaser.take().and_then(Said::into_paragraphs);
        let teaser = teaser.map(|teaser| without_footers(&teaser).0).filter(|teaser| !teaser.trim().is_empty());
        if let Some(teaser) = teaser {
            if begins(&self.item.body, &teaser) {
                self.note("descriptions", "a teaser that is the beginning of the text", teaser);
            } else {
                self.item.summary = Some(teaser);
            }
        }
    }

    /// What the site's software wrote below the text is no part of it.
    fn footers(&mut self) {
        let (Body::Text(body) | Body::Paragraphs(body)) = &mut self.item.body else { return };
        let (copy, taken) = without_footers(body);
        if copy.trim().is_empty() || taken.is_empty() {
            return;
        }
        *body = copy;
        for footer in taken {
            self.note("edNote", "the site's own words below the text", footer.as_str());
            self.item.ed_notes.push(footer);
        }
    }
}

/// A text without the last paragraphs that lead back to the site, and these.
fn without_footers(text: &str) -> (String, Vec<String>) {
    let mut rest = text.trim_end();
    let mut taken = Vec::new();
    loop {
        let start = rest.rfind("\n\n").map_or(0, |at| at + 2);
        let last = rest[start..].trim();
        let word = last.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let footer = FOOTERS.iter().any(|(open, middle)| last.starts_with(open) && last.contains(middle));
        if last.is_empty() || !(footer || MORE.contains(&word.as_str())) {
            break;
        }
        taken.insert(0, last.to_owned());
        rest = rest[..start].trim_end();
    }
    (rest.to_owned(), taken)
}

/// True where a teaser is the beginning of the body, cut with or without dots.
fn begins(body: &Body, teaser: &str) -> bool {
    let (Body::Text(body) | Body::Paragraphs(body)) = body else { return false };
    let teaser = teaser.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut body = body.chars().filter(|c| c.is_alphanumeric());
    teaser.chars().filter(|c| c.is_alphanumeric()).all(|c| body.next() == Some(c))
}

/// A person's name: `ed@example.org (Anna Novak)`, `Anna Novak <ed@example.org>`. `None` for an address alone.
fn person(written: &str) -> Option<String> {
    let line = content::line(Written::Either, written)?;
    let Some(at) = line.find('@').filter(|at| !line[..*at].ends_with(' ') && *at > 0) else { return Some(line) };
    let in_brackets = line[at..].split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(name, _)| name);
    let before = line[..at].rsplit_once(['<', '(']).map(|(name, _)| name);
    let name = in_brackets.or(before)?.trim().trim_matches('"').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons() {
        for (written, name) in [
            ("ed@example.org (Anna Novak)", Some("Anna Novak")),
            ("Anna Novak <ed@example.org>", Some("Anna Novak")),
            ("Anna Novak (ed@example.org)", Some("Anna Novak")),
            ("Anna Novak", Some("Anna Novak")),
            ("@harbourdesk", Some("@harbourdesk")),
            ("ed@example.org", None),
            ("", None),
        ] {
            assert_eq!(person(written).as_deref(), name, "{written}");
        }
    }

    #[test]
    fn footers_are_taken_and_kept() {
        let text = "One.\n\nThe end.\n\nRead more »\n\nThe post One appeared first on Baltic News.";
        let (copy, taken) = without_footers(text);
        assert_eq!(copy, "One.\n\nThe end.");
        assert_eq!(taken, ["Read more »", "The post One appeared first on Baltic News."]);
        assert_eq!(without_footers("The post was closed.").1, Vec::<String>::new());
    }

    #[test]
    fn teasers() {
        let body = Body::Paragraphs("The port is closed.\n\nIt opens on Friday.".to_owned());
        assert!(begins(&body, "The port is closed. It opens […]"));
        assert!(!begins(&body, "A storm closed the port."));
        assert!(!begins(&body, "The port is closed. It opens on Friday. And more."));
    }
}
