//! The body of an answer, as it arrives.
//!
//! In: an exchange whose head has come. Out: the body, whole if it is here already; the connection, to its pool, as soon as the last
//! byte was read.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use flagon_http::{
    Body, BodyError,
    h1::{Decoded, Decoder, Framing, Persistence, ResponseFraming},
};
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    error::{Error, ErrorKind},
    exchange::{Exchange, Timer},
    pool::Pool,
};

/// What an exchange goes back to.
pub(crate) struct Home {
    pub(crate) pool: Pool,
    pub(crate) persistence: Persistence,
    pub(crate) idle: Duration,
    pub(crate) permit: OwnedSemaphorePermit,
}

/// The body of an answer that is not whole yet.
struct Answer {
    /// None when the body is over.
    open: Option<(Exchange, Home)>,
    end: End,
    timer: Timer,
}

enum End {
    Framed(Decoder),
    UntilClose,
}

/// Makes the body of the answer of `exchange`.
pub(crate) fn body(mut exchange: Exchange, framing: ResponseFraming, home: Home) -> Result<Body, Error> {
    let ResponseFraming::Framed(framing) = framing else {
        return Ok(streamed(exchange, home, End::UntilClose));
    };
    if framing == Framing::None {
        go_home(exchange, home);
        return Ok(Body::empty());
    }
    let mut decoder = Decoder::new(framing, u64::MAX);
    // Most answers are small, and here already: they need no stream.
    if let Framing::Length(length) = framing
        && exchange.connection.input.len() as u64 >= length
        && let Decoded::Data(whole) = decoder.decode(&mut exchange.connection.input)?
    {
        go_home(exchange, home);
        return Ok(whole.into());
    }
    Ok(streamed(exchange, home, End::Framed(decoder)))
}

fn streamed(exchange: Exchange, home: Home, end: End) -> Body {
    Body::stream(Answer { open: Some((exchange, home)), end, timer: Timer::default() })
}

/// Gives the connection to its pool, if it can be used again.
fn go_home(exchange: Exchange, home: Home) {
    let is_clean = exchange.is_sent() && exchange.connection.input.is_empty();
    if is_clean && home.persistence == Persistence::KeepAlive {
        home.pool.give_back(exchange.connection);
    }
    drop(home.permit);
}

impl Answer {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, BodyError>> {
        let Self { open, end, timer } = self;
        let Some((exchange, home)) = open else { return Poll::Ready(Ok(None)) };
        if let Poll::Ready(Err(error)) = exchange.poll_send(context) {
            return Poll::Ready(Err(error));
        }
        loop {
            match end {
                End::Framed(decoder) => match decoder.decode(&mut exchange.connection.input) {
                    Ok(Decoded::Data(data)) => {
                        if decoder.is_done() {
                            self.close();
                        }
                        return Poll::Ready(Ok(Some(Frame::data(data))));
                    }
                    Ok(Decoded::End(trailers)) => {
                        self.close();
                        return Poll::Ready(Ok(trailers.map(Frame::trailers)));
                    }
                    Ok(Decoded::NeedMore) => (),
                    Err(refusal) => return Poll::Ready(Err(broken(refusal.into()))),
                },
                End::UntilClose if exchange.connection.input.is_empty() => (),
                End::UntilClose => {
                    let data = exchange.connection.input.split().freeze();
                    return Poll::Ready(Ok(Some(Frame::data(data))));
                }
            }
            match exchange.poll_read(context) {
                Poll::Ready(Ok(())) => timer.reset(home.idle),
                Poll::Ready(Err(error)) => {
                    let is_end = error.kind() == std::io::ErrorKind::UnexpectedEof;
                    if is_end && matches!(end, End::UntilClose) {
                        self.open = None;
                        return Poll::Ready(Ok(None));
                    }
                    return Poll::Ready(Err(broken(error.into())));
                }
                Poll::Pending => {
                    ready!(timer.poll(context, home.idle));
                    return Poll::Ready(Err(broken(Error::new(ErrorKind::TimedOut))));
                }
            }
        }
    }

    fn close(&mut self) {
        if let Some((exchange, home)) = self.open.take() {
            go_home(exchange, home);
        }
    }
}

fn broken(error: Error) -> BodyError {
    BodyError::failed(error)
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(self.poll_next(context));
        if frame.is_err() {
            self.open = None;
        }
        Poll::Ready(frame.transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.open.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.end {
            End::Framed(decoder) => decoder.remaining().map_or_else(SizeHint::default, SizeHint::with_exact),
            End::UntilClose => SizeHint::default(),
        }
    }
}
