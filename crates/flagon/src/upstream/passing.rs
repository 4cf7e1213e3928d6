//! The step of dispatch that passes a request on.

use std::time::Instant;

use flagon_http::hex;
use flagon_upstream::{ErrorKind as UpstreamErrorKind, Outgoing, Upstream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{Counts, Side, Switches};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    request::{REQUEST_ID, Request},
    response::Response,
    url_map::Found,
};

/// The other server, and what was asked of it.
#[derive(Debug)]
pub(crate) struct Passing {
    pub(crate) upstream: Upstream,
    pub(crate) counts: Counts,
    pub(crate) switches: Switches,
}

/// What the app itself has at the path of a request that is passed on.
#[derive(Debug)]
pub(crate) enum Ours {
    Nothing,
    /// A redirect to it, or other methods, which `Allow` names.
    Path(Option<HeaderValue>),
}

/// Marks an answer of the other server, which nothing of the app's is done to.
#[derive(Debug, Clone, Copy)]
struct Passed;

impl Passing {
    pub(crate) fn new(upstream: Upstream, counts: Counts, endpoints: usize) -> Self {
        Self { upstream, counts, switches: Switches::new(endpoints) }
    }

    /// Whether the request of `context`, of which `found` came, is the other server's: nothing of the app takes its path, or nothing
    /// its method.
    pub(crate) fn takes(&self, context: &Context, found: &Result<Found>) -> Option<Ours> {
        let request = context.request();
        // RFC 9110 §9.3.7 and §9.3.8: of this server itself, and of nobody.
        let is_own = request.path() == "*" || *request.method() == Method::TRACE;
        if is_own || request.is_for_comparison() {
            return None;
        }
        match found {
            Ok(Found::Endpoint(endpoint)) if self.switches.side(*endpoint) == Side::Upstream => {
                Some(Ours::Nothing)
            }
            Ok(Found::Endpoint(_)) => None,
            Ok(Found::Answer(answer)) => Some(Ours::Path(answer.headers().get(header::ALLOW).cloned())),
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Some(Ours::Nothing),
                ErrorKind::MethodNotAllowed => Some(Ours::Path(error.headers().get(header::ALLOW).cloned())),
                ErrorKind::Aborted(status) if status.get() == StatusCode::NOT_IMPLEMENTED => {
                    Some(Ours::Path(None))
                }
                _ => None,
            },
        }
    }

    /// Passes the request on. `None` where the other server has nothing at that path, and the app something, if only a redirect to it or
    /// another method.
    pub(crate) async fn pass(&self, context: &Context, ours: Ours) -> Result<Option<Response>> {
        let request = context.request();
        request.limit_body(u64::MAX); // the other app has its own limit, and the server's stays
        let outgoing = Outgoing {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            connection: request.connection(),
            interim: &request.interim,
            id: &hex(request.id().number()),
            trace: Some((&request.trace().traceparent(), request.trace().tracestate())),
        };
        let started = Instant::now();
        let given = self.upstream.pass(&outgoing, request.take_body()).await;
        let status = given.as_ref().ok().map(Response::status);
        let is_ours = status == Some(StatusCode::NOT_FOUND) && matches!(ours, Ours::Path(_));
        if !is_ours {
            self.counts.add(request.method(), request.path(), status, started.elapsed());
        }
        match given {
            Ok(_) if is_ours => Ok(None),
            Ok(mut response) => {
                if let Ours::Path(Some(allow)) = &ours {
                    allow_both(allow, &mut response);
                }
                response.extensions_mut().insert(Passed);
                Ok(Some(response))
            }
            Err(error) => Err(self.failed(request, error)),
        }
    }

    fn failed(&self, request: &Request, error: flagon_upstream::Error) -> Error {
        let kind = error.kind();
        let error = match error.into_body_error() {
            Ok(of_client) => return of_client.into(),
            Err(error) => error,
        };
        let cause = std::error::Error::source(&error).map(tracing::field::display);
        let upstream = tracing::field::display(self.upstream.address());
        tracing::error!(target: "flagon::upstream", request = %request.id(), upstream, %error, cause, "a request could not be passed on");
        match kind {
            UpstreamErrorKind::TimedOut => Error::aborted(504).with_public("The app behind this server took too long to answer."),
            UpstreamErrorKind::Busy => Error::aborted(503)
                .with_public("The app behind this server has as much to do as it can. Try again in a moment.")
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")),
            UpstreamErrorKind::Loop => Error::aborted(508).with_public("The app behind this server leads back to it."),
            UpstreamErrorKind::Malformed => Error::aborted(502).with_public("The app behind this server gave an answer that makes no sense."),
            _ => Error::aborted(502)
                .with_public("The app behind this server does not answer. It is asked again with the next request: try it in a moment.")
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("5")),
        }
        .with_source(error)
    }
}

/// Makes `Allow` name the methods of both apps, where a path is one's for some and the other's for the rest.
fn allow_both(ours: &HeaderValue, response: &mut Response) {
    let Ok(ours) = ours.to_str() else { return };
    let theirs = allowed(response.headers());
    if theirs.is_empty() {
        return;
    }
    let more = ours.split(", ").filter(|method| !theirs.iter().any(|known| known == method));
    let all: Vec<_> = theirs.iter().map(String::as_str).chain(more).collect();
    if let Ok(value) = HeaderValue::try_from(all.join(", ")) {
        response.headers_mut().insert(header::ALLOW, value);
    }
}

fn allowed(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::ALLOW).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|method| method.trim().to_owned()).collect()
}

/// Whether `response` is the other server's, which is finished as it is, but for the request's name. It gets that.
pub(crate) fn finish(context: &Context, response: &mut Response) -> Finished {
    if response.extensions_mut().remove::<Passed>().is_none() {
        return Finished::Ours;
    }
    let id =
        || HeaderValue::from_bytes(&hex(context.request().id().number())).expect("digits are a header value");
    response.headers_mut().entry(REQUEST_ID).or_insert_with(id);
    Finished::Passed
}

/// Whose an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It goes the way of all answers.
    Ours,
    /// Nothing more is done to it.
    Passed,
}
