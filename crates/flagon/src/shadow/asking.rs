//! The side that did not answer the client, asked for its answer.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use flagon_http::Body;
use flagon_server::{ConnectionInfo, Interim};
use flagon_shadow::Answer;
use flagon_upstream::{Outgoing, Upstream};
use http::{HeaderMap, Method, Uri, Version, header};

use super::tap::collect;
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
    response::Response,
};

/// A request, to be sent a second time.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) connection: Arc<ConnectionInfo>,
}

impl Asked {
    /// Copies `request`, with `body`. The answer may not be packed, so that it can be compared.
    pub(crate) fn of(request: &Request, body: Bytes) -> Self {
        let mut headers = request.headers().clone();
        for name in [header::ACCEPT_ENCODING, header::EXPECT, header::UPGRADE] {
            headers.remove(name);
        }
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers,
            body,
            connection: Arc::clone(request.connection()),
        }
    }

    /// How much memory it takes, about.
    pub(crate) fn size(&self) -> usize {
        self.body.len() + self.headers.len() * 64 + 1024
    }

    /// Asks the upstream. Gives its answer and how long its head took.
    pub(crate) async fn upstream(self, upstream: &Upstream) -> Result<(Answer, Instant)> {
        let outgoing = Outgoing {
            method: &self.method,
            uri: &self.uri,
            version: self.version,
            headers: &self.headers,
            connection: &self.connection,
            interim: &Interim::default(),
            id: b"shadow",
            trace: None,
        };
        let response = upstream.pass(&outgoing, self.body.clone().into()).await;
        let response = response.map_err(|error| Error::new(ErrorKind::Failed).with_source(error))?;
        answer(response).await
    }

    /// The request for the app's own view.
    pub(crate) fn into_request(self) -> Request {
        let mut message = http::Request::new(Body::from(self.body));
        (*message.method_mut(), *message.uri_mut(), *message.version_mut()) =
            (self.method, self.uri, self.version);
        *message.headers_mut() = self.headers;
        Request::new(Box::new(message), self.connection).for_comparison()
    }
}

/// Reads an answer whole, whose head is there by now.
pub(crate) async fn answer(response: Response) -> Result<(Answer, Instant)> {
    let at = Instant::now();
    let (parts, body) = response.into_parts();
    Ok((Answer { status: parts.status, headers: parts.headers, body: collect(body).await? }, at))
}
