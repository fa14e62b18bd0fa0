//! The main text of a page: the part that holds the article, without what stands around and between it.
//!
//! What the page says itself comes first: `itemprop="articleBody"`. Else blocks of text are scored by their length and commas, and
//! give their score to what they stand in, as Readability does (Arc90, 2010; the weights are those of its later forms); names that
//! pages give to bodies and to boilerplate count for and against; what is mostly links counts little. The best element, with those
//! beside it that are text as well, is the article. Within it, boxes that are named as boilerplate or are mostly links are left out.

use super::names::{Attribute, Name};
use super::parse::Document;

/// Bytes of a text from which it is a paragraph rather than a label.
const MIN_PARAGRAPH_BYTES: u32 = 25;
/// Score of a candidate below which a page has no article.
const MIN_SCORE: f32 = 4.0;
/// Bytes of an article, at least, before names are doubted.
const MIN_ARTICLE_BYTES: u32 = 250;
/// Bytes of a block that is surely copy.
const MIN_COPY_BYTES: u32 = 80;
/// How much more copy an element around the best candidate must hold to be the article instead.
const SECTION_GAIN: f32 = 1.35;
/// Share of the best candidate's score that a neighbour needs to belong to the article, too.
const NEIGHBOUR_SHARE: f32 = 0.2;

/// Words in the names (`class`, `id`) of elements that hold no copy.
#[rustfmt::skip]
const BOILERPLATE: &[&str] = &[
    "ad", "ads", "advert", "advertisement", "adbox", "agegate", "banner", "breadcrumb", "breadcrumbs", "combx", "comment", "comments", "community",
    "contact", "cookie", "cookies", "cover-wrap", "disqus", "disclaimer", "dropdown", "extra", "footer", "gdpr", "header", "hidden",
    "legends", "login", "menu", "menubar", "meta", "modal", "most-read", "mostread", "nav", "navbar", "navigation", "newsletter", "outbrain", "pager",
    "pagination", "paywall", "popup", "print", "promo", "promotion", "recommended", "related", "remark", "replies", "rss", "share", "sharing",
    "shoutbox", "sidebar", "signup", "skip", "skyscraper", "social", "sponsor", "sponsored", "subscribe", "subscription", "supplemental", "taboola", "tags",
    "teaser", "toolbar", "tools", "trending", "widget", "yom-remote",
];

/// Words in the names of elements that hold the copy.
#[rustfmt::skip]
const COPY: &[&str] = &[
    "article", "articlebody", "body", "blog", "column", "content", "entry", "hentry", "h-entry", "main", "page", "post", "story",
    "storybody", "storytext", "text",
];

/// Where the article is, and what of it is no part of it.
#[derive(Debug, Default, PartialEq)]
pub struct Content {
    /// Nodes whose descendants are the article, in document order.
    pub roots: Vec<usize>,
    /// Nodes among them that are boilerplate, in document order.
    pub left_out: Vec<usize>,
}

/// Finds the article. `None` for a page without one.
pub fn find(document: &Document) -> Option<Content> {
    let survey = Survey::of(document);
    let strict = || {
        scored(document, &survey, true)
            .filter(|roots| roots.iter().map(|root| survey.letters[*root]).sum::<u32>() >= MIN_ARTICLE_BYTES)
    };
    // Some pages name all of their body as something else: then names do not count.
    let roots = declared(document, &survey).or_else(strict).or_else(|| scored(document, &survey, false))?;
    let left_out = roots.iter().flat_map(|root| boilerplate_in(document, &survey, *root)).collect();
    Some(Content { roots, left_out })
}

/// The elements that the page itself names as the article's text.
fn declared(document: &Document, survey: &Survey) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < document.nodes.len() {
        let node = &document.nodes[at];
        let property = document.attribute(node, Attribute::Itemprop).unwrap_or_default();
        if property.split_ascii_whitespace().any(|p| p == "articleBody") && survey.letters[at] >= MIN_PARAGRAPH_BYTES {
            found.push(at);
            at = node.end as usize;
        } else {
            at += 1;
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Bytes of text below each node.
struct Survey {
    letters: Vec<u32>,
    /// Of them, within links.
    linked: Vec<u32>,
    commas: Vec<u32>,
    weight: Vec<f32>,
}

impl Survey {
    fn of(document: &Document) -> Survey {
        let count = document.nodes.len();
        let mut survey = Survey {
            letters: vec![0; count],
            linked: vec![0; count],
            commas: vec![0; count],
            weight: vec![0.0; count],
        };
        let mut at = 0;
        while at < count {
            let node = &document.nodes[at];
            if node.name.is_hidden() || super::is_invisible(document, at) {
                at = node.end as usize;
                continue;
            }
            if node.name == Name::Text {
                let text = document.text(node).trim();
                survey.letters[at] = u32::try_from(text.len()).unwrap_or(u32::MAX);
                survey.commas[at] = commas(text);
            } else {
                survey.weight[at] = weight(document, at);
            }
            at += 1;
        }
        // Children stand after their parents: from the end, every node is complete when it is added to its parent.
        for at in (1..count).rev() {
            let parent = document.nodes[at].parent as usize;
            if document.nodes[at].name == Name::Anchor {
                survey.linked[at] = survey.letters[at];
            }
            survey.letters[parent] = survey.letters[parent].saturating_add(survey.letters[at]);
            survey.linked[parent] = survey.linked[parent].saturating_add(survey.linked[at]);
            survey.commas[parent] = survey.commas[parent].saturating_add(survey.commas[at]);
        }
        survey
    }

    /// Share of the text below a node that is links.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
    fn link_share(&self, at: usize) -> f32 {
        self.linked[at] as f32 / self.letters[at].max(1) as f32
    }
}

/// Commas of all scripts: sentences of copy have them, labels have not.
fn commas(text: &str) -> u32 {
    let count = text.chars().filter(|c| matches!(c, ',' | '،' | '、' | '，' | '；' | '।' | '。')).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What an element's names say for or against it.
fn weight(document: &Document, at: usize) -> f32 {
    let node = &document.nodes[at];
    let names = [Attribute::Class, Attribute::Id].into_iter().filter_map(|name| document.attribute(node, name));
    let mut weight = match node.name {
        Name::Article => 8.0,
        Name::Main => 4.0,
        Name::Beside | Name::Form | Name::Header => -10.0,
        _ => 0.0,
    };
    for names in names {
        let (mut for_it, mut against) = (false, false);
        for word in words(names) {
            for_it |= COPY.contains(&word.as_str());
            against |= BOILERPLATE.contains(&word.as_str());
        }
        weight += if for_it { 25.0 } else { 0.0 } - if against { 25.0 } else { 0.0 };
    }
    weight
}

/// The words in names: `c-article__body storyText` gives `article`, `body`, `story`, `text`, and `storytext`, too.
fn words(names: &str) -> Vec<String> {
    let mut words = Vec::new();
    for name in names.split(|c: char| !c.is_ascii_alphanumeric()).filter(|n| !n.is_empty()) {
        let mut word = String::new();
        let mut before_lower = false;
        for c in name.chars() {
            if c.is_ascii_uppercase() && before_lower {
                words.push(std::mem::take(&mut word));
            }
            before_lower = c.is_ascii_lowercase();
            word.push(c.to_ascii_lowercase());
        }
        if word.len() < name.len() {
            words.push(name.to_ascii_lowercase());
        }
        words.push(word);
    }
    words
}

fn scored(document: &Document, survey: &Survey, strict: bool) -> Option<Vec<usize>> {
    let (scores, copy) = scores(document, survey, strict);
    let mut best: Option<(usize, f32)> = None;
    for (at, score) in scores.iter().enumerate().filter(|(_, score)| **score > 0.0) {
        let score = score * (1.0 - survey.link_share(at));
        if best.is_none_or(|(_, most)| score > most) {
            best = Some((at, score));
        }
    }
    let (top, score) = best.filter(|(_, score)| *score >= MIN_SCORE)?;
    let around = outermost(document, &copy, top);
    if around != top {
        return Some(vec![around]);
    }
    Some(with_neighbours(document, survey, &scores, top, score))
}

/// Every block of text scores for the two elements around it.
///
/// Returns the scores, and the bytes of such blocks below each node.
#[expect(clippy::cast_precision_loss, reason = "scores need no more")]
fn scores(document: &Document, survey: &Survey, strict: bool) -> (Vec<f32>, Vec<u32>) {
    let mut scores = vec![0.0f32; document.nodes.len()];
    let mut copy = vec![0u32; document.nodes.len()];
    let mut seen = vec![false; document.nodes.len()];
    for (at, node) in document.nodes.iter().enumerate().skip(1) {
        let length = survey.letters[at];
        if length < MIN_PARAGRAPH_BYTES || !is_paragraph(document, at) || (strict && unlikely(document, survey, at)) {
            continue;
        }
        let points = 1.0 + survey.commas[at] as f32 + (length as f32 / 100.0).min(3.0);
        if length >= MIN_COPY_BYTES && survey.link_share(at) < 0.5 && !in_list(document, at) {
            copy[at] = length;
        }
        let mut around = node.parent as usize;
        for level in 0..4 {
            if !seen[around] {
                seen[around] = true;
                scores[around] += survey.weight[around];
            }
            scores[around] += match level {
                0 => points,
                1 => points / 2.0,
                _ => points / (level as f32 * 3.0),
            };
            if around == 0 {
                break;
            }
            around = document.nodes[around].parent as usize;
        }
    }
    for at in (1..document.nodes.len()).rev() {
        copy[document.nodes[at].parent as usize] += copy[at];
    }
    (scores, copy)
}

/// The element around the best candidate that holds the rest of an article that is cut into sections.
fn outermost(document: &Document, copy: &[u32], top: usize) -> usize {
    let mut best = top;
    let mut around = top;
    while around != 0 {
        around = document.nodes[around].parent as usize;
        if copy[around] as f32 > copy[best] as f32 * SECTION_GAIN {
            best = around;
        }
    }
    best
}

/// A block that holds running text itself, rather than other blocks.
fn is_paragraph(document: &Document, at: usize) -> bool {
    let name = document.nodes[at].name;
    match name {
        Name::Paragraph | Name::Preformatted => true,
        Name::Block | Name::Cell | Name::Article | Name::Main | Name::Line | Name::Term => {
            let below = document.nodes.get(document.descendants(at)).unwrap_or_default();
            below.iter().all(|node| node.name.is_inline() || node.name.is_void() || node.name == Name::Break)
        }
        _ => false,
    }
}

/// Stands in something that is named as boilerplate.
fn unlikely(document: &Document, survey: &Survey, at: usize) -> bool {
    let mut around = at;
    while around != 0 {
        let node = &document.nodes[around];
        if matches!(node.name, Name::Caption | Name::Button | Name::Select | Name::Textarea)
            || (survey.weight[around] <= -10.0 && !matches!(node.name, Name::Body | Name::Html))
        {
            return true;
        }
        around = node.parent as usize;
    }
    false
}

/// Lists beside an article hold teasers of others.
fn in_list(document: &Document, at: usize) -> bool {
    let mut around = at;
    while around != 0 {
        if document.nodes[around].name == Name::Item {
            return true;
        }
        around = document.nodes[around].parent as usize;
    }
    false
}

/// The best candidate, and those beside it that are part of the article: bodies that are cut by an advertisement or a box.
fn with_neighbours(document: &Document, survey: &Survey, scores: &[f32], top: usize, score: f32) -> Vec<usize> {
    let parent = document.nodes[top].parent as usize;
    if top == 0 || matches!(document.nodes[top].name, Name::Body) {
        return vec![top];
    }
    let class = document.attribute(&document.nodes[top], Attribute::Class).filter(|class| !class.is_empty());
    let mut roots = Vec::new();
    let mut at = parent + 1;
    while at < document.nodes[parent].end as usize {
        let node = &document.nodes[at];
        let alike = class.is_some() && document.attribute(node, Attribute::Class) == class;
        let own = scores[at] + if alike { score * NEIGHBOUR_SHARE } else { 0.0 };
        let is_text = node.name == Name::Paragraph && survey.letters[at] > 80 && survey.link_share(at) < 0.25;
        if at == top || own >= (score * NEIGHBOUR_SHARE).max(10.0) || (is_text && survey.weight[at] >= 0.0) {
            roots.push(at);
        }
        at = node.end as usize;
    }
    roots
}

/// What within the article is none of it.
fn boilerplate_in(document: &Document, survey: &Survey, root: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = root + 1;
    while at < document.nodes[root].end as usize {
        let node = &document.nodes[at];
        if node.name != Name::Text && is_boilerplate(document, survey, at, root) {
            found.push(at);
            at = node.end as usize;
        } else {
            at += 1;
        }
    }
    found
}

fn is_boilerplate(document: &Document, survey: &Survey, at: usize, root: usize) -> bool {
    let node = &document.nodes[at];
    let (letters, share) = (survey.letters[at], survey.link_share(at));
    match node.name {
        Name::Button | Name::Select | Name::Textarea => return true,
        Name::Form | Name::Beside => return true,
        Name::Header | Name::Heading1 => return letters < 400,
        Name::Article => return at != root && share > 0.3,
        name if name.is_inline() || name.is_void() => return false,
        _ => {}
    }
    // Half of the article is no box in it, whatever its name.
    if letters.saturating_mul(2) > survey.letters[root] && share < 0.5 {
        return false;
    }
    let boxed =
        matches!(node.name, Name::Block | Name::List | Name::NumberedList | Name::Table | Name::Terms | Name::Figure);
    let role = document.attribute(node, Attribute::Role).unwrap_or_default();
    if matches!(role, "navigation" | "complementary" | "dialog" | "banner" | "menu" | "contentinfo") {
        return true;
    }
    if survey.weight[at] <= -25.0 && (survey.commas[at] < 10 || share > 0.5) {
        return true;
    }
    // A list of links, or a box of them; a paragraph that is one link is copy where no list is.
    boxed && share > 0.5 && letters > 0 && (node.name != Name::Block || survey.commas[at] < 10)
}
