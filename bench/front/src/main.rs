//! Flagon in front of another server, and nothing else: what `cargo xtask bench upstream` measures beside nginx.
//!
//! `UPSTREAM=http://127.0.0.1:8000 front run --port 5000 --threads 1`

use flagon::prelude::*;

#[expect(clippy::disallowed_methods, reason = "there is no app whose configuration could name it")]
fn main() -> flagon::ExitCode {
    let upstream = std::env::var("UPSTREAM").unwrap_or_else(|_| "http://127.0.0.1:8000".to_owned());
    App::new("front").upstream(upstream.as_str()).main()
}
