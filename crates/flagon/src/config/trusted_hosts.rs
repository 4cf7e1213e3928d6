//! Which hosts an app answers for.

/// Whether `host`, as a client sent it, is one of `trusted`, or nothing is said about that. The port does not matter, nor
/// does case; `.example.org` is the domain and all below it, as in Werkzeug.
pub(crate) fn is_trusted(host: &str, trusted: &[String]) -> bool {
    let host = name(host);
    let is = |pattern: &String| {
        let pattern = name(pattern);
        match pattern.strip_prefix('.') {
            Some(domain) => {
                host.eq_ignore_ascii_case(domain)
                    || host.len() > pattern.len()
                        && host.is_char_boundary(host.len() - pattern.len())
                        && host[host.len() - pattern.len()..].eq_ignore_ascii_case(pattern)
            }
            None => host.eq_ignore_ascii_case(pattern),
        }
    };
    trusted.is_empty() || trusted.iter().any(is)
}

/// A host without its port, and without the dot at the end of a full name.
pub(crate) fn name(host: &str) -> &str {
    let end = match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => colon,
        _ => host.len(),
    };
    host[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::is_trusted;

    #[test]
    fn hosts_are_trusted_by_name_and_by_domain() {
        let trusted = ["example.org", ".example.net", "[::1]:8000"].map(String::from);
        for (host, expected) in [
            ("example.org", true),
            ("EXAMPLE.org:8000", true),
            ("example.org.", true),
            ("www.example.org", false),
            ("example.org.evil", false),
            ("example.net", true),
            ("a.b.example.net:1", true),
            ("badexample.net", false),
            (".example.net", false),
            ("[::1]", true),
            ("[::2]", false),
            ("", false),
            (":80", false),
            ("éxample.net", false),
        ] {
            assert_eq!(is_trusted(host, &trusted), expected, "{host}");
        }
        assert!(is_trusted("anything", &[]));
    }
}
