//! Tasks and threads that keep the context they were started in.

use std::{panic::resume_unwind, sync::Arc};

use tokio::task::JoinHandle;

use crate::{
    context::Context,
    panic_report::{answered, is_answered},
};

/// Starts a task that keeps the current context: `request()` and `g()` work in it, also after the answer.
///
/// # Panics
///
/// Outside of a tokio runtime.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// #[get("/")]
/// async fn index() -> Result<String> {
///     let path = flagon::spawn(async { request().path().to_owned() });
///     Ok(path.await?)
/// }
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    match Context::current() {
        Some(context) => tokio::spawn(context.scope(future)),
        None => tokio::spawn(future),
    }
}

/// Runs `work`, which may block, on the thread pool, with the current context kept.
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
    let context = Context::current();
    let is_answered = is_answered();
    let work = move || if is_answered { answered(work) } else { work() };
    let run = move || match context {
        Some(context) => context.run(work),
        None => work(),
    };
    match tokio::task::spawn_blocking(run).await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime is shutting down: this future is about to be dropped as well.
            Err(_) => std::future::pending().await,
        },
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
