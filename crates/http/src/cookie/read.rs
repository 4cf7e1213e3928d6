//! The `Cookie` field, as a server reads it.

use std::borrow::Cow;

use super::{
    quote::unquote,
    write::{PREFIXES, starts_with},
};

/// Reads the value of a `Cookie` field.
///
/// As lenient as Werkzeug, since what browsers send is what earlier pages set (RFC 6265 §5.4): whitespace around
/// names and values is left out, `name` without `=` has an empty value, pairs without a name are skipped, and a
/// value in double quotes loses them and its escapes (`\"`, `\\`, `\ooo`). Bytes that are not UTF-8 become U+FFFD.
/// A name that comes twice comes twice: the first one is the one with the longer path (6265bis §5.8.3).
///
/// Reads at most 500 pairs, far more than browsers keep for a site.
///
/// # Examples
///
/// ```
/// let pairs: Vec<_> = flagon_http::cookie::parse(br#"session=abc; theme="dark\054 wide""#).collect();
/// assert_eq!(pairs, [("session".into(), "abc".into()), ("theme".into(), "dark, wide".into())]);
/// ```
pub fn parse(field: &[u8]) -> Cookies<'_> {
    Cookies { rest: field, left: PAIRS_MAX }
}

/// The names and values of a `Cookie` field; see [`parse`].
#[derive(Debug, Clone)]
pub struct Cookies<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Iterator for Cookies<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() && self.left > 0 {
            self.left -= 1;
            let (pair, rest) = split_once(self.rest, b';');
            self.rest = rest;
            let (name, value) = split_once(pair, b'=');
            let name = name.trim_ascii();
            if !name.is_empty() {
                return Some((String::from_utf8_lossy(name), unquote(value.trim_ascii())));
            }
        }
        None
    }
}

/// Whether a cookie of this name, from this client, can be what its prefix says (6265bis §4.1.3, §5.8.3).
///
/// `__Secure-`, `__Host-`, `__Http-` and `__Host-Http-` promise that the cookie was set over HTTPS. A browser keeps that promise when it sets the
/// cookie, and sends it over HTTPS only; over HTTP such a name was made up by someone on the way. Of a `__Host-` name there
/// can be one cookie only (and one more for the embedding site), so of two that differ none is to be believed;
/// `values` are those that came under the name.
///
/// # Examples
///
/// ```
/// use flagon_http::cookie::{Arrived, is_believable};
///
/// assert!(is_believable("__Host-id", &["7"], Arrived::Securely));
/// assert!(!is_believable("__Host-id", &["7"], Arrived::InTheClear));
/// assert!(!is_believable("__Host-id", &["7", "8"], Arrived::Securely));
/// assert!(is_believable("id", &["7", "8"], Arrived::InTheClear));
/// ```
pub fn is_believable(name: &str, values: &[&str], arrived: Arrived) -> bool {
    if !PREFIXES.iter().any(|prefix| starts_with(name, prefix)) {
        return true;
    }
    let is_one = values.windows(2).all(|pair| pair[0] == pair[1]);
    arrived == Arrived::Securely && (is_one || !starts_with(name, "__Host-"))
}

/// How a cookie came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrived {
    /// Over TLS, or from this very machine, which browsers take for as good.
    Securely,
    /// So that others may have written it.
    InTheClear,
}

/// Splits at the first `separator`; without one, all is before it.
pub(super) fn split_once(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match memchr::memchr(separator, text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

const PAIRS_MAX: usize = 500;
