//! Parts of a representation: which of them are sent, and how several are put into one body.
//!
//! In: a request's head, the validators and the length of what is there. Out: a [`Selection`], and the segments of a
//! `multipart/byteranges`. Never: reads the bytes, which are a file's or a view's.
//!
//! RFC 9110 §14, §15.3.7.

use bytes::Bytes;
use flagon_http::{
    etag::allows_range,
    range::{ByteRange, Ranges, Selection, unsatisfied_content_range},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{
    error::{Error, ErrorKind, ErrorStatus},
    validators::Validators,
};

/// What a partial body is made of.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// These bytes: the head of a part.
    Bytes(Bytes),
    /// This part of what is there; its end is not included.
    Part(std::ops::Range<u64>),
}

/// What `headers` ask for of something `size` bytes long: `None` is the whole.
///
/// RFC 9110 §14.2 and RFC 10008 §2.8: only `GET` and `QUERY` have ranges, and only where `If-Range` allows them.
pub(crate) fn select(
    method: &Method,
    headers: &HeaderMap,
    validators: &Validators,
    size: u64,
) -> Option<Selection> {
    let ranges = headers.get(header::RANGE)?;
    let has_ranges = matches!(*method, Method::GET | Method::QUERY);
    if !has_ranges || !allows_range(headers, validators.etag(), validators.modified()) {
        return None;
    }
    Ranges::parse(ranges.as_bytes()).map(|ranges| ranges.select(size))
}

/// The segments of a body with `parts` of something `size` bytes long; `headers` are made those of the 206.
pub(crate) fn partial(parts: &[ByteRange], size: u64, headers: &mut HeaderMap) -> Vec<Segment> {
    if let [only] = parts {
        headers.insert(header::CONTENT_RANGE, only.content_range(size));
        return vec![Segment::Part(only.first..only.last + 1)];
    }
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let whole = HeaderValue::try_from(format!("multipart/byteranges; boundary={boundary}"));
    let whole = whole.expect("hexadecimal digits make a boundary");
    let media_type = headers.insert(header::CONTENT_TYPE, whole);
    let media_type = media_type.as_ref().and_then(|value| value.to_str().ok());
    let media_type = media_type.map_or_else(String::new, |value| format!("Content-Type: {value}\r\n"));
    let mut segments = Vec::with_capacity(parts.len() * 2 + 1);
    for part in parts {
        let ByteRange { first, last } = *part;
        let head =
            format!("\r\n--{boundary}\r\n{media_type}Content-Range: bytes {first}-{last}/{size}\r\n\r\n");
        segments.push(Segment::Bytes(Bytes::from(head)));
        segments.push(Segment::Part(first..last + 1));
    }
    segments.push(Segment::Bytes(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    segments
}

/// That no range asked for is there (RFC 9110 §15.5.17).
#[track_caller]
pub(crate) fn unsatisfiable(size: u64) -> Error {
    let status = ErrorStatus::new(StatusCode::RANGE_NOT_SATISFIABLE).expect("416 is an error");
    Error::new(ErrorKind::Aborted(status))
        .with_public(format!("There are {size} bytes, and none of them in the range that was asked for."))
        .with_header(header::CONTENT_RANGE, unsatisfied_content_range(size))
}

impl Segment {
    /// How many bytes it has.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Part(part) => part.end - part.start,
        }
    }
}
