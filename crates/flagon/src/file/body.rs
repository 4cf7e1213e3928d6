//! The bytes of a file, read piece by piece while the client takes them.
//!
//! At most one piece of [`PIECE`] bytes is in memory, and none is read before the one before it was sent. Files are read
//! on the thread pool for blocking work.

use std::{
    collections::VecDeque,
    fs::File,
    future::Future as _,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flagon_http::{Body, BodyError};
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::byteranges::Segment;

/// How many bytes are read at a time.
const PIECE: u64 = 128 * 1024;

/// A body of `segments`; read at once when it is small.
///
/// # Errors
///
/// When the file can't be read, or is shorter than it was.
pub(super) fn body(mut file: File, segments: Vec<Segment>) -> io::Result<Body> {
    let left: u64 = segments.iter().map(Segment::length).sum();
    if left > PIECE {
        let segments = segments.into();
        return Ok(Body::stream(FileBody { source: Source::Idle(file), segments, left }));
    }
    let mut whole = Vec::with_capacity(usize::try_from(left).unwrap_or_default());
    for segment in segments {
        match segment {
            Segment::Bytes(bytes) => whole.extend_from_slice(&bytes),
            Segment::Part(part) => read(&mut file, part, &mut whole)?,
        }
    }
    Ok(whole.into())
}

/// A body of `segments` of which only the length is asked: for `HEAD`.
pub(super) fn unread(file: File, segments: Vec<Segment>) -> Body {
    let left = segments.iter().map(Segment::length).sum();
    Body::stream(FileBody { source: Source::Idle(file), segments: segments.into(), left })
}

/// Appends a part of `file` to `bytes`.
fn read(file: &mut File, part: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
    let length = part.end - part.start;
    file.seek(SeekFrom::Start(part.start))?;
    if file.take(length).read_to_end(bytes)? as u64 == length {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent"))
    }
}

struct FileBody {
    source: Source,
    segments: VecDeque<Segment>,
    left: u64,
}

enum Source {
    Idle(File),
    Reading(JoinHandle<io::Result<(File, Bytes)>>),
    Gone,
}

impl FileBody {
    /// Takes the next piece off the front: bytes that are there, or a part to read.
    fn next(&mut self) -> Option<Segment> {
        let segment = self.segments.pop_front()?;
        match segment {
            Segment::Part(part) if part.end - part.start > PIECE => {
                let middle = part.start + PIECE;
                self.segments.push_front(Segment::Part(middle..part.end));
                Some(Segment::Part(part.start..middle))
            }
            segment => Some(segment),
        }
    }
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if let Source::Reading(reading) = &mut self.source {
                let read = ready!(Pin::new(reading).poll(cx)).map_err(io::Error::other).flatten();
                let (source, frame) = match read {
                    Ok((file, bytes)) => (Source::Idle(file), Ok(bytes)),
                    Err(error) => (Source::Gone, Err(BodyError::failed(error))),
                };
                self.source = source;
                return Poll::Ready(Some(frame.map(|bytes| {
                    self.left -= bytes.len() as u64;
                    Frame::data(bytes)
                })));
            }
            match self.next() {
                None => return Poll::Ready(None),
                Some(Segment::Bytes(bytes)) => {
                    self.left -= bytes.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Segment::Part(part)) => {
                    let Source::Idle(mut file) = std::mem::replace(&mut self.source, Source::Gone) else {
                        return Poll::Ready(None); // it has failed, and said so
                    };
                    self.source = Source::Reading(tokio::task::spawn_blocking(move || {
                        let mut bytes =
                            Vec::with_capacity(usize::try_from(part.end - part.start).unwrap_or_default());
                        read(&mut file, part, &mut bytes)?;
                        Ok((file, bytes.into()))
                    }));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.segments.is_empty() && !matches!(self.source, Source::Reading(_))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
