//! Answers as bytes, written straight into the output buffer.
//!
//! In: the head of an answer, the size of its body, the request's method and version. Out: bytes, and how the
//! body has to follow. Never: two lengths, a length that differs from the body, a field that belongs to the
//! connection and was set by the app.
//!
//! RFC 9112 §4, §6, §7.1, §9.3; RFC 9110 §7.6.1, §8.6, §9.3.2, §15.

use bytes::BytesMut;
use http::{HeaderMap, Method, Response, StatusCode, Version, header};

use super::{
    decode::is_trailer,
    digits,
    framing::parse_length,
    head::Head,
    persistence::{Persistence, has_option},
    status_line,
};
use crate::{
    http_date::HttpDate,
    ready::{ReadyFields, put_field},
};

/// What is known of the size of an answer's body before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodySize {
    /// Exactly this many bytes.
    Exact(u64),
    /// The body is a stream that has not ended.
    Unknown,
}

/// What the answer has to know of its request.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// The method: HEAD has no body in its answer.
    pub method: &'a Method,
    /// The version: HTTP/1.0 knows no chunks.
    pub version: Version,
}

impl<'a> From<&'a Head> for RequestFacts<'a> {
    fn from(head: &'a Head) -> Self {
        Self { method: &head.method, version: head.version }
    }
}

/// How the body has to follow the head that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// Not at all: whatever body there is must be dropped.
    None,
    /// As exactly this many bytes; when the body ends early, the connection must close.
    Length(u64),
    /// With [`encode_chunk`] and [`encode_last_chunk`].
    Chunked,
    /// As it is, until the connection closes.
    UntilClose,
}

/// What [`encode_head`] decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoded {
    /// How the body follows.
    pub transfer: Transfer,
    /// Whether the connection goes on; `Close` when that was asked for, when the app set
    /// `Connection: close`, and when only the close ends the body.
    pub persistence: Persistence,
}

/// Appends the head of an answer to `output` and decides how its body follows.
///
/// Fields that belong to the connection (`Connection`, `Transfer-Encoding`, `Keep-Alive`, `Proxy-Connection`)
/// are written by this function alone; `Connection: close` of the app is obeyed. A `Content-Length` of the app
/// counts where the body's size is not known, and where there is no body (HEAD, 304). A `Date` of the app is kept. What is `ready`
/// follows the response's own fields.
///
/// A status from 100 to 199 is no answer (see [`encode_informational`]); except for 101 it is written as 500.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::{ReadyFields, h1::*, http_date::HttpDate};
/// use http::{Method, Response, Version};
///
/// let response = Response::builder().header("server", "flagon").body(()).unwrap();
/// let ready = ReadyFields::default();
/// let request = RequestFacts { method: &Method::GET, version: Version::HTTP_11 };
/// let mut output = BytesMut::new();
/// let (size, date) = (BodySize::Exact(5), HttpDate::EPOCH);
/// let encoded = encode_head(&mut output, &response, &ready, size, request, Persistence::KeepAlive, &date);
/// assert_eq!(encoded.transfer, Transfer::Length(5));
/// output.extend_from_slice(b"hello");
/// assert_eq!(
///     output,
///     "HTTP/1.1 200 OK\r\nserver: flagon\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello"
/// );
/// ```
pub fn encode_head<B>(
    output: &mut BytesMut,
    response: &Response<B>,
    ready: &ReadyFields,
    size: BodySize,
    request: RequestFacts<'_>,
    persistence: Persistence,
    date: &HttpDate,
) -> Encoded {
    let status = final_status(response.status());
    let (transfer, length) = transfer(status, response.headers(), size, request);

    output.reserve(HEAD_RESERVE);
    status_line::put(output, status);
    let app = put_fields(output, response.headers());
    ready.put(output);
    if !app.dates {
        put_field(output, b"Date", date.as_bytes());
    }
    if let Some(length) = length {
        output.extend_from_slice(b"Content-Length: ");
        digits::put_decimal(output, length);
        output.extend_from_slice(b"\r\n");
    }
    if transfer == Transfer::Chunked {
        output.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
    }
    let must_close = app.closes || transfer == Transfer::UntilClose;
    let persistence = if must_close { Persistence::Close } else { persistence };
    output.extend_from_slice(connection(persistence, request.version, &app));
    output.extend_from_slice(b"\r\n");
    Encoded { transfer, persistence }
}

/// Appends one chunk; nothing for no bytes, since an empty chunk would end the body.
///
/// # Examples
///
/// ```
/// let mut output = bytes::BytesMut::new();
/// flagon_http::h1::encode_chunk(&mut output, b"hello");
/// flagon_http::h1::encode_last_chunk(&mut output, None);
/// assert_eq!(output, "5\r\nhello\r\n0\r\n\r\n");
/// ```
pub fn encode_chunk(output: &mut BytesMut, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    output.reserve(data.len() + CHUNK_RESERVE);
    encode_chunk_size(output, data.len() as u64);
    output.extend_from_slice(data);
    output.extend_from_slice(CHUNK_END);
}

/// Appends the line before a chunk of `size` bytes (more than zero), for a server that writes the bytes and
/// [`CHUNK_END`] from where they are.
///
/// # Examples
///
/// ```
/// use flagon_http::h1::{CHUNK_END, encode_chunk_size};
///
/// let mut output = bytes::BytesMut::new();
/// encode_chunk_size(&mut output, 300);
/// assert_eq!(output, "12c\r\n");
/// assert_eq!(CHUNK_END, b"\r\n");
/// ```
pub fn encode_chunk_size(output: &mut BytesMut, size: u64) {
    debug_assert!(size > 0, "a chunk of size zero ends the body: call encode_last_chunk");
    digits::put_hex(output, size);
    output.extend_from_slice(b"\r\n");
}

/// What follows the bytes of a chunk.
pub const CHUNK_END: &[u8] = b"\r\n";

/// Appends the end of a chunked body, with its trailer fields. Fields that may not be trailers are left out
/// (RFC 9110 §6.5.1).
///
/// # Examples
///
/// See [`encode_chunk`].
pub fn encode_last_chunk(output: &mut BytesMut, trailers: Option<&HeaderMap>) {
    output.extend_from_slice(b"0\r\n");
    for (name, value) in trailers.into_iter().flatten() {
        if is_trailer(name) {
            put_field(output, name.as_str().as_bytes(), value.as_bytes());
        }
    }
    output.extend_from_slice(b"\r\n");
}

/// Appends `100 Continue`, which lets the client send its body.
///
/// # Examples
///
/// ```
/// let mut output = bytes::BytesMut::new();
/// flagon_http::h1::encode_continue(&mut output);
/// assert_eq!(output, "HTTP/1.1 100 Continue\r\n\r\n");
/// ```
pub fn encode_continue(output: &mut BytesMut) {
    output.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
}

/// Appends an answer that comes before the answer, such as 103 with its `Link` fields. Fields of the connection
/// and of a body are left out. Nothing is written unless `status` is from 102 to 199; the caller knows that
/// HTTP/1.0 has no such answers (RFC 9110 §15.2).
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, HeaderValue, StatusCode, header::LINK};
///
/// let mut output = bytes::BytesMut::new();
/// let hints = HeaderMap::from_iter([(LINK, HeaderValue::from_static("</app.css>; rel=preload"))]);
/// flagon_http::h1::encode_informational(&mut output, StatusCode::EARLY_HINTS, &hints);
/// assert_eq!(output, "HTTP/1.1 103 Early Hints\r\nlink: </app.css>; rel=preload\r\n\r\n");
/// ```
pub fn encode_informational(output: &mut BytesMut, status: StatusCode, headers: &HeaderMap) {
    // 101 ends HTTP on the connection, and `encode_continue` is 100's.
    if !status.is_informational() || status.as_u16() < 102 {
        return;
    }
    output.reserve(HEAD_RESERVE);
    status_line::put(output, status);
    put_fields(output, headers);
    output.extend_from_slice(b"\r\n");
}

/// The status that is sent: one that announces another answer cannot be the last.
fn final_status(status: StatusCode) -> StatusCode {
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        status
    }
}

/// How the body follows, and the Content-Length to announce. RFC 9112 §6.3 seen from the sender, §6.1, §6.2.
fn transfer(
    status: StatusCode,
    headers: &HeaderMap,
    size: BodySize,
    request: RequestFacts<'_>,
) -> (Transfer, Option<u64>) {
    let given = || parse_length(headers.get(header::CONTENT_LENGTH)?.as_bytes());
    let is_tunnel = request.method == Method::CONNECT && status.is_success();
    match (status, size) {
        // RFC 9110 §8.6: not even a length.
        (StatusCode::SWITCHING_PROTOCOLS | StatusCode::NO_CONTENT, _) => (Transfer::None, None),
        _ if is_tunnel => (Transfer::None, None),
        // RFC 9110 §15.3.6: content is forbidden, and the length says so.
        (StatusCode::RESET_CONTENT, _) => (Transfer::None, Some(0)),
        (StatusCode::NOT_MODIFIED, _) => (Transfer::None, given()),
        // RFC 9110 §8.6: the length that GET would have. An empty body may be one that the app left out.
        (_, BodySize::Exact(size)) if request.method == Method::HEAD => {
            (Transfer::None, (size > 0).then_some(size).or_else(given))
        }
        (_, BodySize::Unknown) if request.method == Method::HEAD => (Transfer::None, given()),
        (_, BodySize::Exact(0)) => (Transfer::None, Some(0)),
        // The true size, whatever the app said.
        (_, BodySize::Exact(size)) => (Transfer::Length(size), Some(size)),
        (_, BodySize::Unknown) => match given() {
            Some(size) => (Transfer::Length(size), Some(size)),
            None if request.version == Version::HTTP_10 => (Transfer::UntilClose, None),
            None => (Transfer::Chunked, None),
        },
    }
}

/// What the app said with its fields about those that this module writes.
#[derive(Debug, Default)]
struct AppFields {
    dates: bool,
    closes: bool,
    upgrades: bool,
}

/// The Connection line; none where the version's default is meant.
fn connection(persistence: Persistence, version: Version, app: &AppFields) -> &'static [u8] {
    // RFC 9110 §7.8: whoever sends Upgrade also says that it is the connection's.
    match (persistence, app.upgrades) {
        (Persistence::Close, false) => b"Connection: close\r\n",
        (Persistence::Close, true) => b"Connection: close, upgrade\r\n",
        (Persistence::KeepAlive, true) => b"Connection: upgrade\r\n",
        (Persistence::KeepAlive, false) if version == Version::HTTP_10 => b"Connection: keep-alive\r\n",
        (Persistence::KeepAlive, false) => b"",
    }
}

/// Appends the app's fields except those that this module writes.
fn put_fields(output: &mut BytesMut, headers: &HeaderMap) -> AppFields {
    let mut app = AppFields::default();
    for (name, value) in headers {
        let name = name.as_str();
        match name {
            "connection" => {
                app.closes |= has_option(value, b"close");
                continue;
            }
            "content-length" | "keep-alive" | "proxy-connection" | "transfer-encoding" => continue,
            "date" => app.dates = true,
            "upgrade" => app.upgrades = true,
            _ => (),
        }
        put_field(output, name.as_bytes(), value.as_bytes());
    }
    app
}

/// Room for the head of a small answer.
const HEAD_RESERVE: usize = 256;
/// Room for what stands around a chunk's bytes.
const CHUNK_RESERVE: usize = 20;
