//! One connection, read from its bytes in pieces; the fuzz targets use this file too.
//!
//! In: pieces of bytes. Out: the messages read, and how it ended. Never: depends on where the pieces end, which is
//! what its users check.

use bytes::BytesMut;
use flagon_http::h1::{
    Decoded, Decoder, Framing, Head, HeadState, Limits, Persistence, Refusal, body_framing, expects_continue,
    parse_head, persistence,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// What a connection brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    pub(crate) messages: Vec<Message>,
    pub(crate) end: End,
}

/// A request, or as much of it as came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) request_line: String,
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) framing: Framing,
    pub(crate) persistence: Persistence,
    pub(crate) expects_continue: bool,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) is_whole: bool,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All was read; these bytes belong to something that has not arrived whole.
    Waiting(Vec<u8>),
    Refused(Refusal),
}

/// Reads `pieces` one after the other, as far as they can be read each time.
pub(crate) fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limits: &Limits,
    body_limit: u64,
) -> Conversation {
    let mut reader = Reader {
        limits,
        body_limit,
        state: HeadState::default(),
        buffer: BytesMut::new(),
        decoder: None,
        messages: Vec::new(),
    };
    for piece in pieces {
        reader.buffer.extend_from_slice(piece);
        if let Err(refusal) = reader.go_on() {
            return Conversation { messages: reader.messages, end: End::Refused(refusal) };
        }
    }
    Conversation { messages: reader.messages, end: End::Waiting(reader.buffer.to_vec()) }
}

struct Reader<'a> {
    limits: &'a Limits,
    body_limit: u64,
    state: HeadState,
    buffer: BytesMut,
    decoder: Option<Decoder>,
    messages: Vec<Message>,
}

impl Reader<'_> {
    fn go_on(&mut self) -> Result<(), Refusal> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                let before = self.buffer.len();
                let head = parse_head(&mut self.buffer, self.limits, &mut self.state)?;
                let Some(head) = head else {
                    // Every byte was looked at, so the next call starts behind them: none is looked at twice.
                    assert_eq!(self.state.scanned(), self.buffer.len());
                    return Ok(());
                };
                assert!(self.buffer.len() < before && !self.state.is_started());
                let message = Message::new(&head)?;
                self.decoder = Some(Decoder::new(message.framing, self.body_limit));
                self.messages.push(message);
                continue;
            };
            let message = self.messages.last_mut().expect("a body follows its head");
            let announced = decoder.remaining();
            match decoder.decode(&mut self.buffer)? {
                Decoded::NeedMore => return Ok(()),
                Decoded::Data(data) => {
                    assert!(
                        !data.is_empty() && announced.is_none_or(|announced| data.len() as u64 <= announced)
                    );
                    message.body.extend_from_slice(&data);
                    assert!(message.body.len() as u64 <= self.body_limit);
                }
                Decoded::End(trailers) => {
                    assert!(decoder.is_done());
                    message.trailers = trailers;
                    message.is_whole = true;
                    self.decoder = None;
                }
            }
        }
    }
}

impl Message {
    fn new(head: &Head) -> Result<Self, Refusal> {
        Ok(Self {
            request_line: format!("{} {} {:?}", head.method, head.uri, head.version),
            fields: head.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            framing: body_framing(head)?,
            persistence: persistence(head),
            expects_continue: expects_continue(head),
            body: Vec::new(),
            trailers: None,
            is_whole: false,
        })
    }
}
