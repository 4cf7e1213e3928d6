//! What moves a WebSocket: frames in and out, the view, the clock.
//!
//! In: a connection that has left HTTP, the work of a view. Out: messages both ways until either side ends it. Never: a message read
//! before the view took the last one, a wait without an end, or a task beside that of the connection.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use flagon_server::{Ending, Upgraded};
use futures_util::{Sink as _, Stream as _, future::BoxFuture};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message as Frame, protocol::Role},
};

use super::{close::Close, line::Line};
use crate::{
    config::WebSocketConfig,
    rooms::{End, Message},
};

/// What moves a WebSocket.
pub(super) struct Driver {
    line: Arc<Line>,
    stream: WebSocketStream<Counted>,
    /// `None` when it has ended.
    view: Option<BoxFuture<'static, ()>>,
    ending: Ending,
    times: Times,
    clock: Pin<Box<Sleep>>,
    last_heard: Instant,
    /// Since when a ping waits for its answer.
    pinged: Option<Instant>,
    /// Since when something can't be written, and the bytes that were written by then.
    stuck: Option<(Instant, u64)>,
    /// Since when our close is on its way.
    closing: Option<Instant>,
    controls: Controls,
}

/// How long things may take.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) heartbeat: Option<Duration>,
    pub(super) answer: Duration,
    pub(super) close: Duration,
    pub(super) write: Duration,
}

/// Control frames of the client in the current second.
struct Controls {
    second: Instant,
    count: u32,
    limit: u32,
}

/// That it is over: how, as far as the view is told.
struct Over {
    close: Close,
    rest: Rest,
}

/// What becomes of the bytes that the client still sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// There are none, or nobody could be told anything any more.
    Drop,
    /// They are thrown away: our last words would be lost to the reset that they cause.
    Discard,
}

impl Over {
    fn of(close: Close) -> Self {
        Self { close, rest: Rest::Drop }
    }
}

impl Driver {
    pub(super) async fn new(
        upgraded: Upgraded,
        line: Arc<Line>,
        view: BoxFuture<'static, ()>,
        config: &WebSocketConfig,
        (times, limit): (Times, u32),
    ) -> Self {
        let (ending, now) = (upgraded.ending(), Instant::now());
        let limits = tungstenite::protocol::WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(config.max_message))
            .max_frame_size(Some(config.max_message));
        let stream = WebSocketStream::from_raw_socket(
            Counted { io: upgraded, written: 0 },
            Role::Server,
            Some(limits),
        )
        .await;
        Self {
            line,
            stream,
            view: Some(view),
            ending,
            times,
            clock: Box::pin(sleep_until(now)),
            last_heard: now,
            pinged: None,
            stuck: None,
            closing: None,
            controls: Controls { second: now, count: 0, limit },
        }
    }

    /// Moves it until it is over, and then gives the view a moment to notice.
    pub(super) async fn run(mut self) {
        let Over { close, rest } = std::future::poll_fn(|context| self.poll(context)).await;
        tracing::debug!(code = close.code(), reason = close.reason(), "a WebSocket ended");
        self.line.end(close);
        let Self { view, mut stream, times, .. } = self;
        if rest == Rest::Discard {
            let _ = tokio::time::timeout(LINGER, discard(stream.get_mut())).await;
        }
        drop(stream);
        if let Some(view) = view {
            // Whoever does not look whether it is closed is dropped, as any view whose client has left.
            let _ = tokio::time::timeout(times.close, view).await;
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Over> {
        for _ in 0..ROUNDS {
            self.line.begin();
            if self.ending.has_begun() {
                self.line.wish(Close::GOING_AWAY);
            }
            if self.line.outbox.end() == Some(End::Overflown) {
                self.line.wish(Close::TRY_AGAIN_LATER);
            }
            if let Some(view) = &mut self.view
                && view.as_mut().poll(context).is_ready()
            {
                self.view = None;
                self.line.wish(Close::NORMAL); // unless the view wished something else
            }
            let moved = match self.poll_write(context).and_then(|()| self.poll_read(context)) {
                Ok(moved) => moved,
                Err(over) => return Poll::Ready(over),
            };
            if let Err(over) = self.poll_clock(context) {
                return Poll::Ready(over);
            }
            if !moved && self.line.rest(context.waker()) && self.rests_outbox(context) {
                return Poll::Pending;
            }
        }
        // Whoever sends and takes without a pause must not keep the thread.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether nothing waits that could be sent now.
    fn rests_outbox(&self, context: &Context<'_>) -> bool {
        self.stuck.is_some() || self.closing.is_some() || self.line.outbox.rest(context.waker())
    }

    /// Writes what waits, then the wish to end it.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<(), Over> {
        let mut stream = Pin::new(&mut self.stream);
        let mut is_open = true;
        let has_client_closed = self.line.ended().is_some();
        while self.closing.is_none() && !has_client_closed {
            match stream.as_mut().poll_ready(context) {
                Poll::Ready(ready) => ready.map_err(|error| broken(&error))?,
                Poll::Pending => {
                    is_open = false;
                    break;
                }
            }
            if let Some(message) = self.line.outbox.take() {
                stream.as_mut().start_send(message.into_frame()).map_err(|error| broken(&error))?;
            } else if let Some(close) = self.line.wished() {
                self.closing = Some(Instant::now());
                let sent = stream.as_mut().start_send(close.frame());
                sent.map_err(|error| broken(&error))?;
            } else {
                break;
            }
        }
        match stream.as_mut().poll_flush(context) {
            Poll::Ready(flushed) => flushed.map_err(|error| broken(&error))?,
            Poll::Pending => is_open = false,
        }
        let written = self.stream.get_ref().written;
        self.stuck = match self.stuck {
            _ if is_open => None,
            Some((since, before)) if before == written => Some((since, before)),
            _ => Some((Instant::now(), written)),
        };
        Ok(())
    }

    /// Reads while the view takes. Gives whether it got something.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Result<bool, Over> {
        let mut moved = false;
        while self.closing.is_some() || self.line.has_room() {
            let Poll::Ready(frame) = Pin::new(&mut self.stream).poll_next(context) else { break };
            let frame = match frame {
                None => return Err(self.over()),
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return self.cannot_read(&error, context),
            };
            (self.last_heard, self.pinged, moved) = (Instant::now(), None, true);
            match frame {
                _ if self.closing.is_some() && !frame.is_close() => (), // nobody listens any more
                Frame::Text(text) => self.line.deliver(Message::of_text(text)),
                Frame::Binary(bytes) => self.line.deliver(Message::of_bytes(bytes)),
                Frame::Ping(_) | Frame::Pong(_) => {
                    if self.controls.is_flood(self.last_heard) {
                        self.line.wish(Close::POLICY_VIOLATION);
                    }
                }
                // It is answered by the library, with the same code.
                Frame::Close(frame) => self.line.end(Close::of_frame(frame.as_ref())),
                Frame::Frame(_) => (),
            }
        }
        Ok(moved)
    }

    /// Tells the client what is wrong with its bytes; no more of them are read.
    fn cannot_read(&mut self, error: &tungstenite::Error, context: &mut Context<'_>) -> Result<bool, Over> {
        let Some(close) = Close::of_error(error).filter(|_| self.closing.is_none()) else {
            return Err(broken(error));
        };
        tracing::debug!(%error, "a WebSocket client broke a rule");
        self.line.wish(close.clone());
        let mut stream = Pin::new(&mut self.stream);
        if stream.as_mut().poll_ready(context).is_ready() && stream.as_mut().start_send(close.frame()).is_ok()
        {
            let _ = stream.poll_flush(context);
        }
        Err(Over { close, rest: Rest::Discard })
    }

    /// How it ended, now that the client has closed.
    fn over(&self) -> Over {
        Over::of(self.line.ended().or_else(|| self.line.wished()).unwrap_or(Close::ABNORMAL))
    }

    /// Looks at the times, and has itself woken at the next.
    fn poll_clock(&mut self, context: &mut Context<'_>) -> Result<(), Over> {
        loop {
            let now = Instant::now();
            if let Some((since, _)) = self.stuck
                && now >= since + self.times.write
            {
                return Err(Over::of(Close::ABNORMAL));
            }
            if let Some(since) = self.closing
                && now >= since + self.times.close
            {
                return Err(self.over());
            }
            self.beat(now, context)?;
            let next = self.next_look(now);
            if self.clock.deadline() > next || self.clock.is_elapsed() {
                self.clock.as_mut().reset(next);
            }
            if self.clock.as_mut().poll(context).is_pending() {
                return Ok(());
            }
        }
    }

    /// Asks a client that says nothing whether it is there.
    fn beat(&mut self, now: Instant, context: &mut Context<'_>) -> Result<(), Over> {
        let Some(heartbeat) = self.times.heartbeat else { return Ok(()) };
        if !self.line.has_room() || self.closing.is_some() {
            // What it says is not read, since the view is at work.
            (self.last_heard, self.pinged) = (now, None);
            return Ok(());
        }
        match self.pinged {
            Some(since) if now >= since + self.times.answer => Err(Over::of(Close::ABNORMAL)),
            None if now >= self.last_heard + heartbeat => {
                self.pinged = Some(now);
                if self.stuck.is_none() {
                    let ping = Frame::Ping(bytes::Bytes::new());
                    let mut stream = Pin::new(&mut self.stream);
                    stream.as_mut().start_send(ping).map_err(|error| broken(&error))?;
                    let _ = stream.poll_flush(context).map_err(|error| broken(&error))?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn next_look(&self, now: Instant) -> Instant {
        let stuck = self.stuck.map(|(since, _)| since + self.times.write);
        let closing = self.closing.map(|since| since + self.times.close);
        let beat = self.times.heartbeat.map(|heartbeat| match self.pinged {
            Some(since) => since + self.times.answer,
            None => self.last_heard + heartbeat,
        });
        let far = now + Duration::from_hours(1);
        [stuck, closing, beat].into_iter().flatten().fold(far, Instant::min)
    }
}

impl Controls {
    fn is_flood(&mut self, now: Instant) -> bool {
        if now >= self.second + Duration::from_secs(1) {
            (self.second, self.count) = (now, 0);
        }
        self.count += 1;
        self.count > self.limit
    }
}

/// Ends our side, and reads what the client had sent already.
async fn discard(connection: &mut Counted) -> io::Result<()> {
    connection.shutdown().await?;
    let (mut left, mut buffer) = (LINGER_BYTES, [0; 1024]);
    while left > 0 {
        match connection.read(&mut buffer).await? {
            0 => break,
            read => left = left.saturating_sub(read),
        }
    }
    Ok(())
}

/// The connection failed where there is nobody left to be told.
fn broken(error: &tungstenite::Error) -> Over {
    tracing::debug!(%error, "a WebSocket broke off");
    Over::of(Close::ABNORMAL)
}

/// A connection whose bytes are counted on their way out.
struct Counted {
    io: Upgraded,
    written: u64,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.written += count as u64;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// Turns that one connection has before others have theirs.
const ROUNDS: usize = 32;
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;
const READ_BUFFER: usize = 4 * 1024; // tungstenite keeps one for each connection
const WRITE_BUFFER: usize = 16 * 1024; // what is gathered before it is written
