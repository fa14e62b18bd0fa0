//! The item's text as the enrichers read it: its fields' tokens, and how far the letters' case can be trusted.

use crate::item::{Field, NewsItem};

use super::matcher::{Case, Gap, Token, tokenize};

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Capitals mean names and starts of sentences.
    Plain,
    /// Every Word Begins With One.
    TitleCase,
    /// NOTHING BUT CAPITALS.
    Capitals,
}

/// One text field with its tokens.
#[derive(Debug)]
pub struct FieldText<'a> {
    pub field: Field,
    pub text: &'a str,
    pub tokens: Vec<Token>,
    pub style: Style,
    /// Byte at which the first paragraph ends.
    pub lead_end: usize,
}

impl<'a> FieldText<'a> {
    fn new(field: Field, text: &'a str) -> Self {
        let mut tokens = Vec::with_capacity(text.len() / 5);
        tokenize(text, &mut tokens);
        let style = if field == Field::Body { Style::Plain } else { style(&tokens) };
        let lead_end = text.find("\n\n").unwrap_or(text.len());
        FieldText { field, text, tokens, style, lead_end }
    }

    /// The text from one token to another, both included.
    pub fn span(&self, first: usize, last: usize) -> &'a str {
        &self.text[self.tokens[first].start as usize..self.tokens[last].end as usize]
    }

    pub fn word(&self, at: usize) -> &'a str {
        self.span(at, at)
    }

    /// The token before, unless a sentence or a clause ends between.
    pub fn before(&self, at: usize) -> Option<&Token> {
        let previous = self.tokens.get(at.checked_sub(1)?)?;
        matches!(self.tokens[at].gap, Gap::Space | Gap::Hyphen | Gap::Inner).then_some(previous)
    }

    /// The token after, if nothing but a space stands between.
    pub fn after(&self, last: usize) -> Option<&Token> {
        self.tokens.get(last + 1).filter(|next| next.gap == Gap::Space)
    }

    /// Whether the token opens a sentence, so that its capital means nothing.
    pub fn opens_sentence(&self, at: usize) -> bool {
        match self.tokens[at].gap {
            Gap::Break | Gap::Other => true,
            // `Gen. Smith`, `J. Smith`: a short word before a stop is an abbreviation.
            Gap::Dot => at == 0 || self.tokens[at - 1].len() > 4 || self.tokens[at - 1].case == Case::Lower,
            _ => false,
        }
    }
}

/// The item's fields in reading order.
pub fn read(news: &NewsItem) -> Vec<FieldText<'_>> {
    news.fields().map(|(field, text)| FieldText::new(field, text)).collect()
}

/// Judges a short field by the share of its words that begin with, or are, capitals.
fn style(tokens: &[Token]) -> Style {
    let (mut words, mut upper, mut title) = (0, 0, 0);
    for token in tokens.iter().filter(|t| t.len() > 3 && t.case != Case::Caseless) {
        words += 1;
        upper += usize::from(token.case == Case::Upper);
        title += usize::from(token.case == Case::Title);
    }
    match words {
        0..=2 => Style::Plain,
        _ if upper * 10 >= words * 7 => Style::Capitals,
        _ if (title + upper) * 10 >= words * 8 => Style::TitleCase,
        _ => Style::Plain,
    }
}
