//! The smallest answers, and what the request says of itself.

use std::fmt::Write as _;

use bytes::Bytes;
use flagon::prelude::*;

#[derive(Serialize)]
pub(crate) struct Message {
    message: &'static str,
}

#[get("/")]
pub(crate) async fn index() -> &'static str {
    "OK"
}

#[post("/")]
pub(crate) async fn echo_body(body: Bytes) -> Bytes {
    body
}

/// Each header of the request on a line of its own.
#[route("/echo", methods("GET", "POST"))]
pub(crate) async fn echo() -> String {
    let mut lines = String::new();
    for (name, value) in request().headers() {
        let _ = writeln!(lines, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    lines
}

/// Each cookie on a line of its own.
#[get("/cookie")]
pub(crate) async fn cookie() -> String {
    let mut lines = String::new();
    for (name, value) in request().cookies().iter() {
        let _ = writeln!(lines, "{name}={value}");
    }
    lines
}

#[get("/plaintext")]
pub(crate) async fn plaintext() -> &'static str {
    "Hello, World!"
}

#[get("/json")]
pub(crate) async fn json() -> Json<Message> {
    Json(Message { message: "Hello, World!" })
}

#[derive(Deserialize)]
pub(crate) struct Search {
    q: String,
}

#[get("/users/<int:id>")]
pub(crate) async fn user(id: i64, search: Query<Search>) -> String {
    format!("{id} {}", search.q)
}

#[get("/healthz", health_check)]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}
