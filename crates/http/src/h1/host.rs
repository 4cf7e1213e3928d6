//! Which host a request names, and that it names only one.
//!
//! In: a finished head. Out: nothing, or a [`Refusal`]. Never: a look at which hosts are served.
//!
//! RFC 9112 §3.2 and §3.3, RFC 9110 §7.2; the grammar of a host is RFC 3986 §3.2.2.

use http::{
    Method, Uri, Version,
    uri::{Authority, Scheme},
};

use super::refusal::Refusal;
use crate::authority;

/// Checks the Host field, of which there are so many, alone and against the target.
pub(super) fn check(
    method: &Method,
    uri: &Uri,
    version: Version,
    (hosts, host): (usize, &[u8]),
) -> Result<(), Refusal> {
    match hosts {
        0 if version == Version::HTTP_10 => return Ok(()),
        0 => return Err(Refusal::HostMissing),
        1 => (),
        _ => return Err(Refusal::HostRepeated),
    }
    let named = authority::split(host).ok_or(Refusal::HostInvalid)?;
    let Some(target) = uri.authority() else { return Ok(()) };
    // RFC 9112 §3.2.2 lets the target win. A proxy before us may have let the field win, so a
    // request that names two hosts is refused.
    let targeted = authority::split(target.as_str().as_bytes()).ok_or(Refusal::Target)?;
    let default = default_port(method, uri);
    let same =
        named.0.eq_ignore_ascii_case(targeted.0) && port_or(named.1, default) == port_or(targeted.1, default);
    if same { Ok(()) } else { Err(Refusal::HostMismatch) }
}

/// Whether `authority` is a host with an optional port, without the user information that RFC 9110
/// §4.2.4 forbids.
pub(super) fn is_host(authority: &Authority) -> bool {
    authority::is_host(authority.as_str().as_bytes())
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
