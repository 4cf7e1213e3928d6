//! The second half of an exchange: encode, write.
//!
//! In: a response. Out: its bytes, coalesced with those of other answers while they are small.
//! Never: more of a streamed body in memory than the client takes.

use std::{error::Error as _, future::poll_fn, mem, pin::Pin, task::Poll};

use bytes::Bytes;
use flagon_http::{
    Body, BodyError,
    h1::{
        BodySize, CHUNK_END, Persistence, RequestFacts, Transfer, encode_chunk, encode_chunk_size,
        encode_head, encode_last_chunk,
    },
};
use http::StatusCode;
use http_body::{Body as HttpBody, Frame};

use super::{Connection, Exchange, Pause};
use crate::{
    answer::Answer,
    incoming::Incoming,
    takeover::Takeover,
    transport::Transport,
    wire::{Drained, Gone},
};

impl<Io: Transport> Connection<Io> {
    /// Encodes the answer; writes of it what should not wait for the next request's.
    pub(super) async fn answer(&mut self, answer: &mut Answer, exchange: Exchange) -> Result<(), Pause> {
        let Answer { response, ready } = answer;
        let body = mem::take(response.body_mut()).into_full();
        let size = match &body {
            Ok(bytes) => BodySize::Exact(bytes.len() as u64),
            Err(stream) => stream.size_hint().exact().map_or(BodySize::Unknown, BodySize::Exact),
        };
        let persistence = self.persistence(&exchange, &body);
        let Exchange { method, version, mut incoming, .. } = exchange;
        let date = self.wire.worker().date();
        let facts = RequestFacts { method: &method, version };
        let encoded = encode_head(self.wire.out(), response, ready, size, facts, persistence, &date);
        match body {
            Ok(bytes) if encoded.transfer != Transfer::None => self.wire.output.push(bytes),
            Ok(_) => (),
            Err(stream) => self.stream(stream, encoded.transfer, &mut incoming).await?,
        }
        if response.status() == StatusCode::SWITCHING_PROTOCOLS
            && incoming.is_done()
            && let Some(takeover) = response.extensions_mut().remove::<Takeover>()
        {
            self.wire.flush().await?;
            return Err(Pause::Upgrade(takeover));
        }
        let mut drained = Drained::Whole;
        if !incoming.is_over() && encoded.persistence == Persistence::KeepAlive {
            drained = self.wire.drain(&mut incoming).await?;
        }
        if self.wire.output.is_full() {
            self.wire.flush().await?;
        }
        match encoded.persistence {
            _ if !incoming.is_done() || drained == Drained::InPart => Err(Pause::Linger),
            Persistence::KeepAlive => Ok(()),
            Persistence::Close => Err(Pause::Close),
        }
    }

    /// Decides whether the connection goes on after this answer.
    fn persistence(&self, exchange: &Exchange, answer: &Result<Bytes, Body>) -> Persistence {
        let (worker, incoming) = (self.wire.worker(), &exchange.incoming);
        // A stream may still read what is left of the request's body.
        let is_readable = answer.is_err() && incoming.has_reader();
        let is_clean = incoming.is_done() || is_readable || incoming.is_drainable(worker.limits.drain);
        if is_clean && !worker.is_draining() { exchange.persistence } else { Persistence::Close }
    }

    /// Writes a body that is made while it is sent.
    async fn stream(
        &mut self,
        mut body: Body,
        transfer: Transfer,
        incoming: &mut Incoming,
    ) -> Result<(), Pause> {
        let mut left = match transfer {
            Transfer::None => return Ok(()),
            Transfer::Length(length) => length,
            Transfer::Chunked | Transfer::UntilClose => u64::MAX,
        };
        let mut trailers = None;
        while left > 0 {
            let Some(frame) = self.next_frame(&mut body, incoming).await? else { break };
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return self.break_off(&error, incoming).await,
            };
            match frame.into_data() {
                Ok(mut data) => {
                    data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                    left -= data.len() as u64;
                    self.put(data, transfer, incoming).await?;
                }
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
        match transfer {
            Transfer::Chunked => encode_last_chunk(self.wire.out(), trailers.as_ref()),
            Transfer::Length(_) if left > 0 => {
                let error = BodyError::failed(format!("{left} bytes of its Content-Length are missing"));
                return self.break_off(&error, incoming).await;
            }
            _ => (),
        }
        Ok(())
    }

    /// Closes without the body's end: nothing else tells the client that it is not whole.
    async fn break_off(&mut self, error: &BodyError, incoming: &mut Incoming) -> Result<(), Pause> {
        let cause = error.source().map(tracing::field::display);
        tracing::error!(peer = %self.info.peer, %error, cause, "the body of an answer broke off");
        self.wire.flush_meanwhile(incoming).await?;
        Err(Pause::Close)
    }

    async fn put(&mut self, data: Bytes, transfer: Transfer, incoming: &mut Incoming) -> Result<(), Gone> {
        if transfer != Transfer::Chunked {
            self.wire.output.push(data);
        } else if data.len() <= SMALL_CHUNK {
            encode_chunk(self.wire.out(), &data);
        } else {
            encode_chunk_size(self.wire.out(), data.len() as u64);
            self.wire.output.push(data);
            self.wire.flush_meanwhile(incoming).await?;
            self.wire.out().extend_from_slice(CHUNK_END);
        }
        if self.wire.output.has_tail() { self.wire.flush_meanwhile(incoming).await } else { Ok(()) }
    }

    /// Waits for the next piece of an answer; writes what there is while the view makes it.
    async fn next_frame(
        &mut self,
        body: &mut Body,
        incoming: &mut Incoming,
    ) -> Result<Option<Result<Frame<Bytes>, BodyError>>, Gone> {
        poll_fn(|context| {
            loop {
                let was_full = self.wire.output.is_full();
                if !was_full && let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(context) {
                    return Poll::Ready(Ok(frame));
                }
                if let Poll::Ready(gone) = self.wire.poll_meanwhile(context, incoming) {
                    return Poll::Ready(Err(gone));
                }
                if !was_full || self.wire.output.is_full() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

const SMALL_CHUNK: usize = 16 * 1024;
