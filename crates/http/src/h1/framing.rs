//! How long a request's body is, decided from its head alone.
//!
//! In: a parsed [`Head`]. Out: a [`Framing`] or a [`Refusal`], which closes the connection.
//! Never: reads the body, or depends on the order of fields.
//!
//! RFC 9112 §6.3, whose numbered cases the code follows.

use http::{
    HeaderMap, HeaderValue, Method, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

use super::{head::Head, refusal::Refusal};

/// Where the body of a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// There is no body.
    None,
    /// After this many bytes (more than zero).
    Length(u64),
    /// After the chunk of size zero and the trailer section.
    Chunked,
}

/// Decides where the body of `head` ends.
///
/// # Errors
///
/// [`Refusal::LengthAndCoding`] when both fields are present: the RFC lets a server believe
/// Transfer-Encoding, we refuse, since that pair is how requests are smuggled. [`Refusal::LengthRepeated`],
/// [`Refusal::LengthInvalid`], [`Refusal::LengthRequired`] (a POST of HTTP/1.0), [`Refusal::CodingInHttp10`],
/// [`Refusal::CodingNotChunked`] and [`Refusal::CodingUnknown`] as they say.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use flagon_http::h1::{Framing, HeadState, Limits, body_framing, parse_head};
///
/// let mut buffer = BytesMut::from("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
/// let head = parse_head(&mut buffer, &Limits::default(), &mut HeadState::default())?.unwrap();
/// assert_eq!(body_framing(&head)?, Framing::Length(5));
/// # Ok::<(), flagon_http::h1::Refusal>(())
/// ```
pub fn body_framing(head: &Head) -> Result<Framing, Refusal> {
    // Cases 1 and 2 are about answers.
    let length = head.seen.content_length.then(|| head.headers.get(CONTENT_LENGTH)).flatten();
    if head.seen.transfer_encoding {
        // 3. Both fields.
        if length.is_some() {
            return Err(Refusal::LengthAndCoding);
        }
        // 4. Transfer-Encoding, which HTTP/1.0 does not have (§6.1).
        if head.version == Version::HTTP_10 {
            return Err(Refusal::CodingInHttp10);
        }
        return chunked(&head.headers);
    }
    match length {
        // 5 and 6. Content-Length, wrong or right.
        Some(length) => content_length(&head.headers, length),
        // A POST of HTTP/1.0 has to say its length (RFC 1945 §8.3): without it the body might go on to the end of the
        // connection, which a server can't wait for.
        None if head.version == Version::HTTP_10 && head.method == Method::POST => {
            Err(Refusal::LengthRequired)
        }
        // 7. Neither field: no body.
        None => Ok(Framing::None),
    }
}

/// Case 4: the last coding has to be `chunked`, and no other is implemented (§6.1, §7).
pub(super) fn chunked(headers: &HeaderMap) -> Result<Framing, Refusal> {
    let codings = || {
        let values = headers.get_all(TRANSFER_ENCODING).iter();
        values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
    };
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    let ends_chunked = codings().next_back().is_some_and(is_chunked);
    let times_chunked = codings().filter(|coding| is_chunked(coding)).count();
    // Empty list elements are refused too: nothing sends them but an attack.
    if !ends_chunked || times_chunked > 1 || codings().any(<[u8]>::is_empty) {
        // The RFC asks for 400 here and for 501 on an unknown coding; the former is the stronger word.
        return Err(Refusal::CodingNotChunked);
    }
    if codings().count() == 1 { Ok(Framing::Chunked) } else { Err(Refusal::CodingUnknown) }
}

/// Cases 5 and 6: one field, one number. A list such as `5, 5` may be taken for one number (RFC 9110 §8.6)
/// or refused; it is refused, since an agent that takes the first or the last of such a list is not rare.
pub(super) fn content_length(headers: &HeaderMap, length: &HeaderValue) -> Result<Framing, Refusal> {
    if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() || length.as_bytes().contains(&b',') {
        return Err(Refusal::LengthRepeated);
    }
    match parse_length(length.as_bytes()) {
        Some(0) => Ok(Framing::None),
        Some(length) => Ok(Framing::Length(length)),
        None => Err(Refusal::LengthInvalid),
    }
}

/// `1*DIGIT` that fits 64 bits: no sign, no space, no other base.
pub(super) fn parse_length(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |length, byte| match byte {
        b'0'..=b'9' => length.checked_mul(10)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}
