//! Origins: scheme, host and port (RFC 6454), as `Origin` and `Referer` tell them.
//!
//! In: a URL or the value of a header. Out: an [`Origin`] that compares as browsers compare. Never: takes what is no
//! `http` or `https` URL, `null` among it.

use std::fmt;

/// A scheme, a host and a port; written in lower case, without the port that is the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    /// With the brackets of an IPv6 address.
    host: String,
    port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn own_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// Reads an origin and nothing more: `https://example.org:8443`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = split(text)?;
        Self::new(scheme, authority)
    }

    /// The origin of a URL, such as a `Referer`.
    pub(crate) fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = split(url)?;
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        Self::new(scheme, &rest[..end])
    }

    /// The origin that a request for `host` (a host and perhaps a port) over `scheme` is for.
    pub(crate) fn of_host(scheme: &str, host: &str) -> Option<Self> {
        let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
        Self::new(scheme, host)
    }

    fn new(scheme: Scheme, authority: &str) -> Option<Self> {
        let (host, port) = match authority.rfind(':') {
            Some(colon) if !authority[colon..].contains(']') => {
                let digits = &authority[colon + 1..];
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                (&authority[..colon], digits.parse().ok()?)
            }
            _ => (authority, scheme.own_port()),
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~[]:%".contains(&byte);
        let is_host = !host.is_empty() && host.bytes().all(fits);
        let is_bracketed = host.starts_with('[') && host.ends_with(']');
        if !is_host || !is_bracketed && host.contains([':', '[', ']']) {
            return None;
        }
        Some(Self { scheme, host: host.to_ascii_lowercase(), port })
    }

    /// Whether a page of `self` is the app that answers at `own`: the very same origin, or its HTTPS where the app itself
    /// was asked over HTTP, as it is behind a proxy that ends TLS and is not declared. The other way round a page without
    /// TLS, which anyone on the way can write, would be trusted.
    pub(crate) fn is_own(&self, own: &Self) -> bool {
        let ports_are_default = self.port == self.scheme.own_port() && own.port == own.scheme.own_port();
        let is_upgrade = self.scheme == Scheme::Https && own.scheme == Scheme::Http;
        self.host == own.host
            && (self.scheme == own.scheme && self.port == own.port
                || is_upgrade && (ports_are_default || self.port == own.port))
    }
}

fn split(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = match scheme {
        _ if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
        _ if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
        _ => return None,
    };
    Some((scheme, rest))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != self.scheme.own_port() {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Origin;

    #[test]
    fn origins_are_read_and_written_as_browsers_do() {
        for (text, expected) in [
            ("https://example.org", Some("https://example.org")),
            ("HTTPS://Example.ORG:443", Some("https://example.org")),
            ("http://example.org:80", Some("http://example.org")),
            ("http://example.org:443", Some("http://example.org:443")),
            ("http://[::1]:8000", Some("http://[::1]:8000")),
            ("http://127.0.0.1:8000", Some("http://127.0.0.1:8000")),
            ("null", None),
            ("", None),
            ("example.org", None),
            ("ftp://example.org", None),
            ("https://", None),
            ("https://example.org/", None),
            ("https://example.org:", None),
            ("https://example.org:99999", None),
            ("https://example.org:+80", None),
            ("https://ada@example.org", None),
            ("https://example.org evil", None),
            ("https://::1", None),
        ] {
            let origin = Origin::parse(text).map(|origin| origin.to_string());
            assert_eq!(origin.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_referer_is_of_the_host_before_its_path() {
        for (url, expected) in [
            ("https://example.org/a?b#c", Some("https://example.org")),
            ("https://example.org?https://own.example/", Some("https://example.org")),
            ("https://example.org#@own.example/", Some("https://example.org")),
            ("https://own.example@evil.example/", None),
            ("https://evil.example\\@own.example/", Some("https://evil.example")),
            ("https://own.example.evil.example/", Some("https://own.example.evil.example")),
            ("about:blank", None),
        ] {
            let origin = Origin::of_url(url).map(|origin| origin.to_string());
            assert_eq!(origin.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn only_tls_may_be_more_than_the_app_saw() {
        for (page, scheme, host, expected) in [
            ("https://example.org", "https", "example.org", true),
            ("https://example.org", "http", "example.org", true),
            ("https://example.org:8443", "http", "example.org:8443", true),
            ("https://example.org:8443", "http", "example.org", false),
            ("http://example.org", "https", "example.org", false),
            ("http://example.org", "http", "example.org:8000", false),
            ("http://example.org:8000", "http", "EXAMPLE.org:8000", true),
            ("https://www.example.org", "https", "example.org", false),
            ("https://example.org.evil", "https", "example.org", false),
        ] {
            let own = Origin::of_host(scheme, host).unwrap();
            assert_eq!(Origin::parse(page).unwrap().is_own(&own), expected, "{page} at {scheme} {host}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            if let Some(origin) = Origin::parse(&text) {
                prop_assert_eq!(Origin::parse(&origin.to_string()), Some(origin));
            }
            let _ = Origin::of_url(&text);
        }
    }
}
