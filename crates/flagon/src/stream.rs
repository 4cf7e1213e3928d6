//! Answers that are made while they are sent.
//!
//! In: a stream of pieces, or a reader. Out: [`Streamed`]. Never: an end that looks whole after an error; the
//! connection is then cut off, and the client knows that something is missing.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use flagon_http::{Body, BodyError};
use futures_util::Stream;
use http_body::Frame;
use tokio::io::{AsyncRead, ReadBuf};

use crate::response::{IntoResponse, Response, typed};

/// An answer that is made while it is sent: [`stream`] and [`stream_reader`] make it.
///
/// Its media type is `application/octet-stream` unless a tuple says otherwise. `request()`, `g()` and the others work while
/// pieces are made.
pub struct Streamed(Body);

/// Answers with the pieces of `pieces`, each sent when it comes; the next is asked for when the client has room.
///
/// An error cuts the connection off (HTTP/2: resets the stream) and goes to the log.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use flagon::{prelude::*, stream};
///
/// #[get("/count")]
/// async fn count() -> impl IntoResponse {
///     let lines = (1..=3).map(|n| Ok::<_, Infallible>(format!("{n}\n")));
///     (stream(futures_util::stream::iter(lines)), [("content-type", "text/plain")])
/// }
/// ```
pub fn stream<S, T, E>(pieces: S) -> Streamed
where
    S: Stream<Item = Result<T, E>> + Send + 'static,
    T: Into<Bytes>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    Streamed(Body::stream(Pieces(Box::pin(pieces))))
}

/// Answers with what `reader` gives, to its end; errors as in [`stream`].
///
/// # Examples
///
/// ```
/// use flagon::{Streamed, prelude::*, stream_reader};
///
/// #[get("/log")]
/// async fn log() -> Result<Streamed> {
///     Ok(stream_reader(tokio::fs::File::open("app.log").await?))
/// }
/// ```
pub fn stream_reader(reader: impl AsyncRead + Send + 'static) -> Streamed {
    Streamed(Body::stream(Reader { reader: Box::pin(reader), buffer: BytesMut::new() }))
}

impl IntoResponse for Streamed {
    fn into_response(self) -> Response {
        typed(http::HeaderValue::from_static("application/octet-stream"), self.0)
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streamed")
    }
}

struct Pieces<S>(Pin<Box<S>>);

impl<S, T, E> http_body::Body for Pieces<S>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<Bytes>,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let piece = ready!(self.0.as_mut().poll_next(cx));
        Poll::Ready(piece.map(|piece| match piece {
            Ok(piece) => Ok(Frame::data(piece.into())),
            Err(error) => Err(BodyError::failed(error)),
        }))
    }
}

struct Reader<R> {
    reader: Pin<Box<R>>,
    buffer: BytesMut,
}

/// How many bytes are asked of a reader at a time.
const PIECE: usize = 16 * 1024;

impl<R: AsyncRead> http_body::Body for Reader<R> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { reader, buffer } = &mut *self;
        buffer.resize(PIECE, 0);
        let mut space = ReadBuf::new(buffer);
        if let Err(error) = ready!(reader.as_mut().poll_read(cx, &mut space)) {
            return Poll::Ready(Some(Err(BodyError::failed(error))));
        }
        let read = space.filled().len();
        Poll::Ready((read > 0).then(|| Ok(Frame::data(buffer.split_to(read).freeze()))))
    }
}
