//! How remembered logins are written: `remember_cookie_tokens`.

use serde::{Deserialize, Serialize};

/// How the cookies of remembered logins are written, see [`login_user_and_remember`](crate::login_user_and_remember).
///
/// # Examples
///
/// ```
/// use flagon::config::{Config, RememberTokens};
///
/// let variables = [("FLAGON_REMEMBER_COOKIE_TOKENS".to_owned(), "flask-login".to_owned())];
/// assert_eq!(Config::from_parts(None, variables)?.remember_cookie_tokens, RememberTokens::FlaskLogin);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RememberTokens {
    /// With their time, after which they are worth nothing, and for the password that the user had: `timed`.
    #[default]
    Timed,
    /// As Flask-Login writes them, for a Flask app with the same key: `flask-login`. Those of either kind are read then. They name the
    /// user and nothing else, so a copy is good for as long as the key is.
    FlaskLogin,
}
