//! Why the other server did not answer.

use std::{error::Error as StdError, fmt, io};

use flagon_http::{BodyError, h1::Refusal};

/// Why a request got no answer of the other server.
///
/// # Examples
///
/// See [`Upstream::pass`](crate::Upstream::pass).
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What happened. It decides the status of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection could be made: 502.
    Unreachable,
    /// The connection closed before the answer was there: 502.
    Closed,
    /// What came is no answer of HTTP/1: 502.
    Malformed,
    /// It took longer than it may: 504.
    TimedOut,
    /// As many requests are under way as may be, and none ended in time: 503.
    Busy,
    /// The request has passed this server so often that it goes in a circle: 508.
    Loop,
    /// The client's own body could not be read to its end; the source is the [`BodyError`].
    RequestBody,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn because(kind: ErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Takes out what was wrong with the client's own body, where it was that.
    ///
    /// # Errors
    ///
    /// Gives the error back when it was something else.
    pub fn into_body_error(mut self) -> Result<BodyError, Self> {
        match self.source.take().map(<dyn StdError + Send + Sync>::downcast) {
            Some(Ok(error)) => Ok(*error),
            Some(Err(source)) => {
                self.source = Some(source);
                Err(self)
            }
            None => Err(self),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::because(ErrorKind::Malformed, refusal)
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Self::because(ErrorKind::RequestBody, error)
    }
}

/// An error of a connection that was open.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::because(ErrorKind::Closed, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ErrorKind::Unreachable => "no connection to the upstream",
            ErrorKind::Closed => "the upstream closed the connection before its answer was there",
            ErrorKind::Malformed => "the upstream's answer is malformed",
            ErrorKind::TimedOut => "the upstream took too long",
            ErrorKind::Busy => "as many requests are at the upstream as may be",
            ErrorKind::Loop => "the request goes in a circle: the upstream leads back here",
            ErrorKind::RequestBody => "the body of the request could not be read to its end",
        })
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
