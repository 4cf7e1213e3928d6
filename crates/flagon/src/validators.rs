//! What tells one state of a resource from another: entity tags and dates of change.
//!
//! In: a tag, a date, or the bytes that a tag is made of. Out: [`Validators`], as what a condition is compared with or as
//! fields of an answer. Never: decides what a condition means.
//!
//! RFC 9110 §8.8.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flagon_http::{
    etag::ETag,
    http_date::{self, HttpDate},
};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};

use crate::{
    error::Result,
    response::{Response, ResponsePart},
};

/// What tells one state of a resource from another: an entity tag, the time of the last change, or both.
///
/// A part of an answer, `(body, validators)`, and what
/// [`check_preconditions`](crate::Request::check_preconditions) compares with.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// use flagon::{ETag, Validators};
///
/// let both = Validators::from(ETag::of_version(7)).last_modified(SystemTime::UNIX_EPOCH);
/// assert_eq!(both, Validators::from((ETag::of_version(7), SystemTime::UNIX_EPOCH)));
/// assert!(Validators::absent().is_absent());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    etag: Option<ETag>,
    modified: Option<SystemTime>,
}

impl Validators {
    /// The resource is not there: `If-Match: *` fails, and `If-None-Match: *` holds, so that what is made is new.
    pub const fn absent() -> Self {
        Self { etag: None, modified: None }
    }

    /// Adds the time of the last change.
    #[must_use]
    pub fn last_modified(mut self, time: SystemTime) -> Self {
        self.modified = Some(time);
        self
    }

    /// Whether the resource is not there.
    pub fn is_absent(&self) -> bool {
        self.etag.is_none() && self.modified.is_none()
    }

    /// The tag.
    pub fn etag(&self) -> Option<&ETag> {
        self.etag.as_ref()
    }

    /// The time of the last change.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Those that stand in the head of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let date = |value: &HeaderValue| http_date::parse(value.to_str().ok()?);
        Self {
            etag: headers.get(header::ETAG).and_then(|value| ETag::parse(value.as_bytes())),
            modified: headers.get(header::LAST_MODIFIED).and_then(date),
        }
    }

    /// Puts them into the head of an answer, beside those that are there.
    pub(crate) fn apply_to(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            headers.entry(header::ETAG).or_insert_with(|| etag.to_header_value());
        }
        if let Some(modified) = self.modified {
            headers.entry(header::LAST_MODIFIED).or_insert_with(|| date(modified));
        }
    }
}

/// RFC 9110 §8.8.2.1: an origin's clock can't have changed something in the future of the answer.
pub(crate) fn date(time: SystemTime) -> HeaderValue {
    let time = time.min(SystemTime::now());
    HeaderValue::from_bytes(HttpDate::from(time).as_bytes()).expect("a date is ASCII")
}

/// Names bytes by a hash: what Werkzeug's `generate_etag` does. A strong tag of 128 bits of SHA-256.
///
/// # Examples
///
/// ```
/// use flagon::generate_etag;
///
/// assert_eq!(generate_etag("hello"), generate_etag(b"hello".to_vec()));
/// assert_ne!(generate_etag("hello"), generate_etag("hello!"));
/// ```
pub fn generate_etag(bytes: impl AsRef<[u8]>) -> ETag {
    let hash = Sha256::digest(bytes.as_ref());
    ETag::of_version(URL_SAFE_NO_PAD.encode(&hash[..16]))
}

impl From<ETag> for Validators {
    fn from(etag: ETag) -> Self {
        Self { etag: Some(etag), modified: None }
    }
}

impl From<&ETag> for Validators {
    fn from(etag: &ETag) -> Self {
        etag.clone().into()
    }
}

impl From<SystemTime> for Validators {
    fn from(modified: SystemTime) -> Self {
        Self { etag: None, modified: Some(modified) }
    }
}

impl From<(ETag, SystemTime)> for Validators {
    fn from((etag, modified): (ETag, SystemTime)) -> Self {
        Self { etag: Some(etag), modified: Some(modified) }
    }
}

/// Of what is there, or of what is not.
impl<T: Into<Self>> From<Option<T>> for Validators {
    fn from(state: Option<T>) -> Self {
        state.map_or(Self::absent(), Into::into)
    }
}

impl ResponsePart for ETag {
    fn apply(self, response: &mut Response) -> Result<()> {
        response.headers_mut().insert(header::ETAG, self.to_header_value());
        Ok(())
    }
}

impl ResponsePart for Validators {
    fn apply(self, response: &mut Response) -> Result<()> {
        response.headers_mut().remove(header::ETAG);
        response.headers_mut().remove(header::LAST_MODIFIED);
        self.apply_to(response.headers_mut());
        Ok(())
    }
}

/// Validators of an answer: as Werkzeug's responses have them.
///
/// The framework compares them with the conditions of the request once the after-hooks have run, so that a `GET` of what
/// the client has is answered 304 (RFC 9110 §13.2.2).
///
/// # Examples
///
/// ```
/// use flagon::{ETag, ResponseValidators, prelude::*};
///
/// #[get("/feed")]
/// async fn feed() -> Response {
///     let mut response = "a long text".into_response();
///     response.set_etag(&ETag::of_version(7));
///     response.accept_ranges();
///     response
/// }
///
/// let client = App::new("docs").routes(routes![feed]).test_client();
/// assert_eq!(client.get("/feed").header("if-none-match", "\"7\"").wait().status(), 304);
/// assert_eq!(client.get("/feed").header("range", "bytes=2-5").wait().text(), "long");
/// ```
pub trait ResponseValidators {
    /// Names the body by a hash of it, unless it has a name already or is a stream, of which no hash can be known.
    fn add_etag(&mut self);

    /// Names this state of the resource.
    fn set_etag(&mut self, etag: &ETag);

    /// Says when the resource changed last; a time in the future counts as now.
    fn set_last_modified(&mut self, time: SystemTime);

    /// Lets clients ask for parts of the body; a stream is always sent whole.
    fn accept_ranges(&mut self);
}

impl ResponseValidators for Response {
    fn add_etag(&mut self) {
        if let (Some(body), false) = (self.body().as_full(), self.headers().contains_key(header::ETAG)) {
            let etag = generate_etag(body).to_header_value();
            self.headers_mut().insert(header::ETAG, etag);
        }
    }

    fn set_etag(&mut self, etag: &ETag) {
        self.headers_mut().insert(header::ETAG, etag.to_header_value());
    }

    fn set_last_modified(&mut self, time: SystemTime) {
        self.headers_mut().insert(header::LAST_MODIFIED, date(time));
    }

    fn accept_ranges(&mut self) {
        self.headers_mut().insert(header::ACCEPT_RANGES, BYTES);
    }
}

/// The only unit of ranges that there is.
pub(crate) const BYTES: HeaderValue = HeaderValue::from_static("bytes");
