//! The bytes of a message, whole or arriving.
//!
//! In: bytes, or any [`http_body::Body`]. Out: [`Body`], one type for requests and responses.
//! Never: buffers a stream by itself.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

/// The body of a request or a response.
///
/// # Examples
///
/// ```
/// let body = flagon_http::Body::from("hello");
/// assert_eq!(body.as_full(), Some(&b"hello"[..]));
/// ```
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    /// Nobody ever waits for the mutex: it lets a body that is not `Sync` be part of what is shared.
    Stream(Mutex<Pin<Box<dyn HttpBody<Data = Bytes, Error = BodyError> + Send>>>),
}

impl Body {
    /// Gives a body without bytes.
    pub const fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// Wraps a body that arrives in pieces.
    pub fn stream(body: impl HttpBody<Data = Bytes, Error = BodyError> + Send + 'static) -> Self {
        Self(Kind::Stream(Mutex::new(Box::pin(body))))
    }

    /// Gives all bytes when they are here already: the body is empty or was made from bytes.
    pub fn as_full(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Empty => Some(&[]),
            Kind::Full(bytes) => Some(bytes),
            Kind::Stream(_) => None,
        }
    }

    /// Takes all bytes when they are here already.
    ///
    /// # Errors
    ///
    /// Gives the body back when it is a stream.
    pub fn into_full(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Empty => Ok(Bytes::new()),
            Kind::Full(bytes) => Ok(bytes),
            Kind::Stream(_) => Err(self),
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Kind::Stream(stream) => {
                stream.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_frame(cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Stream(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).size_hint(),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Full(bytes))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

/// Why a body could not be read to its end.
///
/// # Examples
///
/// ```
/// use flagon_http::{BodyError, BodyErrorKind};
///
/// let error = BodyError::from(BodyErrorKind::TooLarge);
/// assert_eq!(error.kind(), BodyErrorKind::TooLarge);
/// ```
#[derive(Debug)]
pub struct BodyError {
    kind: BodyErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What happened to a body. It decides the status of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyErrorKind {
    /// The peer left before the end (no one is there to answer).
    Disconnected,
    /// The framing of the body is malformed: 400.
    Malformed,
    /// The trailer section of the body is too long: 431.
    TrailersTooLarge,
    /// The body is longer than the limit: 413.
    TooLarge,
    /// No byte arrived within the time for progress: 408.
    TimedOut,
    /// The producer of the body failed, see the error's source: 500.
    Failed,
}

impl BodyError {
    /// Wraps the error of whatever was producing the body; its kind is [`BodyErrorKind::Failed`].
    pub fn failed(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: BodyErrorKind::Failed, source: Some(source.into()) }
    }

    /// What happened.
    pub fn kind(&self) -> BodyErrorKind {
        self.kind
    }
}

impl From<BodyErrorKind> for BodyError {
    fn from(kind: BodyErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            BodyErrorKind::Disconnected => "the peer left before the end of the body",
            BodyErrorKind::Malformed => "the framing of the body is malformed",
            BodyErrorKind::TrailersTooLarge => "the trailer section of the body is too long",
            BodyErrorKind::TooLarge => "the body is longer than allowed",
            BodyErrorKind::TimedOut => "the body stopped arriving",
            BodyErrorKind::Failed => "the body could not be produced",
        })
    }
}

impl StdError for BodyError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
