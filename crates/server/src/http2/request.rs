//! An HTTP/2 request as the service gets it.
//!
//! In: what the `h2` crate decoded. Out: a request whose target and host agree, and its [`Body`].
//! Never: a body longer than the limit, or more of it than the stream's window ahead of the view.
//!
//! RFC 9113 §8.1.1, §8.3.1.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError, BodyErrorKind, authority::is_host};
use h2::{Reason, RecvStream};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, EXPECT, HOST},
    request::Parts,
    uri::PathAndQuery,
};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::patience::{Pace, Turn};
use crate::{call::NO_TUNNEL, config::Limits, incoming::Continuation, worker::Worker};

/// Why a request is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is malformed: the stream is reset.
    Reset(Reason),
    /// It is answered.
    Answer(StatusCode, &'static str),
}

/// How far a body has come, for the connection to see that its client is not too slow.
#[derive(Default)]
pub(super) struct Progress {
    bytes: AtomicU64,
    is_awaited: AtomicBool,
}

struct Incoming {
    stream: RecvStream,
    /// A piece that was taken already.
    first: Option<Bytes>,
    progress: Arc<Progress>,
    /// How many more bytes are allowed.
    allowed: u64,
    is_data_over: bool,
}

/// Checks what the `h2` crate leaves to us.
pub(super) fn check(parts: &Parts, limits: &Limits) -> Result<(), Refused> {
    if parts.method == Method::CONNECT {
        return Err(Refused::Answer(StatusCode::NOT_IMPLEMENTED, NO_TUNNEL));
    }
    if !is_path(parts) || !host_is_valid(parts) || !host_agrees(parts) {
        return Err(Refused::Reset(Reason::PROTOCOL_ERROR));
    }
    if parts.uri.authority().is_none() && !parts.headers.contains_key(HOST) {
        let text = "the request names no host; send :authority\n";
        return Err(Refused::Answer(StatusCode::BAD_REQUEST, text));
    }
    // RFC 9110 §10.1.1: only `100-continue` is known.
    let is_known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if !parts.headers.get_all(EXPECT).iter().all(is_known) {
        let text = "this expectation cannot be met; only `expect: 100-continue` is known\n";
        return Err(Refused::Answer(StatusCode::EXPECTATION_FAILED, text));
    }
    if parts.headers.len() > limits.headers {
        let text = "too many header fields; send fewer\n";
        return Err(Refused::Answer(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
    }
    if content_length(&parts.headers).is_some_and(|length| length > limits.body) {
        let text = "the body is longer than allowed; send less\n";
        return Err(Refused::Answer(StatusCode::PAYLOAD_TOO_LARGE, text));
    }
    Ok(())
}

/// RFC 9113 §8.3.1: a path starts with a slash, but for `OPTIONS *`. What is not ASCII is no part of a URI.
fn is_path(parts: &Parts) -> bool {
    // Where the path is empty, `path` shows that there is none, and `as_str` that there is only a query.
    let whole = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    let begins = parts.uri.path().starts_with('/') && whole.starts_with('/');
    whole.is_ascii() && (begins || (whole == "*" && parts.method == Method::OPTIONS))
}

/// RFC 9113 §8.3.1: `:authority` has no user information. What names the host is held to the same grammar as in HTTP/1.
fn host_is_valid(parts: &Parts) -> bool {
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    let field = parts.headers.get(HOST).map(HeaderValue::as_bytes);
    authority.into_iter().chain(field).all(is_host)
}

/// RFC 9113 §8.3.1: `host` and `:authority` name the same, and there is at most one `host`.
fn host_agrees(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let Some(host) = hosts.next() else { return true };
    let same = |authority: &http::uri::Authority| {
        authority.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes())
    };
    hosts.next().is_none() && parts.uri.authority().is_none_or(same)
}

/// Makes the body, whole if it is here already.
pub(super) fn body(
    mut stream: RecvStream,
    limits: &Limits,
    context: &mut Context<'_>,
) -> (Body, Option<Arc<Progress>>) {
    if stream.is_end_stream() {
        return (Body::empty(), None);
    }
    if let Poll::Ready(Some(Ok(data))) = stream.poll_data(context) {
        let _ = stream.flow_control().release_capacity(data.len()); // fails only for more than came
        if stream.is_end_stream() && data.len() as u64 <= limits.body {
            return (Body::from(data), None);
        }
        return streaming(stream, limits, Some(data));
    }
    streaming(stream, limits, None)
}

fn streaming(stream: RecvStream, limits: &Limits, first: Option<Bytes>) -> (Body, Option<Arc<Progress>>) {
    let progress = Arc::new(Progress::default());
    let shared = Arc::clone(&progress);
    let body = Incoming { stream, first, progress: shared, allowed: limits.body, is_data_over: false };
    (Body::stream(body), Some(progress))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Progress {
    fn is_awaited(&self) -> bool {
        self.is_awaited.load(Relaxed)
    }
}

/// The body of the request, while someone reads it.
pub(super) struct Upload<'a> {
    progress: Option<Arc<Progress>>,
    pub(super) worker: &'a Worker,
    pace: Pace,
    continuation: Continuation,
}

impl<'a> Upload<'a> {
    pub(super) fn new(progress: Option<Arc<Progress>>, headers: &HeaderMap, worker: &'a Worker) -> Self {
        let expects = progress.is_some() && headers.contains_key(EXPECT);
        let continuation = if expects { Continuation::Awaited } else { Continuation::Unasked };
        Self { progress, worker, pace: Pace::new(worker.body_allowance()), continuation }
    }

    /// Tells whether the reader waits for a client that does nothing.
    pub(super) fn is_stuck(&mut self) -> bool {
        let Some(progress) = self.progress.as_deref() else { return false };
        let turn = if progress.is_awaited() { Turn::Its } else { Turn::Ours };
        self.pace.is_too_slow(self.worker.now(), progress.bytes.load(Relaxed), turn)
    }

    /// Tells once whether `100 Continue` is due: the client waits for it, and the view for the body.
    pub(super) fn takes_continue(&mut self) -> bool {
        let due = self.continuation == Continuation::Awaited
            && self.progress.as_deref().is_some_and(Progress::is_awaited);
        if due {
            self.continuation = Continuation::Unasked;
        }
        due
    }
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        this.progress.is_awaited.store(true, Relaxed);
        let frame = ready!(this.poll_next(context));
        this.progress.is_awaited.store(false, Relaxed);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.stream.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_end_stream() { SizeHint::with_exact(0) } else { SizeHint::default() }
    }
}

impl Incoming {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(self.pass(first)));
        }
        while !self.is_data_over {
            match ready!(self.stream.poll_data(context)) {
                Some(Ok(data)) => {
                    // The view has it: the client may send as much again.
                    let _ = self.stream.flow_control().release_capacity(data.len());
                    if !data.is_empty() {
                        return Poll::Ready(Some(self.pass(data)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(kind(&error).into()))),
                None => self.is_data_over = true,
            }
        }
        let trailers = ready!(self.stream.poll_trailers(context));
        Poll::Ready(match trailers {
            Ok(Some(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Ok(None) => None,
            Err(error) => Some(Err(kind(&error).into())),
        })
    }

    fn pass(&mut self, data: Bytes) -> Result<Frame<Bytes>, BodyError> {
        let left = self.allowed.checked_sub(data.len() as u64);
        self.allowed = left.ok_or(BodyErrorKind::TooLarge)?;
        self.progress.bytes.fetch_add(data.len() as u64, Relaxed);
        Ok(Frame::data(data))
    }
}

fn kind(error: &h2::Error) -> BodyErrorKind {
    // Our own reset: the client broke a rule. Otherwise it, or the connection, is gone.
    if error.is_library() { BodyErrorKind::Malformed } else { BodyErrorKind::Disconnected }
}
