//! What else there is to send requests to: an echo, redirects, a chunked answer.

use std::{convert::Infallible, fmt::Write as _};

use bytes::Bytes;
use flagon::{abort_because, prelude::*, redirect_with, stream};

/// What arrived, as text: start line, fields, body.
#[route("/try/echo", methods("GET", "POST", "PUT", "PATCH", "DELETE", "QUERY"))]
pub(crate) async fn echo(body: Bytes) -> String {
    let request = request();
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(&body));
    text
}

/// A redirect of the given kind, to the echo.
#[route("/try/redirect/<int:code>", methods("GET", "POST", "PUT", "PATCH", "DELETE"))]
pub(crate) async fn redirected(code: u16) -> Result<Redirect> {
    if !matches!(code, 301 | 302 | 303 | 307 | 308) {
        return abort_because(404, "redirects are 301, 302, 303, 307 and 308");
    }
    redirect_with(url_for!(echo)?, code)
}

/// An answer whose length is not known when it begins, so that it comes in chunks.
#[get("/try/chunked")]
pub(crate) async fn chunked() -> impl IntoResponse {
    let pieces = ["One piece, ", "then another, ", "and no one knew the length when it began.\n"];
    let pieces = pieces.map(Ok::<_, Infallible>);
    (stream(futures_util::stream::iter(pieces)), [("content-type", "text/plain; charset=utf-8")])
}

/// A text that can be asked for in parts, and that a cache may keep for a minute.
#[get("/try/poem", etag, ranges, cache_control = "public, max-age=60")]
pub(crate) async fn poem() -> &'static str {
    "I wandered lonely as a cloud\nThat floats on high o'er vales and hills,\nWhen all at once I saw a crowd,\n\
     A host, of golden daffodils;\n"
}
