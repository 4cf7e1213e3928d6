//! One field line, `Name: value`, without a copy of the value.
//!
//! RFC 9112 §5; the grammar of names and values is RFC 9110 §5.1 and §5.5.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::refusal::Refusal;

/// Which of the fields that decide about the connection and the body a section has: a look into this is cheaper than one into a
/// map.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of its own, and none excludes another")]
pub(super) struct Seen {
    pub(super) hosts: usize,
    /// Where the last Host's value stands.
    pub(super) host: Range<usize>,
    pub(super) content_length: bool,
    pub(super) transfer_encoding: bool,
    pub(super) connection: bool,
    pub(super) expect: bool,
}

impl Seen {
    /// Hardly a name has the length of one of these and is another.
    #[inline]
    fn note(&mut self, name: &[u8], value: &Range<usize>) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is(b"host") => {
                self.hosts += 1;
                self.host = value.clone();
            }
            6 => self.expect |= is(b"expect"),
            10 => self.connection |= is(b"connection"),
            14 => self.content_length |= is(b"content-length"),
            17 => self.transfer_encoding |= is(b"transfer-encoding"),
            _ => (),
        }
    }
}

/// Reads the field line that stands at `line` in `section` (not empty, without its CRLF) into `fields`, and notes it in `seen`.
pub(super) fn append(
    fields: &mut HeaderMap,
    seen: &mut Seen,
    section: &Bytes,
    line: Range<usize>,
) -> Result<(), Refusal> {
    let text = &section[line.clone()];
    // RFC 9112 §5.2: a server answers 400 to a folded line. §2.2: also to one before the first field.
    if matches!(text.first(), Some(b' ' | b'\t')) {
        return Err(Refusal::Folding);
    }
    let colon = memchr::memchr(b':', text).ok_or(Refusal::FieldLine)?;
    let name = parse_name(&text[..colon])?;
    let value = trim(section, line.start + colon + 1..line.end);
    seen.note(&text[..colon], &value);
    let value = HeaderValue::from_maybe_shared(section.slice(value.clone()))
        .map_err(|_| bad_value(&section[value]))?;
    fields.try_append(name, value).map_err(|_| Refusal::TooManyHeaders)?;
    Ok(())
}

/// Nearly every request has these names in one of two spellings, and comparing a few words costs a tenth of
/// looking a name up byte by byte.
#[inline]
fn parse_name(name: &[u8]) -> Result<HeaderName, Refusal> {
    Ok(match name {
        b"Host" | b"host" => header::HOST,
        b"Accept" | b"accept" => header::ACCEPT,
        b"Cookie" | b"cookie" => header::COOKIE,
        b"User-Agent" | b"user-agent" => header::USER_AGENT,
        b"Connection" | b"connection" => header::CONNECTION,
        b"Content-Type" | b"content-type" => header::CONTENT_TYPE,
        b"Content-Length" | b"content-length" => header::CONTENT_LENGTH,
        b"Accept-Encoding" | b"accept-encoding" => header::ACCEPT_ENCODING,
        b"Accept-Language" | b"accept-language" => header::ACCEPT_LANGUAGE,
        _ => HeaderName::from_bytes(name).map_err(|_| bad_name(name))?,
    })
}

/// Narrows `range` to leave out spaces and tabs at both ends.
fn trim(section: &[u8], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    while start < end && matches!(section[start], b' ' | b'\t') {
        start += 1;
    }
    while start < end && matches!(section[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    start..end
}

#[cold]
fn bad_name(name: &[u8]) -> Refusal {
    match name {
        // RFC 9112 §5.1: a server must refuse it, since others take `Name ` for `Name`.
        [.., b' ' | b'\t'] => Refusal::SpaceBeforeColon,
        name if name.contains(&b'\r') => Refusal::BareCr,
        _ => Refusal::FieldName,
    }
}

#[cold]
fn bad_value(value: &[u8]) -> Refusal {
    if value.contains(&b'\r') { Refusal::BareCr } else { Refusal::FieldValue }
}
