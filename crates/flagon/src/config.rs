//! The configuration of an app: defaults < TOML file < environment < code.

use std::time::Duration;

/// What an app can be told from outside. Flask's names, in lower case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Whether errors are shown to the client, with source lines and values: never in production.
    pub debug: bool,
    /// The longest request body that a view takes, in bytes: 2 MiB; a view can say otherwise with `max_body`.
    pub max_content_length: u64,
    /// How long a view may take to begin its answer: 30 s; `None` for as long as it likes.
    pub view_timeout: Option<Duration>,
    /// The host, and port if not the scheme's own, that the app is reached at: for `url_for` with `_external`
    /// outside a request, and for subdomains.
    pub server_name: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            debug: false,
            max_content_length: 2 * 1024 * 1024,
            view_timeout: Some(Duration::from_secs(30)),
            server_name: None,
        }
    }
}
