//! A body that is made while it is sent, with the context of its request kept.

use std::{
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http_body::{Frame, SizeHint};

use crate::{context::Context, log};

/// Polls `body` with `context` current: Flask's `stream_with_context`, for every stream.
pub(crate) struct InContext {
    body: Body,
    context: Arc<Context>,
}

impl InContext {
    pub(crate) fn new(body: Body, context: Arc<Context>) -> Self {
        Self { body, context }
    }
}

impl http_body::Body for InContext {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { body, context } = &mut *self;
        let frame = context.run(|| Pin::new(body).poll_frame(cx));
        if let Poll::Ready(Some(Err(error))) = &frame {
            log::broke_off(context, error);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
