//! The body of an HTTP/1 request, from the connection to the view.
//!
//! In: the bytes behind a head. Out: a [`Body`]: whole if it is here already, else a stream that the
//! connection fills while the view reads it. Never: more than one piece ahead of the view.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::{Bytes, BytesMut};
use flagon_http::{
    Body, BodyError, BodyErrorKind,
    h1::{Decoded, Decoder, Framing, Refusal},
};
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};

/// The connection's end of a request's body.
pub(crate) struct Incoming {
    decoder: Decoder,
    /// What the view reads from; none when it got the body whole, or there is none.
    pipe: Option<Arc<Pipe>>,
    continuation: Continuation,
    /// The rest cannot be read: the framing broke, or the client was too slow.
    is_broken: bool,
}

/// Whether the client waits for `100 Continue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// It sends the body by itself.
    Unasked,
    /// It waits.
    Awaited,
}

/// The view's end.
struct Reader(Arc<Pipe>);

struct Pipe {
    state: Mutex<State>,
    connection: Waker,
}

struct State {
    piece: Option<Bytes>,
    end: Option<Result<Option<HeaderMap>, BodyErrorKind>>,
    /// The reader waits for a piece.
    is_wanted: bool,
    is_abandoned: bool,
    reader: Option<Waker>,
    remaining: Option<u64>,
}

impl Incoming {
    /// Starts a body of which `input` may hold a part or all. Gives the view's end of it.
    pub(crate) fn open(
        framing: Framing,
        limit: u64,
        continuation: Continuation,
        input: &mut BytesMut,
        connection: impl FnOnce() -> Waker,
    ) -> Result<(Self, Body), Refusal> {
        let mut decoder = Decoder::new(framing, limit);
        let mut state = State::default();
        match decoder.decode(input)? {
            Decoded::End(_) => return Ok((Self::whole(decoder), Body::empty())),
            Decoded::NeedMore => (),
            Decoded::Data(piece) => match decoder.decode(input) {
                Ok(Decoded::End(None)) => return Ok((Self::whole(decoder), Body::from(piece))),
                Ok(Decoded::End(trailers)) => (state.piece, state.end) = (Some(piece), Some(Ok(trailers))),
                Ok(Decoded::NeedMore) => state.piece = Some(piece),
                // A second piece: rare enough to be copied.
                Ok(Decoded::Data(more)) => state.piece = Some([piece, more].concat().into()),
                Err(refusal) => (state.piece, state.end) = (Some(piece), Some(Err(kind(refusal)))),
            },
        }
        let is_broken = matches!(state.end, Some(Err(_)));
        // Who sent a part of the body does not wait.
        let continuation = if state.piece.is_some() { Continuation::Unasked } else { continuation };
        state.remaining = decoder.remaining();
        let pipe = Arc::new(Pipe { state: Mutex::new(state), connection: connection() });
        let body = Body::stream(Reader(Arc::clone(&pipe)));
        Ok((Self { decoder, pipe: Some(pipe), continuation, is_broken }, body))
    }

    fn whole(decoder: Decoder) -> Self {
        Self { decoder, pipe: None, continuation: Continuation::Unasked, is_broken: false }
    }

    /// Tells whether the next request can be read: nothing of this body is left on the connection.
    pub(crate) fn is_done(&self) -> bool {
        self.decoder.is_done() && !self.is_broken
    }

    /// Tells whether no more bytes of the body are expected.
    pub(crate) fn is_over(&self) -> bool {
        self.decoder.is_done() || self.is_broken
    }

    /// Tells whether the rest of the body can be thrown away at a price of at most `limit` bytes.
    pub(crate) fn is_drainable(&self, limit: u64) -> bool {
        // Who waits for 100 may send the body or not: no one could tell it from the next request.
        !self.is_broken
            && self.continuation == Continuation::Unasked
            && self.decoder.remaining().is_none_or(|remaining| remaining <= limit)
    }

    /// Tells whether someone may still read the body.
    pub(crate) fn has_reader(&self) -> bool {
        !self.is_broken && self.pipe.as_ref().is_some_and(|pipe| !pipe.lock().is_abandoned)
    }

    /// Tells whether the view waits for bytes that are not here.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.is_over() && self.pipe.as_ref().is_some_and(|pipe| pipe.lock().is_wanted)
    }

    /// Tells once whether `100 Continue` is due: the client waits for it, and the view for the body.
    pub(crate) fn takes_continue(&mut self) -> bool {
        let due = self.continuation == Continuation::Awaited && self.is_wanted();
        if due {
            self.continuation = Continuation::Unasked;
        }
        due
    }

    /// Moves what `input` holds of the body to the view, as far as it has room.
    pub(crate) fn pump(&mut self, input: &mut BytesMut) {
        let Some(pipe) = &self.pipe else { return };
        if self.is_broken || self.decoder.is_done() || input.is_empty() {
            return;
        }
        let mut state = pipe.lock();
        if state.piece.is_some() || state.is_abandoned {
            return;
        }
        self.continuation = Continuation::Unasked;
        match self.decoder.decode(input) {
            Ok(Decoded::NeedMore) => return,
            Ok(Decoded::Data(piece)) => {
                state.piece = Some(piece);
                if self.decoder.is_done() {
                    state.end = Some(Ok(None));
                }
            }
            Ok(Decoded::End(trailers)) => state.end = Some(Ok(trailers)),
            Err(refusal) => {
                state.end = Some(Err(kind(refusal)));
                self.is_broken = true;
            }
        }
        state.remaining = self.decoder.remaining();
        state.wake_reader();
    }

    /// Throws away what `input` holds of the body. Gives the number of bytes.
    pub(crate) fn discard(&mut self, input: &mut BytesMut) -> u64 {
        let before = input.len();
        loop {
            match self.decoder.decode(input) {
                Ok(Decoded::Data(_)) => (),
                Ok(Decoded::NeedMore | Decoded::End(_)) => break,
                Err(_) => {
                    self.is_broken = true;
                    break;
                }
            }
        }
        (before - input.len()) as u64
    }

    /// Ends the body early.
    pub(crate) fn fail(&mut self, why: BodyErrorKind) {
        self.is_broken = true;
        if let Some(pipe) = &self.pipe {
            pipe.lock().fail(why);
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // The view may have given the body to a task that outlives it.
        if let Some(pipe) = &self.pipe {
            pipe.lock().fail(BodyErrorKind::Disconnected);
        }
    }
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn default() -> Self {
        Self { piece: None, end: None, is_wanted: false, is_abandoned: false, reader: None, remaining: None }
    }

    fn fail(&mut self, why: BodyErrorKind) {
        if self.end.is_none() {
            self.end = Some(Err(why));
            self.wake_reader();
        }
    }

    fn wake_reader(&mut self) {
        self.is_wanted = false;
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl HttpBody for Reader {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut state = self.0.lock();
        if let Some(piece) = state.piece.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut state.end {
            Some(Ok(trailers)) => Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
            Some(Err(why)) => Poll::Ready(Some(Err((*why).into()))),
            None => {
                state.is_wanted = true;
                // The connection polls us in its own task and looks afterwards; another task has to wake it.
                if !self.0.connection.will_wake(context.waker()) {
                    self.0.connection.wake_by_ref();
                }
                state.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let state = self.0.lock();
        state.piece.is_none() && matches!(state.end, Some(Ok(None)))
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.0.lock();
        let held = state.piece.as_ref().map_or(0, Bytes::len) as u64;
        match (&state.end, state.remaining) {
            (Some(_), _) => SizeHint::with_exact(held),
            (None, Some(remaining)) => SizeHint::with_exact(held + remaining),
            (None, None) => SizeHint::default(),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        (state.is_abandoned, state.is_wanted) = (true, false);
        state.piece = None;
    }
}

fn kind(refusal: Refusal) -> BodyErrorKind {
    match refusal {
        Refusal::BodyTooLarge => BodyErrorKind::TooLarge,
        Refusal::TrailersTooLarge => BodyErrorKind::TrailersTooLarge,
        _ => BodyErrorKind::Malformed,
    }
}
