//! A body that is packed while it is sent.
//!
//! In: a body, whole or made while it is sent. Out: its packed bytes; whenever the next piece is not there yet, all that went in has
//! come out, so that events and progress stay live. Never: longer work without a pause than on 32 KiB, or more than one piece in memory.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame};

use super::{coding::Coding, encoder::Encoder};

/// Leave to pack one more body while it is sent, given back when it is dropped: each holds the tables of a compressor.
pub(super) struct Leave(Arc<AtomicUsize>);

impl Leave {
    /// Takes leave, unless `max` of them are taken.
    pub(super) fn take(taken: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let one_more = |taken: usize| (taken < max).then_some(taken + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body that is packed while it is sent.
pub(super) struct Packed {
    source: Body,
    state: State,
    /// What came and was not packed yet.
    rest: Bytes,
    trailers: Option<HeaderMap>,
    _leave: Leave,
}

enum State {
    /// The tables are made when the first byte is asked for: for `HEAD` none is.
    Unbegun(Coding),
    /// `true` when something went in that has not come out.
    Begun(Encoder, Held),
    Over,
}

/// Whether something went in that has not come out.
#[derive(PartialEq, Eq)]
enum Held {
    Nothing,
    Something,
}

impl Packed {
    pub(super) fn new(source: Body, coding: Coding, leave: Leave) -> Self {
        Self { source, state: State::Unbegun(coding), rest: Bytes::new(), trailers: None, _leave: leave }
    }

    /// The next piece of the source to be packed.
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            if !self.rest.is_empty() {
                let size = self.rest.len().min(PIECE);
                return Poll::Ready(Some(Ok(self.rest.split_to(size))));
            }
            match Pin::new(&mut self.source).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn encoder(&mut self) -> io::Result<Option<(&mut Encoder, &mut Held)>> {
        if let State::Unbegun(coding) = self.state {
            self.state = State::Begun(Encoder::new(coding, None)?, Held::Nothing);
        }
        match &mut self.state {
            State::Begun(encoder, held) => Ok(Some((encoder, held))),
            _ => Ok(None),
        }
    }

    /// Packs until there is something to send; `None` when there is nothing more.
    fn poll_packed(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        let mut packed = 0;
        loop {
            if self.encoder().map_err(BodyError::failed)?.is_none() {
                return Poll::Ready(Ok(None));
            }
            let piece = self.poll_source(cx);
            let Some((encoder, held)) = self.encoder().map_err(BodyError::failed)? else {
                return Poll::Ready(Ok(None));
            };
            match piece {
                Poll::Ready(Some(piece)) => {
                    let piece = piece?;
                    encoder.write(&piece).map_err(BodyError::failed)?;
                    *held = Held::Something;
                    if encoder.ready() >= SEND {
                        return Poll::Ready(Ok(Some(encoder.take())));
                    }
                    packed += piece.len();
                    if packed >= TURN {
                        cx.waker().wake_by_ref(); // others have their turn
                        return Poll::Pending;
                    }
                }
                Poll::Ready(None) => {
                    let State::Begun(encoder, _) = std::mem::replace(&mut self.state, State::Over) else {
                        return Poll::Ready(Ok(None));
                    };
                    return Poll::Ready(encoder.finish().map(Some).map_err(BodyError::failed));
                }
                Poll::Pending if *held == Held::Nothing => return Poll::Pending,
                Poll::Pending => {
                    encoder.flush().map_err(BodyError::failed)?;
                    *held = Held::Nothing;
                    return Poll::Ready(Ok(Some(encoder.take())));
                }
            }
        }
    }
}

impl HttpBody for Packed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = self.poll_packed(cx);
        frame.map(|packed| match packed {
            Ok(Some(packed)) => Some(Ok(Frame::data(packed))),
            Ok(None) => self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => {
                self.state = State::Over;
                Some(Err(error))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Over) && self.trailers.is_none()
    }
}

/// How much goes in at a time.
const PIECE: usize = 16 * 1024;
/// How much comes out before it is sent.
const SEND: usize = 8 * 1024;
/// How much goes in before others have their turn.
const TURN: usize = 32 * 1024;
