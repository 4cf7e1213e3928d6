//! The `Set-Cookie` field, as a client reads it.

use std::time::SystemTime;

use super::{quote::unquote, read::split_once, write::SameSite};
use crate::http_date;

/// A cookie that a server set; 6265bis §5.6.
///
/// # Examples
///
/// ```
/// use flagon_http::cookie::SetCookie;
///
/// let cookie = SetCookie::parse(b"id=7; Path=/shop; Max-Age=60; HttpOnly").unwrap();
/// assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("id", "7"));
/// assert_eq!((cookie.path.as_deref(), cookie.max_age), (Some("/shop"), Some(60)));
/// assert!(cookie.http_only && !cookie.secure);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SetCookie {
    /// The name.
    pub name: String,
    /// The value, without quotes and escapes.
    pub value: String,
    /// The path, when it is given and starts with `/`.
    pub path: Option<String>,
    /// The domain, in lower case and without a leading dot.
    pub domain: Option<String>,
    /// Seconds to live; zero or less deletes the cookie.
    pub max_age: Option<i64>,
    /// When it ends, unless there is an age.
    pub expires: Option<SystemTime>,
    /// Only for HTTPS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// One per embedding site.
    pub partitioned: bool,
    /// Which requests from other sites carry it.
    pub same_site: Option<SameSite>,
}

impl SetCookie {
    /// Reads the value of a `Set-Cookie` field; `None` when it has no name or a control byte. Attributes that are
    /// unknown or malformed are ignored, the last of several counts.
    pub fn parse(field: &[u8]) -> Option<Self> {
        if field.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return None;
        }
        let (pair, mut rest) = split_once(field, b';');
        let (name, value) = split_once(pair, b'=');
        let name = name.trim_ascii();
        if name.is_empty() {
            return None;
        }
        let mut cookie = Self {
            name: String::from_utf8_lossy(name).into_owned(),
            value: unquote(value.trim_ascii()).into_owned(),
            ..Self::default()
        };
        while !rest.is_empty() {
            let (attribute, after) = split_once(rest, b';');
            rest = after;
            let (name, value) = split_once(attribute, b'=');
            cookie.set(name.trim_ascii(), String::from_utf8_lossy(value.trim_ascii()).as_ref());
        }
        Some(cookie)
    }

    /// Whether the cookie, received at `received`, is over at `now`.
    pub fn is_expired(&self, received: SystemTime, now: SystemTime) -> bool {
        match (self.max_age, self.expires) {
            (Some(age), _) => match u64::try_from(age) {
                Ok(age) => now.duration_since(received).is_ok_and(|passed| passed.as_secs() >= age),
                Err(_) => true,
            },
            (None, Some(expires)) => expires <= now,
            (None, None) => false,
        }
    }

    fn set(&mut self, attribute: &[u8], value: &str) {
        match attribute.to_ascii_lowercase().as_slice() {
            b"path" => self.path = value.starts_with('/').then(|| value.to_owned()),
            b"domain" => {
                let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
                self.domain = (!domain.is_empty()).then_some(domain);
            }
            b"max-age" => self.max_age = parse_age(value).or(self.max_age),
            // Netscape wrote dashes: `Wed, 21-Oct-2015 07:28:00 GMT`.
            b"expires" => {
                let time = http_date::parse(value).or_else(|| http_date::parse(&value.replace('-', " ")));
                self.expires = time.or(self.expires);
            }
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"partitioned" => self.partitioned = true,
            b"samesite" => {
                self.same_site = match value.to_ascii_lowercase().as_str() {
                    "strict" => Some(SameSite::Strict),
                    "lax" => Some(SameSite::Lax),
                    "none" => Some(SameSite::None),
                    _ => None,
                };
            }
            _ => (),
        }
    }
}

/// 6265bis §5.6.2: digits, after a minus perhaps; more than fits means for ever or long ago.
fn parse_age(text: &str) -> Option<i64> {
    let (digits, past) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let age = digits.parse().unwrap_or(i64::MAX);
    Some(if past { -age } else { age })
}
