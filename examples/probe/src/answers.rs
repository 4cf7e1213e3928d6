//! Answers of any status, and answers that are made while they are sent.

use std::{convert::Infallible, time::Duration};

use flagon::{http::StatusCode, prelude::*, stream};
use futures_util::stream::unfold;

/// That status: an error as `abort` answers it, anything else with its name as text.
#[get("/status/<int(min=200, max=599):code>")]
pub(crate) async fn status(code: u16) -> Result {
    if code >= 400 {
        return abort(code);
    }
    let status = StatusCode::from_u16(code)?;
    if matches!(code, 204 | 205 | 304) {
        return Ok(status.into_response());
    }
    let mut response = (status.canonical_reason().unwrap_or("unassigned"), status).into_response();
    if matches!(code, 301 | 302 | 303 | 307 | 308) {
        response.headers_mut().insert("location", "/".parse()?);
    }
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Pace {
    #[serde(default = "ten")]
    pub(crate) n: u32,
    #[serde(default)]
    pub(crate) ms: u64,
}

fn ten() -> u32 {
    10
}

/// `n` chunks, `ms` milliseconds apart.
#[get("/stream")]
pub(crate) async fn stream_chunks(pace: Query<Pace>) -> impl IntoResponse {
    let Pace { n, ms } = pace.0;
    let chunks = unfold(0, move |sent| async move {
        if sent == n {
            return None;
        }
        if sent > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        Some((Ok::<_, Infallible>(format!("chunk {sent}\n")), sent + 1))
    });
    (stream(chunks), [("content-type", "text/plain; charset=utf-8")])
}
