//! The head of a request: request line and header section.
//!
//! In: the bytes of a connection as they arrive. Out: a [`Head`] whose values are slices of those
//! bytes, or a [`Refusal`]. Never: reads the body, looks at a byte twice while searching for the end,
//! or takes a line end that is not CRLF.
//!
//! RFC 9112 §2, §3, §5.

use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Uri, Version, header::EXPECT};

use super::{
    field::{self, Seen},
    host,
    refusal::Refusal,
    section::{Section, SectionError, SectionLimits},
};

/// How large a head may be.
///
/// # Examples
///
/// ```
/// use flagon_http::h1::Limits;
///
/// let limits = Limits { header_count: 50, ..Limits::default() };
/// assert_eq!(limits.head_bytes, 32 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole head, with the empty line that ends it. Default: 32 KiB. Beyond: 431.
    pub head_bytes: usize,
    /// Field lines. Default: 100. Beyond: 431.
    pub header_count: usize,
    /// Bytes of the request target. Default: 8 KiB, which RFC 9112 §3 asks for at the least. Beyond: 414.
    /// More than 65,534 cannot be allowed.
    pub target_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head_bytes: 32 * 1024, header_count: 100, target_bytes: 8 * 1024 }
    }
}

/// The head of a request, checked: its method, target, version and Host agree with RFC 9112.
///
/// How long the body is, is not decided yet: see [`body_framing`](super::body_framing).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Head {
    /// The method, a standard one or any other token.
    pub method: Method,
    /// The target: a path with a query, a whole URI, `host:port` (CONNECT) or `*` (OPTIONS).
    pub uri: Uri,
    /// [`Version::HTTP_11`] or [`Version::HTTP_10`].
    pub version: Version,
    /// The fields, in the order in which they came.
    pub headers: HeaderMap,
    /// Noted while they were read.
    pub(super) seen: Seen,
    /// Decided while the head was checked.
    pub(super) expects_continue: bool,
}

impl Head {
    /// Makes the request of this head and a body.
    pub fn into_request<B>(self, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.version_mut() = self.version;
        *request.headers_mut() = self.headers;
        request
    }
}

/// How far the search for the end of a head has come; one per connection.
///
/// # Examples
///
/// See [`parse_head`].
#[derive(Debug, Default)]
pub struct HeadState {
    pub(super) section: Section,
    empty_lines: usize,
    /// The Host that was checked last.
    host: Vec<u8>,
}

impl HeadState {
    /// How many bytes of the buffer were searched; the next call starts after them.
    pub fn scanned(&self) -> usize {
        self.section.scanned()
    }

    /// Whether a byte of the next head has arrived: then a client that stops is answered with 408, else the
    /// connection is idle.
    pub fn is_started(&self) -> bool {
        self.section.scanned() > 0 || self.empty_lines > 0
    }
}

/// Takes the next head off the front of `buffer`; `None` when it has not arrived whole.
///
/// Call it again with the same `state` when more bytes were appended. Nothing else may take bytes off
/// the buffer in between.
///
/// # Errors
///
/// A [`Refusal`] for each rule that the head breaks; the bytes that follow have no meaning then, so the
/// connection is answered and closed.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{HeadState, Limits, parse_head};
///
/// let (mut state, limits) = (HeadState::default(), Limits::default());
/// let mut buffer = BytesMut::from("GET /beer?kind=ale HTTP/1.1\r\nHost: loc");
/// assert!(parse_head(&mut buffer, &limits, &mut state)?.is_none());
///
/// buffer.extend_from_slice(b"alhost\r\n\r\nnext");
/// let head = parse_head(&mut buffer, &limits, &mut state)?.expect("the head is whole");
/// assert_eq!(head.uri.query(), Some("kind=ale"));
/// assert_eq!(buffer, "next");
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn parse_head(
    buffer: &mut BytesMut,
    limits: &Limits,
    state: &mut HeadState,
) -> Result<Option<Head>, Refusal> {
    let section_limits = SectionLimits {
        first_line: limits.target_bytes.min(TARGET_MAX) + REQUEST_LINE_EXTRA,
        bytes: limits.head_bytes,
        lines: limits.header_count.min(HEADERS_MAX) + 1,
    };
    loop {
        let found = state.section.find_end(buffer, section_limits).map_err(SectionError::in_head)?;
        let Some(end) = found else { return Ok(None) };
        if state.section.line_count() > 0 {
            let section = buffer.split_to(end).freeze();
            let head = parse_section(&section, &state.section, &mut state.host, limits);
            state.section.clear();
            state.empty_lines = 0;
            return head.map(Some);
        }
        // RFC 9112 §2.2: a server ignores at least one empty line before the request line.
        if state.empty_lines == EMPTY_LINES_MAX {
            return Err(Refusal::EmptyLines);
        }
        state.empty_lines += 1;
        state.section.clear();
        buffer.advance(end);
    }
}

fn parse_section(
    bytes: &Bytes,
    section: &Section,
    last_host: &mut Vec<u8>,
    limits: &Limits,
) -> Result<Head, Refusal> {
    let mut lines = section.lines();
    let request_line = lines.next().ok_or(Refusal::RequestLine)?;
    let RequestLine { method, uri, version } = parse_request_line(bytes, request_line.end, limits)?;
    let (mut headers, mut seen) = (HeaderMap::with_capacity(section.line_count() - 1), Seen::default());
    for line in lines {
        field::append(&mut headers, &mut seen, bytes, line)?;
    }
    let named = &bytes[seen.host.clone()];
    // Nearly always it is that of the request before.
    if seen.hosts != 1 || uri.authority().is_some() || named.is_empty() || *named != **last_host {
        host::check(&method, &uri, version, (seen.hosts, named))?;
        last_host.clear();
        last_host.extend_from_slice(named);
    }
    let expects_continue = seen.expect && expects_continue(version, &headers)?;
    Ok(Head { method, uri, version, headers, seen, expects_continue })
}

struct RequestLine {
    method: Method,
    uri: Uri,
    version: Version,
}

/// RFC 9112 §3: `request-line = method SP request-target SP HTTP-version`.
fn parse_request_line(bytes: &Bytes, end: usize, limits: &Limits) -> Result<RequestLine, Refusal> {
    let line = &bytes[..end];
    let method_end = memchr::memchr(b' ', line).ok_or(Refusal::RequestLine)?;
    let method = Method::from_bytes(&line[..method_end]).map_err(|_| Refusal::Method)?;
    let target_start = method_end + 1;
    let target_end = memchr::memrchr(b' ', &line[target_start..]).ok_or(Refusal::RequestLine)? + target_start;
    let version = parse_version(&line[target_end + 1..])?;
    if target_end - target_start > limits.target_bytes.min(TARGET_MAX) {
        return Err(Refusal::TargetTooLong);
    }
    let uri = parse_target(&method, &bytes.slice(target_start..target_end))?;
    Ok(RequestLine { method, uri, version })
}

/// RFC 9112 §2.3: `HTTP-version = "HTTP" "/" DIGIT "." DIGIT`, upper case.
fn parse_version(text: &[u8]) -> Result<Version, Refusal> {
    match text {
        b"HTTP/1.1" => Ok(Version::HTTP_11),
        b"HTTP/1.0" => Ok(Version::HTTP_10),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Refusal::VersionUnsupported)
        }
        _ => Err(Refusal::VersionMalformed),
    }
}

/// RFC 9112 §3.2: four forms, and which methods may use each.
///
/// A byte from 0x80 on is no part of a URI (RFC 3986 §2): what it would mean depends on the reader, so it is
/// refused, as is a fragment, which a client never sends.
fn parse_target(method: &Method, target: &Bytes) -> Result<Uri, Refusal> {
    let first = *target.first().ok_or(Refusal::Target)?;
    if !target.is_ascii() {
        return Err(Refusal::Target);
    }
    let uri = Uri::from_maybe_shared(target.clone()).map_err(|_| Refusal::Target)?;
    let allowed = match (first, method) {
        (_, &Method::CONNECT) => uri.scheme().is_none() && uri.port_u16().is_some(),
        (b'*', method) => target.len() == 1 && method == Method::OPTIONS,
        (b'/', _) => true,
        _ => matches!(uri.scheme_str(), Some("http" | "https")),
    };
    let path_len = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let host_is_plain = uri.authority().is_none_or(host::is_host);
    // `Uri` drops a fragment in silence; what is left of the target is shorter then.
    let whole = first != b'/' && !target.contains(&b'#') || path_len == target.len();
    if allowed && host_is_plain && whole { Ok(uri) } else { Err(Refusal::Target) }
}

/// RFC 9110 §10.1.1: only `100-continue` is known, and HTTP/1.0 has no expectations.
fn expects_continue(version: Version, headers: &HeaderMap) -> Result<bool, Refusal> {
    let mut expectations = headers.get_all(EXPECT).iter().peekable();
    if version == Version::HTTP_10 || expectations.peek().is_none() {
        return Ok(false);
    }
    let is_known = expectations.all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if is_known { Ok(true) } else { Err(Refusal::Expectation) }
}

/// One would do (RFC 9112 §2.2); some clients end a body with a CRLF that is not theirs to send.
const EMPTY_LINES_MAX: usize = 4;
/// Room in a request line for what is not the target.
const REQUEST_LINE_EXTRA: usize = 64;
/// What `http::Uri` can hold.
const TARGET_MAX: usize = u16::MAX as usize - 1;
/// Below what `http::HeaderMap` can hold.
const HEADERS_MAX: usize = 24_000;
