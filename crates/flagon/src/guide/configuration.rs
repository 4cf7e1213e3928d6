//! `flagon.toml`, the environment, settings of your own.
//!
//! Defaults < `flagon.toml` < `FLAGON_*` variables < code < command line. A key that is not known is an error that names file,
//! line and the nearest key. [`config`](crate::config) lists the keys; `cargo run -- config` shows each with its source.
//!
//! ```toml
//! max_content_length = "8MiB"
//!
//! [server]
//! port = 8080
//!
//! [app] # your own
//! greeting = "hello"
//! ```
//!
//! ```
//! use flagon::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct Settings {
//!     greeting: String,
//!     #[serde(default)]
//!     smtp_password: Option<flagon::Secret>,
//! }
//!
//! #[get("/")]
//! async fn index() -> Result<String> {
//!     let settings: Settings = current_app().config().app()?;
//!     Ok(settings.greeting)
//! }
//!
//! fn app() -> App {
//!     App::new("hello").routes(routes![index])
//! }
//!
//! // A test says what it needs itself:
//! let client = app().configure(|config| config.set_app("greeting", "hi")).test_client();
//! assert_eq!(client.get("/").wait().text(), "hi");
//! ```
//!
//! `FLAGON_APP__GREETING=hi` is the same from the environment. Put passwords there rather than into a file in version control;
//! a [`Secret`](crate::Secret) is shown nowhere.
