//! The `Set-Cookie` field, as a server writes it.

use std::{error::Error, fmt, time::Duration, time::SystemTime};

use http::HeaderValue;

use super::quote::quote;
use crate::{http_date::HttpDate, token::is_token};

/// A cookie to be set.
///
/// Its path is `/` unless another is given, as in Flask; everything else is off until it is asked for, here or by
/// [`or_protected`](Self::or_protected).
///
/// # Examples
///
/// ```
/// use flagon_http::cookie::{Cookie, SameSite};
///
/// let cookie = Cookie::new("__Host-session", "abc").secure().http_only().same_site(SameSite::Lax);
/// assert_eq!(
///     cookie.to_header_value()?,
///     "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax"
/// );
/// # Ok::<(), flagon_http::cookie::CookieError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    max_age: Option<Duration>,
    expires: Option<SystemTime>,
    secure: Option<bool>,
    http_only: Option<bool>,
    partitioned: bool,
    same_site: Sent,
}

/// What is said of `SameSite`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// Nothing yet: a default may come.
    Unsaid,
    /// That the attribute is to be left out.
    Without,
    As(SameSite),
}

/// Which requests from other sites carry a cookie (6265bis §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// None at all.
    Strict,
    /// Only when the user follows a link.
    Lax,
    /// All; needs `Secure`.
    None,
}

impl Cookie {
    /// Makes a cookie for `/` that lasts as long as the browser's session.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            path: Some("/".to_owned()),
            domain: None,
            max_age: None,
            expires: None,
            secure: None,
            http_only: None,
            partitioned: false,
            same_site: Sent::Unsaid,
        }
    }

    /// Makes a cookie that deletes the one of this name; its path and domain must be those it was set with.
    pub fn removal(name: impl Into<String>) -> Self {
        Self::new(name, "").max_age(Duration::ZERO).expires(SystemTime::UNIX_EPOCH)
    }

    /// Limits the cookie to `path` and what lies below it.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Leaves out the path: the browser takes the folder of the page.
    #[must_use]
    pub fn without_path(mut self) -> Self {
        self.path = None;
        self
    }

    /// Shares the cookie with the subdomains of `domain`; without it, only the very host gets it back.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Keeps the cookie for `age`, in whole seconds; zero deletes it. Browsers cut it at 400 days.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Keeps the cookie until `time`; where both are given, browsers obey the age.
    #[must_use]
    pub fn expires(mut self, time: SystemTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Sends the cookie over HTTPS only.
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.secure = Some(true);
        self
    }

    /// Hides the cookie from scripts.
    #[must_use]
    pub fn http_only(mut self) -> Self {
        self.http_only = Some(true);
        self
    }

    /// Keeps one cookie per site that embeds the page; needs `Secure`.
    #[must_use]
    pub fn partitioned(mut self) -> Self {
        self.partitioned = true;
        self
    }

    /// Says which requests from other sites carry the cookie.
    #[must_use]
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Sent::As(same_site);
        self
    }

    /// Sends the cookie over HTTP as well.
    #[must_use]
    pub fn insecure(mut self) -> Self {
        self.secure = Some(false);
        self
    }

    /// Shows the cookie to scripts.
    #[must_use]
    pub fn readable_by_scripts(mut self) -> Self {
        self.http_only = Some(false);
        self
    }

    /// Leaves it to the browser which requests from other sites carry the cookie.
    #[must_use]
    pub fn without_same_site(mut self) -> Self {
        self.same_site = Sent::Without;
        self
    }

    /// Sends the cookie over HTTPS only, unless [`insecure`](Self::insecure) was said.
    #[must_use]
    pub fn or_secure(mut self) -> Self {
        self.secure = self.secure.or(Some(true));
        self
    }

    /// Takes for what was not said what is safe: hidden from scripts, not with requests from other sites but links
    /// (`SameSite=Lax`), and over HTTPS only where browsers ask that of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use flagon_http::cookie::Cookie;
    ///
    /// let cookie = Cookie::new("__Host-id", "7").or_protected();
    /// assert_eq!(cookie.to_header_value()?, "__Host-id=7; Path=/; Secure; HttpOnly; SameSite=Lax");
    /// let cookie = Cookie::new("theme", "dark").readable_by_scripts().or_protected();
    /// assert_eq!(cookie.to_header_value()?, "theme=dark; Path=/; SameSite=Lax");
    /// # Ok::<(), flagon_http::cookie::CookieError>(())
    /// ```
    #[must_use]
    pub fn or_protected(mut self) -> Self {
        self.http_only = self.http_only.or(Some(true));
        if self.same_site == Sent::Unsaid {
            self.same_site = Sent::As(SameSite::Lax);
        }
        let needs_secure = self.partitioned
            || self.same_site == Sent::As(SameSite::None)
            || PREFIXES.iter().any(|prefix| starts_with(&self.name, prefix));
        if needs_secure { self.or_secure() } else { self }
    }

    /// The name, as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes the value of the `Set-Cookie` field. A value that a cookie cannot hold as it is, is quoted as
    /// Werkzeug does it, which [`parse`](super::parse) undoes.
    ///
    /// # Errors
    ///
    /// What a browser would refuse in silence is an error here: see [`CookieProblem`].
    pub fn to_header_value(&self) -> Result<HeaderValue, CookieError> {
        self.check()?;
        let mut text = format!("{}={}", self.name, quote(&self.value));
        let mut put = |attribute: &str, value: &str| {
            text.push_str(attribute);
            text.push_str(value);
        };
        if let Some(domain) = &self.domain {
            put("; Domain=", domain);
        }
        if let Some(time) = self.expires {
            put("; Expires=", HttpDate::from(time).as_str());
        }
        if let Some(age) = self.max_age {
            put("; Max-Age=", &age.as_secs().to_string());
        }
        if let Some(path) = &self.path {
            put("; Path=", path);
        }
        for (is_set, flag) in [
            (self.is_secure(), "; Secure"),
            (self.is_http_only(), "; HttpOnly"),
            (self.partitioned, "; Partitioned"),
        ] {
            put(if is_set { flag } else { "" }, "");
        }
        if let Sent::As(same_site) = self.same_site {
            put(same_site.attribute(), "");
        }
        if text.len() > SIZE_MAX {
            return Err(self.error(CookieProblem::TooLarge { size: text.len() }));
        }
        HeaderValue::try_from(text).map_err(|_| self.error(CookieProblem::Attribute))
    }

    /// 6265bis §4.1.1 (names), §4.1.3 (prefixes), §5.7 (what browsers ignore).
    fn check(&self) -> Result<(), CookieError> {
        let is_attribute = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b';');
        let has_path = self.path.as_deref().is_none_or(is_attribute);
        let has_domain =
            self.domain.as_deref().is_none_or(|domain| !domain.is_empty() && is_attribute(domain));
        let prefixed = |prefix: &str| starts_with(&self.name, prefix);
        let is_for_host = self.is_secure() && self.domain.is_none() && self.path.as_deref() == Some("/");
        let problem = if !is_token(self.name.as_bytes()) {
            CookieProblem::Name
        } else if !has_path || !has_domain {
            CookieProblem::Attribute
        } else if prefixed("__Host-") && !is_for_host {
            CookieProblem::HostPrefix
        } else if prefixed("__Secure-") && !self.is_secure() {
            CookieProblem::SecurePrefix
        } else if (prefixed("__Http-") || prefixed("__Host-Http-"))
            && !(self.is_secure() && self.is_http_only())
        {
            CookieProblem::HttpPrefix
        } else if self.same_site == Sent::As(SameSite::None) && !self.is_secure() {
            CookieProblem::SameSiteNone
        } else if self.partitioned && !self.is_secure() {
            CookieProblem::Partitioned
        } else {
            return Ok(());
        };
        Err(self.error(problem))
    }

    fn is_secure(&self) -> bool {
        self.secure.unwrap_or(false)
    }

    fn is_http_only(&self) -> bool {
        self.http_only.unwrap_or(false)
    }

    fn error(&self, problem: CookieProblem) -> CookieError {
        CookieError { name: self.name.clone(), problem }
    }
}

/// What a name begins with whose cookie has to be secure (6265bis §4.1.3).
pub(super) const PREFIXES: [&str; 4] = ["__Secure-", "__Host-", "__Http-", "__Host-Http-"];

/// Browsers compare prefixes without case, so that `__host-` cannot be smuggled past them.
pub(super) fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl SameSite {
    fn attribute(self) -> &'static str {
        match self {
            Self::Strict => "; SameSite=Strict",
            Self::Lax => "; SameSite=Lax",
            Self::None => "; SameSite=None",
        }
    }
}

/// Why a cookie cannot be set.
///
/// # Examples
///
/// ```
/// use flagon_http::cookie::{Cookie, CookieProblem};
///
/// let error = Cookie::new("__Host-id", "1").to_header_value().unwrap_err();
/// assert_eq!(error.problem(), CookieProblem::HostPrefix);
/// assert_eq!(
///     error.to_string(),
///     "cookie `__Host-id`: a name that starts with `__Host-` needs Secure, Path=/ and no Domain"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieError {
    name: String,
    problem: CookieProblem,
}

/// What is wrong with a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CookieProblem {
    /// The name is empty or not a token.
    Name,
    /// The path or the domain holds a control byte, a `;` or a byte outside ASCII, or the domain is empty.
    Attribute,
    /// A `__Host-` cookie is not Secure, not for `/`, or has a Domain.
    HostPrefix,
    /// A `__Secure-` cookie is not Secure.
    SecurePrefix,
    /// An `__Http-` or `__Host-Http-` cookie is not Secure and `HttpOnly`.
    HttpPrefix,
    /// `SameSite=None` without Secure.
    SameSiteNone,
    /// Partitioned without Secure.
    Partitioned,
    /// Name, value and attributes are longer than 4,096 bytes.
    TooLarge {
        /// How many bytes they are.
        size: usize,
    },
}

impl CookieError {
    /// What is wrong.
    pub fn problem(&self) -> CookieProblem {
        self.problem
    }

    /// The cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cookie `{}`: ", self.name.escape_debug())?;
        f.write_str(match self.problem {
            CookieProblem::Name => "a name is one or more letters, digits and signs such as `-` and `_`",
            CookieProblem::Attribute => {
                "its path or domain is empty or holds a byte that it cannot; use printable ASCII without `;`"
            }
            CookieProblem::HostPrefix => {
                "a name that starts with `__Host-` needs Secure, Path=/ and no Domain"
            }
            CookieProblem::SecurePrefix => "a name that starts with `__Secure-` needs Secure",
            CookieProblem::HttpPrefix => "a name that starts with `__Http-` needs Secure and HttpOnly",
            CookieProblem::SameSiteNone => "SameSite=None needs Secure",
            CookieProblem::Partitioned => "Partitioned needs Secure",
            CookieProblem::TooLarge { size } => {
                return write!(
                    f,
                    "it is {size} bytes and browsers keep at most {SIZE_MAX}; store less in it"
                );
            }
        })
    }
}

impl Error for CookieError {}

/// What every browser keeps (6265bis §6.1).
const SIZE_MAX: usize = 4096;
