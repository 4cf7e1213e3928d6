//! An app that passes everything on: for measuring what that costs, beside nginx.
//!
//! `cargo run --release -p flagon --example front` takes where to from the variable `UPSTREAM`, and the rest as every app does.

use flagon::prelude::*;

fn main() -> flagon::ExitCode {
    #[expect(clippy::disallowed_methods, reason = "a program for measuring has no other configuration")]
    let upstream = std::env::var("UPSTREAM").unwrap_or_else(|_| "http://127.0.0.1:8000".to_owned());
    App::new("front").upstream(upstream).main()
}
