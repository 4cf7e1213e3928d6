//! A thief's copy of a cookie, tried again after its owner has logged out: with both kinds of sessions.

use flagon::{Application, Body, MemoryStore, Sessions, http, http::header, prelude::*};
use serde::Serialize;
use tower_service::Service as _;

use super::account;

/// One kind of session, and what each request of the experiment was answered.
#[derive(Debug, Serialize)]
pub(super) struct Exchange {
    kind: &'static str,
    cookie: String,
    steps: Vec<Step>,
}

/// One request and its answer, as they were.
#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    request: String,
    status: u16,
    text: String,
    is_in: bool,
}

/// Logs in, takes a copy, logs out, and tries the copy.
///
/// # Errors
///
/// When a request can't be made.
pub(super) async fn run() -> Result<Vec<Exchange>> {
    let kinds = [
        ("signed", Sessions::signed()),
        ("encrypted", Sessions::encrypted()),
        ("stored", Sessions::stored(MemoryStore::with_capacity(16))),
    ];
    let mut exchanges = Vec::new();
    for (kind, sessions) in kinds {
        exchanges.push(replay(kind, account::app(sessions)?).await?);
    }
    Ok(exchanges)
}

async fn replay(kind: &'static str, app: Application) -> Result<Exchange> {
    let (mut steps, mut cookie) = (Vec::new(), String::new());
    for (step, method, path) in [
        ("login", "POST", "/login"),
        ("copied", "GET", "/me"),
        ("logout", "POST", "/logout"),
        ("replayed", "GET", "/me"),
    ] {
        let response = send(&app, method, path, &cookie).await?;
        let status = response.status().as_u16();
        if cookie.is_empty() {
            cookie = cookie_of(&response); // and the copy is never changed again
        }
        let body = response.into_body().into_full().or_else(|_| abort(502))?;
        let text = if status == 200 { String::from_utf8_lossy(&body).into_owned() } else { String::new() };
        steps.push(Step {
            name: step,
            request: format!("{method} {path}"),
            status,
            text,
            is_in: status == 200,
        });
    }
    Ok(Exchange { kind, cookie, steps })
}

/// Sends a request as a page of the app would.
pub(super) async fn send(app: &Application, method: &str, path: &str, cookie: &str) -> Result<Response> {
    let message = http::Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from("name=ada"))?;
    Ok(app.clone().call(message).await?)
}

/// Name and value of the cookie that `response` sets.
fn cookie_of(response: &Response) -> String {
    let field = response.headers().get(header::SET_COOKIE).and_then(|field| field.to_str().ok());
    field.and_then(|field| field.split(';').next()).unwrap_or_default().to_owned()
}
