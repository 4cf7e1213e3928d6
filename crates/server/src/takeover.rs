//! A connection that leaves HTTP after `101 Switching Protocols`.
//!
//! In: an answer with the status 101 that carries a [`Takeover`]. Out: the connection itself, as [`Upgraded`], to the work that
//! was given. Never: a connection over HTTP/2, or one whose request has a body that was not read.
//!
//! RFC 9110 §7.8, §15.2.2.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::rewound::Rewound;

/// What is done with a connection once its client has been told `101 Switching Protocols`: another protocol.
///
/// # Examples
///
/// ```
/// use flagon_server::Takeover;
/// use http::{Response, StatusCode, header::UPGRADE};
/// use tokio::io::{copy, split};
///
/// // Whatever the client sends comes back.
/// let mut response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS).header(UPGRADE, "echo").body(()).unwrap();
/// Takeover::new(|upgraded| async {
///     let (mut reads, mut writes) = split(upgraded);
///     let _ = copy(&mut reads, &mut writes).await;
/// })
/// .attach(&mut response);
/// ```
#[derive(Clone)]
pub struct Takeover(Arc<Mutex<Option<Work>>>);

type Work = Box<dyn FnOnce(Upgraded) -> BoxFuture<'static, ()> + Send>;

/// A connection that has left HTTP: bytes both ways, what came early first.
///
/// # Examples
///
/// See [`Takeover`].
pub struct Upgraded {
    stream: Rewound<Box<dyn Stream>>,
    ending: Ending,
}

/// Whether the server is about to stop: whoever took a connection over should say goodbye to its client, before the server's time
/// for that is up.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<AtomicBool>);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<Io: AsyncRead + AsyncWrite + Send + Unpin> Stream for Io {}

impl Takeover {
    /// Keeps `work`, which gets the connection. It runs where the connection was served until it ends, or the server does.
    pub fn new<F, Fut>(work: F) -> Self
    where
        F: FnOnce(Upgraded) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(Mutex::new(Some(Box::new(|upgraded| Box::pin(work(upgraded)))))))
    }

    /// Puts it into `response`, whose status has to be 101 and which has to name the protocol (`Upgrade`).
    pub fn attach<B>(self, response: &mut Response<B>) {
        response.extensions_mut().insert(self);
    }

    /// Begins the work.
    pub(crate) fn begin(self, upgraded: Upgraded) -> Option<BoxFuture<'static, ()>> {
        let work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(work(upgraded))
    }
}

impl Upgraded {
    pub(crate) fn new(
        io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        early: Bytes,
        ending: Ending,
    ) -> Self {
        Self { stream: Rewound::new(Box::new(io), early), ending }
    }

    /// Whether the server is about to stop. The work is woken once when that begins.
    pub fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

impl Ending {
    /// Whether the end has begun.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl fmt::Debug for Takeover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Takeover")
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded").field("early", &self.stream.early().len()).finish_non_exhaustive()
    }
}
