//! Whether a connection goes on after a request, and whether the client waits before its body.
//!
//! RFC 9112 §9.3, RFC 9110 §10.1.1.

use http::{HeaderMap, HeaderValue, Version, header::CONNECTION};

use super::head::Head;

/// Whether the connection serves another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Persistence {
    /// The next request may follow.
    KeepAlive,
    /// The connection closes after this answer.
    Close,
}

/// Says what the client of `head` wants for its connection.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{HeadState, Limits, Persistence, parse_head, persistence};
///
/// let mut buffer = BytesMut::from("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
/// let head = parse_head(&mut buffer, &Limits::default(), &mut HeadState::default())?.unwrap();
/// assert_eq!(persistence(&head), Persistence::KeepAlive);
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn persistence(head: &Head) -> Persistence {
    let has = |option| head.seen.connection && has_connection_option(&head.headers, option);
    if has(b"close") {
        Persistence::Close
    } else if head.version == Version::HTTP_11 || has(b"keep-alive") {
        Persistence::KeepAlive
    } else {
        Persistence::Close
    }
}

/// Whether the client waits for `100 Continue` before it sends the body.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{HeadState, Limits, expects_continue, parse_head};
///
/// let mut buffer = BytesMut::from("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
/// let head = parse_head(&mut buffer, &Limits::default(), &mut HeadState::default())?.unwrap();
/// assert!(expects_continue(&head));
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn expects_continue(head: &Head) -> bool {
    head.expects_continue
}

fn has_connection_option(headers: &HeaderMap, option: &[u8]) -> bool {
    headers.get_all(CONNECTION).iter().any(|value| has_option(value, option))
}

/// Whether the value of a Connection field holds `option`, which is lower case.
pub(super) fn has_option(value: &HeaderValue, option: &[u8]) -> bool {
    let mut options = value.as_bytes().split(|byte| *byte == b',');
    options.any(|found| found.trim_ascii().eq_ignore_ascii_case(option))
}
