//! Sends a message to an app, without sockets.

use bytes::Bytes;
use flagon::{App, Body, http};
use http_body_util::BodyExt;
use tower_service::Service;

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
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
