//! Text that must not be shown.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Text that never shows itself: a key, a password, a token. It prints and serialises as `(hidden)`; only
/// [`expose`](Self::expose) gives it away.
///
/// # Examples
///
/// ```
/// let key = flagon::Secret::new("s3cret");
/// assert_eq!(format!("{key:?} {key}"), "(hidden) (hidden)");
/// assert_eq!(key.expose(), "s3cret");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

const HIDDEN: &str = "(hidden)";

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: not for logs, pages or messages.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

/// Gives what may be shown of `value`, which is called `name`: nothing of a key, a password or a token, and a URL without
/// its password.
pub(crate) fn masked(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if SECRET_NAMES.iter().any(|part| name.contains(part)) && !value.is_empty() {
        return HIDDEN.to_owned();
    }
    without_password(value).unwrap_or_else(|| value.to_owned())
}

/// What the name of a secret has in it.
const SECRET_NAMES: &[&str] = &[
    "secret",
    "password",
    "passwd",
    "passphrase",
    "_pass",
    "-pass",
    "pwd",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "_key",
    "-key",
    "private",
    "credential",
    "authorization",
    "cookie",
    "session",
    "csrf",
    "signature",
    "dsn",
];

/// `scheme://user:password@host` with the password hidden; `None` for what is no such URL.
fn without_password(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (userinfo, host) = authority.rsplit_once('@')?;
    let (user, _) = userinfo.split_once(':')?;
    Some(format!("{scheme}://{user}:{HIDDEN}@{host}{}", &rest[authority.len()..]))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_masked_by_name_and_in_urls() {
        for (name, value, expected) in [
            ("app.mail_password", "x", "(hidden)"),
            ("X-Api-Key", "x", "(hidden)"),
            ("app.signing_key", "x", "(hidden)"),
            ("app.smtp_pass", "x", "(hidden)"),
            ("server.key", "/etc/key.pem", "/etc/key.pem"),
            ("Authorization", "Bearer x", "(hidden)"),
            ("app.database", "mysql://ada:pw@db/x?y=1", "mysql://ada:(hidden)@db/x?y=1"),
            ("app.database", "mysql://ada:p@w@db", "mysql://ada:(hidden)@db"),
            ("app.site", "https://example.org/a:b@c", "https://example.org/a:b@c"),
            ("app.token", "", ""),
            ("app.greeting", "hello", "hello"),
        ] {
            assert_eq!(masked(name, value), expected, "{name}={value}");
        }
    }
}
