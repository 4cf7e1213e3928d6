//! The bytes of a body out of the bytes of a connection.
//!
//! In: a [`Framing`] and the buffer that follows the head. Out: the body in slices of that buffer, then its
//! trailers. Never: a byte beyond the body's end, more bytes than the limit, a copy.
//!
//! RFC 9112 §6.2, §7.1.

use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, header};

use super::{
    chunk_size,
    field::{self, Seen},
    framing::Framing,
    refusal::Refusal,
    section::{Section, SectionError, SectionLimits},
};

/// One step of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// The buffer holds nothing more of the body: read on.
    NeedMore,
    /// Some bytes of the body, never none.
    Data(Bytes),
    /// The body is over; the trailer fields of a chunked body that has some.
    End(Option<HeaderMap>),
}

/// Reads one body.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{Decoded, Decoder, Framing};
///
/// let mut decoder = Decoder::new(Framing::Chunked, 1024);
/// let mut buffer = BytesMut::from("5\r\nhello\r\n0\r\n\r\nGET");
/// assert_eq!(decoder.decode(&mut buffer)?, Decoded::Data("hello".into()));
/// assert_eq!(decoder.decode(&mut buffer)?, Decoded::End(None));
/// assert_eq!(buffer, "GET");
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// How many more bytes the body may have.
    allowed: u64,
    /// How many more bytes of chunk extensions the body may have.
    extensions: usize,
}

#[derive(Debug)]
enum State {
    /// This many bytes of a body of known length are missing.
    Length(u64),
    /// The next thing is a line with a chunk size; this many bytes of it hold no line end.
    ChunkSize(usize),
    /// This many bytes of a chunk are missing.
    ChunkData(u64),
    /// The next thing is the CRLF after a chunk's bytes.
    ChunkEnd,
    /// The next thing is the trailer section.
    Trailers(Section),
    Done,
}

impl Decoder {
    /// Starts a body with `framing` that may have at most `limit` bytes.
    pub fn new(framing: Framing, limit: u64) -> Self {
        let state = match framing {
            Framing::None => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize(0),
        };
        Self { state, allowed: limit, extensions: EXTENSIONS_MAX }
    }

    /// Takes the next piece of the body off the front of `buffer`.
    ///
    /// After [`Decoded::End`] every call gives `End(None)` and leaves the buffer alone.
    ///
    /// # Errors
    ///
    /// [`Refusal::BodyTooLarge`] as soon as the body announces more than the limit, and a refusal for each rule
    /// of the chunked coding that is broken. The connection cannot be read further then.
    ///
    /// # Examples
    ///
    /// See [`Decoder`].
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Decoded, Refusal> {
        loop {
            match &mut self.state {
                State::Length(0) | State::Done => {
                    self.state = State::Done;
                    return Ok(Decoded::End(None));
                }
                State::Length(missing) => {
                    if *missing > self.allowed {
                        return Err(Refusal::BodyTooLarge);
                    }
                    return Ok(take(buffer, missing, &mut self.allowed));
                }
                State::ChunkSize(scanned) => match take_size(buffer, scanned, &mut self.extensions)? {
                    None => return Ok(Decoded::NeedMore),
                    Some(0) => self.state = State::Trailers(Section::default()),
                    Some(size) if size > self.allowed => return Err(Refusal::BodyTooLarge),
                    Some(size) => self.state = State::ChunkData(size),
                },
                State::ChunkData(0) => self.state = State::ChunkEnd,
                State::ChunkData(missing) => return Ok(take(buffer, missing, &mut self.allowed)),
                State::ChunkEnd => match &buffer[..buffer.len().min(2)] {
                    b"" | b"\r" => return Ok(Decoded::NeedMore),
                    b"\r\n" => {
                        buffer.advance(2);
                        self.state = State::ChunkSize(0);
                    }
                    _ => return Err(Refusal::ChunkEnd),
                },
                State::Trailers(section) => {
                    let decoded = take_trailers(buffer, section)?;
                    if decoded != Decoded::NeedMore {
                        self.state = State::Done;
                    }
                    return Ok(decoded);
                }
            }
        }
    }

    /// How many bytes are still to come, when that is known: what a size hint says.
    pub fn remaining(&self) -> Option<u64> {
        match self.state {
            State::Length(missing) => Some(missing),
            State::Done => Some(0),
            _ => None,
        }
    }

    /// Whether the body was read to its end, so that the next request can be.
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done | State::Length(0))
    }
}

/// Takes what the buffer holds of `missing` bytes.
fn take(buffer: &mut BytesMut, missing: &mut u64, allowed: &mut u64) -> Decoded {
    if buffer.is_empty() {
        return Decoded::NeedMore;
    }
    let count = usize::try_from(*missing).map_or(buffer.len(), |missing| missing.min(buffer.len()));
    *missing -= count as u64;
    *allowed -= count as u64;
    Decoded::Data(buffer.split_to(count).freeze())
}

/// Takes the line with a chunk's size; `None` when it has not arrived whole.
fn take_size(
    buffer: &mut BytesMut,
    scanned: &mut usize,
    extensions: &mut usize,
) -> Result<Option<u64>, Refusal> {
    let window = &buffer[..buffer.len().min(SIZE_LINE_MAX)];
    let Some(found) = memchr::memchr(b'\n', &window[*scanned..]) else {
        *scanned = window.len();
        let is_full = window.len() == SIZE_LINE_MAX;
        return if is_full { Err(Refusal::ChunkExtensionsTooLong) } else { Ok(None) };
    };
    let end = *scanned + found;
    // RFC 9112 §7.1 has CRLF here, and a bare LF is how chunked bodies are smuggled.
    let line = window[..end].strip_suffix(b"\r").ok_or(Refusal::BareLf)?;
    let (size, extension_len) = chunk_size::parse(line)?;
    *extensions = extensions.checked_sub(extension_len).ok_or(Refusal::ChunkExtensionsTooLong)?;
    buffer.advance(end + 1);
    Ok(Some(size))
}

/// Takes the trailer section, which ends the body.
fn take_trailers(buffer: &mut BytesMut, section: &mut Section) -> Result<Decoded, Refusal> {
    let limits = SectionLimits { first_line: TRAILERS_MAX, bytes: TRAILERS_MAX, lines: TRAILER_COUNT_MAX };
    let found = section.find_end(buffer, limits).map_err(SectionError::in_trailers)?;
    let Some(end) = found else { return Ok(Decoded::NeedMore) };
    let bytes = buffer.split_to(end).freeze();
    let mut trailers = HeaderMap::new();
    for line in section.lines() {
        field::append(&mut trailers, &mut Seen::default(), &bytes, line)?;
    }
    let forbidden: Vec<_> = trailers.keys().filter(|name| !is_trailer(name)).cloned().collect();
    for name in forbidden {
        trailers.remove(name);
    }
    Ok(Decoded::End((!trailers.is_empty()).then_some(trailers)))
}

/// Whether a field may come after the body. The others are dropped, as RFC 9110 §6.5.1 allows: a recipient has
/// decided on framing, routing, authentication and the form of the content before it sees them.
pub(super) fn is_trailer(name: &HeaderName) -> bool {
    !matches!(
        *name,
        header::AUTHORIZATION
            | header::CACHE_CONTROL
            | header::CONNECTION
            | header::CONTENT_ENCODING
            | header::CONTENT_LENGTH
            | header::CONTENT_RANGE
            | header::CONTENT_TYPE
            | header::COOKIE
            | header::DATE
            | header::EXPECT
            | header::FORWARDED
            | header::HOST
            | header::IF_MATCH
            | header::IF_MODIFIED_SINCE
            | header::IF_NONE_MATCH
            | header::IF_RANGE
            | header::IF_UNMODIFIED_SINCE
            | header::LOCATION
            | header::MAX_FORWARDS
            | header::ORIGIN
            | header::PROXY_AUTHENTICATE
            | header::PROXY_AUTHORIZATION
            | header::RANGE
            | header::REFERER
            | header::SET_COOKIE
            | header::TE
            | header::TRAILER
            | header::TRANSFER_ENCODING
            | header::UPGRADE
            | header::VARY
            | header::WWW_AUTHENTICATE
    ) && !matches!(name.as_str(), "keep-alive" | "proxy-connection")
        && !name.as_str().starts_with("x-forwarded-")
}

/// Bytes of a line with a chunk size, its extensions included.
const SIZE_LINE_MAX: usize = 4 * 1024;
/// Bytes of chunk extensions in a whole body. They mean nothing to us, and each byte of a body can carry
/// thousands of them.
const EXTENSIONS_MAX: usize = 16 * 1024;
/// Bytes of a trailer section.
const TRAILERS_MAX: usize = 8 * 1024;
/// Fields of a trailer section.
const TRAILER_COUNT_MAX: usize = 64;
