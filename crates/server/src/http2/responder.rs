//! The way from us to the client on one HTTP/2 stream.
//!
//! In: an answer, and hints and promises before it. Out: frames of the stream that the client opened, or of one that it was
//! promised. Never: a promise on a promised stream, or to a client that takes none.
//!
//! RFC 9113 §8.4.

use std::task::{Context, Poll};

use bytes::Bytes;
use h2::{
    Reason, SendStream,
    server::{SendPushedResponse, SendResponse},
};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, uri::PathAndQuery};

/// The way to the client on one stream.
pub(super) enum Responder {
    /// The client asked.
    Asked(SendResponse<Bytes>),
    /// We asked in its place.
    Promised(SendPushedResponse<Bytes>),
}

/// A request that the client was told it need not send.
pub(super) struct Promised {
    pub(super) request: Request<()>,
    pub(super) respond: SendPushedResponse<Bytes>,
}

impl Responder {
    /// Sends an answer before the answer. It fails when the stream is over, which its owner will see.
    pub(super) fn send_interim(&mut self, status: StatusCode, fields: HeaderMap) {
        if let Self::Asked(respond) = self {
            let mut interim = Response::new(());
            (*interim.status_mut(), *interim.headers_mut()) = (status, fields);
            let _ = respond.send_informational(interim);
        }
    }

    /// Promises the answer to a `GET` of `target` on the host of `uri`; `None` where the client takes no promises.
    pub(super) fn promise(&mut self, uri: &Uri, target: PathAndQuery, fields: HeaderMap) -> Option<Promised> {
        let Self::Asked(respond) = self else { return None };
        let uri = Uri::builder().scheme(uri.scheme()?.clone()).authority(uri.authority()?.clone());
        let mut request = Request::new(());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri.path_and_query(target).build().ok()?;
        *request.headers_mut() = fields;
        let promise = request.clone();
        Some(Promised { request, respond: respond.push_request(promise).ok()? })
    }

    pub(super) fn send_response(
        &mut self,
        head: Response<()>,
        is_last: bool,
    ) -> Result<SendStream<Bytes>, h2::Error> {
        match self {
            Self::Asked(respond) => respond.send_response(head, is_last),
            Self::Promised(respond) => respond.send_response(head, is_last),
        }
    }

    pub(super) fn send_reset(&mut self, reason: Reason) {
        match self {
            Self::Asked(respond) => respond.send_reset(reason),
            Self::Promised(respond) => respond.send_reset(reason),
        }
    }

    pub(super) fn poll_reset(&mut self, context: &mut Context<'_>) -> Poll<Result<Reason, h2::Error>> {
        match self {
            Self::Asked(respond) => respond.poll_reset(context),
            Self::Promised(respond) => respond.poll_reset(context),
        }
    }
}
