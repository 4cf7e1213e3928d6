//! The steps of dispatch that tell browsers who may do what with an answer.
//!
//! In: the request's context and its answer. Out: the answer with its security headers, those of CORS, and what a page with a
//! token asks of caches. Never: decides anything that was not decided at start.

use flagon_http::Body;
use flagon_server::Answer;
use http::{HeaderMap, HeaderValue, header};

use crate::{context::Context, cors::Preflight, response::Response, served::Served};

/// Answers a preflight for what is routed and has a word on CORS (Fetch Standard §4.8); `None` for every other request.
pub(crate) fn preflight(app: &Served, context: &Context) -> Option<Response> {
    let request = context.request();
    let preflight = Preflight::read(request.method(), request.headers())?;
    let endpoint = app.current.url_map.endpoint_for(request, &preflight.method)?;
    let cors = app.endpoints[endpoint].guard.cors.as_ref()?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, app.current.url_map.allowed(request));
    cors.answer(&preflight, response.headers_mut());
    for name in
        [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_REQUEST_HEADERS]
    {
        context.vary_on(&name);
    }
    Some(response)
}

/// Puts the headers into an answer that is complete otherwise.
pub(crate) fn guard(app: &Served, context: &Context, answer: &mut Answer) {
    let guard = app.guard(context);
    let request = context.request();
    let mut nonce = None;
    if let Some(handed) = context.was_handed() {
        nonce = handed.used_nonce();
        if handed.has_token() {
            context.vary_on(&header::COOKIE);
            keep_private(answer.response.headers_mut());
        }
    }
    guard.headers.apply(answer, nonce, request.scheme());
    if let Some(cors) = &guard.cors {
        if cors.varies() {
            context.vary_on(&header::ORIGIN);
        }
        // What a preflight is allowed was said when it was answered, and nothing where it was not.
        if Preflight::read(request.method(), request.headers()).is_none() {
            cors.apply(request.headers().get(header::ORIGIN), answer.response.headers_mut());
        }
    }
}

/// A page with a token is one client's: no shared cache may give it to another (RFC 9111 §5.2.2.7).
fn keep_private(headers: &mut HeaderMap) {
    let before = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let directives: Vec<&str> = before
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|directive| !directive.is_empty())
        .collect();
    let is = |directive: &&str, name: &str| {
        directive.split('=').next().is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    if directives.iter().any(|directive| is(directive, "private") || is(directive, "no-store")) {
        return;
    }
    let kept = directives.iter().filter(|directive| !is(directive, "public") && !is(directive, "s-maxage"));
    let value = ["private"].iter().chain(kept).copied().collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}
