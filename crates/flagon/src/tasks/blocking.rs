//! Work that blocks, on threads that may.

use std::{panic::resume_unwind, sync::Arc};

use tokio::{
    task::{AbortHandle, spawn_blocking},
    time::Instant,
};

use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    panic_report::{answered, is_answered},
    view_threads::{Full, Patience, ViewThreads},
};

/// Runs `work`, which may block, on a thread of the pool that plain `fn` views run on, with the current context kept.
///
/// It waits for a thread as long as it takes, within the view's time. When nobody waits for it any more, since the client has
/// left, work that has not begun is not done; work that has begun is finished, unless it asks [`is_cancelled`](crate::is_cancelled).
///
/// For computing, [`parallel`](crate::parallel()) is the better place.
///
/// # Panics
///
/// With the panic of `work`, and outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn index() -> String {
///     flagon::blocking(|| request().path().to_owned()).await
/// }
/// ```
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    if ViewThreads::is_here() {
        return work(); // within `sql::wait`, on a thread that waits for it anyway
    }
    let Some(context) = Context::current() else { return reading(work).await };
    match on_threads(context, Patience::Endless, work).await {
        Ok(given) => given,
        // The system gives no thread at all.
        Err(Full) => std::future::pending().await,
    }
}

/// Runs a plain `fn` view, which waits for a thread within its time.
///
/// # Errors
///
/// The view's, or 503 when no thread came free.
pub(crate) async fn on_view_thread<T: Send + 'static>(
    view: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let Some(context) = Context::current() else { return view() };
    let config = &context.app().config().concurrency;
    let until = Instant::now() + config.view_queue_time;
    let until = context.view_deadline().map_or(until, |deadline| until.min(deadline));
    match on_threads(context, Patience::Until(until), view).await {
        Ok(given) => given,
        Err(Full) => Err(Error::new(ErrorKind::Unavailable)
            .with_public("The server has as much to do as it can. Try again in a moment.")
            .with_source("every thread for plain `fn` views is taken; see `concurrency.view_threads`")
            .with_header(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"))),
    }
}

async fn on_threads<T: Send + 'static>(
    context: Arc<Context>,
    patience: Patience,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Full> {
    let is_answered = is_answered();
    let app = Arc::clone(context.app());
    let run = move || context.run(|| if is_answered { answered(work) } else { work() });
    let given = app.view_threads.run(patience, run).await?;
    Ok(given.unwrap_or_else(|panic| resume_unwind(panic)))
}

/// Reads files and the like, for the framework itself: on threads of its own, so that it waits for no view.
pub(crate) async fn reading<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let context = Context::current();
    let is_answered = is_answered();
    let work = move || if is_answered { answered(work) } else { work() };
    let run = move || match context {
        Some(context) => context.run(work),
        None => work(),
    };
    let work = spawn_blocking(run);
    // Otherwise requests whose clients have left would fill the queue before those that are waited for.
    let _wanted = Wanted(work.abort_handle());
    match work.await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down: this future is about to be dropped as well.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Takes work out of the queue when it is dropped; nothing happens to work that has begun.
struct Wanted(AbortHandle);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Binds the current context to `work`, for threads of one's own: Flask's decorator of the same name.
///
/// # Panics
///
/// Outside a request.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// fn index() -> String {
///     let path = flagon::copy_current_request_context(|| request().path().to_owned());
///     std::thread::spawn(path).join().unwrap()
/// }
/// ```
#[track_caller]
pub fn copy_current_request_context<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let context = Arc::clone(crate::globals::request().context());
    move || context.run(work)
}
