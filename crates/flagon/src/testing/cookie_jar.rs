//! The cookies that a client keeps, and which of them a request carries.
//!
//! RFC 6265 §5.3 and §5.4, and of its revision the rules of the prefixes `__Host-` and `__Secure-`.

use std::time::SystemTime;

use flagon_http::cookie::{Cookie, SetCookie};
use http::{HeaderMap, HeaderValue, header};

use super::base_url::BaseUrl;

/// The cookies that a client keeps.
#[derive(Debug, Default)]
pub(super) struct CookieJar(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    cookie: SetCookie,
    domain: String,
    path: String,
    is_host_only: bool,
    received: SystemTime,
}

impl CookieJar {
    /// Keeps what an answer from `path` at `base` sets.
    pub(super) fn store(&mut self, base: &BaseUrl, path: &str, headers: &HeaderMap) {
        let fields = headers.get_all(header::SET_COOKIE).iter();
        for cookie in fields.filter_map(|field| SetCookie::parse(field.as_bytes())) {
            self.keep(base, path, cookie);
        }
    }

    fn keep(&mut self, base: &BaseUrl, path: &str, cookie: SetCookie) {
        let host = base.host().to_ascii_lowercase();
        let domain = cookie.domain.clone().unwrap_or_else(|| host.clone());
        if !domain_matches(&host, &domain) || !prefix_allows(&cookie) || (cookie.secure && !base.is_secure())
        {
            return;
        }
        let kept = Kept {
            path: cookie.path.clone().unwrap_or_else(|| default_path(path).to_owned()),
            is_host_only: cookie.domain.is_none(),
            received: SystemTime::now(),
            domain,
            cookie,
        };
        let is_same = |known: &Kept| {
            known.cookie.name == kept.cookie.name && known.domain == kept.domain && known.path == kept.path
        };
        let place = self.0.iter().position(is_same);
        match (place, kept.cookie.is_expired(kept.received, kept.received)) {
            (Some(place), true) => _ = self.0.remove(place),
            (Some(place), false) => self.0[place] = kept,
            (None, true) => (),
            (None, false) => self.0.push(kept),
        }
    }

    /// Forgets the cookies that end with the browser (6265bis §5.7, `persistent-flag`).
    pub(super) fn end_session(&mut self) {
        self.0.retain(|kept| kept.cookie.max_age.is_some() || kept.cookie.expires.is_some());
    }

    /// The `Cookie` field of a request for `path` at `base`, if there is anything to send.
    pub(super) fn field(&self, base: &BaseUrl, path: &str) -> Option<HeaderValue> {
        let mut fitting: Vec<&Kept> = self.0.iter().filter(|kept| kept.fits(base, path)).collect();
        fitting.sort_by_key(|kept| std::cmp::Reverse(kept.path.len())); // stable: older ones first
        let pairs: Vec<String> = fitting.iter().filter_map(|kept| kept.pair()).collect();
        if pairs.is_empty() { None } else { HeaderValue::try_from(pairs.join("; ")).ok() }
    }

    /// The cookie `name` that a request for `path` at `base` would carry.
    pub(super) fn value(&self, base: &BaseUrl, path: &str, name: &str) -> Option<String> {
        let fitting = self.0.iter().filter(|kept| kept.cookie.name == name && kept.fits(base, path));
        fitting.max_by_key(|kept| kept.path.len()).map(|kept| kept.cookie.value.clone())
    }
}

impl Kept {
    fn fits(&self, base: &BaseUrl, path: &str) -> bool {
        let host = base.host().to_ascii_lowercase();
        let is_for_host =
            if self.is_host_only { host == self.domain } else { domain_matches(&host, &self.domain) };
        is_for_host
            && path_matches(path.split('?').next().unwrap_or_default(), &self.path)
            && (!self.cookie.secure || base.is_secure())
            && !self.cookie.is_expired(self.received, SystemTime::now())
    }

    /// `name=value`, quoted again if need be.
    fn pair(&self) -> Option<String> {
        let plain = Cookie::new(&self.cookie.name, &self.cookie.value);
        // The prefixes are about attributes, which are not sent back.
        let cookie = if self.cookie.secure { plain.secure() } else { plain };
        let field = cookie.to_header_value().ok()?;
        field.to_str().ok()?.split(';').next().map(str::to_owned)
    }
}

/// RFC 6265 §5.1.3.
fn domain_matches(host: &str, domain: &str) -> bool {
    let is_address = || host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[');
    host == domain || (host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')) && !is_address())
}

/// RFC 6265 §5.1.4.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// RFC 6265 §5.1.4: the folder of the page.
fn default_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    match path.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        _ => "/",
    }
}

/// 6265bis §4.1.3.
fn prefix_allows(cookie: &SetCookie) -> bool {
    let name = cookie.name.to_ascii_lowercase();
    if name.starts_with("__host-") {
        cookie.secure && cookie.domain.is_none() && cookie.path.as_deref() == Some("/")
    } else {
        !name.starts_with("__secure-") || cookie.secure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent to `target` after `set` was received from `from`.
    fn sent(from: &str, set: &[&'static str], target: &str) -> Option<String> {
        let mut jar = CookieJar::default();
        let (base, path) = BaseUrl::localhost().join("/", from);
        let mut headers = HeaderMap::new();
        for field in set {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(field));
        }
        jar.store(&base, &path, &headers);
        let (base, path) = BaseUrl::localhost().join("/", target);
        jar.field(&base, &path).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn path_domain_and_secure_are_honoured() {
        for (from, set, target, expected) in [
            ("/", "a=1", "/x", Some("a=1")),
            ("/shop/cart", "a=1", "/shop/x", Some("a=1")),
            ("/shop/cart", "a=1", "/shopping", None),
            ("/shop/cart", "a=1", "/", None),
            ("/", "a=1; Path=/shop", "/shop?x", Some("a=1")),
            ("/", "a=1; Path=/shop/", "/shop", None),
            ("http://a.example/", "a=1", "http://b.a.example/", None),
            ("http://a.example/", "a=1; Domain=a.example", "http://b.a.example/", Some("a=1")),
            ("http://b.a.example/", "a=1; Domain=.a.example", "http://a.example/", Some("a=1")),
            ("http://a.example/", "a=1; Domain=evil.example", "http://evil.example/", None),
            ("http://a.example/", "a=1; Domain=example", "http://nota.example/", Some("a=1")),
            ("http://127.0.0.1/", "a=1; Domain=0.0.1", "http://127.0.0.1/", None),
            ("https://a.example/", "a=1; Secure", "https://a.example/", Some("a=1")),
            ("https://a.example/", "a=1; Secure", "http://a.example/", None),
            ("http://a.example/", "a=1; Secure", "https://a.example/", None),
            ("https://a.example/", "__Host-a=1; Secure; Path=/", "https://a.example/x", Some("__Host-a=1")),
            ("https://a.example/", "__Host-a=1; Secure; Path=/x", "https://a.example/x", None),
            ("https://a.example/", "__Secure-a=1", "https://a.example/", None),
            ("/", "a=1; Max-Age=0", "/", None),
            ("/", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "/", Some("a=1")),
            ("/", "a=\"b\\054 c\"", "/", Some("a=\"b\\054 c\"")),
        ] {
            assert_eq!(sent(from, &[set], target).as_deref(), expected, "{from} sets {set}, then {target}");
        }
    }

    #[test]
    fn longer_paths_first_and_one_cookie_per_name_domain_and_path() {
        let set = ["a=1", "a=2; Path=/x", "a=3", "b=4", "b=; Max-Age=0"];
        assert_eq!(sent("/", &set, "/x").as_deref(), Some("a=2; a=3"));
    }
}
