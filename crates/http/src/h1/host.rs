//! Which host a request names, and that it names only one.
//!
//! In: a finished head. Out: nothing, or a [`Refusal`]. Never: a look at which hosts are served.
//!
//! RFC 9112 §3.2 and §3.3, RFC 9110 §7.2; the grammar of a host is RFC 3986 §3.2.2.

use http::{
    HeaderMap, Method, Uri, Version,
    header::HOST,
    uri::{Authority, Scheme},
};

use super::refusal::Refusal;

/// Checks the Host field, alone and against the target.
pub(super) fn check(
    method: &Method,
    uri: &Uri,
    version: Version,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    let Some(host) = hosts.next() else {
        return if version == Version::HTTP_10 { Ok(()) } else { Err(Refusal::HostMissing) };
    };
    if hosts.next().is_some() {
        return Err(Refusal::HostRepeated);
    }
    let named = split(host.as_bytes()).ok_or(Refusal::HostInvalid)?;
    let Some(authority) = uri.authority() else { return Ok(()) };
    // RFC 9112 §3.2.2 lets the target win. A proxy before us may have let the field win, so a
    // request that names two hosts is refused.
    let targeted = split(authority.as_str().as_bytes()).ok_or(Refusal::Target)?;
    let default = default_port(method, uri);
    let same =
        named.0.eq_ignore_ascii_case(targeted.0) && port_or(named.1, default) == port_or(targeted.1, default);
    if same { Ok(()) } else { Err(Refusal::HostMismatch) }
}

/// Whether `authority` is a host with an optional port, without the user information that RFC 9110
/// §4.2.4 forbids.
pub(super) fn is_host(authority: &Authority) -> bool {
    split(authority.as_str().as_bytes()).is_some()
}

/// Splits `host[:port]`; `None` when it is not that. An empty host names nothing an `http` URI
/// could mean (RFC 9110 §4.2.1) and is none.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (host, rest) = if text.first() == Some(&b'[') {
        let end = memchr::memchr(b']', text)? + 1;
        let inside = &text[1..end - 1];
        let is_address = inside.contains(&b':')
            && inside.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
        if !is_address {
            return None;
        }
        text.split_at(end)
    } else {
        let end = memchr::memchr(b':', text).unwrap_or(text.len());
        if !is_registered_name(&text[..end]) {
            return None;
        }
        text.split_at(end)
    };
    match rest {
        [] => Some((host, rest)),
        [b':', port @ ..] if port.len() <= 5 && port.iter().all(u8::is_ascii_digit) => Some((host, port)),
        _ => None,
    }
}

/// Letters, digits and what else RFC 3986 allows in a registered name, except what could end an
/// attribute, a string or a call where an app writes the host into a page: `'`, `(`, `)`, `;`.
fn is_registered_name(host: &[u8]) -> bool {
    !host.is_empty()
        && host.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'-' | b'.' | b'_' | b'~' | b'%' | b'!' | b'$' | b'&' | b'*' | b'+' | b',' | b'='
                )
        })
}

fn default_port(method: &Method, uri: &Uri) -> &'static [u8] {
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => b"443",
        Some(_) => b"80",
        // RFC 9110 §9.3.6: CONNECT has no default.
        None => {
            debug_assert_eq!(method, Method::CONNECT, "only CONNECT has an authority without a scheme");
            b""
        }
    }
}

fn port_or<'a>(port: &'a [u8], default: &'a [u8]) -> &'a [u8] {
    if port.is_empty() { default } else { port }
}
