//! Why a configuration can't be used.

use std::{error::Error as StdError, fmt, io, path::Path};

use super::source::Source;

/// Why a configuration can't be used: each problem on its line, with the file and line or the variable, the key, and
/// what to write instead.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_SERVER__PORT".to_owned(), "eighty".to_owned())];
/// let error = flagon::Config::from_parts(None, variables).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "FLAGON_SERVER__PORT: `server.port` must be a whole number from 0 to 65535, but it is \"eighty\""
/// );
/// ```
#[derive(Debug)]
pub struct ConfigError {
    problems: Vec<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ConfigError {
    pub(super) fn new(problems: Vec<String>) -> Self {
        Self { problems, source: None }
    }

    /// One thing is wrong with a value from `source`.
    pub(super) fn at(source: &Source, problem: &dyn fmt::Display) -> Self {
        Self::new(vec![format!("{source}: {problem}")])
    }

    /// A file could not be read.
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        let problem = format!("the configuration file {} could not be read: {error}", path.display());
        Self { problems: vec![problem], source: Some(Box::new(error)) }
    }

    /// The problems, each a sentence.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().map(String::as_str)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl StdError for ConfigError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
