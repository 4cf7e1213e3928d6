//! Tasks and threads that keep the context they were started in.

use std::{panic::resume_unwind, sync::Arc};

use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinHandle},
};

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
    let Ok(runtime) = Handle::try_current() else { panic!("{WITHOUT_RUNTIME}") };
    match Context::current() {
        Some(context) => runtime.spawn(context.scope(future)),
        None => runtime.spawn(future),
    }
}

const WITHOUT_RUNTIME: &str = "flagon::spawn was called where no tasks can run.\n\nCall it from a view, a hook or a command of \
    the app; in a plain test run it inside client.block_on(async { … }), or make the test a #[tokio::test]. To do work before \
    the app serves, add a command with App::cli.";

/// Runs `work`, which may block, on the thread pool, with the current context kept.
///
/// When nobody waits for it any more, since the client has left, work that the pool has not begun is not done; work that
/// has begun is finished.
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
    let work = tokio::task::spawn_blocking(run);
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

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::mpsc::channel, task::Poll};

    use tokio::runtime::{Builder, Runtime};

    use super::blocking;

    fn one_thread() -> Runtime {
        Builder::new_current_thread().max_blocking_threads(1).build().unwrap()
    }

    #[test]
    fn work_that_nobody_waits_for_leaves_the_queue() {
        let ((begun, wait_until_begun), (let_go, wait), (done, order)) = (channel(), channel(), channel());
        one_thread().block_on(async {
            let of_first = done.clone();
            let first = tokio::spawn(blocking(move || {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                of_first.send("first").unwrap();
            }));
            tokio::task::yield_now().await;
            wait_until_begun.recv().unwrap();
            {
                let of_left = done.clone();
                let mut left = pin!(blocking(move || of_left.send("left").unwrap()));
                let is_queued = poll_fn(|context| Poll::Ready(left.as_mut().poll(context).is_pending()));
                assert!(is_queued.await);
            }
            let_go.send(()).unwrap();
            first.await.unwrap();
            blocking(move || done.send("last").unwrap()).await;
        });
        assert_eq!(order.iter().collect::<Vec<_>>(), ["first", "last"]);
    }

    #[test]
    fn work_that_has_begun_is_finished() {
        let ((begun, wait_until_begun), (let_go, wait), (done, is_done)) = (channel(), channel(), channel());
        one_thread().block_on(async {
            let work = tokio::spawn(blocking(move || {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                done.send(()).unwrap();
            }));
            tokio::task::yield_now().await;
            wait_until_begun.recv().unwrap();
            work.abort();
            assert!(work.await.unwrap_err().is_cancelled());
            let_go.send(()).unwrap();
            is_done.recv().unwrap();
        });
    }
}
