//! One mistake in the configuration, and where it stands.

use std::fmt;
use std::path::{Path, PathBuf};

/// A mistake: where, at which key, and what was found and expected. Displays as compilers print theirs:
/// `config/feeds/ians.toml:12:1: error: defaults.time_zone: not an IANA time zone such as "Asia/Kolkata"`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct Diagnostic {
    pub place: Place,
    /// TOML key path; empty where the mistake is about a whole file.
    pub key: String,
    /// What was found, and what was expected.
    pub message: String,
}

/// Where a mistake stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// An environment variable that overrides a key.
    Environment(String),
    /// A file or folder as a whole: missing, unreadable, wrongly named.
    Path(PathBuf),
    /// Line and column count from 1; columns are code points.
    Line { file: PathBuf, line: usize, column: usize },
}

impl Diagnostic {
    /// A mistake about a whole file or folder.
    pub fn of_path(path: &Path, message: impl Into<String>) -> Self {
        Self { place: Place::Path(path.to_owned()), key: String::new(), message: message.into() }
    }

    /// Line that it stands in, counted from 1; 0 where it stands in none.
    pub fn line(&self) -> usize {
        match self.place {
            Place::Line { line, .. } => line,
            Place::Environment(_) | Place::Path(_) => 0,
        }
    }

    /// File or folder that it stands in; none for the environment.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Environment(_) => None,
            Place::Path(file) | Place::Line { file, .. } => Some(file),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Environment(name) => write!(f, "environment variable {name}"),
            Place::Path(path) => write!(f, "{}", path.display()),
            Place::Line { file, line, column } => write!(f, "{}:{line}:{column}", file.display()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: error: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}
