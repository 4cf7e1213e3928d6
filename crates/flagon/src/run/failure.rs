//! Why a command failed, for the person who typed it.

use std::{error::Error as StdError, fmt};

use crate::{config::ConfigError, error::Error, url_map::SetupError};

/// A sentence about what failed and what to do, with its causes.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    causes: Vec<String>,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), causes: Vec::new() }
    }

    /// Adds the cause, and its causes.
    pub(super) fn because(mut self, cause: impl StdError) -> Self {
        let mut next: Option<&dyn StdError> = Some(&cause);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    fn of(error: &dyn StdError) -> Self {
        let mut failure = Self::new(error.to_string());
        let mut next = error.source();
        while let Some(cause) = next {
            failure.causes.push(cause.to_string());
            next = cause.source();
        }
        failure
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes.iter().try_for_each(|cause| write!(f, "\n  because {cause}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string()) // its source is in its text
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::of(&error)
    }
}

impl From<flagon_server::Error> for Failure {
    fn from(error: flagon_server::Error) -> Self {
        Self::of(&error)
    }
}

/// What a command of the app failed with: the person who typed it may read everything.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut failure = Self::new(error.to_string());
        let mut next = error.source();
        while let Some(cause) = next {
            failure.causes.push(cause.to_string());
            next = cause.source();
        }
        failure
    }
}
