//! Conditional requests and ranges, for whatever a view answered.
//!
//! In: the finished answer to a `GET`, `HEAD` or `QUERY`, with its validators. Out: the same, or 206 with a part, 304
//! without its body, or the error that stands for a 412 or 416. Never: looks at an answer other than 200.
//!
//! RFC 9110 §13.2 (when and in which order), §14.2, §15.4.5.

use bytes::{Bytes, BytesMut};
use flagon_http::{
    Body,
    etag::{Condition, condition},
    method::is_retrieval,
    range::Selection,
};
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::{
    byteranges::{self, Segment},
    context::Context,
    error::{Error, Result, abort_with},
    request::Request,
    response::Response,
    validators::{BYTES, ResponseValidators as _, Validators},
};

/// What the framework adds to the answers of a view before it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Added {
    /// A tag, by the option `etag`.
    pub(crate) etag: bool,
    /// That there are ranges, by the option `ranges`.
    pub(crate) ranges: bool,
}

/// An error takes the place of an answer.
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// Fields of the answer that stay.
    pub(crate) kept: HeaderMap,
}

/// Compares `response` with the conditions of its request, and makes of it what they ask for.
///
/// # Errors
///
/// A condition fails, or no range can be given.
pub(crate) fn apply(context: &Context, added: Added, response: &mut Response) -> Result<(), Refused> {
    let request = context.request();
    // RFC 9110 §13.2.1: a condition is about what would have been a success.
    if response.status() != StatusCode::OK || !is_retrieval(request.method()) {
        return Ok(());
    }
    if let Some(validators) = request.checked_validators() {
        validators.apply_to(response.headers_mut());
    }
    if added.etag {
        response.add_etag();
    }
    if added.ranges && response.body().as_full().is_some() {
        response.headers_mut().entry(header::ACCEPT_RANGES).or_insert(BYTES);
    }
    let is_validator =
        |name: &HeaderName| [header::ETAG, header::LAST_MODIFIED, header::ACCEPT_RANGES].contains(name);
    if !response.headers().keys().any(is_validator) {
        return Ok(());
    }
    let validators = Validators::of(response.headers());
    match compare(request, &validators) {
        Condition::NotModified => not_modified(response),
        Condition::Failed => return Err(refused(failed(), response)),
        Condition::Proceed => ranges(request, &validators, response)?,
    }
    Ok(())
}

impl Request {
    /// Compares the conditions of this request (`If-Match`, `If-None-Match` and the two with dates) with the current state of
    /// the resource, in the order of RFC 9110 §13.2.2, before the work is done that they may make needless.
    ///
    /// `state` is an [`ETag`](crate::ETag), a time, both, or [`Validators::absent`] for what is not there; an `Option` is one of
    /// them. Where the request is a `GET`, `HEAD` or `QUERY` the answer is given them as `ETag` and `Last-Modified`.
    ///
    /// # Errors
    ///
    /// 304 when a `GET`, `HEAD` or `QUERY` asks for what the client has, 412 when the state is not the one that it supposes.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon::{ETag, prelude::*};
    ///
    /// #[get("/report")]
    /// async fn report() -> Result<String> {
    ///     let version = 7; // cheap to find
    ///     request().check_preconditions(ETag::of_version(version))?;
    ///     Ok("what took long to compute".to_owned())
    /// }
    ///
    /// #[put("/report", require_match)]
    /// async fn replace() -> Result<()> {
    ///     request().check_preconditions(ETag::of_version(7))?;
    ///     Ok(()) // now it may be changed
    /// }
    ///
    /// let client = App::new("docs").routes(routes![report, replace]).test_client();
    /// let etag = client.get("/report").wait().header("etag").unwrap().to_owned();
    /// assert_eq!(client.get("/report").header("if-none-match", &etag).wait().status(), 304);
    /// assert_eq!(client.put("/report").wait().status(), 428);
    /// assert_eq!(client.put("/report").header("if-match", "\"6\"").wait().status(), 412);
    /// assert_eq!(client.put("/report").header("if-match", &etag).wait().status(), 204);
    /// ```
    #[track_caller]
    pub fn check_preconditions(&self, state: impl Into<Validators>) -> Result<()> {
        let validators = state.into();
        let condition = compare(self, &validators);
        self.keep_validators(validators.clone());
        match condition {
            Condition::Proceed => Ok(()),
            Condition::Failed => Err(failed()),
            Condition::NotModified => {
                let mut response = Response::new(Body::empty());
                validators.apply_to(response.headers_mut());
                not_modified(&mut response);
                abort_with(response)
            }
        }
    }
}

/// What the conditions of `request` mean for a resource in this state.
pub(crate) fn compare(request: &Request, validators: &Validators) -> Condition {
    condition(request.method(), request.headers(), validators.etag(), validators.modified())
}

/// That the state is not the one that the client knows (RFC 9110 §15.5.13).
#[track_caller]
pub(crate) fn failed() -> Error {
    Error::aborted(412)
        .with_public("The state of this resource is not the one that the request's condition supposes.")
}

/// Makes a 304 of a 200 (RFC 9110 §15.4.5): without the body and what only describes it.
pub(crate) fn not_modified(response: &mut Response) {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Body::empty();
    let headers = response.headers_mut();
    for name in OF_THE_BODY {
        headers.remove(name);
    }
    if headers.contains_key(header::ETAG) {
        headers.remove(header::LAST_MODIFIED);
    }
}

/// Sends the parts that were asked for.
fn ranges(request: &Request, validators: &Validators, response: &mut Response) -> Result<(), Refused> {
    let body = match (response.headers().get(header::ACCEPT_RANGES), response.body().as_full()) {
        (Some(unit), Some(body)) if unit == BYTES => body,
        _ => return Ok(()),
    };
    let size = body.len() as u64;
    match byteranges::select(request.method(), request.headers(), validators, size) {
        None => (),
        Some(Selection::Unsatisfiable) => return Err(refused(byteranges::unsatisfiable(size), response)),
        Some(Selection::Parts(parts)) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            response.headers_mut().remove(header::CONTENT_LENGTH);
            let segments = byteranges::partial(&parts, size, response.headers_mut());
            let body = std::mem::take(response.body_mut()).into_full().unwrap_or_default();
            *response.body_mut() = cut(&body, &segments).into();
        }
    }
    Ok(())
}

/// The bytes of `segments`, without a copy where there is one.
fn cut(body: &Bytes, segments: &[Segment]) -> Bytes {
    // A part lies within the body, whose length is a `usize`.
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(body.len());
    if let [Segment::Part(part)] = segments {
        return body.slice(place(part.start)..place(part.end));
    }
    let mut whole = BytesMut::new();
    for segment in segments {
        match segment {
            Segment::Bytes(bytes) => whole.extend_from_slice(bytes),
            Segment::Part(part) => whole.extend_from_slice(&body[place(part.start)..place(part.end)]),
        }
    }
    whole.freeze()
}

/// Keeps the fields of the answer that are not about its content: cookies, and what after-hooks have added.
fn refused(error: Error, response: &mut Response) -> Refused {
    let mut kept = std::mem::take(response.headers_mut());
    for name in OF_THE_BODY.into_iter().chain([
        header::ETAG,
        header::LAST_MODIFIED,
        header::CACHE_CONTROL,
        header::EXPIRES,
        header::CONTENT_LOCATION,
    ]) {
        kept.remove(name);
    }
    Refused { error, kept }
}

/// Puts the fields of the answer that an error took the place of beside those of `response`.
pub(crate) fn carry(kept: &HeaderMap, response: &mut Response) {
    let own: Vec<HeaderName> = response.headers().keys().cloned().collect();
    for (name, value) in kept.iter().filter(|(name, _)| !own.contains(name)) {
        response.headers_mut().append(name, value.clone());
    }
}

/// Fields that say something about a body and nothing without it.
const OF_THE_BODY: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_RANGE,
    header::CONTENT_DISPOSITION,
];
