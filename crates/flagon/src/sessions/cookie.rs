//! The cookie of a session: its attributes, and what its presence means for caches.

use std::time::Duration;

use flagon_http::cookie::{Cookie, SameSite};
use http::{HeaderName, HeaderValue, header};

use crate::{config::Config, error::Result, request::Request, response::Response};

/// The attributes, as `session_cookie_…` of the configuration say.
#[derive(Debug, Clone)]
pub(crate) struct SessionCookie {
    pub(crate) name: String,
    domain: Option<String>,
    path: String,
    http_only: bool,
    secure: Option<bool>,
    same_site: Option<SameSite>,
    partitioned: bool,
    pub(crate) lifetime: Duration,
    pub(crate) is_refreshed: bool,
}

/// How long a cookie is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Until the browser ends.
    Session,
    /// So long from now on.
    For(Duration),
}

impl SessionCookie {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            name: config.session_cookie_name.clone(),
            domain: config.session_cookie_domain.clone(),
            path: config.session_cookie_path.clone().unwrap_or_else(|| "/".to_owned()),
            http_only: config.session_cookie_httponly,
            secure: config.session_cookie_secure,
            same_site: config.session_cookie_samesite,
            partitioned: config.session_cookie_partitioned,
            lifetime: config.permanent_session_lifetime,
            is_refreshed: config.session_refresh_each_request,
        }
    }

    /// The cookie of a remembered login: sent where the session's is, and never for scripts.
    pub(crate) fn of_remembered(config: &Config) -> Self {
        Self {
            name: config.remember_cookie_name.clone(),
            http_only: true,
            lifetime: config.remember_cookie_duration,
            ..Self::new(config)
        }
    }

    /// What the client sent under this name: more than one when cookies of several paths fit.
    pub(crate) fn values<'a>(&'a self, request: &'a Request) -> impl Iterator<Item = &'a str> {
        request.sent_cookies().get_all(&self.name).filter(|value| !value.is_empty())
    }

    /// Whether the client sent any.
    pub(crate) fn is_in(&self, request: &Request) -> bool {
        request.headers().contains_key(header::COOKIE) && self.values(request).next().is_some()
    }

    /// Sets the cookie to `value`.
    pub(crate) fn set(
        &self,
        request: &Request,
        response: &mut Response,
        value: String,
        keep: Keep,
    ) -> Result<()> {
        let cookie = Cookie::new(&self.name, value);
        let cookie = match keep {
            Keep::Session => cookie,
            Keep::For(time) => cookie.max_age(time),
        };
        self.put(request, response, cookie)
    }

    /// Makes the client forget the cookie.
    pub(crate) fn delete(&self, request: &Request, response: &mut Response) -> Result<()> {
        self.put(request, response, Cookie::removal(&self.name))
    }

    fn put(&self, request: &Request, response: &mut Response, cookie: Cookie) -> Result<()> {
        let mut cookie = cookie.path(&self.path);
        if self.secure.unwrap_or_else(|| request.is_secure() || self.needs_secure()) {
            cookie = cookie.secure();
        }
        if self.http_only {
            cookie = cookie.http_only();
        }
        if self.partitioned {
            cookie = cookie.partitioned();
        }
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        if let Some(same_site) = self.same_site {
            cookie = cookie.same_site(same_site);
        }
        response.headers_mut().append(header::SET_COOKIE, cookie.to_header_value()?);
        Ok(())
    }

    /// Whether browsers would drop the cookie without `Secure` (6265bis §5.7).
    fn needs_secure(&self) -> bool {
        self.partitioned || self.same_site == Some(SameSite::None) || self.name.starts_with("__")
    }
}

/// Keeps caches from handing a cookie that is one client's to another (RFC 9111 §5.2.2.4). A cache that does not know the
/// field form takes it for `no-cache`.
pub(crate) fn keep_cookies_out_of_caches(response: &mut Response) {
    if response.headers().contains_key(header::SET_COOKIE) {
        add_to_list(response, header::CACHE_CONTROL, "no-cache=\"Set-Cookie\"", |directive| {
            let name = directive.split('=').next().unwrap_or_default().trim();
            ["no-store", "private", "no-cache"].iter().any(|safe| name.eq_ignore_ascii_case(safe))
        });
    }
}

/// Adds `member` to a field that is a list, unless one of its members is as good.
fn add_to_list(
    response: &mut Response,
    name: HeaderName,
    member: &'static str,
    is_enough: impl Fn(&str) -> bool,
) {
    let fields = response.headers().get_all(&name);
    let is_there = fields
        .iter()
        .filter_map(|field| field.to_str().ok())
        .any(|field| field.split(',').any(|member| is_enough(member.trim())));
    if !is_there {
        response.headers_mut().append(name, HeaderValue::from_static(member));
    }
}
