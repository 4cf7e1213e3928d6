//! Why a server could not start.
//!
//! In: what was tried and what the system said. Out: [`Error`], whose text says what to do.
//! Never: about one connection; those are logged and answered, not returned.

use std::{error::Error as StdError, fmt};

/// Why a server could not start.
///
/// # Examples
///
/// ```
/// use flagon_server::{Config, ErrorKind, Listen};
///
/// let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// let listen = vec![Listen::plain(taken.local_addr().unwrap())];
/// let error = Config { listen, ..Config::default() }.bind().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::AddressInUse);
/// assert!(error.to_string().contains("is taken by another process"));
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kept a server from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Someone listens at the address already.
    AddressInUse,
    /// The address is not one of this machine's.
    AddressUnavailable,
    /// The system forbids it, such as a port below 1024.
    Forbidden,
    /// A setting makes no sense.
    Setting,
    /// A certificate or key is missing, unreadable or wrong.
    Certificate,
    /// The system refused a thread, a socket or a signal handler.
    System,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kept the server from starting.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
