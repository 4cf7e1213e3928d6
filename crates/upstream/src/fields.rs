//! Which fields concern one connection only, and stay on it.
//!
//! In: the fields of a message. Out: which of them are not passed on. Never: a field that names another party's connection.
//!
//! RFC 9110 §7.6.1.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONNECTION, CONTENT_LENGTH, PROXY_AUTHENTICATE, TE, TRANSFER_ENCODING, UPGRADE},
};

/// The names that a message lists in `Connection`, mostly none.
#[derive(Debug, Default)]
pub(crate) struct Listed<'a>(Vec<&'a str>);

impl<'a> Listed<'a> {
    /// Reads the `Connection` fields of `headers`.
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
        let names = values.flat_map(|value| value.split(',')).map(str::trim);
        let usual = |name: &str| {
            name.is_empty() || name.eq_ignore_ascii_case("keep-alive") || name.eq_ignore_ascii_case("close")
        };
        Self(names.filter(|name| !usual(name)).collect())
    }

    /// Whether `name`, which is lower case, is listed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|listed| listed.eq_ignore_ascii_case(name))
    }

    /// The listed names that can be those of fields.
    fn names(&self) -> impl Iterator<Item = HeaderName> {
        self.0.iter().filter_map(|name| name.parse().ok())
    }
}

/// Whether a field of this name, in lower case, is one connection's whatever `Connection` lists.
pub(crate) fn is_of_connection(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "http2-settings"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authorization"
            | "te"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Takes out of an answer what concerns its connection only. What a body's framing was is decided by then.
pub(crate) fn take_out_of_answer(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let listed: Vec<_> = Listed::of(headers).names().collect();
        for name in listed.iter().filter(|name| **name != CONTENT_LENGTH) {
            headers.remove(name);
        }
        headers.remove(CONNECTION);
    }
    for name in [TRANSFER_ENCODING, UPGRADE, TE, PROXY_AUTHENTICATE, KEEP_ALIVE, PROXY_CONNECTION] {
        headers.remove(name);
    }
}

/// Whether one of `values`, each a list, has the token `token`, which is lower case.
pub(crate) fn has_token<'a>(values: impl IntoIterator<Item = &'a HeaderValue>, token: &str) -> bool {
    let values = values.into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_keeps_to_its_connection_goes() {
        let fields = [
            ("connection", "x-hop, close, content-length"),
            ("x-hop", "1"),
            ("x-end", "2"),
            ("keep-alive", "timeout=5"),
            ("upgrade", "h2c"),
            ("transfer-encoding", "chunked"),
            ("content-length", "3"),
        ];
        let mut headers: HeaderMap = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        take_out_of_answer(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["x-end", "content-length"]);
    }
}
