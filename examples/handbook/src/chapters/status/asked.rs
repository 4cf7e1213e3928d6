//! `/try/status/<code>`: the status that was asked for, with the header fields that it has to carry.

use flagon::{abort_because, http::StatusCode, prelude::*};

use crate::texts;

#[get("/try/status/<int:code>")]
pub(crate) async fn asked(code: u16) -> Result<Response> {
    let status = texts::status(code).or_404()?;
    // An interim answer cannot be the last word (RFC 9110 §15.2).
    if code < 200 {
        return abort_because(422, "1xx answers come before a final one and cannot be asked for");
    }
    let line = format!("{} {}, because you asked for it.\n", status.code, status.name);
    let mut response = (line, StatusCode::from_u16(code)?).into_response();
    for (name, value) in required_fields(code) {
        response.headers_mut().insert(*name, value.parse()?);
    }
    if matches!(code, 204 | 205 | 304) {
        *response.body_mut() = flagon::Body::empty();
    }
    Ok(response)
}

/// What the section of each code says that its answer must, or should, carry.
fn required_fields(code: u16) -> &'static [(&'static str, &'static str)] {
    match code {
        206 => &[("content-range", "bytes 0-40/1000")],
        226 => &[("im", "vcdiff"), ("etag", "\"new\"")],
        201 | 300..=303 | 305 | 307 | 308 => &[("location", "/try/echo")],
        304 => &[("etag", "\"same\"")],
        401 => &[("www-authenticate", "Basic realm=\"handbook\", charset=\"UTF-8\"")],
        405 => &[("allow", "GET, HEAD, OPTIONS")],
        407 => &[("proxy-authenticate", "Basic realm=\"proxy\"")],
        413 | 429 | 503 => &[("retry-after", "5")],
        415 => &[("accept", "application/json")],
        416 => &[("content-range", "bytes */1000")],
        426 => &[("upgrade", "websocket"), ("connection", "upgrade")],
        451 => &[("link", "<https://example.org/court>; rel=\"blocked-by\"")],
        511 => &[("cache-control", "no-store")],
        _ => &[],
    }
}

/// A view that goes wrong, as any view may: its cause goes to the log, and the client gets a 500.
#[get("/try/broken")]
pub(crate) async fn broken() -> Result<Response> {
    let number: u32 = "twelve".parse()?;
    Ok(number.to_string().into_response())
}
