//! A panic of a view or a hook, turned into an error of its request.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use crate::error::{Error, ErrorKind, Result};

/// Runs `work`; its panic becomes an [`ErrorKind::Panicked`] with the panic's message as its source.
pub(crate) async fn caught<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    std::future::poll_fn(move |cx| {
        // After a panic the future is never polled again, so no one sees it half changed.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panicked(&*panic))),
        }
    })
    .await
}

/// The error that stands for a panic with `payload`.
pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a value that is no text".to_owned());
    Error::new(ErrorKind::Panicked).with_source(format!("panicked: {text}"))
}
