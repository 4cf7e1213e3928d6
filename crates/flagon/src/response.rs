//! What a view may return, and how it becomes an answer.
//!
//! In: text, bytes, tuples in Flask's order (body, status, headers), anything that implements
//! [`IntoResponse`]. Out: [`Response`]. Never: touches a socket.

use std::any::TypeId;

use bytes::Bytes;
use flagon_http::Body;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::error::{Error, Result};

/// An answer: the `http` crate's type with Flagon's [`Body`].
pub type Response = http::Response<Body>;

/// What a view may return.
///
/// As in Flask a tuple adds a status, headers, or both, after the body: `("made", 201)`,
/// `("made", 201, [("x-made-by", "hand")])`. A `Result` of each is an answer too.
///
/// # Examples
///
/// ```
/// use flagon::IntoResponse;
///
/// let response = ("made", 201, [("x-made-by", "hand")]).into_response();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.headers()["x-made-by"], "hand");
/// ```
#[diagnostic::on_unimplemented(
    message = "a view can't return `{Self}`",
    label = "not an answer",
    note = "return text, `Html`, `Json(value)`, `Redirect`, a `StatusCode`, a tuple of body, status and headers, or a `Result` of one",
    note = "what waits, such as `send_file(…)`, becomes an answer by `.await`, and an `Option` by `.or_404()`",
    note = "or implement `flagon::IntoResponse` for it"
)]
pub trait IntoResponse {
    /// Makes the answer.
    fn into_response(self) -> Response;
}

/// A piece of an answer that stands in a tuple after the body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't follow the body in a view's tuple",
    note = "a status (`201` or `StatusCode`), headers (`[(\"name\", \"value\")]` or `HeaderMap`), or a cookie can"
)]
pub trait ResponsePart {
    /// Puts itself into the answer.
    ///
    /// # Errors
    ///
    /// When it can't be a part of an answer, such as a status of 1000 or a header value with a line break: 500.
    fn apply(self, response: &mut Response) -> Result<()>;
}

/// Text marked as HTML.
///
/// # Examples
///
/// ```
/// use flagon::{Html, IntoResponse};
///
/// let response = Html("<p>hello</p>").into_response();
/// assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html<T = String>(pub T);

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Makes an answer of 200 with `body` and its media type.
pub(crate) fn typed(media_type: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// What a view's tuple could not say: told to the log, hidden from the client.
fn broken(error: &Error) -> Response {
    tracing::error!(source = error.source(), "a part of the view's answer is not valid");
    let mut response = typed(TEXT, "Internal Server Error\n");
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        typed(TEXT, self)
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        typed(TEXT, self)
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        typed(BYTES, self)
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        typed(BYTES, self)
    }
}

impl IntoResponse for Body {
    fn into_response(self) -> Response {
        Response::new(self)
    }
}

impl<T: Into<Body>> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        typed(HTML, self.0)
    }
}

/// An empty 204: a view without a return value did what it was asked.
impl IntoResponse for () {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// An empty answer with this status.
impl IntoResponse for StatusCode {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self;
        response
    }
}

impl<R: IntoResponse, P: ResponsePart> IntoResponse for (R, P) {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        match self.1.apply(&mut response) {
            Ok(()) => response,
            Err(error) => broken(&error),
        }
    }
}

impl<R: IntoResponse, P: ResponsePart, Q: ResponsePart> IntoResponse for (R, P, Q) {
    fn into_response(self) -> Response {
        ((self.0, self.1), self.2).into_response()
    }
}

impl ResponsePart for StatusCode {
    fn apply(self, response: &mut Response) -> Result<()> {
        *response.status_mut() = self;
        Ok(())
    }
}

impl ResponsePart for u16 {
    fn apply(self, response: &mut Response) -> Result<()> {
        StatusCode::from_u16(self)?.apply(response)
    }
}

impl ResponsePart for HeaderMap {
    fn apply(self, response: &mut Response) -> Result<()> {
        response.headers_mut().extend(self);
        Ok(())
    }
}

/// Replaces earlier values of the same names; a name that stands twice here is sent twice.
impl<N, V, const COUNT: usize> ResponsePart for [(N, V); COUNT]
where
    N: TryInto<HeaderName>,
    V: TryInto<HeaderValue>,
    Error: From<N::Error> + From<V::Error>,
{
    fn apply(self, response: &mut Response) -> Result<()> {
        let mut headers = HeaderMap::with_capacity(COUNT);
        for (name, value) in self {
            headers.append(name.try_into()?, value.try_into()?);
        }
        headers.apply(response)
    }
}

/// The two arms of what a view returned, made one. Used by the expansion of the view macros.
#[diagnostic::on_unimplemented(
    message = "a view can't return `{Self}`",
    label = "not an answer",
    note = "return text, `Html`, `Json(value)`, `Redirect`, a `StatusCode`, a tuple of body, status and headers, or a `Result` of one; \
            the error of a `Result` can be any standard error",
    note = "what waits, such as `send_file(…)`, becomes an answer by `.await`, and an `Option` by `.or_404()`",
    note = "or implement `flagon::IntoResponse` for it"
)]
pub trait IntoResult {
    /// The answer, or the error that stands for it.
    ///
    /// # Errors
    ///
    /// When the view returned one.
    #[track_caller]
    fn into_result(self) -> Result;
}

/// Whether a `T` says nothing, as the `()` of a hook that forgot to give the answer on.
pub(crate) fn is_nothing<T: 'static>() -> bool {
    let given = TypeId::of::<T>();
    given == TypeId::of::<()>() || given == TypeId::of::<Result<()>>()
}

/// What is said of such a hook.
pub(crate) const GIVES_NOTHING: &str = "an after-hook that gives nothing would empty every answer: give the response on, as in \
    `async fn hook(response: Response) -> Response { response }`";

impl<R: IntoResponse> IntoResult for R {
    fn into_result(self) -> Result {
        Ok(self.into_response())
    }
}

impl<R: IntoResponse, E: Into<Error>> IntoResult for Result<R, E> {
    fn into_result(self) -> Result {
        match self {
            Ok(answer) => Ok(answer.into_response()),
            Err(error) => Err(error.into()), // not by `map_err`, which would lose where it was
        }
    }
}
