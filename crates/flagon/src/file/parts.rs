//! Several parts of a file in one answer: `multipart/byteranges` (RFC 9110 §14.6).

use bytes::Bytes;
use flagon_http::range::ByteRange;
use http::HeaderValue;

use super::body::Segment;

/// Makes the media type and the segments of an answer with `parts` of a file of `size` bytes and `media_type`.
pub(super) fn parts(parts: &[ByteRange], size: u64, media_type: &HeaderValue) -> (HeaderValue, Vec<Segment>) {
    let boundary = uuid::Uuid::new_v4().simple().to_string();
    let media_type = media_type.to_str().unwrap_or("application/octet-stream");
    let mut segments = Vec::with_capacity(parts.len() * 2 + 1);
    for part in parts {
        let ByteRange { first, last } = *part;
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\r\n"
        );
        segments.push(Segment::Bytes(Bytes::from(head)));
        segments.push(Segment::File(first..last + 1));
    }
    segments.push(Segment::Bytes(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    let whole = HeaderValue::try_from(format!("multipart/byteranges; boundary={boundary}"));
    (whole.expect("hexadecimal digits make a boundary"), segments)
}
