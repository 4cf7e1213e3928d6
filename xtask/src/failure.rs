//! Why a task could not be done, in words for the person who started it.

use std::fmt;

/// The text shown to a person: what went wrong, where, and what to do or to type next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(String);

/// What a task gives, or why it could not.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds to an error of the system what was being done when it happened.
pub(crate) trait While<T> {
    /// Turns the error into a [`Failure`] that begins with `doing`.
    fn while_doing(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T> While<T> for std::io::Result<T> {
    fn while_doing(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}
