//! What a server asks for each request.

use std::sync::Arc;

use flagon_http::Body;
use http::{HeaderValue, Request, Response, StatusCode, header};

use crate::{connection_info::ConnectionInfo, interim::Interim};

/// Answers requests. A server shares one service among its threads.
///
/// A request comes in a box: it is large, and is given on through several futures, each of which would move it.
///
/// The future is dropped when the client leaves or the server's deadline for shutdown passes.
pub trait Service: Send + Sync + 'static {
    /// Answers `request`, which came over `connection`. It never fails: an error is an answer too.
    fn call(
        &self,
        request: Box<Request<Body>>,
        connection: &Arc<ConnectionInfo>,
    ) -> impl Future<Output = Response<Body>> + Send;

    /// Answers `request` and may send hints and pushes before; this is what a server calls. By itself it sends none.
    fn call_with_interim(
        &self,
        request: Box<Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
    ) -> impl Future<Output = Response<Body>> + Send {
        let _ = interim;
        self.call(request, connection)
    }

    /// Answers in the place of the service when the thread is at work on as many requests as it may
    /// ([`Limits::requests`](crate::Limits)): early and cheaply. `None` has the service called nonetheless, as for a health check.
    ///
    /// By itself it is a 503 that says to come back in a second.
    fn shed(&self, request: &Request<Body>, connection: &Arc<ConnectionInfo>) -> Option<Response<Body>> {
        let _ = (request, connection);
        let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, OVERLOADED);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        Some(response)
    }
}

/// Makes an answer of the server itself.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

const OVERLOADED: &str = "the server is at work on as many requests as it can; send this again in a moment\n";
