//! The answer to a request for a file, decided from both.

use flagon_http::{Body, etag::Condition, range::Selection};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::{
    body,
    found::{Encoding, Found},
};
use crate::{
    byteranges::{self, Segment},
    conditional::{compare, failed, not_modified},
    error::Result,
    request::Request,
    response::Response,
    validators::{BYTES, Validators},
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
    let validators = Validators::from((found.etag.clone(), found.modified));
    let mut response = described(&found, &validators, meta);
    match compare(request, &validators) {
        Condition::Failed => return Err(failed()),
        Condition::NotModified => {
            not_modified(&mut response);
            return Ok(response);
        }
        Condition::Proceed => (),
    }
    let size = found.size;
    let segments = match byteranges::select(request.method(), request.headers(), &validators, size) {
        None => vec![Segment::Part(0..size)],
        Some(Selection::Unsatisfiable) => return Err(byteranges::unsatisfiable(size)),
        Some(Selection::Parts(parts)) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            byteranges::partial(&parts, size, response.headers_mut())
        }
    };
    *response.body_mut() = match *request.method() {
        Method::HEAD => body::unread(found.file, segments),
        _ => body::body(found.file, segments)?,
    };
    Ok(response)
}

/// An answer with every field and no body yet.
fn described(found: &Found, validators: &Validators, meta: &Meta) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    validators.apply_to(headers);
    headers.insert(header::CACHE_CONTROL, meta.cache_control.clone());
    headers.insert(header::ACCEPT_RANGES, BYTES);
    headers.insert(header::CONTENT_TYPE, meta.media_type.clone());
    if found.encoding != Encoding::Only {
        headers.insert(header::VARY, HeaderValue::from_name(header::ACCEPT_ENCODING));
    }
    if let Encoding::Packed(coding) = found.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    // A file that clients have uploaded is what its name says, and never guessed to be HTML.
    headers.insert(
        const { HeaderName::from_static("x-content-type-options") },
        HeaderValue::from_static("nosniff"),
    );
    if let Some(disposition) = &meta.disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition.clone());
    }
    response
}
