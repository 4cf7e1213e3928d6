//! The bytes of an HTTP/1 connection, both ways, and the time that its client has for them.
//!
//! In: a transport. Out: bytes read into a buffer that the thread lends, bytes written as the client takes
//! them, and [`Gone`] when it left or was too slow. Never: a buffer or a timer while the connection is idle.
//!
//! A client that ends its side of the connection while a view is at work is taken to have left:
//! TCP does not tell a closed from a half-closed client.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::BytesMut;
use flagon_http::BodyErrorKind;
use tokio::io::AsyncReadExt;

use crate::{
    allowance::Allowance,
    incoming::Incoming,
    output::Output,
    transport::Transport,
    worker::{Place, Worker},
};

/// The bytes of an HTTP/1 connection.
pub(crate) struct Wire<Io> {
    io: Io,
    pub(crate) place: Place,
    /// What was read and not used yet.
    pub(crate) input: BytesMut,
    pub(crate) output: Output,
    /// What the deadline on the roster is about.
    awaited: Awaited,
    pace: Pace,
    /// The time that the client has to send its body, and to take our answers.
    to_send: Allowance,
    to_take: Allowance,
    /// Since when the client is waited for.
    since: u64,
}

/// Whether a connection has had a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    Used,
}

/// What the client has to do next, before its time is up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    Nothing,
    Request,
    /// A request that may be on its way while the server stops.
    LastRequest,
    Head,
    Body,
    /// It has to take bytes.
    Reading,
}

/// The client left, or took too long.
pub(crate) struct Gone;

/// How the rest of a body was thrown away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drained {
    Whole,
    /// There is more of it than is worth reading, or it does not come.
    InPart,
}

/// Whether the next request is likely to come at once, so that all is kept ready for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Slow,
    Fast,
}

impl<Io: Transport> Wire<Io> {
    pub(crate) fn new(io: Io, place: Place) -> Self {
        let (input, output) = (BytesMut::new(), Output::default());
        let (to_send, to_take) = (place.worker().body_allowance(), place.worker().answer_allowance());
        let awaited = Awaited::Nothing;
        Self { io, place, input, output, awaited, pace: Pace::Slow, to_send, to_take, since: 0 }
    }

    /// Gives the transport to another protocol, with what was read.
    pub(crate) fn into_parts(self) -> (Io, Place, BytesMut) {
        (self.io, self.place, self.input)
    }

    pub(crate) fn worker(&self) -> &Rc<Worker> {
        self.place.worker()
    }

    /// Gives the buffer that answers are appended to.
    pub(crate) fn out(&mut self) -> &mut BytesMut {
        if !self.output.has_buffer() {
            self.output.put_buffer(self.place.worker().buffer());
        }
        self.output.buffer()
    }

    /// Waits for the next request without holding anything for it.
    pub(crate) async fn rest(&mut self, age: Age) -> Result<(), Gone> {
        let since = self.worker().now();
        self.expect(Awaited::Request);
        poll_fn(|context| {
            if self.io.poll_readable(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            if self.worker().is_draining() && self.awaited != Awaited::LastRequest {
                match age {
                    Age::Used => return Poll::Ready(Err(Gone)),
                    // Its first request may lie in the socket, not noticed yet.
                    Age::Fresh => self.expect(Awaited::LastRequest),
                }
            }
            if self.place.is_expired() { Poll::Ready(Err(Gone)) } else { Poll::Pending }
        })
        .await?;
        // The first request of a connection comes at once from everyone.
        if age == Age::Used && self.worker().now() - since <= FAST {
            self.pace = Pace::Fast;
        }
        Ok(())
    }

    /// Waits a moment for the next request with everything at hand, if it is likely to come at once.
    /// Ready when it is time to rest.
    pub(crate) fn poll_pause(&mut self) -> Poll<()> {
        if self.pace == Pace::Fast && !self.worker().is_draining() && self.wait(Awaited::Request).is_pending()
        {
            return Poll::Pending;
        }
        self.pace = Pace::Slow;
        self.release();
        Poll::Ready(())
    }

    /// Does what there is to do while the view is at work: writes, reads the body, notices that the
    /// client left.
    pub(crate) fn poll_meanwhile(
        &mut self,
        context: &mut Context<'_>,
        incoming: &mut Incoming,
    ) -> Poll<Gone> {
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
                Poll::Ready(Ok(read)) => self.earn(read),
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

    /// Writes everything, while the view's body may still be read.
    pub(crate) async fn flush_meanwhile(&mut self, incoming: &mut Incoming) -> Result<(), Gone> {
        poll_fn(|context| {
            if let Poll::Ready(gone) = self.poll_meanwhile(context, incoming) {
                return Poll::Ready(Err(gone));
            }
            if self.output.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    /// Writes everything.
    pub(crate) async fn flush(&mut self) -> Result<(), Gone> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Writes everything, or gives the client up.
    pub(crate) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        match self.poll_output(context) {
            Poll::Pending => self.wait(Awaited::Reading).map(Err),
            flushed @ Poll::Ready(_) => flushed,
        }
    }

    /// Throws away what the view left of the body, and writes at the same time.
    pub(crate) async fn drain(&mut self, incoming: &mut Incoming) -> Result<Drained, Gone> {
        let mut allowed = self.worker().limits.drain;
        poll_fn(|context| {
            loop {
                if let Poll::Ready(Err(gone)) = self.poll_output(context) {
                    return Poll::Ready(Err(gone));
                }
                match allowed.checked_sub(incoming.discard(&mut self.input)) {
                    Some(left) if !incoming.is_over() => allowed = left,
                    Some(_) => return Poll::Ready(Ok(Drained::Whole)),
                    None => return Poll::Ready(Ok(Drained::InPart)),
                }
                match self.poll_fill(context, MIN_READ) {
                    Poll::Ready(Ok(read @ 1..)) => self.earn(read),
                    Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Err(Gone)),
                    Poll::Pending => return self.wait(Awaited::Body).map(|Gone| Ok(Drained::InPart)),
                }
            }
        })
        .await
    }

    /// Writes the rest and ends our side of the connection.
    pub(crate) async fn close(&mut self) -> Result<(), Gone> {
        self.flush().await?;
        self.expect(Awaited::Reading);
        poll_fn(|context| match Pin::new(&mut self.io).poll_shutdown(context) {
            Poll::Ready(closed) => Poll::Ready(closed.map_err(|_| Gone)),
            Poll::Pending => self.wait(Awaited::Reading).map(Err),
        })
        .await
    }

    /// Closes, and waits a moment until the client has closed too: if it is still writing, our answer would
    /// be lost to the reset that its bytes cause.
    pub(crate) async fn linger(&mut self) {
        if self.close().await.is_err() {
            return;
        }
        self.place.expire_after(LINGER);
        let mut allowed = LINGER_BYTES;
        poll_fn(|context| {
            loop {
                self.input.clear();
                match self.poll_fill(context, MIN_READ) {
                    Poll::Ready(Ok(read @ 1..)) if read < allowed => allowed -= read,
                    Poll::Pending if !self.place.is_expired() => return Poll::Pending,
                    _ => return Poll::Ready(()),
                }
            }
        })
        .await;
    }

    /// Reads once, at least a little. Zero bytes mean that the client ended its side.
    pub(crate) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.poll_fill(context, MIN_READ)
    }

    /// Waits for the client to do what is `awaited`; ready when its time is up.
    pub(crate) fn wait(&mut self, awaited: Awaited) -> Poll<Gone> {
        if self.awaited != awaited {
            self.expect(awaited);
        }
        let is_spent = match awaited {
            Awaited::Body => self.to_send.is_spent(),
            Awaited::Reading => self.to_take.is_spent(),
            _ => false,
        };
        if is_spent || self.place.is_expired() {
            if awaited == Awaited::Reading {
                self.to_take.pass(self.waited(), 0);
                self.io.give_up();
            }
            self.renew();
            return Poll::Ready(Gone);
        }
        Poll::Pending
    }

    fn poll_output(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        if self.output.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let before = self.output.written();
        let flushed = self.output.poll_flush(&mut self.io, context);
        let taken = self.output.written() - before;
        if taken > 0 {
            let waited = if self.awaited == Awaited::Reading { self.waited() } else { 0 };
            self.to_take.pass(waited, taken);
            self.worker().counters().count_sent(taken);
            self.renew();
        }
        flushed.map_err(|_| Gone)
    }

    fn poll_fill(&mut self, context: &mut Context<'_>, room: usize) -> Poll<io::Result<usize>> {
        if self.input.capacity() == 0 {
            self.input = self.place.worker().buffer();
        } else if self.input.capacity() - self.input.len() < MIN_READ {
            self.input.reserve(room.max(MIN_READ));
        }
        let read = pin!(self.io.read_buf(&mut self.input)).poll(context);
        if let Poll::Ready(Ok(count)) = read {
            self.worker().counters().count_received(count);
        }
        read
    }

    /// Gives the buffers back, which must be empty.
    fn release(&mut self) {
        let worker = self.place.worker();
        worker.give_back(std::mem::take(&mut self.input));
        if self.output.has_buffer() {
            worker.give_back(self.output.take_buffer());
        }
    }

    /// A body begins: its client has all the time that it may take.
    pub(crate) fn begin_body(&mut self) {
        self.to_send = self.place.worker().body_allowance();
    }

    /// The client sent so many bytes of a body.
    fn earn(&mut self, bytes: usize) {
        let is_awaited = self.awaited == Awaited::Body;
        self.to_send.pass(if is_awaited { self.waited() } else { 0 }, bytes as u64);
        // Whoever is to take an answer gets no time for it by sending something.
        if is_awaited {
            self.renew();
        }
    }

    /// Gives the milliseconds since the client is waited for.
    fn waited(&self) -> u64 {
        self.place.worker().now() - self.since
    }

    /// The client did something: whatever it has to do next, its time starts anew.
    fn renew(&mut self) {
        self.awaited = Awaited::Nothing;
        self.place.never_expire();
    }

    fn expect(&mut self, awaited: Awaited) {
        self.awaited = awaited;
        let worker = self.place.worker();
        self.since = worker.now();
        let timeouts = &worker.timeouts;
        self.place.expire_after(match awaited {
            Awaited::Nothing => return self.place.never_expire(),
            Awaited::Request if self.pace == Pace::Fast => timeouts.idle.min(COOL_DOWN),
            Awaited::Request => timeouts.idle,
            Awaited::LastRequest => Duration::ZERO,
            Awaited::Head => timeouts.head,
            Awaited::Body => self.to_send.left(),
            Awaited::Reading => self.to_take.left(),
        });
    }
}

const MIN_READ: usize = 1024;
const BODY_READ: usize = 64 * 1024;
/// Milliseconds within which the next request makes a connection a fast one.
const FAST: u64 = 500;
const COOL_DOWN: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;
