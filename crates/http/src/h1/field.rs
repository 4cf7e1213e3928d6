//! One field line, `Name: value`, without a copy of the value.
//!
//! RFC 9112 §5; the grammar of names and values is RFC 9110 §5.1 and §5.5.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::refusal::Refusal;

/// Reads the field line that stands at `line` in `section`; it is not empty and has no CRLF.
pub(super) fn parse(section: &Bytes, line: Range<usize>) -> Result<(HeaderName, HeaderValue), Refusal> {
    let text = &section[line.clone()];
    // RFC 9112 §5.2: a server answers 400 to a folded line. §2.2: also to one before the first field.
    if matches!(text.first(), Some(b' ' | b'\t')) {
        return Err(Refusal::Folding);
    }
    let colon = memchr::memchr(b':', text).ok_or(Refusal::FieldLine)?;
    let name = HeaderName::from_bytes(&text[..colon]).map_err(|_| bad_name(&text[..colon]))?;
    let value = trim(section, line.start + colon + 1..line.end);
    let value = HeaderValue::from_maybe_shared(section.slice(value.clone()))
        .map_err(|_| bad_value(&section[value]))?;
    Ok((name, value))
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
