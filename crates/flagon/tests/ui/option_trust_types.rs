//! `cors` and `security_headers` name functions, of the right kind.

use flagon::{Cors, SecurityHeaders, prelude::*};

#[get("/a", cors = nowhere)]
async fn unknown() {}

#[get("/b", cors = text)]
async fn not_cors() {}

#[get("/c", security_headers = changed)]
async fn takes_nothing() {}

#[get("/d", cors = framed, security_headers = open)]
async fn mixed_up() {}

fn text() -> &'static str {
    "*"
}

fn changed() -> SecurityHeaders {
    SecurityHeaders::default()
}

fn open() -> Cors {
    Cors::any_origin()
}

fn framed(headers: SecurityHeaders) -> SecurityHeaders {
    headers
}

fn main() {}
