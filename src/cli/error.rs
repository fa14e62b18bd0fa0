//! How a command ends.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::Diagnostic;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Fine,
    /// Something was rejected, or a case failed.
    Rejects,
    /// Wrong usage or configuration.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Rejects => 1,
            Exit::Usage => 2,
        })
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("{}", Listed(.0))]
    Configuration(Vec<Diagnostic>),
    #[error("error: {0}")]
    Usage(String),
    #[error("error: cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("error: cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("error: cannot write the results: {0}")]
    Output(#[from] io::Error),
    #[error("error: {0}; this should not happen")]
    Internal(String),
}

impl CliError {
    /// True when whoever read our output has had enough, as `head` does: no mistake.
    pub fn is_closed_output(&self) -> bool {
        matches!(self, CliError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

struct Listed<'a>(&'a [Diagnostic]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in self.0 {
            writeln!(f, "{diagnostic}")?;
        }
        let count = self.0.len();
        write!(f, "{count} {} in the configuration", if count == 1 { "mistake" } else { "mistakes" })
    }
}
