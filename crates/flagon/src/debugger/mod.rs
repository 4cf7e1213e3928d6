//! The debug panel: `/_flagon/` in debug mode, with the last requests, and what each did and when.
//!
//! In: what is recorded of requests. Out: pages that load nothing and run nothing. Never: to anyone but the developer's own browser,
//! unless the configuration says so; and itself in what it shows.

mod access;
#[cfg(feature = "sql")]
mod advice;
#[cfg(feature = "sql")]
mod groups;
#[cfg(feature = "jobs")]
mod jobs;
mod lines;
mod list;
mod page;
mod request;
#[cfg(feature = "sql")]
mod statements;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    context::Context,
    recording::{Recording, Recordings},
    response::{IntoResponse, Response},
};

pub(crate) use access::{is_developer, is_local};
#[cfg(test)]
pub(crate) use page::STYLE_HASH;
#[cfg(feature = "sql")]
pub(crate) use page::{Count, Milliseconds, styled};
pub(crate) use page::{Forms, response};

/// Where the panel is.
const ROOT: &str = "/_flagon";

/// The panel's answer, if the request of `context` is for it.
pub(crate) fn panel(context: &Context) -> Option<BoxFuture<'_, Response>> {
    context.app().recordings.as_ref()?;
    let rest = context.request().path().strip_prefix(ROOT)?;
    // What compares two apps has a page of its own, not for the developer alone.
    let is_shadow = rest == "/shadow" || rest.starts_with("/shadow/");
    if is_shadow || (!rest.is_empty() && !rest.starts_with('/')) {
        return None;
    }
    Some(Box::pin(guarded(context, rest)))
}

async fn guarded(context: &Context, rest: &str) -> Response {
    let mut response = match rest.strip_prefix('/') {
        None => with_field(StatusCode::PERMANENT_REDIRECT, header::LOCATION, "/_flagon/"),
        Some(path) => answer(context, path).await,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn answer(context: &Context, path: &str) -> Response {
    if !is_developer(context) {
        let mut response = access::REFUSAL.into_response();
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    if !matches!(*context.request().method(), Method::GET | Method::HEAD) {
        return with_field(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "GET, HEAD");
    }
    let recordings = context.app().recordings.as_ref().map(Recordings::all).unwrap_or_default();
    let page = match path.strip_prefix("requests/") {
        None if path.is_empty() => Some(list::page_of(context.app().name(), &recordings)),
        #[cfg(feature = "jobs")]
        None if path == "jobs" && !context.app().jobs.is_empty() => Some(jobs::page_of(context).await),
        #[cfg(feature = "sql")]
        None if path == "statements.json" => return statements::json(&recordings),
        None => None,
        Some(entry) => request_page(context, entry, &recordings).await,
    };
    match page {
        Some(page) => response(StatusCode::OK, page, Forms::Nowhere),
        None => response(StatusCode::NOT_FOUND, page::gone(), Forms::Nowhere),
    }
}

/// The page of the request that `entry` names; with `/advice` behind it, indexes are tried.
async fn request_page(context: &Context, entry: &str, recordings: &[Arc<Recording>]) -> Option<String> {
    let (id, rest) = entry.split_once('/').map_or((entry, None), |(id, rest)| (id, Some(rest)));
    let recording = recordings.iter().find(|recording| recording.id.to_string() == id)?;
    #[cfg(feature = "sql")]
    {
        let extent = match rest {
            None => advice::Extent::Plans,
            Some("advice") => advice::Extent::Indexes,
            Some(_) => return None,
        };
        let advice = advice::Advice::of(&context.app().database, recording, extent).await;
        Some(request::page_of(recording, &advice))
    }
    #[cfg(not(feature = "sql"))]
    {
        let _ = context;
        rest.is_none().then(|| request::page_of(recording))
    }
}

fn with_field(status: StatusCode, name: HeaderName, value: &'static str) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// Keeps how the request of `context` was answered.
pub(crate) fn answered(context: &Context, again: Option<&Arc<Context>>, response: &Response) {
    if let Some(recording) = context.recording() {
        let endpoint = again.map_or(context, |again| again).endpoint();
        recording.end(response.status(), endpoint);
    }
}

/// The page of the request of `context`, for who may see it.
pub(crate) fn link(context: &Context) -> Option<String> {
    let recording = context.recording().filter(|_| is_developer(context))?;
    Some(format!("{ROOT}/requests/{}", recording.id))
}

/// Records statements with the request that sent them.
#[cfg(feature = "sql")]
#[derive(Debug)]
pub(crate) struct ToRecording;

#[cfg(feature = "sql")]
impl flagon_sql::Observer for ToRecording {
    fn carried_out(&self, statement: &flagon_sql::Observed<'_>) {
        if let Some(context) = Context::current()
            && let Some(recording) = context.recording()
        {
            recording.statements.push(statement);
        }
    }
}
