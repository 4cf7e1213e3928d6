//! What a client is told when there is too much to do.
//!
//! In: a request that the server would have to begin although it works on as many as it may. Out: 503 with `Retry-After`, or nothing
//! for a health check. Never: a hook, an error handler or a view, which is the work that there is too much of.

use std::sync::Arc;

use flagon_http::Body;
use flagon_server::ConnectionInfo;
use http::{HeaderName, HeaderValue, header};

use crate::{
    context::Context, error::Error, error_page, request::Request, response::Response, served::Served,
    url_map::Found,
};

/// Answers `message` in the place of the app.
pub(crate) fn answer(
    app: &Served,
    message: &http::Request<Body>,
    connection: &Arc<ConnectionInfo>,
) -> Option<Response> {
    let context =
        Context::open(&app.current, Request::new(Box::new(without_body(message)), Arc::clone(connection)));
    if let Ok(Found::Endpoint(endpoint)) = context.route()
        && app.endpoints[endpoint].health_check
    {
        return None;
    }
    let error = Error::aborted(503)
        .with_public("The server has as much to do as it can. Try again in a moment.")
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
    let mut response = error_page::page(&context, &error);
    context.request().vary.apply(response.headers_mut());
    Some(response)
}

/// The request as far as it decides where it goes and in which form the answer is.
fn without_body(message: &http::Request<Body>) -> http::Request<Body> {
    let mut copy = http::Request::new(Body::empty());
    *copy.method_mut() = message.method().clone();
    *copy.uri_mut() = message.uri().clone();
    *copy.version_mut() = message.version();
    let copied = |name: HeaderName| Some((name.clone(), message.headers().get(name)?.clone()));
    copy.headers_mut().extend(LOOKED_AT.into_iter().filter_map(copied));
    copy
}

const LOOKED_AT: [HeaderName; 2] = [header::HOST, header::ACCEPT];
