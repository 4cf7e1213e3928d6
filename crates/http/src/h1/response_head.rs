//! The head of a response, for whoever asks another server.
//!
//! In: the bytes of a connection as they arrive, and the request's method. Out: a [`ResponseHead`], and where its body ends.
//! Never: a length that two readers could take for different ones.
//!
//! RFC 9112 §4, §5, §6.3, as strict as a request is read: what a proxy passes on has to mean the same to everyone.

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, Method, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
};

use super::{
    field::{self, Seen},
    framing::{Framing, chunked, content_length},
    head::{HeadState, Limits},
    persistence::{Persistence, has_option},
    refusal::Refusal,
    section::{Section, SectionError, SectionLimits},
};

/// The head of a response.
///
/// # Examples
///
/// See [`parse_response_head`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ResponseHead {
    /// The status, one from 100 to 199 too.
    pub status: StatusCode,
    /// [`Version::HTTP_11`] or [`Version::HTTP_10`].
    pub version: Version,
    /// The fields, in the order in which they came.
    pub headers: HeaderMap,
}

/// Where the body of a response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseFraming {
    /// Where a request's would end.
    Framed(Framing),
    /// With the connection.
    UntilClose,
}

/// Takes the next head of a response off the front of `buffer`; `None` when it has not arrived whole.
///
/// Call it again with the same `state` when more bytes were appended, as [`parse_head`](super::parse_head).
///
/// # Errors
///
/// A [`Refusal`] for the first rule that the head breaks; the connection cannot be read further then.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{Framing, HeadState, Limits, ResponseFraming, parse_response_head, response_framing};
/// use http::Method;
///
/// let mut buffer = BytesMut::from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
/// let head = parse_response_head(&mut buffer, &Limits::default(), &mut HeadState::default())?.unwrap();
/// assert_eq!(head.status, 200);
/// assert_eq!(response_framing(&head, &Method::GET)?, ResponseFraming::Framed(Framing::Length(5)));
/// assert_eq!(response_framing(&head, &Method::HEAD)?, ResponseFraming::Framed(Framing::None));
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn parse_response_head(
    buffer: &mut BytesMut,
    limits: &Limits,
    state: &mut HeadState,
) -> Result<Option<ResponseHead>, Refusal> {
    let section_limits = SectionLimits {
        first_line: STATUS_LINE_MAX,
        bytes: limits.head_bytes,
        lines: limits.header_count + 1,
    };
    let found = state.section.find_end(buffer, section_limits).map_err(|error| match error {
        SectionError::FirstLineTooLong => Refusal::StatusLine,
        error => error.in_head(),
    })?;
    let Some(end) = found else { return Ok(None) };
    let bytes = buffer.split_to(end).freeze();
    let head = parse_section(&bytes, &state.section);
    state.section.clear();
    head.map(Some)
}

fn parse_section(bytes: &Bytes, section: &Section) -> Result<ResponseHead, Refusal> {
    let mut lines = section.lines();
    let (version, status) = parse_status_line(&bytes[lines.next().ok_or(Refusal::StatusLine)?])?;
    let mut headers = HeaderMap::with_capacity(section.line_count() - 1);
    for line in lines {
        field::append(&mut headers, &mut Seen::default(), bytes, line)?;
    }
    Ok(ResponseHead { status, version, headers })
}

/// RFC 9112 §4: `status-line = HTTP-version SP status-code SP [ reason-phrase ]`. The space before an empty reason is often
/// left out, which nobody can misread.
fn parse_status_line(line: &[u8]) -> Result<(Version, StatusCode), Refusal> {
    let (version, rest) = line.split_at_checked(9).ok_or(Refusal::StatusLine)?;
    let version = match version {
        b"HTTP/1.1 " => Version::HTTP_11,
        b"HTTP/1.0 " => Version::HTTP_10,
        _ => return Err(Refusal::StatusLine),
    };
    let (code, reason) = rest.split_at_checked(3).ok_or(Refusal::StatusLine)?;
    if !matches!(reason.first(), None | Some(b' ')) {
        return Err(Refusal::StatusLine);
    }
    let status = StatusCode::from_bytes(code).map_err(|_| Refusal::StatusLine)?;
    if status.as_u16() > 599 { Err(Refusal::StatusLine) } else { Ok((version, status)) }
}

/// Decides where the body of `head` ends, which answers a request of `method`.
///
/// # Errors
///
/// [`Refusal::LengthAndCoding`] when both fields are present, [`Refusal::CodingInHttp10`], [`Refusal::CodingNotChunked`],
/// [`Refusal::CodingUnknown`], [`Refusal::LengthRepeated`] and [`Refusal::LengthInvalid`] as they say.
///
/// # Examples
///
/// See [`parse_response_head`].
pub fn response_framing(head: &ResponseHead, method: &Method) -> Result<ResponseFraming, Refusal> {
    let length = head.headers.get(CONTENT_LENGTH);
    let is_coded = head.headers.contains_key(TRANSFER_ENCODING);
    // 1. No content, whatever the fields say; 2. is about CONNECT, which nobody here sends.
    let is_bodiless = head.status.is_informational()
        || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&head.status);
    if *method == Method::HEAD || is_bodiless {
        return Ok(ResponseFraming::Framed(Framing::None));
    }
    match (is_coded, length) {
        // 3. Both fields: the coding would count, but someone between may have believed the length.
        (true, Some(_)) => Err(Refusal::LengthAndCoding),
        (true, None) if head.version == Version::HTTP_10 => Err(Refusal::CodingInHttp10),
        // 4. Transfer-Encoding.
        (true, None) => chunked(&head.headers).map(ResponseFraming::Framed),
        // 5 and 6. Content-Length, wrong or right.
        (false, Some(length)) => content_length(&head.headers, length).map(ResponseFraming::Framed),
        // 8. Neither.
        (false, None) => Ok(ResponseFraming::UntilClose),
    }
}

/// Says whether the server of `head` takes another request on its connection.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{HeadState, Limits, Persistence, parse_response_head, response_persistence};
///
/// let mut buffer = BytesMut::from("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
/// let head = parse_response_head(&mut buffer, &Limits::default(), &mut HeadState::default())?.unwrap();
/// assert_eq!(response_persistence(&head), Persistence::Close);
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn response_persistence(head: &ResponseHead) -> Persistence {
    let has = |option| head.headers.get_all(CONNECTION).iter().any(|value| has_option(value, option));
    match head.version {
        _ if has(b"close") => Persistence::Close,
        Version::HTTP_10 if !has(b"keep-alive") => Persistence::Close,
        _ => Persistence::KeepAlive,
    }
}

/// Bytes of a status line.
const STATUS_LINE_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<ResponseHead>, Refusal> {
        parse_response_head(&mut BytesMut::from(text), &Limits::default(), &mut HeadState::default())
    }

    fn framing(text: &str) -> Result<ResponseFraming, Refusal> {
        response_framing(&parse(text).unwrap().unwrap(), &Method::GET)
    }

    #[test]
    fn status_lines_follow_their_grammar() {
        for right in ["HTTP/1.1 200 OK", "HTTP/1.0 404 Not Found", "HTTP/1.1 599 ", "HTTP/1.1 204"] {
            assert!(parse(&format!("{right}\r\n\r\n")).unwrap().is_some(), "{right}");
        }
        for wrong in [
            "HTTP/1.1 20 OK",
            "HTTP/1.1 2000",
            "HTTP/2 200 OK",
            "http/1.1 200",
            "200 OK",
            "HTTP/1.1  200",
            "HTTP/1.1 600",
            "",
        ] {
            assert_eq!(
                parse(&format!("{wrong}\r\na: b\r\n\r\n")).err(),
                Some(Refusal::StatusLine),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_head_may_come_byte_by_byte() {
        let whole = "HTTP/1.1 200 OK\r\nA: b\r\nA: c\r\n\r\nrest";
        let (mut buffer, mut state) = (BytesMut::new(), HeadState::default());
        for byte in whole.bytes() {
            buffer.extend_from_slice(&[byte]);
            if let Some(head) = parse_response_head(&mut buffer, &Limits::default(), &mut state).unwrap() {
                assert_eq!(head.headers.get_all("a").iter().count(), 2);
                return assert!(buffer.is_empty());
            }
        }
        panic!("the head is never whole");
    }

    #[test]
    fn the_numbered_cases_of_section_6_3() {
        use ResponseFraming::{Framed, UntilClose};
        let of = |fields: &str| framing(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"));
        assert_eq!(of("Content-Length: 5\r\n"), Ok(Framed(Framing::Length(5))));
        assert_eq!(of("Content-Length: 0\r\n"), Ok(Framed(Framing::None)));
        assert_eq!(of("Transfer-Encoding: chunked\r\n"), Ok(Framed(Framing::Chunked)));
        assert_eq!(of(""), Ok(UntilClose));
        assert_eq!(of("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), Err(Refusal::LengthAndCoding));
        assert_eq!(of("Content-Length: 5\r\nContent-Length: 5\r\n"), Err(Refusal::LengthRepeated));
        assert_eq!(of("Content-Length: +5\r\n"), Err(Refusal::LengthInvalid));
        assert_eq!(of("Transfer-Encoding: gzip, chunked\r\n"), Err(Refusal::CodingUnknown));
        assert_eq!(of("Transfer-Encoding: chunked, gzip\r\n"), Err(Refusal::CodingNotChunked));
        assert_eq!(
            framing("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            Err(Refusal::CodingInHttp10)
        );
        for bodiless in [100, 101, 204, 304] {
            let text = format!("HTTP/1.1 {bodiless} A\r\nContent-Length: 5\r\n\r\n");
            assert_eq!(framing(&text), Ok(Framed(Framing::None)), "{bodiless}");
        }
    }

    #[test]
    fn fields_are_read_as_strictly_as_those_of_a_request() {
        for (fields, refusal) in [
            ("A : b\r\n", Refusal::SpaceBeforeColon),
            ("A: b\r\n c\r\n", Refusal::Folding),
            ("A: b\nC: d\r\n", Refusal::BareLf),
            ("A\r\n", Refusal::FieldLine),
            ("A: \0\r\n", Refusal::FieldValue),
        ] {
            assert_eq!(parse(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n")).err(), Some(refusal), "{fields:?}");
        }
    }
}
