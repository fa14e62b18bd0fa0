//! What a page says of itself: JSON-LD (schema.org), Open Graph and other `meta` elements, microdata, `link`, `time`.
//!
//! Fields of JSON-LD come first, since they are made for machines; then `meta`; then what is marked in the text.

use serde_json::Value;

use super::names::{Attribute, Name};
use super::parse::Document;

/// Types of schema.org whose objects are articles.
#[rustfmt::skip]
const ARTICLE_TYPES: &[&str] = &[
    "NewsArticle", "Article", "ReportageNewsArticle", "AnalysisNewsArticle", "AskPublicNewsArticle", "BackgroundNewsArticle",
    "OpinionNewsArticle", "ReviewNewsArticle", "BlogPosting", "LiveBlogPosting", "SocialMediaPosting", "TechArticle", "ScholarlyArticle",
    "SatiricalArticle", "AdvertiserContentArticle", "Report", "Review", "CriticReview",
];

/// Objects of JSON-LD within each other that are looked at, at most.
const MAX_OBJECTS: usize = 400;

/// One page's own account of itself.
#[derive(Debug, Default, PartialEq)]
pub struct Metadata {
    pub url: Option<String>,
    pub headline: Option<String>,
    pub alternative_headline: Option<String>,
    pub description: Option<String>,
    pub authors: Vec<String>,
    pub publisher: Option<String>,
    pub published: Option<String>,
    pub modified: Option<String>,
    pub expires: Option<String>,
    pub language: Option<String>,
    pub section: Option<String>,
    pub keywords: Vec<String>,
    pub location: Option<String>,
    pub copyright_holder: Option<String>,
    pub copyright_notice: Option<String>,
    /// The text as JSON-LD gives it, without paragraphs.
    pub article_body: Option<String>,
    /// It says of itself that it is an article.
    pub is_article: bool,
}

impl Metadata {
    pub fn of(document: &Document) -> Metadata {
        let mut found = Metadata::default();
        for (at, node) in document.nodes.iter().enumerate() {
            if node.name == Name::Script
                && document
                    .attribute(node, Attribute::Type)
                    .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/ld+json"))
            {
                found.json_ld(&script_text(document, at));
            }
        }
        for node in document.nodes.iter().filter(|node| node.name == Name::Meta) {
            let content = document.attribute(node, Attribute::Content).map(str::trim).filter(|c| !c.is_empty());
            let names = [Attribute::Property, Attribute::Name].into_iter().filter_map(|a| document.attribute(node, a));
            for name in names.flat_map(str::split_ascii_whitespace) {
                content.into_iter().for_each(|content| found.meta(&name.to_ascii_lowercase(), content));
            }
        }
        for (at, node) in document.nodes.iter().enumerate() {
            found.element(document, at, node.name);
        }
        found
    }

    fn json_ld(&mut self, script: &str) {
        let script = script.trim().trim_start_matches("<!--").trim_end_matches("-->").trim();
        let script = script.strip_prefix("//<![CDATA[").or(script.strip_prefix("<![CDATA[")).unwrap_or(script);
        let script = script.trim_end_matches("//]]>").trim_end_matches("]]>");
        let Ok(value) = serde_json::from_str::<Value>(script) else { return };
        let mut waiting = vec![&value];
        let mut left = MAX_OBJECTS;
        while let Some(value) = waiting.pop() {
            match value {
                Value::Array(list) => waiting.extend(list.iter().rev()),
                Value::Object(object) if left > 0 => {
                    left -= 1;
                    if types(value).any(|t| ARTICLE_TYPES.contains(&t)) {
                        self.article(value);
                        return;
                    }
                    waiting.extend(["mainEntity", "@graph"].iter().filter_map(|key| object.get(*key)));
                }
                _ => {}
            }
        }
    }

    fn article(&mut self, article: &Value) {
        self.is_article = true;
        let text = |key: &str| article.get(key).and_then(first_text);
        set(&mut self.headline, text("headline").or_else(|| text("name")));
        set(&mut self.alternative_headline, text("alternativeHeadline"));
        set(&mut self.description, text("description").or_else(|| text("abstract")));
        set(&mut self.published, text("datePublished").or_else(|| text("dateCreated")));
        set(&mut self.modified, text("dateModified"));
        set(&mut self.expires, text("expires"));
        set(&mut self.language, text("inLanguage"));
        set(&mut self.section, text("articleSection"));
        set(&mut self.copyright_notice, text("copyrightNotice"));
        set(&mut self.article_body, text("articleBody"));
        set(&mut self.copyright_holder, article.get("copyrightHolder").and_then(name));
        set(&mut self.publisher, article.get("publisher").and_then(name));
        set(&mut self.location, article.get("dateline").or(article.get("locationCreated")).and_then(name));
        if self.authors.is_empty() {
            self.authors = article.get("author").map(names).unwrap_or_default();
        }
        if self.keywords.is_empty() {
            self.keywords = article.get("keywords").map(list).unwrap_or_default();
        }
        let page = article.get("mainEntityOfPage");
        let page = page.and_then(|page| page.as_str().or_else(|| page.get("@id").and_then(Value::as_str)));
        let url = article.get("url").and_then(Value::as_str).or(page).filter(|url| is_url(url));
        set(&mut self.url, url.map(str::to_owned));
    }

    fn meta(&mut self, name: &str, content: &str) {
        let text = || Some(content.to_owned());
        match name {
            "og:title" | "twitter:title" | "dc.title" | "dcterms.title" | "parsely-title" => {
                set(&mut self.headline, text())
            }
            "og:description" | "description" | "twitter:description" | "dc.description" | "dcterms.abstract" => {
                set(&mut self.description, text());
            }
            "og:url" | "parsely-link" if is_url(content) => set(&mut self.url, text()),
            "og:site_name" | "dc.publisher" | "dcterms.publisher" | "application-name" => {
                set(&mut self.publisher, text())
            }
            "og:type" => self.is_article |= content == "article",
            "og:locale" => {
                // `en_US`: a language only where the page says nothing better.
                let tag = content.replace('_', "-");
                set(&mut self.language, Some(tag));
            }
            "article:published_time"
            | "datepublished"
            | "parsely-pub-date"
            | "sailthru.date"
            | "dc.date"
            | "dcterms.created"
            | "dc.date.issued"
            | "dcterms.issued"
            | "publish-date"
            | "pubdate"
            | "date"
            | "cxenseparse:recs:publishtime" => {
                set(&mut self.published, text());
            }
            "article:modified_time"
            | "og:updated_time"
            | "datemodified"
            | "last-modified"
            | "dcterms.modified"
            | "lastmod" => {
                set(&mut self.modified, text());
            }
            "article:expiration_time" => set(&mut self.expires, text()),
            "article:section" | "parsely-section" => set(&mut self.section, text()),
            "article:author" | "author" | "dc.creator" | "dcterms.creator" | "parsely-author" | "sailthru.author"
            | "byl"
                if !is_url(content) && self.authors.is_empty() =>
            {
                self.authors.push(content.to_owned());
            }
            "article:tag" => push(&mut self.keywords, content),
            "news_keywords" | "keywords" | "parsely-tags" | "sailthru.tags" if self.keywords.is_empty() => {
                content.split(',').for_each(|word| push(&mut self.keywords, word));
            }
            "copyright" | "dc.rights" | "dcterms.rights" => set(&mut self.copyright_notice, text()),
            "language" | "content-language" | "dc.language" | "dcterms.language" => set(&mut self.language, text()),
            _ => {}
        }
    }

    fn element(&mut self, document: &Document, at: usize, name: Name) {
        let node = &document.nodes[at];
        let attribute = |name| document.attribute(node, name).map(str::trim).filter(|value| !value.is_empty());
        match name {
            Name::Text => return,
            Name::Html => {
                // The page's own language, before Open Graph's locale.
                if let Some(tag) = attribute(Attribute::Lang) {
                    self.language = Some(tag.to_owned());
                }
            }
            Name::Link if attribute(Attribute::Rel).is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                // The canonical address is what the page calls itself, whatever else it gives.
                if let Some(url) = attribute(Attribute::Href).filter(|url| is_url(url)) {
                    self.url = Some(url.to_owned());
                }
            }
            _ => {}
        }
        let Some(property) = attribute(Attribute::Itemprop) else { return };
        let value = || {
            let given = attribute(Attribute::Content).or(attribute(Attribute::Datetime)).map(str::to_owned);
            given.or_else(|| Some(document.text_of(at)).filter(|text| !text.is_empty()))
        };
        for property in property.split_ascii_whitespace() {
            match property {
                "headline" => set(&mut self.headline, value()),
                "alternativeHeadline" => set(&mut self.alternative_headline, value()),
                "datePublished" | "dateCreated" => set(&mut self.published, value()),
                "dateModified" => set(&mut self.modified, value()),
                "description" => set(&mut self.description, value()),
                "author" | "creator" if self.authors.is_empty() => self.authors.extend(value()),
                "articleSection" => set(&mut self.section, value()),
                "articleBody" => self.is_article = true,
                _ => {}
            }
        }
    }
}

fn set(field: &mut Option<String>, value: Option<String>) {
    if field.is_none() {
        *field = value.filter(|value| !value.trim().is_empty());
    }
}

fn push(words: &mut Vec<String>, word: &str) {
    let word = word.trim();
    if !word.is_empty() && !words.iter().any(|other| other == word) {
        words.push(word.to_owned());
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn script_text(document: &Document, at: usize) -> String {
    let below = document.nodes.get(document.descendants(at)).unwrap_or_default();
    below.iter().filter(|node| node.name == Name::Text).map(|node| document.text(node)).collect()
}

/// Types of an object, without the vocabulary's address.
fn types(object: &Value) -> impl Iterator<Item = &str> {
    let given = object.get("@type");
    let many = given.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter();
    let all = given.into_iter().chain(many).filter_map(Value::as_str);
    all.map(|name| name.rsplit(['/', '#', ':']).next().unwrap_or(name))
}

/// A text, the first of several, or the value of a language-tagged one.
fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(super::line(text).trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(list) => list.iter().find_map(|v| v.as_str().map(str::to_owned)),
        Value::Object(object) => object.get("@value").and_then(Value::as_str).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The name of a person or organization, given as text or as an object; of several, the first.
fn name(value: &Value) -> Option<String> {
    names(value).into_iter().next()
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !is_url(text) => first_text(value).into_iter().collect(),
        Value::Array(list) => list.iter().flat_map(names).collect(),
        Value::Object(object) => object.get("name").and_then(first_text).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Keywords: a list, or words between commas.
fn list(value: &Value) -> Vec<String> {
    let mut words = Vec::new();
    match value {
        Value::String(text) => text.split(',').for_each(|word| push(&mut words, word)),
        Value::Array(list) => list.iter().filter_map(first_text).for_each(|word| push(&mut words, &word)),
        Value::Object(_) => first_text(value).iter().for_each(|word| push(&mut words, word)),
        _ => {}
    }
    words
}
