//! One request and its answer over one connection.
//!
//! In: an encoded head, the client's body. Out: the head of the answer, while the body is still being sent. Never: more of a body than
//! one piece ahead of the other server.

use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use flagon_http::{
    Body, BodyError, BodyErrorKind,
    h1::{self, HeadState, ResponseHead, encode_chunk_size, encode_last_chunk, parse_response_head},
};
use flagon_server::Interim;
use http::StatusCode;
use http_body::Body as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWrite as _},
    time::{Instant, Sleep, sleep_until},
};

use crate::{
    error::{Error, ErrorKind},
    fields::take_out_of_answer,
    pool::Connection,
    request_head::Form,
};

/// One request and its answer.
pub(crate) struct Exchange {
    pub(crate) connection: Connection,
    /// What follows the output, too large to be copied there, and what ends it as a chunk.
    tail: Bytes,
    tail_end: &'static [u8],
    sending: Sending,
}

/// How far the client's body has come.
enum Sending {
    /// It waits until the other server asks for it.
    Held(Body, Form),
    /// It is on its way; of a known length, so many bytes are missing.
    Under(Body, Form),
    Done,
    /// It can't be sent any more; an answer may have come nonetheless.
    Broken,
}

impl Exchange {
    /// Begins with what was put into the connection's output.
    pub(crate) fn new(connection: Connection, body: Body, form: Form, is_held: bool) -> Self {
        let sending = match form {
            Form::None => Sending::Done,
            _ if is_held => Sending::Held(body, form),
            _ => Sending::Under(body, form),
        };
        Self { connection, tail: Bytes::new(), tail_end: b"", sending }
    }

    /// Sends, and reads until the head of the answer is there. Answers before it go to `interim`.
    pub(crate) async fn head(&mut self, timeout: Duration, interim: &Interim) -> Result<ResponseHead, Error> {
        let mut state = HeadState::default();
        let mut timer = Timer::default();
        let mut interims = 0;
        poll_fn(|context| {
            loop {
                if let Poll::Ready(Err(error)) = self.poll_send(context) {
                    return Poll::Ready(Err(error.into()));
                }
                while let Some(head) = parse_response_head(&mut self.connection.input, &LIMITS, &mut state)? {
                    match head.status {
                        StatusCode::CONTINUE if matches!(self.sending, Sending::Held(..)) => self.release(),
                        status if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS => {
                            // Who never comes to the answer would keep this busy for ever.
                            interims += 1;
                            if interims > INTERIMS_MAX {
                                let why = "more than 100 answers before the answer";
                                return Poll::Ready(Err(Error::because(ErrorKind::Malformed, why)));
                            }
                            let mut fields = head.headers;
                            take_out_of_answer(&mut fields);
                            // 100 is between the other server and this one.
                            if status != StatusCode::CONTINUE {
                                interim.inform(status, fields);
                            }
                        }
                        _ => return Poll::Ready(Ok(head)),
                    }
                    let _ = self.poll_send(context)?;
                }
                if self.poll_read(context)?.is_ready() {
                    continue;
                }
                let is_held = matches!(self.sending, Sending::Held(..));
                let patience = if is_held { timeout.min(CONTINUE) } else { timeout };
                ready!(timer.poll(context, patience));
                if !is_held {
                    return Poll::Ready(Err(Error::new(ErrorKind::TimedOut)));
                }
                // RFC 9110 §10.1.1: who asked does not wait for ever, since many never answer.
                self.release();
                timer = Timer::default();
            }
        })
        .await
    }

    /// Lets the body go that was held.
    fn release(&mut self) {
        self.sending = match std::mem::replace(&mut self.sending, Sending::Done) {
            Sending::Held(body, form) => Sending::Under(body, form),
            other => other,
        };
    }

    /// Whether nothing is left of the request.
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self.sending, Sending::Done) && self.connection.output.is_empty() && self.tail.is_empty()
    }

    /// Whether not a byte of an answer has come.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.connection.input.is_empty()
    }

    /// Reads once; at the end of the connection it is an error.
    pub(crate) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Connection { socket, input, .. } = &mut self.connection;
        if input.capacity() - input.len() < READ_MIN {
            input.reserve(if input.capacity() == 0 { READ_FIRST } else { READ });
        }
        match ready!(pin!(socket.read_buf(input)).poll(context))? {
            0 => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Sends as much of the request as can be.
    pub(crate) fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        loop {
            if ready!(self.poll_write(context)).is_err() {
                // The other server may have answered before it had read all, and closed.
                (self.sending, self.tail, self.tail_end) = (Sending::Broken, Bytes::new(), b"");
                self.connection.output.clear();
            }
            let Sending::Under(body, form) = &mut self.sending else {
                let is_held = matches!(self.sending, Sending::Held(..));
                return if is_held { Poll::Pending } else { Poll::Ready(Ok(())) };
            };
            let frame = match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None if matches!(form, Form::Length(1..)) => {
                    return Poll::Ready(Err(BodyErrorKind::Disconnected.into()));
                }
                None => {
                    if *form == Form::Chunked {
                        encode_last_chunk(&mut self.connection.output, None);
                    }
                    self.sending = Sending::Done;
                    continue;
                }
            };
            match frame.into_data() {
                Ok(data) => self.put(data),
                Err(frame) => {
                    if *form == Form::Chunked {
                        encode_last_chunk(&mut self.connection.output, frame.trailers_ref());
                    }
                    self.sending = Sending::Done;
                }
            }
        }
    }

    /// Takes a piece of the body.
    fn put(&mut self, mut data: Bytes) {
        let Sending::Under(_, form) = &mut self.sending else { return };
        let output = &mut self.connection.output;
        let end: &[u8] = match form {
            Form::Length(left) => {
                data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= data.len() as u64;
                if *left == 0 {
                    self.sending = Sending::Done;
                }
                b""
            }
            _ if data.is_empty() => return,
            _ => {
                encode_chunk_size(output, data.len() as u64);
                h1::CHUNK_END
            }
        };
        if data.len() <= COPY_MAX {
            output.extend_from_slice(&data);
            output.extend_from_slice(end);
        } else {
            (self.tail, self.tail_end) = (data, end);
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { connection: Connection { socket, output, .. }, tail, tail_end, .. } = self;
        while !(output.is_empty() && tail.is_empty() && tail_end.is_empty()) {
            let mut socket = Pin::new(&mut *socket);
            let mut written = ready!(if tail.is_empty() && tail_end.is_empty() {
                socket.as_mut().poll_write(context, output)
            } else {
                let slices = [IoSlice::new(output), IoSlice::new(tail), IoSlice::new(tail_end)];
                socket.as_mut().poll_write_vectored(context, &slices)
            })?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            for part in [output as &mut dyn Buf, tail, tail_end] {
                let of_part = written.min(part.remaining());
                part.advance(of_part);
                written -= of_part;
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// A deadline that costs nothing until somebody waits.
#[derive(Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready when `patience` has passed since it was polled first.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, patience: Duration) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + patience)));
        sleep.as_mut().poll(context)
    }

    /// Begins anew with the next poll.
    pub(crate) fn reset(&mut self, patience: Duration) {
        if let Some(sleep) = &mut self.0 {
            sleep.as_mut().reset(Instant::now() + patience);
        }
    }
}

const LIMITS: h1::Limits = h1::Limits { head_bytes: 64 * 1024, header_count: 200, target_bytes: 0 };
/// How long a body is held for a server that does not say whether it wants it.
const CONTINUE: Duration = Duration::from_secs(1);
/// How many answers may come before the answer.
const INTERIMS_MAX: u32 = 100;
const COPY_MAX: usize = 4 * 1024;
const READ_MIN: usize = 1024;
const READ_FIRST: usize = 8 * 1024;
const READ: usize = 64 * 1024;
