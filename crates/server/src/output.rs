//! The bytes on their way to the client.
//!
//! In: encoded heads, small bodies, one large body. Out: as few writes as possible: what was
//! appended goes out at once, a large body from where it is (`writev`).

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};

use crate::transport::Transport;

/// The bytes on their way to the client.
#[derive(Default)]
pub(crate) struct Output {
    buffer: BytesMut,
    /// What follows the buffer, too large to be copied into it.
    tail: Bytes,
    written: u64,
    /// A layer below (TLS) may hold what was written.
    below: Below,
}

#[derive(Default, PartialEq, Eq)]
enum Below {
    #[default]
    Flushed,
    Holding,
}

impl Output {
    /// Gives the buffer to append to. There must be no [large body](Self::push) under way.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        debug_assert!(self.tail.is_empty(), "bytes would overtake the tail");
        &mut self.buffer
    }

    /// Appends a body, or remembers it where it is if it is large.
    pub(crate) fn push(&mut self, body: Bytes) {
        if body.len() <= COPY_MAX {
            self.buffer().extend_from_slice(&body);
        } else {
            self.tail = body;
        }
    }

    /// Tells whether a large body is under way, so that nothing can be appended.
    pub(crate) fn has_tail(&self) -> bool {
        !self.tail.is_empty()
    }

    /// Tells whether all has been written.
    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.tail.is_empty() && self.below == Below::Flushed
    }

    /// Tells whether so much waits that it should be written before more is made.
    pub(crate) fn is_full(&self) -> bool {
        self.has_tail() || self.buffer.len() >= FULL
    }

    /// Takes the buffer out, to be used elsewhere while there is nothing to write.
    pub(crate) fn take_buffer(&mut self) -> BytesMut {
        std::mem::take(&mut self.buffer)
    }

    /// Puts an empty buffer in.
    pub(crate) fn put_buffer(&mut self, buffer: BytesMut) {
        self.buffer = buffer;
    }

    /// Tells whether there is room, before the first byte.
    pub(crate) fn has_buffer(&self) -> bool {
        self.buffer.capacity() > 0
    }

    /// Gives the number of bytes that were ever written, to see whether the client takes any.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Writes everything.
    pub(crate) fn poll_flush<Io: Transport>(
        &mut self,
        io: &mut Io,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !(self.buffer.is_empty() && self.tail.is_empty()) {
            let io = Pin::new(&mut *io);
            let written = ready!(if self.tail.is_empty() {
                io.poll_write(context, &self.buffer)
            } else {
                io.poll_write_vectored(context, &[IoSlice::new(&self.buffer), IoSlice::new(&self.tail)])
            })?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        if self.below == Below::Holding {
            ready!(Pin::new(io).poll_flush(context))?;
            self.below = Below::Flushed;
        }
        Poll::Ready(Ok(()))
    }

    fn advance(&mut self, written: usize) {
        self.written += written as u64;
        self.below = Below::Holding;
        let of_buffer = written.min(self.buffer.len());
        if of_buffer == self.buffer.len() {
            self.buffer.clear(); // keeps the room in front, which `advance` would lose
        } else {
            self.buffer.advance(of_buffer);
        }
        self.tail.advance(written - of_buffer);
    }
}

const COPY_MAX: usize = 16 * 1024;
const FULL: usize = 64 * 1024;
