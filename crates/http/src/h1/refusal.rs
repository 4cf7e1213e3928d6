//! Why a request is not served, and the complete answer that says so.
//!
//! In: a broken rule. Out: a status, a sentence for the client, the bytes of the answer.
//! Never: a silent close. After a refusal the connection cannot be read further, so it closes.
//!
//! RFC 9110 §15.5, RFC 9112 §2.2, §3, §5, §6, §7; RFC 6585 §5 (431).

use std::{error::Error, fmt};

use bytes::BytesMut;
use http::StatusCode;

use super::{digits, status_line};
use crate::http_date::HttpDate;

/// What was wrong with a request, so that the connection is answered once and closed.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::{h1::Refusal, http_date::HttpDate};
///
/// let mut output = BytesMut::new();
/// Refusal::HostMissing.write_answer(&mut output, &HttpDate::EPOCH);
/// assert!(output.starts_with(b"HTTP/1.1 400 Bad Request\r\nDate: Thu, 01 Jan 1970"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// More empty lines came before the request line than anyone needs: 400.
    EmptyLines,
    /// The request line is not `method SP target SP version`: 400.
    RequestLine,
    /// A response begins with something that is no status line. No request is refused for it.
    StatusLine,
    /// The method is not a token: 400.
    Method,
    /// The target is in none of the forms its method allows, or holds a byte a URI cannot: 400.
    Target,
    /// The version is not written as HTTP writes it: 400.
    VersionMalformed,
    /// The version is neither 1.0 nor 1.1: 505.
    VersionUnsupported,
    /// A line ends with LF alone: 400.
    BareLf,
    /// A CR stands inside a line: 400.
    BareCr,
    /// A field line has no colon: 400.
    FieldLine,
    /// A field name is empty or not a token: 400.
    FieldName,
    /// Whitespace stands between a field name and its colon: 400.
    SpaceBeforeColon,
    /// A field value holds a control byte: 400.
    FieldValue,
    /// A field line starts with whitespace (line folding): 400.
    Folding,
    /// HTTP/1.1 without a Host field: 400.
    HostMissing,
    /// Two Host fields: 400.
    HostRepeated,
    /// The Host field is not a host with an optional port: 400.
    HostInvalid,
    /// The target names another host than the Host field: 400.
    HostMismatch,
    /// Both Content-Length and Transfer-Encoding: 400.
    LengthAndCoding,
    /// Two Content-Length values: 400.
    LengthRepeated,
    /// Content-Length is not a decimal number that fits 64 bits: 400.
    LengthInvalid,
    /// The body needs a Content-Length, as that of a POST in HTTP/1.0 does: 411.
    LengthRequired,
    /// Transfer-Encoding in HTTP/1.0: 400.
    CodingInHttp10,
    /// Transfer-Encoding does not end with exactly one `chunked`: 400.
    CodingNotChunked,
    /// A transfer coding besides `chunked`: 501.
    CodingUnknown,
    /// A chunk size is not a hexadecimal number that fits 64 bits: 400.
    ChunkSize,
    /// A chunk extension is malformed: 400.
    ChunkExtension,
    /// Chunk extensions are longer than any sensible use of them: 400.
    ChunkExtensionsTooLong,
    /// A chunk's bytes are not followed by CRLF: 400.
    ChunkEnd,
    /// The trailer section is too long: 431.
    TrailersTooLarge,
    /// The target is longer than [`Limits::target_bytes`](super::Limits): 414.
    TargetTooLong,
    /// The head is longer than [`Limits::head_bytes`](super::Limits): 431.
    HeadTooLarge,
    /// More fields than [`Limits::header_count`](super::Limits): 431.
    TooManyHeaders,
    /// An expectation other than `100-continue`: 417.
    Expectation,
    /// The body is longer than allowed: 413.
    BodyTooLarge,
    /// The client ended its side in the middle of the head: 400. Found by the server, which reads.
    Incomplete,
    /// The head or the body stopped arriving: 408. Found by the server, which has the clock.
    TimedOut,
}

impl Refusal {
    /// The status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::HeadTooLarge | Self::TooManyHeaders | Self::TrailersTooLarge => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::CodingUnknown => StatusCode::NOT_IMPLEMENTED,
            Self::VersionUnsupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What was wrong and what to do, for the client: one line, lower case, no full stop.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::EmptyLines => {
                "too many empty lines before the request line; start with `METHOD target HTTP/1.1`"
            }
            Self::RequestLine => {
                "the request line is malformed; write `METHOD target HTTP/1.1` with single spaces"
            }
            Self::StatusLine => "the status line is malformed; write `HTTP/1.1 200 OK` with single spaces",
            Self::Method => "the method is not a token; use letters such as GET or POST",
            Self::Target => {
                "the request target is malformed; send a path that starts with `/`, and percent-encode every other byte"
            }
            Self::VersionMalformed => "the HTTP version is malformed; write HTTP/1.1",
            Self::VersionUnsupported => {
                "this HTTP version is not spoken on this connection; use HTTP/1.1 or HTTP/1.0"
            }
            Self::BareLf => "a line ends with LF alone; end every line with CRLF",
            Self::BareCr => "a CR stands inside a line; end every line with CRLF and use CR nowhere else",
            Self::FieldLine => "a header line has no colon; write `Name: value`",
            Self::FieldName => "a header name is empty or holds a byte that a name cannot; use a token",
            Self::SpaceBeforeColon => "whitespace stands between a header name and its colon; remove it",
            Self::FieldValue => "a header value holds a control byte; remove or encode it",
            Self::Folding => {
                "a header line starts with whitespace; line folding is obsolete, send the value on one line"
            }
            Self::HostMissing => "the Host header is missing; HTTP/1.1 requires exactly one",
            Self::HostRepeated => "the Host header is there twice; send exactly one",
            Self::HostInvalid => "the Host header is malformed; write `host` or `host:port`",
            Self::HostMismatch => {
                "the request target and the Host header name different hosts; send the same"
            }
            Self::LengthAndCoding => {
                "both Content-Length and Transfer-Encoding are there; send only one of them"
            }
            Self::LengthRepeated => "Content-Length has two values; send exactly one",
            Self::LengthInvalid => "Content-Length is not a decimal number of at most 64 bits",
            Self::LengthRequired => "the length of the body is needed; send Content-Length",
            Self::CodingInHttp10 => "HTTP/1.0 has no Transfer-Encoding; send Content-Length, or use HTTP/1.1",
            Self::CodingNotChunked => {
                "the body's end cannot be found; Transfer-Encoding must end with a single `chunked`"
            }
            Self::CodingUnknown => {
                "this transfer coding is not implemented; send `Transfer-Encoding: chunked`"
            }
            Self::ChunkSize => "a chunk size is not a hexadecimal number of at most 64 bits",
            Self::ChunkExtension => "a chunk extension is malformed; write `;name=value`, or leave it out",
            Self::ChunkExtensionsTooLong => "the chunk extensions are too long; leave them out",
            Self::ChunkEnd => "the bytes of a chunk are not followed by CRLF; check the chunk size",
            Self::TrailersTooLarge => {
                "the trailer section is too large; send fewer or shorter trailer fields"
            }
            Self::TargetTooLong => "the request target is too long; move data into the body",
            Self::HeadTooLarge => "the header section is too large; send shorter headers or fewer cookies",
            Self::TooManyHeaders => "too many headers; send fewer",
            Self::Expectation => "this expectation cannot be met; only `Expect: 100-continue` is known",
            Self::BodyTooLarge => "the body is longer than this server accepts; send less",
            Self::Incomplete => "the request ends in the middle of its head; end the head with an empty line",
            Self::TimedOut => "the request stopped arriving; send it again on a new connection",
        }
    }

    /// Appends the complete answer to `output`, dated `date`; the connection closes after it.
    pub fn write_answer(self, output: &mut BytesMut, date: &HttpDate) {
        let text = self.explanation();
        output.reserve(256 + text.len());
        status_line::put(output, self.status());
        output.extend_from_slice(b"Date: ");
        output.extend_from_slice(date.as_bytes());
        output.extend_from_slice(b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ");
        digits::put_decimal(output, text.len() as u64 + 1);
        output.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
        output.extend_from_slice(text.as_bytes());
        output.extend_from_slice(b"\n");
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explanation())
    }
}

impl Error for Refusal {}
