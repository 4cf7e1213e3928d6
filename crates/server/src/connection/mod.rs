//! One HTTP/1 connection: read, decode, call, encode, write.
//!
//! In: a transport, a service. Out: answers in the order of the requests, those of pipelined requests in
//! one write. Never: a buffer, a future or a timer while it is idle.
//!
//! RFC 9112.

mod answer;

use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::BytesMut;
use flagon_http::{
    Body,
    h1::{
        Head, HeadState, Limits, Persistence, Refusal, body_framing, encode_continue, encode_informational,
        expects_continue, parse_head, persistence,
    },
};
use futures_util::FutureExt as _;
use http::{Method, Request, Response, StatusCode, Version};
use tokio::task::yield_now;

use crate::{
    answer::Answer,
    call::{Admission, MISDIRECTED, NO_TUNNEL, admit, answer_to_panic, call, turn},
    connection_info::ConnectionInfo,
    forwarded::{self, Trust},
    incoming::{Continuation, Incoming},
    interim::Early,
    service::{Service, plain},
    takeover::{Ending, Takeover, Upgraded},
    transport::Transport,
    wire::{Age, Awaited, Gone, Wire},
    worker::{AtWork, Place, Worker},
};

/// One HTTP/1 connection.
pub(crate) struct Connection<Io> {
    wire: Wire<Io>,
    info: Arc<ConnectionInfo>,
    trust: Trust,
    limits: Limits,
    protocol: Protocol,
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
    /// The connection is over, and nothing more comes from the client.
    Close,
    /// The connection is over, but the client may still be writing.
    Linger,
    /// The client speaks HTTP/2.
    Http2,
    /// The connection leaves HTTP.
    Upgrade(Takeover),
    /// The request breaks a rule.
    Refuse(Refusal),
}

impl From<Gone> for Pause {
    fn from(_: Gone) -> Self {
        Self::Close
    }
}

impl From<Refusal> for Pause {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

/// What is kept of a request for its answer.
struct Exchange {
    method: Method,
    version: Version,
    persistence: Persistence,
    incoming: Incoming,
}

impl<Io: Transport> Connection<Io> {
    pub(crate) fn new(io: Io, place: Place, info: ConnectionInfo, protocol: Protocol) -> Self {
        Self {
            trust: Trust::in_peer(info.peer.ip(), place.worker()),
            limits: place.worker().head_limits(),
            wire: Wire::new(io, place),
            info: Arc::new(info),
            protocol,
        }
    }

    /// Serves the connection until it closes. While it is idle, nothing but this small future is left of it.
    pub(crate) async fn run<S: Service>(mut self, service: &S) -> Outcome<Io> {
        loop {
            match Box::pin(self.serve(service)).await {
                Pause::Rest => {
                    let age = if self.protocol == Protocol::Undecided { Age::Fresh } else { Age::Used };
                    if self.wire.rest(age).await.is_err() {
                        return Outcome::Closed;
                    }
                }
                Pause::Http2 => {
                    let (io, place, early) = self.wire.into_parts();
                    return Outcome::Http2(io, place, self.info, early);
                }
                Pause::Upgrade(takeover) => {
                    let (io, place, early) = self.wire.into_parts();
                    upgraded(io, &place, early, takeover).await;
                    return Outcome::Closed;
                }
                Pause::Close | Pause::Linger | Pause::Refuse(_) => return Outcome::Closed,
            }
        }
    }

    /// Serves requests until there is none.
    async fn serve<S: Service>(&mut self, service: &S) -> Pause {
        let mut state = HeadState::default();
        let mut in_turn = 0;
        let pause = loop {
            if let Err(pause) = self.serve_one(service, &mut state).await {
                break pause;
            }
            in_turn += 1;
            if in_turn == TURN {
                // Requests that all are here already would keep the thread from every other connection.
                yield_now().await;
                in_turn = 0;
            }
        };
        match pause {
            Pause::Rest | Pause::Http2 | Pause::Upgrade(_) => (),
            Pause::Refuse(refusal) => {
                tracing::debug!(peer = %self.info.peer, %refusal, "a request was refused");
                let date = self.wire.worker().date();
                refusal.write_answer(self.wire.out(), &date);
                self.wire.linger().await;
            }
            Pause::Linger => self.wire.linger().await,
            // Whoever is gone by now gets nothing more.
            Pause::Close => drop(self.wire.close().await),
        }
        pause
    }

    /// Serves one request: read, decode, call, encode, write.
    async fn serve_one<S: Service>(&mut self, service: &S, state: &mut HeadState) -> Result<(), Pause> {
        let head = self.read_head(state).await?;
        let framing = body_framing(&head)?;
        let continuation =
            if expects_continue(&head) { Continuation::Awaited } else { Continuation::Unasked };
        let limit = self.wire.worker().limits.body;
        let Wire { input, place, .. } = &mut self.wire;
        let (incoming, body) = Incoming::open(framing, limit, continuation, input, || place.waker())?;
        if !incoming.is_over() {
            self.wire.begin_body();
        }
        let (method, version, persistence) = (head.method.clone(), head.version, persistence(&head));
        let mut exchange = Exchange { method, version, persistence, incoming };
        let info = match self.trust {
            Trust::Denied => Ok(Arc::clone(&self.info)),
            Trust::Given => forwarded::apply(&self.info, &head.headers, self.wire.worker()),
        };
        let mut answer = Answer::default();
        match info {
            // RFC 9110 §9.3.6: what would follow a 200 is a tunnel, whose bytes must not be taken for requests.
            _ if exchange.method == Method::CONNECT => {
                exchange.persistence = Persistence::Close;
                answer.response = plain(StatusCode::NOT_IMPLEMENTED, NO_TUNNEL);
            }
            Ok(info) if info.is_misdirected(&head.uri, &head.headers) => {
                answer.response = plain(StatusCode::MISDIRECTED_REQUEST, MISDIRECTED);
            }
            Ok(info) => {
                let request = Box::new(head.into_request(body));
                self.call(service, request, &info, &mut exchange, &mut answer).await?;
            }
            Err(why) => answer.response = plain(StatusCode::BAD_REQUEST, why.text()),
        }
        self.answer(&mut answer, exchange).await
    }

    /// Reads until a head is whole, after writing what the client waits for.
    async fn read_head(&mut self, state: &mut HeadState) -> Result<Head, Pause> {
        loop {
            let input = &mut self.wire.input;
            match self.protocol {
                _ if input.is_empty() => (),
                // RFC 9113 §3.3: prior knowledge shows in the first bytes.
                Protocol::Undecided if input.starts_with(PREFACE) => return Err(Pause::Http2),
                Protocol::Undecided if PREFACE.starts_with(input) => (),
                _ => {
                    self.protocol = Protocol::Http1;
                    if let Some(head) = parse_head(input, &self.limits, state)? {
                        return Ok(head);
                    }
                }
            }
            let is_begun = !input.is_empty() || state.is_started();
            if is_begun {
                poll_fn(|context| self.poll_rest_of_head(context)).await?;
            } else {
                poll_fn(|context| self.poll_request(context)).await?;
            }
        }
    }

    /// Waits for the first byte of a request.
    fn poll_request(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Pause>> {
        if let Poll::Ready(read) = self.poll_more(context)? {
            return Poll::Ready(read);
        }
        if !self.wire.output.is_empty() {
            return Poll::Pending;
        }
        if self.wire.worker().is_draining() && self.protocol == Protocol::Http1 {
            return Poll::Ready(Err(Pause::Close));
        }
        self.wire.poll_pause().map(|()| Err(Pause::Rest))
    }

    fn poll_rest_of_head(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Pause>> {
        match self.poll_more(context)? {
            Poll::Pending if self.wire.output.is_empty() => {
                self.wire.wait(Awaited::Head).map(|Gone| Err(Refusal::TimedOut.into()))
            }
            // Its other side may be open still: it is told, and a client that is gone loses nothing.
            Poll::Ready(Err(Pause::Close)) => Poll::Ready(Err(Refusal::Incomplete.into())),
            read => read,
        }
    }

    /// Reads once, but writes first.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Result<Poll<Result<(), Pause>>, Pause> {
        if self.wire.poll_flush(context)?.is_pending() {
            return Ok(Poll::Pending);
        }
        match self.wire.poll_read(context) {
            Poll::Ready(Ok(0)) => Ok(Poll::Ready(Err(Pause::Close))),
            Poll::Ready(Err(_)) => Err(Pause::Close),
            Poll::Ready(Ok(_)) => Ok(Poll::Ready(Ok(()))),
            Poll::Pending => Ok(Poll::Pending),
        }
    }

    /// Runs the view, and meanwhile what the connection has to do.
    async fn call<S: Service>(
        &mut self,
        service: &S,
        request: Box<Request<Body>>,
        info: &Arc<ConnectionInfo>,
        exchange: &mut Exchange,
        answer: &mut Answer,
    ) -> Result<(), Pause> {
        let worker = Rc::clone(self.wire.worker());
        let _at_work = match admit(service, &request, info, &worker) {
            Admission::Now(at_work) => at_work,
            Admission::Later(refusal) => match Box::pin(self.turn(&worker, refusal, exchange)).await? {
                Ok(at_work) => at_work,
                Err(refusal) => {
                    answer.response = refusal;
                    return Ok(());
                }
            },
        };
        let interim = worker.interim();
        let outcome = {
            let mut view = pin!(call(service, request, info, &interim, answer));
            let mut is_begun = false;
            poll_fn(|context| {
                if let Poll::Ready(outcome) = view.as_mut().poll(context) {
                    return Poll::Ready(Ok(outcome));
                }
                if exchange.incoming.takes_continue() {
                    encode_continue(self.wire.out());
                }
                if !is_begun || interim.is_waiting() {
                    is_begun = true;
                    self.put_early(interim.take(context.waker()), exchange.version);
                }
                self.wire.poll_meanwhile(context, &mut exchange.incoming).map(Err)
            })
            .await?
        };
        self.put_early(interim.close(), exchange.version);
        worker.give_interim_back(interim);
        if let Err(panic) = outcome {
            exchange.persistence = Persistence::Close;
            *answer = answer_to_panic(panic).into();
        }
        Ok(())
    }

    /// Waits for a request's turn, and sees whether the client does.
    async fn turn<'a>(
        &mut self,
        worker: &'a Worker,
        answer: Response<Body>,
        exchange: &mut Exchange,
    ) -> Result<Result<AtWork<'a>, Response<Body>>, Pause> {
        let mut turn = pin!(turn(worker, answer));
        poll_fn(|context| match turn.as_mut().poll(context) {
            Poll::Ready(turn) => Poll::Ready(Ok(turn)),
            Poll::Pending => {
                let gone = self.wire.poll_meanwhile(context, &mut exchange.incoming);
                gone.map(|gone| Err(gone.into()))
            }
        })
        .await
    }

    /// Appends hints; there is no push in HTTP/1.
    fn put_early(&mut self, early: Vec<Early>, version: Version) {
        for early in early {
            // RFC 9110 §15.2: HTTP/1.0 has no such answers.
            if let (Early::Hint(status, fields), Version::HTTP_11) = (early, version) {
                encode_informational(self.wire.out(), status, &fields);
            }
        }
    }
}

/// Lets `takeover` have the connection, whose place on the roster is kept meanwhile. A panic ends this connection alone.
async fn upgraded<Io: Transport>(io: Io, place: &Place, early: BytesMut, takeover: Takeover) {
    let ending = Ending::default();
    place.never_expire();
    let Some(work) = takeover.begin(Upgraded::new(io, early.freeze(), ending.clone())) else { return };
    let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
    poll_fn(|context| {
        if place.worker().is_draining() {
            ending.begin();
        }
        work.as_mut().poll(context).map(drop)
    })
    .await;
}

/// How many pipelined requests are answered before others have their turn.
const TURN: u32 = 32;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
