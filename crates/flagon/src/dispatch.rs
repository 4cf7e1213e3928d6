//! The life of a request inside the app, step by step.
//!
//! In: a [`Request`]. Out: its [`Response`], never an error. A panic anywhere in a view or a hook becomes an error
//! of its request; a client that leaves drops the future, and teardown still runs.

#[cfg(feature = "sql")]
use std::time::Instant;
use std::{borrow::Cow, pin::pin, sync::Arc};

use flagon_http::Body;
use flagon_server::Answer;
use http::{Method, StatusCode, header};
use http_body::Body as _;

#[cfg(feature = "sql")]
use crate::upstream::Side;
use crate::{
    allow::accepted_instead,
    attempt::{Again, NotCommitted, Tries, after_view, commit},
    conditional::{self, Refused, carry},
    config,
    context::Context,
    context_body::InContext,
    cross_origin, debugger,
    error::{Error, ErrorKind, Result},
    error_handlers::ErrorHandlers,
    error_page, idempotency, log, login,
    measured::Measured,
    panic::caught,
    rate_limits,
    recording::StepKind,
    request::{REQUEST_ID, Request},
    response::Response,
    served::{Scope, Served},
    upstream::{self, Finished},
    url_map::Found,
    view_info::Access,
    violations::Violations,
};

/// Answers `request` in the place of `answer`: whatever would give an answer on, moves it.
pub(crate) async fn dispatch(app: &Served, request: Request, answer: &mut Answer) {
    dispatch_in(app, Context::open(&app.current, request), answer).await;
}

/// Answers the request of `context`, which the caller has opened.
pub(crate) async fn dispatch_in(app: &Served, context: Arc<Context>, answer: &mut Answer) {
    if let Some(panel) = debugger::panel(&context) {
        answer.response = panel.await;
        finish(&context, answer);
        return;
    }
    context.record();
    let entry = log::Entry::open(&context);
    let measured = Measured::open(&context);
    let mut tries = Tries::first(app.current.config.view_timeout);
    let (mut fresh, mut turn) = (None, None); // of another try
    loop {
        let context = fresh.as_ref().unwrap_or(&context);
        let answered = {
            // Every wrapper of a future is given a pointer to it, since one that takes it by value moves and holds it twice.
            let work = pin!(attempt(app, context, tries, answer));
            Arc::clone(context).scope(work).await
        };
        let Err(again) = answered else { break };
        idempotency::release(context);
        let _step = context.step(StepKind::Again, || "".into());
        (fresh, tries) = (Some(again.wait(&mut turn).await), tries.next());
    }
    debugger::answered(&context, fresh.as_ref(), &answer.response);
    measured.answered(&answer.response);
    entry.answered(&answer.response);
}

/// Makes the `response` to the request of `context`, whose transaction is committed when it is ready: what is sent is kept.
///
/// # Errors
///
/// The database has given the transaction up, and all of it is to be done again.
async fn attempt(
    app: &Served,
    context: &Arc<Context>,
    tries: Tries,
    answer: &mut Answer,
) -> Result<(), Again> {
    let response = &mut answer.response;
    // Hooks and error handlers may read a body as well, of requests that lead to no view too.
    context.request().limit_body(app.current.config.max_content_length);
    #[cfg(feature = "sql")]
    let started = app.shadow.is_some().then(Instant::now);
    let mut teardown = Teardown { app, context, error: None, goes_on: false };
    let mut given = {
        let work = pin!(async {
            *response = respond(app, context, tries).await?;
            settle(context, response).await;
            Ok(())
        });
        within_time(tries, caught(context, work)).await
    };
    if given.is_err() {
        context.cancel_tasks(); // they would go on in a transaction that is over
        context.settle_tasks().await;
    }
    after_view(context, tries, &mut given).await?;
    if let Err(error) = given {
        *response = error_answer(app, context, error, &mut teardown.error).await;
    }
    if app.upstream.is_some() && upstream::finish(context, response) == Finished::Passed {
        #[cfg(feature = "sql")]
        tap(app, context, response, (Side::Upstream, started));
        app.https.tell(context.request(), response.headers_mut());
        return Ok(());
    }
    after(app, context, response, &mut teardown.error).await;
    conditions(app, context, response, &mut teardown.error).await;
    settle(context, response).await;
    match commit(context, tries, response.status()).await {
        Ok(()) => kept(app, context, response),
        Err(NotCommitted::Again(again)) => return Err(again),
        Err(NotCommitted::Failed(error)) => {
            *response = error_answer(app, context, error, &mut teardown.error).await;
        }
    }
    // Not before the commit: what is done again when that fails would be done twice to a session that a store keeps.
    save_session(app, context, response, &mut teardown.error).await;
    #[cfg(feature = "sql")]
    tap(app, context, response, (Side::Flagon, started));
    compress(app, context, response);
    app.https.tell(context.request(), response.headers_mut());
    cross_origin::guard(app, context, answer);
    teardown.goes_on = goes_on(&answer.response);
    finish(context, answer);
    Ok(())
}

/// Keeps the answer of one side to be compared with the other's.
#[cfg(feature = "sql")]
fn tap(app: &Served, context: &Context, response: &mut Response, (side, started): (Side, Option<Instant>)) {
    if let (Some(shadow), Some(started)) = (&app.shadow, started) {
        shadow.tap(context, response, side, started);
    }
}

/// Runs the before-hooks and the view.
async fn respond(app: &Served, context: &Arc<Context>, tries: Tries) -> Result {
    check_host(context)?;
    if let Some(redirect) = app.https.redirect(context)? {
        return Ok(redirect);
    }
    if let Some(answer) = cross_origin::preflight(app, context) {
        return Ok(answer); // before any hook: a preflight has no credentials that one could look at
    }
    if let Some(violations) = app.violations.as_ref().filter(|_| Violations::are_in(context.request())) {
        return violations.take(context).await;
    }
    let found = context.route(); // a 404 waits: before-hooks still run
    if let Ok(Found::Endpoint(endpoint)) = found {
        context.request().limit_body(app.endpoints[endpoint].max_body);
    }
    if let Some(upstream) = &app.upstream
        && let Some(ours) = upstream.takes(context, &found)
        && let Some(answer) = Box::pin(upstream.pass(context, ours)).await?
    {
        return Ok(answer);
    }
    open_session(context).await?;
    let limits = app.rate_limits(context);
    if !limits.is_empty() && tries.is_first() {
        rate_limits::check(context, limits)?; // after the session is there, by which a limit may count
    }
    if let Ok(Found::Endpoint(endpoint)) = found {
        // Before the hooks: they may act for the user as well, or answer in the view's place.
        let endpoint = &app.endpoints[endpoint];
        app.csrf.check(context, endpoint.csrf, endpoint.guard.cors.as_ref()).await?;
    }
    if let Some(early) = app.scope(context).hooks.before(context).await? {
        return Ok(early);
    }
    match found? {
        Found::Endpoint(endpoint) => {
            let endpoint = &app.endpoints[endpoint];
            if endpoint.access != Access::Anyone {
                login::check(context, endpoint.access).await?;
            }
            if endpoint.is_blocking {
                context.set_view_deadline(tries.deadline());
            }
            let _step = context.step(StepKind::View, || view_name(context));
            (endpoint.handler)(context).await
        }
        Found::Answer(response) => Ok(response), // a redirect of the rule's, or OPTIONS
    }
}

/// Waits for the tasks of the request, whose work belongs to the answer; those of one that goes on have time until its end.
async fn settle(context: &Context, response: &Response) {
    if context.has_tasks() && !goes_on(response) {
        context.settle_tasks().await;
    }
}

/// Whether the request lasts longer than it takes to answer it.
fn goes_on(response: &Response) -> bool {
    response.body().as_full().is_none() || response.status() == StatusCode::SWITCHING_PROTOCOLS
}

fn view_name(context: &Context) -> Cow<'static, str> {
    context.endpoint().unwrap_or_default().to_owned().into()
}

/// Refuses a request for a host that the app does not answer for: links made from it would lead elsewhere.
fn check_host(context: &Context) -> Result<()> {
    let trusted = &context.app.config.trusted_hosts;
    if trusted.is_empty() || config::is_trusted(context.request().host(), trusted) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::UntrustedHost).with_public("The app does not answer for this host."))
}

/// Gives `work` the time that a view may take.
async fn within_time(tries: Tries, work: impl Future<Output = Result<()>>) -> Result<()> {
    match tries.deadline() {
        Some(deadline) => tokio::time::timeout_at(deadline, work)
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::DeadlineExceeded))),
        None => work.await,
    }
}

/// Answers `error`: by the handler that is for it, else by the page of its status.
async fn error_answer(
    app: &Served,
    context: &Arc<Context>,
    mut error: Error,
    unhandled: &mut Option<Error>,
) -> Response {
    if let Some(response) = error.take_response() {
        return response;
    }
    let handlers = &app.scope(context).errors;
    if !ErrorHandlers::expect(handlers, &error) {
        log::failed(context, &error);
    }
    // The handler of what went wrong, then, as in Flask, the one of what went wrong in it.
    let mut asked = None;
    for _ in 0..2 {
        let Some(handler) = ErrorHandlers::find(handlers, &error) else { break };
        if asked.replace(handler).is_some_and(|asked| Arc::ptr_eq(asked, handler)) {
            break;
        }
        let _step = context.step(StepKind::ErrorHandler, || "".into());
        match caught(context, pin!(async { handler(error).await })).await {
            Ok(response) => return response,
            Err(worse) => error = worse,
        }
        log::failed(context, &error);
    }
    let response = error_page::page(context, &error);
    if is_failure(error.kind()) {
        *unhandled = Some(error);
    }
    response
}

/// Whether teardown is told of it: it went wrong, and is not an answer that someone chose, such as a 404.
fn is_failure(kind: ErrorKind) -> bool {
    !matches!(kind, ErrorKind::Aborted(_) | ErrorKind::Argument(_)) && kind.status().is_server_error()
}

/// Runs what the request itself asked for, then the after-hooks. The answer to the error of one is seen by those
/// after it.
async fn after(app: &Served, context: &Arc<Context>, response: &mut Response, unhandled: &mut Option<Error>) {
    for hook in context.take_after_this_request() {
        let _step = context.step(StepKind::AfterHook, || "after_this_request".into());
        let before = std::mem::take(response);
        *response = match caught(context, pin!(async { hook(before).await })).await {
            Ok(response) => response,
            Err(error) => error_answer(app, context, error, unhandled).await,
        };
    }
    for hook in app.scope(context).hooks.after() {
        let _step = context.step(StepKind::AfterHook, || hook.name.into());
        let before = std::mem::take(response);
        *response = match caught(context, pin!(async { (hook.run)(before).await })).await {
            Ok(response) => response,
            Err(error) => error_answer(app, context, error, unhandled).await,
        };
    }
}

/// Answers 304, 206, 412 or 416 where the request's conditions and ranges ask for it. After the after-hooks, since a tag names
/// the body that they leave, and before the session is saved, whose cookie goes out with any of these.
async fn conditions(
    app: &Served,
    context: &Arc<Context>,
    response: &mut Response,
    unhandled: &mut Option<Error>,
) {
    let matched = context.matched.get();
    let added = matched.map(|matched| app.endpoints[matched.endpoint()].added).unwrap_or_default();
    if let Err(Refused { error, kept }) = conditional::apply(context, added, response) {
        *response = error_answer(app, context, error, unhandled).await;
        carry(&kept, response);
    }
}

/// Asks the store for the session where that takes time; others are read when they are first looked at.
async fn open_session(context: &Context) -> Result<()> {
    let sessions = context.session_keeper();
    if sessions.is_asked_before(context.request()) {
        let _ = context.session.set(sessions.ask(context.request()).await?);
    }
    Ok(())
}

async fn save_session(
    app: &Served,
    context: &Arc<Context>,
    response: &mut Response,
    unhandled: &mut Option<Error>,
) {
    let Some(session) = context.session.get() else { return }; // nobody has looked at it
    let _step = context.step(StepKind::Session, || "save".into());
    let save = async {
        let keeper = context.session_keeper();
        keeper.save(context.request(), session, response, &app.current.secret_keys).await
    };
    let saved = caught(context, pin!(save)).await;
    if let Err(error) = saved {
        *response = error_answer(app, context, error, unhandled).await;
    }
}

/// Packs `response` for a client that takes it packed; after every hook, whom the content as it is concerns.
fn compress(app: &Served, context: &Context, response: &mut Response) {
    if let Err(error) = app.compression.apply(context.request(), app.compress(context), response) {
        log::failed(context, &error);
        *response = error_page::page(context, &error);
    }
}

/// Keeps the answer of an idempotent view, now that what it tells of stays; a 5xx was rolled back.
fn kept(app: &Served, context: &Context, response: &Response) {
    if let Some(idempotency) = app.idempotency.as_ref().filter(|_| !response.status().is_server_error()) {
        idempotency.committed(context);
    }
}

/// Does what every answer needs, whoever made it.
fn finish(context: &Arc<Context>, answer: &mut Answer) {
    let response = &mut answer.response;
    let request = context.request();
    if response.body().as_full().is_none() {
        let stream = std::mem::take(response.body_mut());
        *response.body_mut() = Body::stream(InContext::new(stream, Arc::clone(context)));
    }
    if request.method() == Method::HEAD {
        // RFC 9110 §9.3.2: the fields of the GET, without its content.
        let body = std::mem::take(response.body_mut());
        // RFC 9110 §8.6: a 204 has no length, and that of a 304 would be the length of the 200.
        let has_length = !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if let Some(length) = body.size_hint().exact().filter(|_| has_length) {
            response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
        }
    }
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE
        && let Some(matched) = context.matched.get()
    {
        for (name, value) in accepted_instead(request.method(), context.app.url_map.media_types(matched)) {
            response.headers_mut().entry(name).or_insert(value);
        }
    }
    request.vary.apply(response.headers_mut());
    if response.headers().keys().any(|name| *name == REQUEST_ID) {
        response.headers_mut().remove(REQUEST_ID);
    }
    answer.ready.identify(REQUEST_ID, request.id().number());
}

/// Runs the teardown hooks when the request is over, however it ends.
struct Teardown<'a> {
    app: &'a Served,
    context: &'a Arc<Context>,
    error: Option<Error>,
    /// What is still to be sent, or said over a WebSocket, holds the context and ends its tasks.
    goes_on: bool,
}

impl Drop for Teardown<'_> {
    fn drop(&mut self) {
        let scope: &Scope = self.app.scope(self.context);
        self.context.run(|| scope.hooks.teardown(self.error.as_ref()));
        self.context.end(self.error.as_ref());
        if !self.goes_on {
            self.context.cancel_tasks();
        }
        self.context.abandon_transaction(); // of a client that left, or of a try that failed
    }
}
