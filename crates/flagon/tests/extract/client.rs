//! Sends a message to an app, without sockets.

use bytes::Bytes;
use flagon::{App, Body, BodyErrorKind, http};
use http_body_util::{BodyExt, StreamBody};
use serde_json::Value;
use tower_service::Service;

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    /// The one problem of a problem+json answer, as `place field: problem`, after its status.
    pub(crate) fn problem(&self) -> (u16, String) {
        let json: Value = serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        assert_eq!(json["status"], self.status, "{json}");
        let errors = json["errors"].as_array().unwrap_or_else(|| panic!("no errors: {json}"));
        assert_eq!(errors.len(), 1, "{json}");
        let text = |name: &str| errors[0][name].as_str().unwrap().to_owned();
        (self.status, format!("{} {}: {}", text("in"), text("field"), text("detail")))
    }
}

/// Sends `message` to `app`; what it answers is asked for as problem+json.
pub(crate) async fn send(app: App, message: http::Request<impl Into<Body>>) -> Answer {
    let mut app = app.build().unwrap();
    let mut message = message.map(Into::into);
    message.headers_mut().entry("accept").or_insert("application/problem+json".parse().unwrap());
    let response = app.call(message).await.unwrap();
    let status = response.status().as_u16();
    let bytes: Bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// Sends `GET target`.
pub(crate) async fn get(app: App, target: &str) -> Answer {
    send(app, http::Request::get(target).body("").unwrap()).await
}

/// Sends `POST /` with a body of `content_type`.
pub(crate) async fn post(app: App, content_type: &str, body: impl Into<Body>) -> Answer {
    send(app, http::Request::post("/").header("content-type", content_type).body(body).unwrap()).await
}

/// A body that comes in pieces of `size` bytes.
pub(crate) fn pieces(bytes: &[u8], size: usize) -> Body {
    let frames: Vec<_> =
        bytes.chunks(size).map(|piece| Ok(http_body::Frame::data(Bytes::copy_from_slice(piece)))).collect();
    Body::stream(StreamBody::new(futures_util::stream::iter(frames)))
}

/// A body that breaks off after `bytes`.
pub(crate) fn broken_off(bytes: &[u8]) -> Body {
    let frames =
        [Ok(http_body::Frame::data(Bytes::copy_from_slice(bytes))), Err(BodyErrorKind::Malformed.into())];
    Body::stream(StreamBody::new(futures_util::stream::iter(frames)))
}
