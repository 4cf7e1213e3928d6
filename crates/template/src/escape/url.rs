//! URLs: only schemes that do not run code, and parts that stay the part they are put in.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

/// What stands where a URL could have run code.
pub(crate) const BLOCKED: &str = "#flagon-blocked";

/// Schemes that a value may name.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// `url`, or [`BLOCKED`] if it names a scheme other than http, https, mailto and tel.
pub(crate) fn checked(url: &str) -> &str {
    match scheme(url) {
        Some(scheme) if !SCHEMES.contains(&&*scheme.to_ascii_lowercase()) => BLOCKED,
        _ => url,
    }
}

/// The scheme that a browser finds in `url`.
///
/// WHATWG URL §4.4: leading control characters and spaces are skipped, tabs and line breaks are removed anywhere.
pub(crate) fn scheme(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let end = url.find([':', '/', '?', '#', '\\']).filter(|end| url[*end..].starts_with(':'))?;
    let scheme = &url[..end];
    let scheme = if scheme.contains(['\t', '\n', '\r']) {
        Cow::Owned(scheme.replace(['\t', '\n', '\r'], ""))
    } else {
        Cow::Borrowed(scheme)
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// Each URL of a set, such as `srcset`, checked.
pub(crate) fn checked_set(set: &str, separator: char) -> Cow<'_, str> {
    if set.split(separator).all(|candidate| checked(candidate) == candidate) {
        return Cow::Borrowed(set);
    }
    let candidates: Vec<_> = set.split(separator).map(checked).collect();
    Cow::Owned(candidates.join(separator.encode_utf8(&mut [0; 4])))
}

/// Writes the value of a parameter: what would begin the next one or end the query is encoded, and so is what the parser of
/// URLs removes (WHATWG URL §4.4): control characters, and spaces at the end.
pub(crate) fn write_value(out: &mut impl Write, text: &str) -> fmt::Result {
    let kept = text.trim_end_matches(' ');
    write_encoded(out, kept, |byte| byte < b' ' || matches!(byte, b'&' | b'#' | b'+' | b'%' | b';' | 0x7f))?;
    text[kept.len()..].chars().try_for_each(|_| out.write_str("%20"))
}

/// Writes the begin of a path to which static text has given a begin: no colon may make a scheme of both.
pub(crate) fn write_segment(out: &mut impl Write, text: &str) -> fmt::Result {
    write_encoded(out, text, |byte| byte == b':')
}

/// Writes what follows a single `/`: a second one would name another host.
pub(crate) fn write_rooted(out: &mut impl Write, text: &str) -> fmt::Result {
    // WHATWG URL §4.4: tabs and line breaks before it are removed, and a backslash is a slash.
    let rest = text.trim_start_matches(['\t', '\n', '\r']);
    if rest.starts_with(['/', '\\']) {
        out.write_str(if rest.starts_with('/') { "%2F" } else { "%5C" })?;
        return out.write_str(&rest[1..]);
    }
    out.write_str(text)
}

fn write_encoded(out: &mut impl Write, text: &str, special: impl Fn(u8) -> bool) -> fmt::Result {
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        if special(byte) {
            out.write_str(&text[written..at])?;
            write!(out, "%{byte:02X}")?;
            written = at + 1;
        }
    }
    out.write_str(&text[written..])
}
