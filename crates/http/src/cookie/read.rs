//! The `Cookie` field, as a server reads it.

use std::borrow::Cow;

use super::quote::unquote;

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

/// Splits at the first `separator`; without one, all is before it.
pub(super) fn split_once(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    match memchr::memchr(separator, text) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

const PAIRS_MAX: usize = 500;
