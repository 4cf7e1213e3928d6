//! The transport under an HTTP/2 connection: gathers what is written, counts what is read.
//!
//! In: bytes both ways. Out: one write for all that a round of work made; a [`Verdict`] when the
//! client sends more of what costs it nothing than it may. Never: a change of a byte.
//!
//! The `h2` crate bounds by itself: CONTINUATION frames, the header list, empty and tiny DATA frames,
//! streams that are reset before they were accepted. What it does not bound is counted here, from the
//! frame headers (RFC 9113 §4.1, §10.5): PING, SETTINGS, PRIORITY, `WINDOW_UPDATE`, unknown frames, and resets
//! of accepted streams (CVE-2023-44487).

use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    frame_log::{FrameLog, Way},
    transport::Transport,
    worker::Worker,
};

/// The transport under an HTTP/2 connection, shared by the `h2` crate and our loop.
pub(super) struct Guard<Io> {
    pub(super) io: RefCell<Io>,
    worker: Rc<Worker>,
    /// What was read before the connection turned out to be HTTP/2.
    early: RefCell<BytesMut>,
    /// What waits for the end of the round.
    gathered: RefCell<BytesMut>,
    scan: Cell<Scan>,
    log: Option<Log>,
    counts: Cell<Counts>,
    verdict: Cell<Verdict>,
    written: Cell<u64>,
    blocked: Cell<Blocked>,
}

/// Where frames are remembered, and where in those that go out the next byte stands.
struct Log {
    frames: Arc<FrameLog>,
    scan: Cell<Scan>,
}

/// The `h2` crate's view of the guard.
pub(super) struct Guarded<Io>(pub(super) Rc<Guard<Io>>);

/// What the counts say of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fair,
    TooManyResets,
    TooManyControlFrames,
}

/// Whether the client takes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocked {
    Open,
    Full,
}

/// Where in the frames the next byte stands.
#[derive(Clone, Copy)]
struct Scan {
    /// Bytes until the next frame header.
    skip: usize,
    header: [u8; HEADER],
    have: usize,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    /// When this second began, in milliseconds of the worker's clock.
    since: u64,
    resets: u32,
    control: u32,
    /// `WINDOW_UPDATE` frames that the client's requests entitle it to, and those that it sent.
    entitled: u64,
    window_updates: u64,
}

impl<Io: Transport> Guard<Io> {
    pub(super) fn new(
        io: Io,
        early: BytesMut,
        worker: Rc<Worker>,
        frames: Option<Arc<FrameLog>>,
    ) -> Rc<Self> {
        Rc::new(Self {
            io: RefCell::new(io),
            worker,
            early: RefCell::new(early),
            gathered: RefCell::default(),
            scan: Cell::new(Scan::after(PREFACE)),
            log: frames.map(|frames| Log { frames, scan: Cell::new(Scan::after(0)) }),
            counts: Cell::default(),
            verdict: Cell::new(Verdict::Fair),
            written: Cell::new(0),
            blocked: Cell::new(Blocked::Open),
        })
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.verdict.get()
    }

    /// Gives the bytes that were ever written, to see whether the client takes any.
    pub(super) fn written(&self) -> u64 {
        self.written.get()
    }

    pub(super) fn blocked(&self) -> Blocked {
        self.blocked.get()
    }

    /// Writes what was gathered, at the end of a round.
    pub(super) fn poll_gathered(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathered = self.gathered.borrow_mut();
        let mut io = self.io.borrow_mut();
        while !gathered.is_empty() {
            let written = ready!(self.note(Pin::new(&mut *io).poll_write(context, &gathered)))?;
            advance(&mut gathered, written);
        }
        self.note(Pin::new(&mut *io).poll_flush(context).map_ok(|()| 1)).map_ok(|_| ())
    }

    /// Gives the buffers back of a connection without streams.
    pub(super) fn release(&self) {
        let mut gathered = self.gathered.borrow_mut();
        if gathered.is_empty() && gathered.capacity() > 0 {
            self.worker.give_back(std::mem::take(&mut *gathered));
        }
    }

    fn poll_write(&self, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.poll_take(context, data);
        if let (Some(log), Poll::Ready(Ok(count))) = (&self.log, &written) {
            log.remember(&data[..*count]);
        }
        written
    }

    fn poll_take(&self, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let mut gathered = self.gathered.borrow_mut();
        if data.len() <= GATHER_EACH && gathered.len() + data.len() <= GATHER_ALL {
            if gathered.capacity() == 0 {
                *gathered = self.worker.buffer();
            }
            gathered.extend_from_slice(data);
            return Poll::Ready(Ok(data.len()));
        }
        let mut io = self.io.borrow_mut();
        loop {
            let slices = [IoSlice::new(&gathered), IoSlice::new(data)];
            let written = ready!(self.note(Pin::new(&mut *io).poll_write_vectored(context, &slices)))?;
            let before = gathered.len().min(written);
            advance(&mut gathered, before);
            if written > before {
                return Poll::Ready(Ok(written - before));
            }
        }
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(Ok(bytes)) => {
                self.blocked.set(Blocked::Open);
                self.written.set(self.written.get() + *bytes as u64);
                self.worker.counters().count_sent(*bytes as u64);
            }
            Poll::Ready(Err(_)) => (),
            Poll::Pending => self.blocked.set(Blocked::Full),
        }
        written
    }

    fn poll_read(&self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.verdict.get() != Verdict::Fair {
            return Poll::Pending; // nothing more is taken from this client; our loop says goodbye
        }
        let before = buffer.filled().len();
        let mut early = self.early.borrow_mut();
        if early.is_empty() {
            ready!(Pin::new(&mut *self.io.borrow_mut()).poll_read(context, buffer))?;
        } else {
            let count = early.len().min(buffer.remaining());
            buffer.put_slice(&early.split_to(count));
            if early.is_empty() {
                self.worker.give_back(std::mem::take(&mut *early));
            }
        }
        self.worker.counters().count_received(buffer.filled().len() - before);
        self.scan(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }

    /// Looks at the frame headers in `bytes`.
    fn scan(&self, bytes: &[u8]) {
        let mut scan = self.scan.get();
        scan.walk(bytes, |header| {
            let [high, middle, low, kind, flags, ..] = header;
            self.count(kind, flags, usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low));
            if let Some(log) = &self.log {
                log.frames.frame(Way::In, header);
            }
        });
        self.scan.set(scan);
    }

    fn count(&self, kind: u8, flags: u8, length: usize) {
        let mut counts = self.counts.get();
        if self.worker.now() - counts.since >= 1000 {
            (counts.since, counts.resets, counts.control) = (self.worker.now(), 0, 0);
        }
        match kind {
            DATA if length > 0 || flags & END_STREAM != 0 => (),
            HEADERS => counts.entitled += WINDOW_UPDATES_PER_REQUEST,
            CONTINUATION => (),
            RST_STREAM => counts.resets += 1,
            WINDOW_UPDATE
                if counts.window_updates < counts.entitled + self.written.get() / BYTES_PER_WINDOW_UPDATE =>
            {
                counts.window_updates += 1;
            }
            _ => counts.control += 1,
        }
        let limits = &self.worker.limits;
        if counts.resets > limits.resets_per_second {
            self.verdict.set(Verdict::TooManyResets);
        } else if counts.control > limits.control_frames_per_second {
            self.verdict.set(Verdict::TooManyControlFrames);
        }
        self.counts.set(counts);
    }
}

impl Scan {
    /// A frame header comes after so many bytes.
    fn after(skip: usize) -> Self {
        Self { skip, header: [0; HEADER], have: 0 }
    }

    /// Calls `each` with every frame header that is whole by the end of `bytes`.
    fn walk(&mut self, mut bytes: &[u8], mut each: impl FnMut([u8; HEADER])) {
        while !bytes.is_empty() {
            let skip = self.skip.min(bytes.len());
            (self.skip, bytes) = (self.skip - skip, &bytes[skip..]);
            let part = (HEADER - self.have).min(bytes.len());
            self.header[self.have..self.have + part].copy_from_slice(&bytes[..part]);
            (self.have, bytes) = (self.have + part, &bytes[part..]);
            if self.have == HEADER {
                let [high, middle, low, ..] = self.header;
                self.have = 0;
                self.skip = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
                each(self.header);
            }
        }
    }
}

impl Log {
    /// Remembers the frames that begin in `bytes`, which go out.
    fn remember(&self, bytes: &[u8]) {
        let mut scan = self.scan.get();
        scan.walk(bytes, |header| self.frames.frame(Way::Out, header));
        self.scan.set(scan);
    }
}

fn advance(buffer: &mut BytesMut, count: usize) {
    if count == buffer.len() { buffer.clear() } else { buffer.advance(count) }
}

impl<Io: Transport> AsyncRead for Guarded<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(context, buffer)
    }
}

impl<Io: Transport> AsyncWrite for Guarded<Io> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write(context, data)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // at the end of the round
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.0.poll_gathered(context))?;
        Pin::new(&mut *self.0.io.borrow_mut()).poll_shutdown(context)
    }
}

const PREFACE: usize = 24;
const HEADER: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const WINDOW_UPDATES_PER_REQUEST: u64 = 4;
/// A client may open its window once for every so many bytes that it got.
const BYTES_PER_WINDOW_UPDATE: u64 = 256;
const GATHER_EACH: usize = 4 * 1024;
const GATHER_ALL: usize = 64 * 1024;
