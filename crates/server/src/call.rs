//! The call of the service, behind which no panic reaches the thread.
//!
//! In: a request. Out: its answer, or its [`Panic`]. Never: an unwinding connection.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use flagon_http::Body;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};

use crate::{connection_info::ConnectionInfo, service::Service};

/// Calls the service. What a panic leaves behind is the service's own: of ours it holds only the request.
pub(crate) fn call<S: Service>(
    service: &S,
    request: Request<Body>,
    info: &Arc<ConnectionInfo>,
) -> impl Future<Output = Result<Response<Body>, Panic>> {
    AssertUnwindSafe(async move { service.call(request, info).await }).catch_unwind()
}

/// What a service panicked with. The panic hook has reported it.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Makes what the client gets when the service panicked.
pub(crate) fn answer_to_panic(_: Panic) -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "the server failed to answer this request\n")
}

/// What a client is told that asks for a tunnel (CONNECT).
pub(crate) const NO_TUNNEL: &str = "this server is no tunnel\n";

/// Makes an answer of the server itself.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
    response
}
