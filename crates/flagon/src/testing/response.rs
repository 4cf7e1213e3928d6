//! An answer as a test looks at it.

use bytes::{Bytes, BytesMut};
use flagon_http::{Body, BodyError};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::response::Response;

/// An answer with its whole body.
///
/// # Examples
///
/// ```
/// use flagon::{Route, prelude::*};
///
/// let routes = [Route::new("index", "/", ["GET"], async || ("made", 201, [("x-by", "hand")]))];
/// let response = App::new("docs").routes(routes).test_client().get("/").wait();
/// assert_eq!(response.status(), 201);
/// assert_eq!(response.header("x-by"), Some("hand"));
/// assert_eq!(response.text(), "made");
/// ```
#[derive(Debug)]
pub struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    trailers: HeaderMap,
    broke_off: Option<BodyError>,
    url: String,
    history: Vec<TestResponse>,
}

impl TestResponse {
    /// Reads `response`, which came from `url`, to its end.
    pub(super) async fn read(response: Response, url: String) -> Self {
        let (parts, body) = response.into_parts();
        let mut read = Self {
            status: parts.status,
            headers: parts.headers,
            body: Bytes::new(),
            trailers: HeaderMap::new(),
            broke_off: None,
            url,
            history: Vec::new(),
        };
        read.body = read.collect(body).await;
        read
    }

    async fn collect(&mut self, mut body: Body) -> Bytes {
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => whole.extend_from_slice(&data),
                Ok(Err(frame)) => self.trailers.extend(frame.into_trailers().unwrap_or_default()),
                Err(error) => {
                    self.broke_off = Some(error);
                    break;
                }
            }
        }
        whole.freeze()
    }

    pub(super) fn with_history(mut self, history: Vec<Self>) -> Self {
        self.history = history;
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The first value of a header; `None` too when it is not visible ASCII.
    pub fn header(&self, name: impl TryInto<HeaderName>) -> Option<&str> {
        self.headers.get(name.try_into().ok()?)?.to_str().ok()
    }

    /// The trailers, after a streamed body.
    pub fn trailers(&self) -> &HeaderMap {
        &self.trailers
    }

    /// The body; of one that broke off, what came before.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// When it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body of the answer is UTF-8")
    }

    /// The body read as JSON.
    ///
    /// # Panics
    ///
    /// When it is not the JSON of a `T`.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "the body of the answer is not the JSON of a {}: {error}\n{:?}",
                std::any::type_name::<T>(),
                self.body
            )
        })
    }

    /// Why the body ended before its end, if it did: a client would have seen the connection cut off.
    pub fn broke_off(&self) -> Option<&BodyError> {
        self.broke_off.as_ref()
    }

    /// The URL that it came from: after redirects the last.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The redirects that led here, first to last.
    pub fn history(&self) -> &[Self] {
        &self.history
    }
}
