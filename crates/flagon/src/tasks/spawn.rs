//! Tasks: those of a request, and those that outlive its answer.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, Location},
    pin::pin,
    sync::Arc,
};

use futures_util::FutureExt as _;
use tokio::{runtime::Handle, task::JoinHandle};

use crate::{
    background::{Counting, End},
    command::Outcome,
    context::Context,
    panic_report::PanicReport,
    polled::{InBackground, is_background},
    request::Request,
};

/// Starts a task of this request, which keeps its context: `request()`, `g()` and `db()` work in it.
///
/// The task is a part of its request. When the view has answered, it is waited for, within the view's time and before the
/// transaction is committed; when the view gives an error, when its time is over, and when the client leaves, the task is dropped
/// where it waits. An answer that is streamed, and a WebSocket, go on meanwhile; what still runs at their end is dropped. What is to go on
/// after the answer is a task of [`background`].
///
/// Outside a request (a command, a job, a plain test) nothing waits for it but who holds its handle.
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
    let Some(context) = Context::current() else { return runtime.spawn(future) };
    let tasks = context.tasks();
    let running = if is_background() { None } else { tasks.enter() };
    let Some(running) = running else { return spawn_in_background(context, future) };
    let (tasks, work) = (Arc::clone(tasks), context.scope(future));
    let handle = runtime.spawn(async move {
        let _running = running; // dropped after the context is
        work.await
    });
    tasks.keep(handle.abort_handle());
    handle
}

/// A task of a request that is over, or of a background task.
fn spawn_in_background<F>(context: Arc<Context>, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (runtime, counting) = enter(&context);
    runtime.spawn(in_background(context, async move {
        let _counting = counting;
        future.await
    }))
}

/// Starts a task that outlives the answer, on an event loop of its own, with the context kept: `request()`, `g()` and
/// `current_app()` work in it, and each statement of `db()` is on its own, since the transaction of the request ends with its answer.
///
/// When the app ends, it is waited for, as long as `server.timeouts.shutdown` allows. An error that it gives and a panic are
/// logged, with the place where it was started. What must not be lost when the process is killed is a job, not a task.
///
/// # Panics
///
/// Outside of a request and of [`app_context`](crate::Application::app_context), and when the system gives no thread.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// async fn send_mail(to: &str) -> Result<()> {
///     // …
///     Ok(())
/// }
///
/// #[post("/welcome")]
/// async fn welcome() -> &'static str {
///     flagon::background(async {
///         let to = request().args().get("to").unwrap_or("ada@example.org").to_owned();
///         send_mail(&to).await
///     });
///     "on its way"
/// }
///
/// let client = App::new("docs").routes(routes![welcome]).test_client();
/// assert_eq!(client.post("/welcome").wait().text(), "on its way");
/// client.block_on(client.settle());
/// assert_eq!(client.app().current_app().background_tasks().ended, 1);
/// ```
#[track_caller]
pub fn background<F>(future: F) -> JoinHandle<()>
where
    F: Future<Output: Outcome> + Send + 'static,
{
    let place = Location::caller();
    let Some(context) = Context::current() else { panic!("{WITHOUT_APP}") };
    let (runtime, counting) = enter(&context);
    let told = Arc::clone(&context);
    runtime.spawn(in_background(context, async move {
        let ended = AssertUnwindSafe(async move { future.await.into_outcome() }).catch_unwind().await;
        let id = told.try_request().map(Request::id);
        counting.ended(match ended {
            Ok(Ok(())) => End::Done,
            Ok(Err(error)) => {
                tracing::error!(target: "flagon::background", at = %place, request = id.map(tracing::field::display), %error, cause = error.source().map(tracing::field::display), "a background task failed");
                End::Failed
            }
            Err(payload) => {
                let report = PanicReport::of_payload(&*payload);
                tracing::error!(target: "flagon::background", at = %place, request = id.map(tracing::field::display), error = %report, "a background task panicked");
                End::Panicked
            }
        });
    }))
}

#[track_caller]
fn enter(context: &Context) -> (Handle, Counting) {
    match context.app().background.enter(context.app().shutdown()) {
        Ok(entered) => entered,
        Err(error) => panic!("the system gives no thread for background tasks: {error}"),
    }
}

/// Runs `future` with `context` current, and known not to be a part of its request.
async fn in_background<F: Future>(context: Arc<Context>, future: F) -> F::Output {
    let mut work = pin!(context.scope(future));
    poll_fn(move |cx| {
        let _background = InBackground::enter();
        work.as_mut().poll(cx)
    })
    .await
}

const WITHOUT_RUNTIME: &str = "flagon::spawn was called where no tasks can run.\n\nCall it from a view, a hook or a command of \
    the app; in a plain test run it inside client.block_on(async { … }), or make the test a #[tokio::test]. To do work before \
    the app serves, add a command with App::cli.";

const WITHOUT_APP: &str = "flagon::background was called outside of an app.\n\nCall it from a view, a hook or a command of the \
    app; in a test, inside app.app_context().run(…).";
