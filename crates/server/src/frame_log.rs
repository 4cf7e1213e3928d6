//! The frames of an HTTP/2 connection, as far as they are remembered.
//!
//! In: the nine bytes that each frame begins with, both ways, and the fields of messages. Out: [`FrameLog`], which an
//! app reads while the connection goes on. Never: contents of frames; more frames than [`Limits::logged_frames`].
//!
//! [`Limits::logged_frames`]: crate::Limits::logged_frames
//!
//! RFC 9113 §4.1.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::HeaderMap;

/// The last frames of an HTTP/2 connection, both ways, and what header compression (HPACK, RFC 7541) made of its fields.
///
/// It is kept where [`Limits::logged_frames`](crate::Limits::logged_frames) says so, and found in
/// [`ConnectionInfo::frames`](crate::ConnectionInfo::frames).
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use flagon_http::Body;
/// use flagon_server::{ConnectionInfo, Service};
/// use http::{Request, Response};
///
/// struct Frames;
///
/// impl Service for Frames {
///     async fn call(&self, _: Box<Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response<Body> {
///         let frames = connection.frames.as_ref().map(|log| log.frames()).unwrap_or_default();
///         let lines = frames.iter().map(|frame| format!("{:?} {:?}\n", frame.way, frame.kind));
///         Response::new(Body::from(lines.collect::<String>()))
///     }
/// }
/// ```
#[derive(Debug)]
pub struct FrameLog {
    since: Instant,
    capacity: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    frames: VecDeque<FrameHead>,
    forgotten: u64,
    fields_in: FieldSizes,
    fields_out: FieldSizes,
}

/// What is known of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameHead {
    /// When it came or was made, since the connection began to speak HTTP/2.
    pub at: Duration,
    /// Whether it came in or went out.
    pub way: Way,
    /// What it is.
    pub kind: FrameKind,
    /// The flags, whose meaning depends on the kind (RFC 9113 §6).
    pub flags: u8,
    /// The stream; 0 for the connection itself.
    pub stream: u32,
    /// Bytes of its content, without the nine that every frame begins with.
    pub length: u32,
}

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the client to us.
    In,
    /// From us to the client.
    Out,
}

/// The type of a frame (RFC 9113 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "RFC 9113 §6 says what each is")]
pub enum FrameKind {
    Data,
    Headers,
    Priority,
    RstStream,
    Settings,
    PushPromise,
    Ping,
    GoAway,
    WindowUpdate,
    Continuation,
    /// One of an extension, with its number.
    Other(u8),
}

/// What header compression made of the fields that went one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldSizes {
    /// Messages: requests one way, answers (interim ones and trailers aside) the other.
    pub messages: u64,
    /// Bytes that their fields would have as lines of text: name, colon, space, value, line end.
    pub plain: u64,
    /// Bytes of HEADERS, `PUSH_PROMISE` and CONTINUATION frames, which carry them.
    pub compressed: u64,
}

impl FrameLog {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { since: Instant::now(), capacity, kept: Mutex::default() }
    }

    /// Gives the last frames, the oldest first.
    pub fn frames(&self) -> Vec<FrameHead> {
        self.lock().frames.iter().copied().collect()
    }

    /// Gives how many frames came and went before those that are remembered.
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    /// Gives what compression made of the fields that went `way`, since the connection began.
    pub fn fields(&self, way: Way) -> FieldSizes {
        *self.lock().fields(way)
    }

    /// Remembers the frame that `header` begins.
    pub(crate) fn frame(&self, way: Way, header: [u8; 9]) {
        let [high, middle, low, kind, flags, a, b, c, d] = header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        let stream = u32::from_be_bytes([a, b, c, d]) & !RESERVED;
        let (at, kind) = (self.since.elapsed(), FrameKind::from(kind));
        let mut kept = self.lock();
        if matches!(kind, FrameKind::Headers | FrameKind::PushPromise | FrameKind::Continuation) {
            kept.fields(way).compressed += u64::from(length);
        }
        if kept.frames.len() >= self.capacity {
            kept.frames.pop_front();
            kept.forgotten += 1;
        }
        kept.frames.push_back(FrameHead { at, way, kind, flags, stream, length });
    }

    /// Adds the size that a message's fields have as text: `pseudo`, the values of its pseudo-fields with
    /// their names, and `fields`.
    pub(crate) fn message(&self, way: Way, pseudo: &[(&str, usize)], fields: &HeaderMap) {
        let line = |name: usize, value: usize| (name + ": ".len() + value + "\r\n".len()) as u64;
        let pseudo: u64 = pseudo.iter().map(|(name, value)| line(name.len(), *value)).sum();
        let plain: u64 = fields.iter().map(|(name, value)| line(name.as_str().len(), value.len())).sum();
        let mut kept = self.lock();
        let sizes = kept.fields(way);
        sizes.messages += 1;
        sizes.plain += pseudo + plain;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn fields(&mut self, way: Way) -> &mut FieldSizes {
        match way {
            Way::In => &mut self.fields_in,
            Way::Out => &mut self.fields_out,
        }
    }
}

impl From<u8> for FrameKind {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Data,
            1 => Self::Headers,
            2 => Self::Priority,
            3 => Self::RstStream,
            4 => Self::Settings,
            5 => Self::PushPromise,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            other => Self::Other(other),
        }
    }
}

const RESERVED: u32 = 1 << 31;
