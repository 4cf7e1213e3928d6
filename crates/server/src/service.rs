//! What a server asks for each request.

use std::{sync::Arc, time::Duration};

use flagon_http::Body;
use http::{HeaderValue, Request, Response, StatusCode, header};

use crate::{answer::Answer, connection_info::ConnectionInfo, interim::Interim};

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

    /// Answers `request` in the place of `answer`, and may send hints and pushes before; this is what a server calls. By itself it is
    /// [`call`](Self::call), and sends none.
    ///
    /// What a future gives is moved by each that hands it on; an answer is large, and stays where it is.
    fn answer(
        &self,
        request: Box<Request<Body>>,
        connection: &Arc<ConnectionInfo>,
        interim: &Interim,
        answer: &mut Answer,
    ) -> impl Future<Output = ()> + Send {
        let _ = interim;
        async { answer.response = self.call(request, connection).await }
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

    /// Hears that the server is about to stop, on the thread that called [`Server::serve`](crate::Server::serve). By itself it does nothing.
    fn stopping(&self, stage: Stopping) {
        let _ = stage;
    }

    /// Finishes what goes on without a connection, such as tasks that outlive their requests: the threads run on meanwhile. It is called
    /// when the last connection is gone, has `left` until the server ends all the same, and is dropped then. By itself it does nothing.
    fn finish(&self, left: Duration) -> impl Future<Output = ()> + Send {
        let _ = left;
        std::future::ready(())
    }
}

/// How far a server is on its way to the end, as far as it concerns what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stopping {
    /// It still serves, and should be sent nothing more: who asks for readiness is told so.
    Unready,
    /// No connection is accepted any more; answers that would go on for ever should end, and nothing new be begun.
    Draining,
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
