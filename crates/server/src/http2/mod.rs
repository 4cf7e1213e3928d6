//! One HTTP/2 connection over the `h2` crate.
//!
//! In: a transport whose client speaks HTTP/2, by ALPN or prior knowledge. Out: each request's answer
//! on its stream. Never: one client's streams at the cost of other clients: what it may hold, reset and
//! repeat is bounded, and whoever goes over it gets `GOAWAY` with `ENHANCE_YOUR_CALM`.
//!
//! RFC 9113.

mod quiet;
mod guard;
mod streams;
mod patience;
mod outflow;
mod request;
mod responder;
mod exchange;

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use h2::{
    Reason,
    server::{Builder, Connection},
};
use tokio::io::AsyncReadExt;

use self::{
    exchange::{Shared, exchange},
    guard::{Blocked, Guard, Guarded, Verdict},
    outflow::Outflow,
    patience::{Pace, Turn},
    quiet::Quiet,
    responder::{Promised, Responder},
    streams::Streams,
};
use crate::{
    config::{Limits, Timeouts},
    connection_info::ConnectionInfo,
    forwarded::Trust,
    frame_log::FrameLog,
    service::Service,
    transport::Transport,
    worker::Place,
};

/// Serves an HTTP/2 connection until it closes. `early` is what was read of it already.
pub(crate) async fn run<Io: Transport, S: Service>(
    io: Io,
    place: Place,
    info: Arc<ConnectionInfo>,
    early: BytesMut,
    service: Arc<S>,
) {
    let worker = Rc::clone(place.worker());
    let info = with_log(info, worker.limits.logged_frames);
    let guard = Guard::new(io, early, Rc::clone(&worker), info.frames.clone());
    let Some(connection) = handshake(&guard, &place).await else { return };
    let trust = Trust::in_peer(info.peer.ip(), &worker);
    let outflow = Outflow::new(&worker);
    let shared = Rc::new(Shared { service, worker, info, trust, outflow, promised: RefCell::default() });
    if let Err(error) = serve(connection, &guard, &place, &shared).await {
        tracing::debug!(peer = %shared.info.peer, %error, "an HTTP/2 connection was cut off");
        if error.kind() == io::ErrorKind::TimedOut {
            return guard.io.borrow().give_up(); // it takes nothing, so neither our last words
        }
    }
    linger(&guard, &place).await;
}

/// Adds a log of up to `capacity` frames.
fn with_log(info: Arc<ConnectionInfo>, capacity: usize) -> Arc<ConnectionInfo> {
    if capacity == 0 {
        return info;
    }
    let mut info = Arc::unwrap_or_clone(info);
    info.frames = Some(Arc::new(FrameLog::new(capacity)));
    Arc::new(info)
}

async fn handshake<Io: Transport>(
    guard: &Rc<Guard<Io>>,
    place: &Place,
) -> Option<Connection<Guarded<Io>, Bytes>> {
    place.expire_after(place.worker().timeouts.head);
    let mut handshake = pin!(builder(&place.worker().limits).handshake(Guarded(Rc::clone(guard))));
    poll_fn(|context| {
        let outcome = handshake.as_mut().poll(context);
        let written = guard.poll_gathered(context);
        match (outcome, written) {
            (Poll::Ready(outcome), _) => Poll::Ready(outcome.ok()),
            (_, Poll::Ready(Err(_))) => Poll::Ready(None),
            (Poll::Pending, _) if place.is_expired() || place.worker().is_draining() => Poll::Ready(None),
            (Poll::Pending, _) => Poll::Pending,
        }
    })
    .await
}

fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams)
        .max_send_buffer_size(STREAM_UNSENT)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
        .max_concurrent_reset_streams(RESET_STREAMS_KEPT);
    builder
}

/// Serves streams until the client leaves, breaks a rule, or the server stops.
async fn serve<Io: Transport, S: Service>(
    connection: Connection<Guarded<Io>, Bytes>,
    guard: &Rc<Guard<Io>>,
    place: &Place,
    shared: &Rc<Shared<S>>,
) -> io::Result<()> {
    let quiet = Quiet::new(place.waker());
    let waker = Waker::from(Arc::clone(&quiet));
    let mut streams = Streams::new(waker.clone());
    let mut steward = Steward::new(connection, Rc::clone(guard), place);
    poll_fn(|context| {
        for _ in 0..ROUNDS {
            quiet.begin();
            while let Poll::Ready(accepted) = {
                streams.poll_woken();
                for Promised { request, respond } in shared.promised.take() {
                    streams.add(|| {
                        exchange(Rc::clone(shared), request.map(|()| None), Responder::Promised(respond))
                    });
                }
                quiet.forget(); // what the streams did until now is seen to here
                steward.connection.poll_accept(&mut Context::from_waker(&waker))
            } {
                let Some(accepted) = accepted else { return Poll::Ready(Ok(())) };
                let (request, respond) = accepted.map_err(io::Error::other)?;
                streams.add(|| exchange(Rc::clone(shared), request.map(Some), Responder::Asked(respond)));
            }
            if let Poll::Ready(written) = guard.poll_gathered(context) {
                written?;
            }
            let mut did = steward.look(place);
            if place.is_expired() {
                shared.outflow.look(&shared.worker);
                streams.wake_all(); // they look at their own clocks
                if streams.open() == 0 {
                    streams.shrink();
                    guard.release();
                }
                did = steward.look_at_clock(place, streams.open())?;
            }
            let is_woken = quiet.end();
            if !is_woken && did == Did::Nothing && !streams.has_woken() {
                return Poll::Pending;
            }
        }
        // A stream that wakes itself again and again must not keep the thread.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Looks after a connection as a whole: its end, its idleness, a client that takes no bytes.
struct Steward<Io: Transport> {
    connection: Connection<Guarded<Io>, Bytes>,
    guard: Rc<Guard<Io>>,
    farewell: Farewell,
    taking: Pace,
    idle_since: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Farewell {
    Unsaid,
    /// `GOAWAY` went out; begun streams are finished.
    Begun(u64),
    /// The last `GOAWAY` goes out, and then the connection closes.
    Said,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Did {
    Nothing,
    /// There is something to write.
    Something,
}

impl<Io: Transport> Steward<Io> {
    fn new(connection: Connection<Guarded<Io>, Bytes>, guard: Rc<Guard<Io>>, place: &Place) -> Self {
        place.expire_after(period(&place.worker().timeouts));
        let taking = Pace::new(place.worker().answer_allowance());
        Self { connection, guard, farewell: Farewell::Unsaid, taking, idle_since: None }
    }

    fn look(&mut self, place: &Place) -> Did {
        if self.farewell != Farewell::Said && self.guard.verdict() != Verdict::Fair {
            tracing::debug!(verdict = ?self.guard.verdict(), "an HTTP/2 client was cut off");
            return self.part(Reason::ENHANCE_YOUR_CALM);
        }
        if self.farewell == Farewell::Unsaid && place.worker().is_draining() {
            self.connection.graceful_shutdown();
            self.farewell = Farewell::Begun(place.worker().now());
            place.expire_after(LAST_STREAMS);
            return Did::Something;
        }
        Did::Nothing
    }

    fn look_at_clock(&mut self, place: &Place, open_streams: usize) -> io::Result<Did> {
        let (worker, timeouts) = (place.worker(), &place.worker().timeouts);
        place.expire_after(period(timeouts));
        let (now, written) = (worker.now(), self.guard.written());
        match self.guard.blocked() {
            Blocked::Open => self.taking.renew(worker.answer_allowance(), written),
            Blocked::Full if self.taking.is_too_slow(now, written, Turn::Its) => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Blocked::Full => (),
        }
        if open_streams > 0 || self.connection.has_streams() {
            self.idle_since = None;
            return Ok(Did::Nothing);
        }
        let since = *self.idle_since.get_or_insert(now);
        let is_over = match self.farewell {
            Farewell::Unsaid => has_passed(timeouts.idle, since, now),
            Farewell::Begun(begun) => has_passed(LAST_STREAMS, begun, now),
            Farewell::Said => false,
        };
        Ok(if is_over { self.part(Reason::NO_ERROR) } else { Did::Nothing })
    }

    fn part(&mut self, reason: Reason) -> Did {
        self.connection.abrupt_shutdown(reason);
        self.farewell = Farewell::Said;
        Did::Something
    }
}

/// Ends our side and waits a moment for the client's, which would otherwise lose our last words
/// to the reset that its bytes cause.
async fn linger<Io: Transport>(guard: &Guard<Io>, place: &Place) {
    place.expire_after(LINGER);
    let mut buffer = place.worker().buffer();
    let mut allowed = LINGER_BYTES;
    let mut is_shut = false;
    poll_fn(|context| {
        let io = &mut *guard.io.borrow_mut();
        is_shut = is_shut || Pin::new(&mut *io).poll_shutdown(context).is_ready();
        loop {
            buffer.clear();
            match pin!(io.read_buf(&mut buffer)).poll(context) {
                Poll::Ready(Ok(read @ 1..)) if read < allowed => allowed -= read,
                Poll::Pending if !place.is_expired() => return Poll::Pending,
                _ => return Poll::Ready(()),
            }
        }
    })
    .await;
    buffer.clear();
    place.worker().give_back(buffer);
}

fn period(timeouts: &Timeouts) -> Duration {
    timeouts.idle.min(timeouts.write).min(timeouts.body) / 4
}

fn has_passed(time: Duration, since: u64, now: u64) -> bool {
    u128::from(now - since) >= time.as_millis()
}

/// How often a connection is seen to before others are.
const ROUNDS: usize = 4;
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Bytes of an answer that are held for a client whose window is open and who takes none.
const STREAM_UNSENT: usize = 64 * 1024;
/// Streams that we reset and whose late frames are still recognized.
const RESET_STREAMS_KEPT: usize = 50;
const LAST_STREAMS: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;
