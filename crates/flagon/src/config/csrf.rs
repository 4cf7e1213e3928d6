//! What the check against forged requests is told: the `[csrf]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::units;

/// What the check against forged requests (CSRF) is told: the `[csrf]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_CSRF__TRUSTED_ORIGINS".to_owned(), "https://pay.example.org".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.csrf.trusted_origins, ["https://pay.example.org"]);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CsrfConfig {
    /// Other origins whose pages may send requests for the user, each a scheme and a host: `https://pay.example.org`.
    pub trusted_origins: Vec<String>,
    /// Names of request headers that prove by being there that no other site's page sent the request, since browsers ask
    /// before they let one set it: `X-Requested-With`. For clients of an API that keep no token.
    pub headers: Vec<String>,
    /// Names of cookies that log a client in, beside those of the session and of a remembered login: a request that
    /// carries one is checked as strictly.
    pub cookies: Vec<String>,
    /// How long a form's token holds: `None` (`"none"` in a file) for as long as its session does.
    #[serde(with = "units::optional_duration")]
    pub time_limit: Option<Duration>,
    /// How tokens are written.
    pub tokens: CsrfTokens,
}

/// How the tokens of forms are written. Both kinds are always read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CsrfTokens {
    /// Different in each answer, so that compression does not give them away (BREACH): `masked`.
    #[default]
    Masked,
    /// As Flask-WTF writes them, for forms that a Flask app with the same key and session cookie takes: `flask-wtf`.
    FlaskWtf,
}
