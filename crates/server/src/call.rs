//! The call of the service, behind which no panic reaches the thread.
//!
//! In: a request. Out: its answer, or [`Panicked`]. Never: an unwinding connection.

use std::{panic::AssertUnwindSafe, sync::Arc};

use flagon_http::Body;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};

use crate::{connection_info::ConnectionInfo, service::Service};

/// The service panicked. The panic hook has reported it.
pub(crate) struct Panicked;

/// Calls the service.
pub(crate) async fn call<S: Service>(
    service: &S,
    request: Request<Body>,
    info: &Arc<ConnectionInfo>,
) -> Result<Response<Body>, Panicked> {
    // What a panic leaves behind is the service's own: of ours it holds only the request.
    let answer = AssertUnwindSafe(async { service.call(request, info).await }).catch_unwind();
    answer.await.map_err(|_| Panicked)
}

impl From<Panicked> for Response<Body> {
    /// Makes what the client gets.
    fn from(_: Panicked) -> Self {
        plain(StatusCode::INTERNAL_SERVER_ERROR, "the server failed to answer this request\n")
    }
}

/// Makes an answer of the server itself.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
    response
}
