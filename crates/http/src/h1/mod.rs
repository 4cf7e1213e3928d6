//! HTTP/1.1 and HTTP/1.0, without sockets: bytes in, messages out, and the other way round.
//!
//! One request is [`parse_head`], [`body_framing`], a [`Decoder`]; its answer is [`encode_head`] and what its
//! [`Transfer`] says. Whatever is wrong is a [`Refusal`], which knows its whole answer.
//!
//! Strict where readers differ: lines end with CRLF, one length, one Host. RFC 9112.

mod digits;
mod status_line;
mod refusal;
mod section;
mod field;
mod host;
mod head;
mod framing;
mod persistence;
mod chunk_size;
mod response_head;
mod decode;
mod encode;

pub use decode::{Decoded, Decoder};
pub use encode::{
    BodySize, CHUNK_END, Encoded, RequestFacts, Transfer, encode_chunk, encode_chunk_size, encode_continue,
    encode_head, encode_informational, encode_last_chunk,
};
pub use framing::{Framing, body_framing};
pub use head::{Head, HeadState, Limits, parse_head};
pub use persistence::{Persistence, expects_continue, persistence};
pub use refusal::Refusal;
pub use response_head::{
    ResponseFraming, ResponseHead, parse_response_head, response_framing, response_persistence,
};
pub use status_line::reason;
