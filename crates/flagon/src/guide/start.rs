//! The manifest, the first app, running it.
//!
//! # The manifest
//!
//! ```toml
//! [dependencies]
//! flagon = { path = "../flagon/crates/flagon" } # where you have the source: no version is published yet
//! serde = { version = "1", features = ["derive"] } # for #[derive(Serialize, Deserialize)]
//! ```
//!
//! `serde` is needed by name, since the code that its derives write refers to the crate `serde`. Without it the compiler
//! says "can't find crate for `serde`". The same goes for `clap`, if commands of your own take arguments.
//!
//! # The app
//!
//! A function makes the app, so that `main` and tests use the same one:
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[get("/")]
//! async fn index() -> &'static str {
//!     "Hello, World!"
//! }
//!
//! fn app() -> App {
//!     App::new("hello").root_path(env!("CARGO_MANIFEST_DIR")).routes(routes![index])
//! }
//!
//! fn main() -> flagon::ExitCode {
//!     # assert_eq!(app().test_client().get("/").wait().text(), "Hello, World!");
//!     # return flagon::ExitCode::SUCCESS;
//!     app().main()
//! }
//! ```
//!
//! [`root_path`](crate::App::root_path) says where `templates/`, `static/` and `flagon.toml` are; without it that is the
//! folder the program is started in.
//!
//! # Running it
//!
//! | type | and see |
//! |---|---|
//! | `cargo run` | the app at <http://127.0.0.1:8000/>; Ctrl-C stops it |
//! | `cargo run -- --debug` | errors in the browser with source lines; templates are read anew when they change |
//! | `cargo run -- routes` | all rules |
//! | `cargo run -- config` | all settings, and where each comes from |
//! | `cargo run -- --help` | the rest |
