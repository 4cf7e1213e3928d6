//! What goes before an answer, and requests that are sent again.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use flagon::prelude::*;

/// A hint at the style sheet, then the page.
#[get("/early")]
pub(crate) async fn early() -> Result<Html<&'static str>> {
    request().early_hints(["</static/app.css>; rel=preload; as=style"])?;
    Ok(Html(PAGE))
}

/// The style sheet pushed, then the page.
#[get("/push")]
pub(crate) async fn push() -> Result<Html<&'static str>> {
    request().push("/static/app.css")?;
    Ok(Html(PAGE))
}

const PAGE: &str = "<!doctype html>\n<title>A page with a style sheet</title>\n\
    <link rel=\"stylesheet\" href=\"/static/app.css\">\n<h1>A page with a style sheet</h1>\n";

#[derive(Deserialize)]
pub(crate) struct Padding {
    /// So many spaces follow the number, at most 4 MiB.
    #[serde(default)]
    bytes: usize,
}

/// How often this view has really run.
#[post("/idempotent", idempotent)]
pub(crate) async fn idempotent(padding: Query<Padding>) -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let run = RUNS.fetch_add(1, Relaxed) + 1;
    format!("{run}{}", " ".repeat(padding.bytes.min(4 << 20)))
}

/// Twice an hour for each client.
#[get("/limited", rate_limit = "2/hour")]
pub(crate) async fn limited() -> &'static str {
    "one of two"
}

#[cfg(test)]
mod tests {
    fn client() -> flagon::testing::Client {
        crate::app().test_client()
    }

    #[test]
    fn a_repeated_request_is_not_done_again() {
        let client = client();
        let send =
            |key: &str| client.post("/idempotent").header("idempotency-key", key).wait().text().to_owned();
        let first = send("\"a\"");
        assert_eq!(send("\"a\""), first);
        assert_ne!(send("\"b\""), first);
    }

    #[test]
    fn a_third_request_is_one_too_many() {
        let client = client();
        let asked = [1, 2, 3].map(|_| client.get("/limited").wait().status().as_u16());
        assert_eq!(asked, [200, 200, 429]);
        for path in ["/early", "/push"] {
            assert!(client.get(path).wait().text().contains("/static/app.css"), "{path}");
        }
    }
}
