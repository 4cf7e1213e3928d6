//! Why a command failed, for the person who typed it.

use std::{error::Error as StdError, fmt};

use crate::{
    config::ConfigError,
    error::{Error, ErrorKind},
    url_map::SetupError,
};

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
    pub(super) fn because(mut self, cause: &dyn StdError) -> Self {
        let mut next = Some(cause);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    fn of(error: &dyn StdError) -> Self {
        let failure = Self::new(error.to_string());
        match error.source() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
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
        match error.source() {
            // That something failed goes without saying when there is a cause.
            Some(cause) if error.kind() == ErrorKind::Failed && error.public().is_none() => Self::of(cause),
            Some(cause) => Self::new(error.to_string()).because(cause),
            None => Self::new(error.to_string()),
        }
    }
}
