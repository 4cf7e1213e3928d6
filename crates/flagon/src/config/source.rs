//! Where a value of the configuration came from.

use std::{fmt, path::Path, sync::Arc};

/// Where a value came from, later ones win over earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody said anything.
    Default,
    /// A line of a file, counted from 1.
    File(Arc<Path>, usize),
    /// An environment variable.
    Variable(Arc<str>),
    /// [`App::configure`](crate::App::configure).
    Code,
    /// A flag on the command line, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Code => f.write_str("code"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}
