//! The knowledge base: names, entities, places and regions, loaded once, shared by all threads, swapped whole.
//!
//! `wiredesk kb build` compiles the tables of `kb/` into one file ([`build`], [`codec`]); the program carries that file
//! and loads it at start, or another one from a path. A loaded base never changes: a reload makes a new one and the
//! holder of the [`std::sync::Arc`] swaps it. A file that cannot be read is refused with the reason, and what is loaded
//! stays.

pub mod build;
mod catalog;
pub mod codec;
mod content;
pub mod import;
mod index;
pub mod own;
pub mod record;
pub mod reload;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use content::Content;
use index::Index;
pub use index::{NameSet, Posting};
pub use record::{Class, Country, CountryId, EntityId, NOWHERE, Name, NameKind, Record, RegionRow, WordKind};

use crate::prepare::enrich::matcher::{Token, tokenize};

/// The base that the program carries.
static EMBEDDED: &[u8] = include_bytes!("../../kb/wiredesk.kb");

/// Why a knowledge base could not be built or loaded.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("not a knowledge base: it does not begin as one")]
    NotAKnowledgeBase,
    #[error("a knowledge base of format {found}; this program reads format {expected}: build it again")]
    Format { found: u32, expected: u32 },
    #[error("a broken knowledge base: {0}")]
    Broken(&'static str),
    #[error("the knowledge base cannot be compressed: {0}")]
    Compress(std::io::Error),
    #[error("{file}:{line}: {message}")]
    Table { file: String, line: usize, message: String },
    #[error("{path}: {source}")]
    In { path: PathBuf, source: Box<KnowledgeError> },
}

/// Everything that enrichment knows.
#[derive(Debug, Default)]
pub struct KnowledgeBase {
    version: String,
    content: Content,
    index: Index,
}

impl KnowledgeBase {
    /// The base that the program carries, loaded at the first call.
    pub fn embedded() -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        static LOADED: OnceLock<Arc<KnowledgeBase>> = OnceLock::new();
        if let Some(loaded) = LOADED.get() {
            return Ok(Arc::clone(loaded));
        }
        let fresh = Arc::new(KnowledgeBase::from_bytes(EMBEDDED)?);
        Ok(Arc::clone(LOADED.get_or_init(|| fresh)))
    }

    /// Loads a built file.
    pub fn load(path: &Path) -> Result<KnowledgeBase, KnowledgeError> {
        let bytes = std::fs::read(path).map_err(|source| KnowledgeError::Read { path: path.to_owned(), source })?;
        let at = |source| KnowledgeError::In { path: path.to_owned(), source: Box::new(source) };
        KnowledgeBase::from_bytes(&bytes).map_err(at)
    }

    /// Loads a built file's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<KnowledgeBase, KnowledgeError> {
        let (content, hash) = Content::decode(bytes)?;
        let index = Index::build(&content, &[]);
        Ok(KnowledgeBase { version: format!("kb{}-{hash}", codec::FORMAT), content, index })
    }

    /// Format and content: `kb1-3f0a91c2d4e5`. Published as `wiredesk.kb`.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn entities(&self) -> &[Record] {
        &self.content.entities
    }

    pub fn names(&self) -> &[Name] {
        &self.content.names
    }

    pub fn countries(&self) -> &[Country] {
        &self.content.countries
    }

    /// ISO 3166-2 subdivisions, by the index that [`Record::subdivision`] holds.
    pub fn subdivisions(&self) -> &[EntityId] {
        &self.content.subdivisions
    }

    pub fn m49(&self) -> &[RegionRow] {
        &self.content.m49
    }

    pub fn desks(&self) -> &[RegionRow] {
        &self.content.desks
    }

    pub fn entity(&self, id: EntityId) -> &Record {
        &self.content.entities[id as usize]
    }

    /// The country with this ISO 3166-1 alpha-2 code.
    pub fn country_id(&self, iso2: &str) -> Option<CountryId> {
        self.content.countries.iter().position(|c| &*c.iso2 == iso2).map(|at| at as CountryId)
    }

    /// The entity with this Wikidata or GeoNames URI, or with this one of a user's own.
    pub fn by_uri(&self, uri: &str) -> Option<EntityId> {
        if let Some(item) = uri.strip_prefix("http://www.wikidata.org/entity/Q") {
            let item: u32 = item.parse().ok()?;
            return self.content.entities.iter().position(|e| e.wikidata == item).map(|at| at as EntityId);
        }
        if let Some(id) = uri.strip_prefix("https://sws.geonames.org/") {
            let id: u32 = id.trim_end_matches('/').parse().ok()?;
            return self.content.entities.iter().position(|e| e.geonames == id).map(|at| at as EntityId);
        }
        let own = |e: &Record| !e.own_uri.is_empty() && &*e.own_uri == uri;
        self.content.entities.iter().position(own).map(|at| at as EntityId)
    }

    /// What a name may mean, in any case and with or without diacritics.
    pub fn by_name(&self, name: &str) -> Vec<(EntityId, NameKind)> {
        let mut tokens = Vec::new();
        tokenize(name, &mut tokens);
        let set = self.index.phrases.get(&tokens);
        set.map_or_else(Vec::new, |set| self.postings(set).iter().map(|p| (p.entity, p.kind)).collect())
    }

    /// Calls `found(length in tokens, name)` for every name that begins at `tokens[at]`, shortest first.
    pub(crate) fn names_at(&self, tokens: &[Token], at: usize, found: impl FnMut(usize, NameSet)) {
        self.index.phrases.matches_at(tokens, at, found);
    }

    /// The entities that a matched name may mean.
    pub(crate) fn postings(&self, set: NameSet) -> &[Posting] {
        let first = set.first as usize;
        &self.index.postings[first..first + usize::from(set.count)]
    }

    /// Kinds of a word, by bit.
    pub(crate) fn word_bits(&self, token: &Token) -> u16 {
        self.index.words.get(&token.hash).copied().unwrap_or_default()
    }

    /// Whether a word is of this kind.
    pub(crate) fn word_is(&self, token: &Token, kind: WordKind) -> bool {
        self.index.words.get(&token.hash).is_some_and(|bits| bits & (1 << kind as u16) != 0)
    }
}

#[cfg(test)]
mod tests;
