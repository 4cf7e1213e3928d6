//! Methods that are none of an app's.

use flagon::prelude::*;

#[route("/a", methods("GET", "TRACE"))]
async fn trace() {}

#[route("/b", methods("CONNECT"))]
async fn connect() {}

#[query("/c")]
async fn query_has_a_body(body: flagon::Bytes) -> String {
    body.len().to_string()
}

fn main() {}
