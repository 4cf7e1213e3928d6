//! A panic of a view or a hook, turned into an error of its request.

use std::{
    backtrace::Backtrace,
    panic::{self, AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    panic_report::{PanicReport, answered, is_answered},
};

/// Runs `work`, which is for `context`; its panic becomes an [`ErrorKind::Panicked`] whose source is the report.
pub(crate) async fn caught<T>(
    context: &Context,
    mut work: Pin<&mut impl Future<Output = Result<T>>>,
) -> Result<T> {
    std::future::poll_fn(move |cx| {
        // After a panic the future is never polled again, so no one sees it half changed.
        match catch_unwind(AssertUnwindSafe(|| answered(|| work.as_mut().poll(cx)))) {
            Ok(poll) => poll,
            Err(payload) => {
                let report = context.take_panic().unwrap_or_else(|| PanicReport::of_payload(&*payload));
                Poll::Ready(Err(Error::new(ErrorKind::Panicked).with_source(report)))
            }
        }
    })
    .await
}

/// Makes this process keep what is known of a panic for the request that it ends, also on a thread of
/// [`blocking`](crate::blocking): there it is answered and logged. Any other panic goes where it went before, also that of
/// a task which a request has started: it ends nothing but the task.
pub(crate) fn install_hook() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let current = Context::current().filter(|_| is_answered());
        let Some(context) = current.filter(|context| context.answers_panics()) else {
            return before(info);
        };
        let backtrace = context.app().config().debug.then(Backtrace::force_capture);
        context.keep_panic(PanicReport::of(info, backtrace));
    }));
}
