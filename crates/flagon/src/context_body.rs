//! A body that is made while it is sent, with the context of its request kept.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http_body::{Frame, SizeHint};

use crate::{
    context::Context,
    log,
    panic_report::{PanicReport, answered},
};

/// Polls `body` with `context` current: Flask's `stream_with_context`, for every stream. A panic breaks off this answer alone, not
/// the others of its connection.
pub(crate) struct InContext {
    body: Body,
    context: Arc<Context>,
}

impl InContext {
    pub(crate) fn new(body: Body, context: Arc<Context>) -> Self {
        Self { body, context }
    }
}

/// The tasks of the request end with its body, whether or not all of it was sent.
impl Drop for InContext {
    fn drop(&mut self) {
        self.context.cancel_tasks();
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
        let _watched = context.watched();
        let poll = AssertUnwindSafe(|| answered(|| Pin::new(&mut *body).poll_frame(cx)));
        let frame = context.run(|| catch_unwind(poll)).unwrap_or_else(|payload| {
            *body = Body::empty(); // what has panicked is not polled again
            let report = context.take_panic().unwrap_or_else(|| PanicReport::of_payload(&*payload));
            Poll::Ready(Some(Err(BodyError::failed(report))))
        });
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
