//! An answer as the service leaves it.

use flagon_http::{Body, ReadyFields};
use http::Response;

/// An answer, and the fields of it that were ready before: they stand beside its map, and are written after it.
///
/// # Examples
///
/// ```
/// use flagon_server::Answer;
/// use http::HeaderName;
///
/// let mut answer = Answer::default();
/// answer.ready.identify(HeaderName::from_static("x-request-id"), 7);
/// let response = answer.into_response();
/// assert_eq!(response.headers()["x-request-id"], "00000000000000000000000000000007");
/// ```
#[derive(Debug, Default)]
pub struct Answer {
    /// The response.
    pub response: Response<Body>,
    /// Fields that are not in its map.
    pub ready: ReadyFields,
}

impl Answer {
    /// The response with all its fields in its map.
    pub fn into_response(mut self) -> Response<Body> {
        self.ready.add_to(self.response.headers_mut());
        self.response
    }
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        Self { response, ready: ReadyFields::default() }
    }
}
