//! An answer on its way to the client, kept to be compared.
//!
//! In: a body. Out: the same, and when its last byte has gone by, all of it. Never: more of it in memory than the limit.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use flagon_http::{Body, BodyError};
use http_body::{Body as _, Frame, SizeHint};

/// What is done with a body that has gone by; `None` for one that was too long.
pub(crate) type Done = Box<dyn FnOnce(Option<Bytes>) + Send>;

struct Tap {
    body: Body,
    seen: Option<BytesMut>,
    done: Option<Done>,
}

/// Gives `body` on, and calls `done` with it when it is over. A body that breaks off is not compared.
pub(crate) fn tap(body: Body, done: Done) -> Body {
    match body.into_full() {
        Ok(bytes) => {
            done(Some(bytes.clone()).filter(|bytes| bytes.len() <= KEPT_MAX));
            bytes.into()
        }
        Err(body) => Body::stream(Tap { body, seen: Some(BytesMut::new()), done: Some(done) }),
    }
}

/// Reads a whole body; `None` for one that is too long.
pub(crate) async fn collect(mut body: Body) -> Result<Option<Bytes>, BodyError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame?.into_data() {
            if whole.len() + data.len() > KEPT_MAX {
                return Ok(None);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(Some(whole.freeze()))
}

impl Tap {
    fn over(&mut self) {
        if let Some(done) = self.done.take() {
            done(self.seen.take().map(BytesMut::freeze));
        }
    }
}

impl http_body::Body for Tap {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            None => self.over(),
            Some(Err(_)) => self.done = None,
            Some(Ok(frame)) => {
                if let (Some(data), Some(seen)) = (frame.data_ref(), &mut self.seen) {
                    if seen.len() + data.len() > KEPT_MAX {
                        self.seen = None;
                    } else {
                        seen.extend_from_slice(data);
                    }
                }
                // Nobody asks for the end of a body of known length.
                if self.body.is_end_stream() {
                    self.over();
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Longer bodies are not compared.
pub(crate) const KEPT_MAX: usize = 1024 * 1024;
