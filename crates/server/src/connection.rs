//! One HTTP/1 connection: read, decode, call, encode, write.
//!
//! In: a transport, a service. Out: answers in the order of the requests, those of pipelined requests in
//! one write. Never: a buffer, a future or a timer while it is idle.
//!
//! A client that ends its side of the connection while a view is at work is taken to have left, and
//! the view's future is dropped: TCP does not tell a closed from a half-closed client.
//!
//! RFC 9112.

use std::{
    error::Error as _,
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::BytesMut;
use flagon_http::{
    Body, BodyErrorKind,
    h1::{
        self, BodySize, CHUNK_END, HeadState, Persistence, Refusal, RequestFacts, Transfer, body_framing,
        encode_chunk, encode_chunk_size, encode_continue, encode_head, encode_last_chunk, expects_continue,
        parse_head, persistence,
    },
    http_date::HttpDate,
};
use http::{Method, Response, StatusCode, Version};
use http_body::Body as HttpBody;
use tokio::io::AsyncReadExt;

use crate::{
    call::{call, plain},
    connection_info::ConnectionInfo,
    forwarded::{self, Contradiction, Trust},
    incoming::{Continuation, Incoming},
    output::Output,
    service::Service,
    transport::Transport,
    worker::Place,
};

/// One HTTP/1 connection.
pub(crate) struct Connection<Io> {
    io: Io,
    place: Place,
    info: Arc<ConnectionInfo>,
    limits: h1::Limits,
    input: BytesMut,
    output: Output,
    protocol: Protocol,
    trust: Trust,
    pace: Pace,
    /// What the deadline on the roster is about.
    awaited: Awaited,
}

/// What a connection turned out to be.
pub(crate) enum Outcome<Io> {
    /// It is closed.
    Closed,
    /// The client speaks HTTP/2; what it sent already is here.
    Http2(Io, Place, Arc<ConnectionInfo>, BytesMut),
}

/// Whether the client may still turn out to speak HTTP/2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Undecided,
    Http1,
}

/// Why serving paused or ended.
enum Pause {
    /// There is nothing to do for now.
    Rest,
    /// The connection is over; the client reads what was written.
    Close,
    /// The connection is over, but the client may still be writing: an answer would be lost
    /// to the reset that its bytes cause.
    Linger,
    /// The client speaks HTTP/2.
    Http2,
    /// The request breaks a rule.
    Refuse(Refusal),
}

/// Whether the next request is likely to come at once, so that all is kept ready for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Slow,
    Fast,
}

/// What the client has to do next, before its time is up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Nothing,
    Request,
    /// A request that is on its way while the server stops.
    LastRequest,
    Head,
    Body,
    Reading,
}

/// The client left, or took too long.
struct Gone;

/// What is kept of a request for its answer.
struct Exchange {
    method: Method,
    version: Version,
    persistence: Persistence,
    incoming: Incoming,
}

impl<Io: Transport> Connection<Io> {
    pub(crate) fn new(io: Io, place: Place, info: ConnectionInfo, protocol: Protocol) -> Self {
        let limits = place.worker().head_limits();
        Self {
            trust: Trust::in_peer(info.peer.ip(), place.worker()),
            io,
            place,
            info: Arc::new(info),
            limits,
            input: BytesMut::new(),
            output: Output::default(),
            protocol,
            pace: Pace::Slow,
            awaited: Awaited::Nothing,
        }
    }

    /// Serves the connection until it closes. While it is idle, nothing but this small future is left of it.
    pub(crate) async fn run<S: Service>(mut self, service: &S) -> Outcome<Io> {
        loop {
            match Box::pin(self.serve(service)).await {
                Pause::Rest => {
                    if self.rest().await.is_err() {
                        return Outcome::Closed;
                    }
                }
                Pause::Http2 => return Outcome::Http2(self.io, self.place, self.info, self.input),
                Pause::Close | Pause::Linger | Pause::Refuse(_) => return Outcome::Closed,
            }
        }
    }

    /// Waits for the next request without holding anything for it.
    async fn rest(&mut self) -> Result<(), Gone> {
        let since = self.place.worker().now();
        self.expect(Awaited::Request);
        std::future::poll_fn(|context| {
            if self.io.poll_readable(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            if self.place.worker().is_draining() {
                // The first request of a fresh connection may lie in the socket, not noticed yet.
                match self.protocol {
                    Protocol::Http1 => return Poll::Ready(Err(Gone)),
                    Protocol::Undecided if self.awaited == Awaited::Request => {
                        self.expect(Awaited::LastRequest);
                    }
                    Protocol::Undecided => (),
                }
            }
            if self.place.is_expired() { Poll::Ready(Err(Gone)) } else { Poll::Pending }
        })
        .await?;
        if self.place.worker().now() - since <= FAST {
            self.pace = Pace::Fast;
        }
        Ok(())
    }

    /// Serves requests until there is none.
    async fn serve<S: Service>(&mut self, service: &S) -> Pause {
        let mut state = HeadState::default();
        let pause = loop {
            if let Err(pause) = self.serve_one(service, &mut state).await {
                break pause;
            }
        };
        match pause {
            Pause::Refuse(refusal) => {
                tracing::debug!(peer = %self.info.peer, %refusal, "a request was refused");
                refusal.write_answer(self.output.buffer(), &HttpDate::now());
                self.close(Pause::Linger).await;
            }
            Pause::Close => self.close(Pause::Close).await,
            Pause::Linger => self.close(Pause::Linger).await,
            Pause::Rest | Pause::Http2 => (),
        }
        pause
    }

    /// Serves one request: read, decode, call, encode, write.
    async fn serve_one<S: Service>(&mut self, service: &S, state: &mut HeadState) -> Result<(), Pause> {
        let head = self.read_head(state).await?;
        let framing = body_framing(&head).map_err(Pause::Refuse)?;
        let continuation =
            if expects_continue(&head) { Continuation::Awaited } else { Continuation::Unasked };
        let limit = self.place.worker().limits.body;
        let opened = Incoming::open(framing, limit, continuation, &mut self.input, || self.place.waker());
        let (incoming, body) = opened.map_err(Pause::Refuse)?;
        let (method, version, persistence) = (head.method.clone(), head.version, persistence(&head));
        let mut exchange = Exchange { method, version, persistence, incoming };
        let info = match self.trust {
            Trust::Denied => Ok(Arc::clone(&self.info)),
            Trust::Given => forwarded::apply(&self.info, &head.headers, self.place.worker()),
        };
        let response = match info {
            Ok(info) => self.call(service, head.into_request(body), &info, &mut exchange).await?,
            Err(Contradiction) => plain(StatusCode::BAD_REQUEST, Contradiction::TEXT),
        };
        self.answer(response, exchange).await
    }

    /// Reads until a head is whole, after writing what the client waits for.
    async fn read_head(&mut self, state: &mut HeadState) -> Result<h1::Head, Pause> {
        loop {
            if !self.input.is_empty() {
                match self.protocol {
                    Protocol::Undecided if self.input.starts_with(PREFACE) => return Err(Pause::Http2),
                    Protocol::Undecided if PREFACE.starts_with(&self.input) => (),
                    _ => {
                        self.protocol = Protocol::Http1;
                        let head = parse_head(&mut self.input, &self.limits, state);
                        if let Some(head) = head.map_err(Pause::Refuse)? {
                            return Ok(head);
                        }
                    }
                }
            }
            let is_begun = !self.input.is_empty() || state.is_started();
            std::future::poll_fn(|context| self.poll_head_bytes(context, is_begun)).await?;
        }
    }

    fn poll_head_bytes(&mut self, context: &mut Context<'_>, is_begun: bool) -> Poll<Result<(), Pause>> {
        match self.poll_output(context) {
            Poll::Ready(Ok(())) => (),
            Poll::Ready(Err(Gone)) => return Poll::Ready(Err(Pause::Close)),
            Poll::Pending => return self.wait(Awaited::Reading).map(|Gone| Err(Pause::Close)),
        }
        let awaited = if is_begun { Awaited::Head } else { Awaited::Request };
        match self.poll_fill(context, MIN_READ) {
            Poll::Ready(Ok(0) | Err(_)) => Poll::Ready(Err(Pause::Close)),
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(())),
            Poll::Pending if is_begun => self.wait(awaited).map(|Gone| Err(Pause::Refuse(Refusal::TimedOut))),
            Poll::Pending => {
                self.release();
                if self.place.worker().is_draining() && self.protocol == Protocol::Http1 {
                    return Poll::Ready(Err(Pause::Close));
                }
                if self.pace == Pace::Slow {
                    return Poll::Ready(Err(Pause::Rest));
                }
                self.wait(awaited).map(|Gone| {
                    self.pace = Pace::Slow;
                    Err(Pause::Rest)
                })
            }
        }
    }

    /// Runs the view, and meanwhile what the connection has to do.
    async fn call<S: Service>(
        &mut self,
        service: &S,
        request: http::Request<Body>,
        info: &Arc<ConnectionInfo>,
        exchange: &mut Exchange,
    ) -> Result<Response<Body>, Pause> {
        let worker = std::rc::Rc::clone(self.place.worker());
        let _open = worker.counters().request();
        let mut view = pin!(call(service, request, info));
        let outcome = std::future::poll_fn(|context| {
            if let Poll::Ready(outcome) = view.as_mut().poll(context) {
                return Poll::Ready(Ok(outcome));
            }
            if exchange.incoming.takes_continue() {
                encode_continue(self.output.buffer());
            }
            self.poll_meanwhile(context, &mut exchange.incoming).map(Err)
        });
        match outcome.await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(panicked)) => {
                exchange.persistence = Persistence::Close;
                Ok(panicked.into())
            }
            Err(Gone) => Err(Pause::Close),
        }
    }

    /// Encodes the answer and writes as much of it as does not fit the buffer.
    async fn answer(&mut self, response: Response<Body>, exchange: Exchange) -> Result<(), Pause> {
        let Exchange { method, version, persistence, mut incoming } = exchange;
        let (parts, body) = response.into_parts();
        let body = body.into_full();
        let size = match &body {
            Ok(bytes) => BodySize::Exact(bytes.len() as u64),
            Err(stream) => stream.size_hint().exact().map_or(BodySize::Unknown, BodySize::Exact),
        };
        let worker = self.place.worker();
        // A stream may still read what is left of the request's body.
        let is_readable = body.is_err() && incoming.has_reader();
        let is_last = worker.is_draining()
            || !(incoming.is_done() || is_readable || incoming.is_drainable(worker.limits.drain));
        let persistence = if is_last { Persistence::Close } else { persistence };
        self.flush_tail(&mut incoming).await?;
        if !self.output.has_buffer() {
            self.output.put_buffer(self.place.worker().buffer());
        }
        let facts = RequestFacts { method: &method, version };
        let date = self.place.worker().date();
        let encoded = encode_head(self.output.buffer(), &parts, size, facts, persistence, &date);
        match body {
            Ok(bytes) if encoded.transfer != Transfer::None => self.output.push(bytes),
            Ok(_) => (),
            Err(stream) => self.stream(stream, encoded.transfer, &mut incoming).await?,
        }
        if self.output.is_full() {
            self.flush(&mut incoming).await?;
        }
        if !incoming.is_over() && encoded.persistence == Persistence::KeepAlive {
            self.drain(&mut incoming).await?;
        }
        match encoded.persistence {
            Persistence::KeepAlive if incoming.is_done() => Ok(()),
            Persistence::Close if incoming.is_done() => Err(Pause::Close),
            _ => Err(Pause::Linger),
        }
    }

    /// Writes a body that is made while it is sent.
    async fn stream(&mut self, body: Body, transfer: Transfer, incoming: &mut Incoming) -> Result<(), Pause> {
        let mut body = body;
        let mut left = match transfer {
            Transfer::None => return Ok(()),
            Transfer::Length(length) => length,
            Transfer::Chunked | Transfer::UntilClose => u64::MAX,
        };
        let mut trailers = None;
        while left > 0 {
            let frame = match self.next_frame(&mut body, incoming).await? {
                None => break,
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    tracing::error!(peer = %self.info.peer, %error, source = error.source().map(tracing::field::display), "the body of an answer broke off");
                    // Only a close without the body's end tells the client that it is not whole.
                    self.flush(incoming).await?;
                    return Err(Pause::Close);
                }
            };
            match frame.into_data() {
                Ok(data) if data.is_empty() => (),
                Ok(mut data) => {
                    data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    left -= data.len() as u64;
                    self.put(data, transfer, incoming).await?;
                }
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
        match transfer {
            Transfer::Chunked => encode_last_chunk(self.output.buffer(), trailers.as_ref()),
            Transfer::Length(_) if left > 0 => {
                tracing::error!(peer = %self.info.peer, missing = left, "the body of an answer is shorter than its Content-Length");
                self.flush(incoming).await?;
                return Err(Pause::Close);
            }
            _ => (),
        }
        Ok(())
    }

    async fn put(
        &mut self,
        data: bytes::Bytes,
        transfer: Transfer,
        incoming: &mut Incoming,
    ) -> Result<(), Pause> {
        if transfer != Transfer::Chunked {
            self.output.push(data);
        } else if data.len() <= SMALL_CHUNK {
            encode_chunk(self.output.buffer(), &data);
        } else {
            encode_chunk_size(self.output.buffer(), data.len() as u64);
            self.output.push(data);
            self.flush_tail(incoming).await?;
            self.output.buffer().extend_from_slice(CHUNK_END);
        }
        self.flush_tail(incoming).await
    }

    /// Waits for the next piece of an answer; writes what there is while the view makes it.
    async fn next_frame(
        &mut self,
        body: &mut Body,
        incoming: &mut Incoming,
    ) -> Result<Option<Result<http_body::Frame<bytes::Bytes>, flagon_http::BodyError>>, Pause> {
        std::future::poll_fn(|context| {
            loop {
                let was_full = self.output.is_full();
                if !was_full && let Poll::Ready(frame) = std::pin::Pin::new(&mut *body).poll_frame(context) {
                    return Poll::Ready(Ok(frame));
                }
                if self.poll_meanwhile(context, incoming).is_ready() {
                    return Poll::Ready(Err(Pause::Close));
                }
                if !was_full || self.output.is_full() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Writes, until there is room to append.
    async fn flush_tail(&mut self, incoming: &mut Incoming) -> Result<(), Pause> {
        if self.output.has_tail() { self.flush(incoming).await } else { Ok(()) }
    }

    async fn flush(&mut self, incoming: &mut Incoming) -> Result<(), Pause> {
        std::future::poll_fn(|context| {
            if self.poll_meanwhile(context, incoming).is_ready() {
                return Poll::Ready(Err(Pause::Close));
            }
            if self.output.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    /// Does what the connection has to do while the view is at work: writes, reads the body, notices that
    /// the client left.
    fn poll_meanwhile(&mut self, context: &mut Context<'_>, incoming: &mut Incoming) -> Poll<Gone> {
        if let Poll::Ready(Err(gone)) = self.poll_output(context) {
            return Poll::Ready(gone);
        }
        loop {
            incoming.pump(&mut self.input);
            let room = if incoming.is_over() { MIN_READ } else { BODY_READ };
            if self.input.len() >= room {
                break;
            }
            match self.poll_fill(context, room - self.input.len()) {
                Poll::Ready(Ok(0) | Err(_)) => {
                    incoming.fail(BodyErrorKind::Disconnected);
                    return Poll::Ready(Gone);
                }
                Poll::Ready(Ok(_)) => self.awaited = Awaited::Nothing,
                Poll::Pending => break,
            }
        }
        let awaited = match (self.output.is_empty(), incoming.is_wanted()) {
            (false, _) => Awaited::Reading,
            (true, true) => Awaited::Body,
            (true, false) => Awaited::Nothing,
        };
        match self.wait(awaited) {
            Poll::Ready(Gone) if awaited == Awaited::Body => {
                incoming.fail(BodyErrorKind::TimedOut); // the view answers 408
                Poll::Pending
            }
            waited => waited,
        }
    }

    /// Throws away what the view left of the body.
    async fn drain(&mut self, incoming: &mut Incoming) -> Result<(), Pause> {
        let mut allowed = self.place.worker().limits.drain;
        let drained = std::future::poll_fn(|context| {
            loop {
                if let Poll::Ready(Err(Gone)) = self.poll_output(context) {
                    return Poll::Ready(Err(Pause::Close));
                }
                match allowed.checked_sub(incoming.discard(&mut self.input)) {
                    Some(left) if !incoming.is_over() => allowed = left,
                    Some(_) => return Poll::Ready(Ok(())),
                    None => return Poll::Ready(Err(Pause::Linger)),
                }
                match self.poll_fill(context, MIN_READ) {
                    Poll::Ready(Ok(1..)) => self.awaited = Awaited::Nothing,
                    Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Err(Pause::Close)),
                    Poll::Pending => return self.wait(Awaited::Body).map(|Gone| Err(Pause::Linger)),
                }
            }
        });
        drained.await
    }

    /// Writes the rest, ends our side of the connection and, if need be, waits until the client has seen it.
    async fn close(&mut self, how: Pause) {
        self.awaited = Awaited::Nothing;
        let ended = std::future::poll_fn(|context| {
            match self.poll_output(context) {
                Poll::Ready(flushed) => flushed?,
                Poll::Pending => return self.wait(Awaited::Reading).map(Err),
            }
            ready!(std::pin::Pin::new(&mut self.io).poll_shutdown(context)).map_err(|_| Gone)?;
            Poll::Ready(Ok(()))
        });
        if ended.await.is_err() || matches!(how, Pause::Close) {
            return;
        }
        self.place.expire_after(LINGER);
        let mut allowed = LINGER_BYTES;
        std::future::poll_fn(|context| {
            loop {
                self.input.clear();
                match self.poll_fill(context, MIN_READ) {
                    Poll::Ready(Ok(read @ 1..)) if read < allowed => allowed -= read,
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending if self.place.is_expired() => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
    }

    /// Writes what there is.
    fn poll_output(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        if self.output.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let before = self.output.written();
        let flushed = self.output.poll_flush(&mut self.io, context);
        if self.output.written() != before {
            self.awaited = Awaited::Nothing; // it takes bytes: its time starts anew
        }
        flushed.map_err(|_| Gone)
    }

    /// Reads once. Zero bytes mean that the client ended its side.
    fn poll_fill(&mut self, context: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        if self.input.capacity() == 0 {
            self.input = self.place.worker().buffer();
        } else if self.input.capacity() - self.input.len() < MIN_READ {
            self.input.reserve(room.max(MIN_READ));
        }
        pin!(self.io.read_buf(&mut self.input)).poll(context)
    }

    /// Gives the buffers back, which must be empty.
    fn release(&mut self) {
        let worker = self.place.worker();
        worker.give_back(std::mem::take(&mut self.input));
        if self.output.has_buffer() {
            worker.give_back(self.output.take_buffer());
        }
    }

    /// Waits for the client to do what is `awaited`; ready when its time is up.
    fn wait(&mut self, awaited: Awaited) -> Poll<Gone> {
        if self.awaited != awaited {
            self.expect(awaited);
        }
        if self.place.is_expired() {
            self.awaited = Awaited::Nothing;
            self.place.never_expire();
            return Poll::Ready(Gone);
        }
        Poll::Pending
    }

    fn expect(&mut self, awaited: Awaited) {
        self.awaited = awaited;
        let timeouts = &self.place.worker().timeouts;
        self.place.expire_after(match awaited {
            Awaited::Nothing => return self.place.never_expire(),
            Awaited::Request if self.pace == Pace::Fast => timeouts.idle.min(COOL_DOWN),
            Awaited::Request => timeouts.idle,
            Awaited::LastRequest => Duration::ZERO,
            Awaited::Head => timeouts.head,
            Awaited::Body => timeouts.body,
            Awaited::Reading => timeouts.write,
        });
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const MIN_READ: usize = 1024;
const BODY_READ: usize = 64 * 1024;
const SMALL_CHUNK: usize = 16 * 1024;
/// Milliseconds within which the next request makes a connection a fast one.
const FAST: u64 = 500;
const COOL_DOWN: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;
