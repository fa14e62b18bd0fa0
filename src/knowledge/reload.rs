//! Swaps the whole base when its file, or one of the user's tables, changes.
//!
//! Contract: [`Watched::refresh`] gives a new base when what stands on the disk differs from what is loaded and is sound, nothing
//! when nothing has changed, and the reason when it cannot be loaded; then the holder keeps the base that it has. A change is told
//! by size and time of the last writing, so that a call costs one `stat` a file. Write the new file beside the old one and rename it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{KnowledgeBase, KnowledgeError};

/// The files that a base is made of, as they were when it was loaded.
#[derive(Debug)]
pub struct Watched {
    /// `None`: the base that the program carries.
    path: Option<PathBuf>,
    tables: Vec<PathBuf>,
    seen: Vec<Option<Stamp>>,
}

type Stamp = (u64, Option<SystemTime>);

impl Watched {
    /// Loads the base with the tables. A file that is missing, broken or of another format is refused with what is wrong.
    pub fn open(path: Option<&Path>, tables: &[PathBuf]) -> Result<(Watched, Arc<KnowledgeBase>), KnowledgeError> {
        let mut watched = Watched { path: path.map(Path::to_owned), tables: tables.to_vec(), seen: Vec::new() };
        watched.seen = watched.stamps();
        let kb = watched.load()?;
        Ok((watched, kb))
    }

    /// The new base, if the files have changed since the last call. A broken one is told once, not at every call.
    pub fn refresh(&mut self) -> Result<Option<Arc<KnowledgeBase>>, KnowledgeError> {
        let stamps = self.stamps();
        if stamps == self.seen {
            return Ok(None);
        }
        self.seen = stamps;
        self.load().map(Some)
    }

    fn load(&self) -> Result<Arc<KnowledgeBase>, KnowledgeError> {
        let kb = match &self.path {
            Some(path) => Arc::new(KnowledgeBase::load(path)?),
            None => KnowledgeBase::embedded()?,
        };
        kb.with_tables(&self.tables)
    }

    fn stamps(&self) -> Vec<Option<Stamp>> {
        let stamp = |path: &PathBuf| {
            let meta = std::fs::metadata(path).ok()?;
            Some((meta.len(), meta.modified().ok()))
        };
        self.path.iter().chain(&self.tables).map(stamp).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::EntityType;
    use crate::knowledge::own::{OwnRow, OwnTable};

    fn built(name: &str) -> Vec<u8> {
        let row = OwnRow { names: vec![name.to_owned()], ..OwnRow::new(EntityType::Person) };
        let table = OwnTable { file: "test".to_owned(), rows: vec![(1, row)] };
        KnowledgeBase::default().with_own(&[table]).unwrap().content.encode().unwrap()
    }

    fn put(path: &Path, bytes: &[u8]) {
        let draft = path.with_extension("new");
        std::fs::write(&draft, bytes).unwrap();
        std::fs::rename(draft, path).unwrap();
    }

    #[test]
    fn a_changed_file_is_swapped_whole_and_a_broken_one_keeps_the_old() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("own.kb");
        put(&path, &built("Anna Novak"));
        let (mut watched, first) = Watched::open(Some(&path), &[]).unwrap();
        assert_eq!(first.by_name("anna novak").len(), 1);
        assert!(watched.refresh().unwrap().is_none());

        put(&path, &built("Corentin Vasseur de Brest"));
        let second = watched.refresh().unwrap().unwrap();
        assert_ne!(first.version(), second.version());
        assert!(second.by_name("Anna Novak").is_empty());

        put(&path, b"WDKB and nothing behind it");
        let message = watched.refresh().unwrap_err().to_string();
        assert!(message.contains("own.kb") && message.contains("not a knowledge base"), "{message}");
        assert!(watched.refresh().unwrap().is_none(), "told once");

        put(&path, &built("Marion T. Oakes"));
        assert_eq!(watched.refresh().unwrap().unwrap().by_name("Marion T. Oakes").len(), 1);
    }

    #[test]
    fn tables_are_watched_too_and_the_start_refuses_what_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let (base, table) = (dir.path().join("own.kb"), dir.path().join("own.csv"));
        put(&base, &built("Anna Novak"));
        put(&table, b"type,names\nperson,Graham Pellworth\n");
        let (mut watched, kb) = Watched::open(Some(&base), std::slice::from_ref(&table)).unwrap();
        assert_eq!(kb.by_name("Graham Pellworth").len(), 1);
        put(&table, b"type,names\nship,Graham Pellworth of Hull\n");
        assert!(watched.refresh().unwrap_err().to_string().contains("own.csv:2: type"));
        assert!(Watched::open(Some(&dir.path().join("none.kb")), &[]).unwrap_err().to_string().contains("none.kb"));
    }
}
