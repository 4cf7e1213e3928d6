//! The answer to a request for a file, decided from both.

use flagon_http::{
    Body,
    etag::{Condition, allows_range, condition},
    http_date::HttpDate,
    range::{Ranges, Selection, unsatisfied_content_range},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{
    body::{self, Segment},
    found::{Encoding, Found},
    parts::parts,
};
use crate::{
    error::{Result, abort_because},
    request::Request,
    response::Response,
};

/// What is said of a file besides its bytes.
pub(super) struct Meta {
    pub(super) media_type: HeaderValue,
    pub(super) disposition: Option<HeaderValue>,
    pub(super) cache_control: HeaderValue,
}

/// Answers `request` with `found`. It reads the file when it is small, and so may block.
///
/// # Errors
///
/// 412 when a condition of the request does not hold, 416 when no range that it asks for is there, 500 when the file
/// can't be read.
pub(super) fn answer(request: &Request, found: Found, meta: &Meta) -> Result {
    let headers = request.headers();
    match condition(request.method(), headers, Some(&found.etag), Some(found.modified)) {
        Condition::Failed => return abort_because(412, "the file is not the one that the request supposes"),
        Condition::NotModified => {
            return Ok(described(&found, meta, StatusCode::NOT_MODIFIED, Body::empty()));
        }
        Condition::Proceed => (),
    }
    let size = found.size;
    match selection(request.method(), headers, &found) {
        Selection::Unsatisfiable => {
            let range = unsatisfied_content_range(size);
            abort_because(416, format!("the file has {size} bytes"))
                .map_err(|error| error.with_header(header::CONTENT_RANGE, range))
        }
        Selection::Parts(ranges) => {
            let (media_type, segments) = match ranges.as_slice() {
                [range] => (meta.media_type.clone(), vec![Segment::File(range.first..range.last + 1)]),
                ranges => parts(ranges, size, &meta.media_type),
            };
            let mut response = content(found, meta, StatusCode::PARTIAL_CONTENT, segments)?;
            response.headers_mut().insert(header::CONTENT_TYPE, media_type);
            if let [range] = ranges.as_slice() {
                response.headers_mut().insert(header::CONTENT_RANGE, range.content_range(size));
            }
            Ok(response)
        }
        Selection::Whole if request.method() == Method::HEAD => {
            let mut response = described(&found, meta, StatusCode::OK, Body::empty());
            add_content_fields(&mut response, &found, meta);
            *response.body_mut() = body::unread(found.file, vec![Segment::File(0..size)]);
            Ok(response)
        }
        Selection::Whole => content(found, meta, StatusCode::OK, vec![Segment::File(0..size)]),
    }
}

/// RFC 9110 §14.2: only `GET` has ranges, and only where `If-Range` allows them.
fn selection(method: &Method, headers: &HeaderMap, found: &Found) -> Selection {
    if *method != Method::GET || !allows_range(headers, Some(&found.etag), Some(found.modified)) {
        return Selection::Whole;
    }
    let ranges = headers.get(header::RANGE).and_then(|range| Ranges::parse(range.as_bytes()));
    ranges.map_or(Selection::Whole, |ranges| ranges.select(found.size))
}

fn content(found: Found, meta: &Meta, status: StatusCode, segments: Vec<Segment>) -> Result {
    let mut response = described(&found, meta, status, Body::empty());
    add_content_fields(&mut response, &found, meta);
    *response.body_mut() = body::body(found.file, segments)?;
    Ok(response)
}

/// An answer with the fields that a 304 has as well (RFC 9110 §15.4.5).
fn described(found: &Found, meta: &Meta, status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, found.etag.to_header_value());
    headers.insert(header::CACHE_CONTROL, meta.cache_control.clone());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if found.encoding != Encoding::Only {
        headers.insert(header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
    }
    response
}

fn add_content_fields(response: &mut Response, found: &Found, meta: &Meta) {
    let headers = response.headers_mut();
    headers.insert(header::LAST_MODIFIED, date(found.modified));
    if let Encoding::Packed(coding) = found.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    headers.insert(header::CONTENT_TYPE, meta.media_type.clone());
    // A file that clients have uploaded is what its name says, and never guessed to be HTML.
    headers.insert(
        const { HeaderName::from_static("x-content-type-options") },
        HeaderValue::from_static("nosniff"),
    );
    if let Some(disposition) = &meta.disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition.clone());
    }
}

fn date(time: std::time::SystemTime) -> HeaderValue {
    HeaderValue::from_bytes(HttpDate::from(time).as_bytes()).expect("a date is ASCII")
}
