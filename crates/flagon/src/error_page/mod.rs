//! The answer that stands for an error when no handler gives one.
//!
//! In: an [`Error`] and the context of its request. Out: HTML for those who prefer it by `Accept`, else
//! `application/problem+json` (RFC 9457). Never: says more than [`Error::public`] to a client, unless `debug` is on and the
//! client is the developer's own browser.

mod explanation;
mod problem;
mod html;
mod debug;

use http::{HeaderValue, StatusCode, header};

use crate::{
    context::Context,
    debugger,
    error::Error,
    response::{Response, typed},
};

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Makes the answer of `error`.
pub(crate) fn page(context: &Context, error: &Error) -> Response {
    let facts = debugger::is_developer(context).then(|| debug::Facts::of(context, error));
    let offers = ["application/problem+json", "application/json", "text/html"];
    let mut response = match (context.request().best_media_type(&offers), &facts) {
        (Some("text/html"), Some(facts)) => html_page(debug::html::page(facts), debug::html::STYLE_HASH),
        (Some("text/html"), None) => html_page(html::page(context, error), html::STYLE_HASH),
        (_, facts) => typed(PROBLEM, problem::problem(context, error, facts.as_ref()).to_string()),
    };
    *response.status_mut() = error.status();
    for (name, value) in error.headers() {
        response.headers_mut().append(name, value.clone());
    }
    complete(&mut response, context);
    if facts.is_some() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// A page that may load nothing and run nothing; its one style sheet is named by its hash (CSP Level 3 §6.7.2).
fn html_page(page: String, style_hash: &str) -> Response {
    let mut response = typed(HTML, page);
    let policy = format!(
        "default-src 'none'; style-src '{style_hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("a policy is visible ASCII");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Adds what HTTP asks of the answer's status.
fn complete(response: &mut Response, context: &Context) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    match response.status() {
        // RFC 9110 §15.5.2: a 401 must have a challenge. Where the app gives none it logs people in by a page of its own, for
        // which no scheme is registered; browsers pass over one that they do not know, as they should.
        StatusCode::UNAUTHORIZED => {
            response
                .headers_mut()
                .entry(header::WWW_AUTHENTICATE)
                .or_insert_with(|| HeaderValue::from_static("Cookie"));
        }
        // RFC 9110 §15.5.6: a 405 must have Allow, also one that a view gives.
        StatusCode::METHOD_NOT_ALLOWED if !response.headers().contains_key(header::ALLOW) => {
            let allowed = context.app.url_map.allowed(context.request());
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests;
