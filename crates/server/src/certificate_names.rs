//! Which of several certificates is for which host.
//!
//! In: the names of each certificate. Out: for a host the certificates that hold for it, and whether a connection that was
//! opened for one host may be used for another. Never: looks at anything but names.
//!
//! RFC 6066 §3 (SNI), RFC 9525 §6.3 (a wildcard stands for one whole label, the first), RFC 9110 §15.5.20 (421).

use std::collections::HashMap;

use http::uri::Authority;

/// The names of several certificates; the first certificate is for everyone else.
#[derive(Debug, Default)]
pub(crate) struct CertificateNames(HashMap<Box<str>, Vec<usize>>);

impl CertificateNames {
    /// Collects the names of certificates, each in lower case, those with a wildcard as `*.example.org`.
    pub(crate) fn new<'n>(certificates: impl IntoIterator<Item = &'n [Box<str>]>) -> Self {
        let mut by_name: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, names) in certificates.into_iter().enumerate() {
            for name in names {
                by_name.entry(name.clone()).or_default().push(at);
            }
        }
        Self(by_name)
    }

    /// Gives the certificates for `host`, in lower case: those with its exact name, then those with a wildcard.
    pub(crate) fn of(&self, host: &str) -> impl Iterator<Item = usize> {
        let wildcard = host.split_once('.').and_then(|(_, parent)| self.0.get(&*format!("*.{parent}")));
        let exact = self.0.get(host);
        exact.into_iter().chain(wildcard).flatten().copied()
    }

    /// Tells whether a request for `asked` came over a connection that it should not have: its certificate, which is that
    /// for `server_name`, is not for that host, and another one is.
    pub(crate) fn is_misdirected(&self, server_name: &str, asked: &Authority) -> bool {
        let asked = asked.host().trim_end_matches('.').to_ascii_lowercase();
        let shown = self.of(&server_name.to_ascii_lowercase()).next().unwrap_or(0);
        let mut holding = self.of(&asked).peekable();
        holding.peek().is_some() && holding.all(|at| at != shown)
    }
}

#[cfg(test)]
mod tests {
    use super::CertificateNames;

    fn names() -> CertificateNames {
        let names = |names: &[&str]| -> Vec<Box<str>> { names.iter().map(|name| (*name).into()).collect() };
        let certificates =
            [names(&["example.org"]), names(&["*.example.net", "example.net"]), names(&["shop.example.net"])];
        CertificateNames::new(certificates.iter().map(Vec::as_slice))
    }

    #[test]
    fn exact_names_come_before_wildcards() {
        for (host, expected) in [
            ("example.org", &[0][..]),
            ("example.net", &[1]),
            ("a.example.net", &[1]),
            ("shop.example.net", &[2, 1]),
            ("a.b.example.net", &[]),
            ("www.example.org", &[]),
            ("net", &[]),
            ("", &[]),
        ] {
            assert_eq!(names().of(host).collect::<Vec<_>>(), expected, "{host}");
        }
    }

    #[test]
    fn only_a_host_with_another_certificate_is_misdirected() {
        for (server_name, asked, expected) in [
            ("example.org", "example.org", false),
            ("example.org", "EXAMPLE.org.:8443", false),
            ("example.org", "a.example.net", true),
            ("Example.NET", "a.example.net:8443", false),
            // The certificate that was shown holds for it, though there is a closer one.
            ("a.example.net", "shop.example.net", false),
            ("shop.example.net", "a.example.net", true),
            // Nobody's name: the default certificate's, whose connection may be used for it.
            ("unknown", "example.org", false),
            ("unknown", "example.net", true),
            ("shop.example.net", "unknown", false),
            ("shop.example.net", "192.0.2.1", false),
        ] {
            let asked_as = asked.parse().unwrap();
            assert_eq!(names().is_misdirected(server_name, &asked_as), expected, "{server_name} {asked}");
        }
    }
}
