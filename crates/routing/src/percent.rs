//! Percent-encoding as routing needs it: a path to text, text to a path, values to a query.
//!
//! In: text. Out: text. Never: resolves `.` and `..`, or decodes twice.
//!
//! Which characters stay as they are is the URL standard's "URL-path-segment string" and
//! `application/x-www-form-urlencoded` serializer, with the exceptions Werkzeug makes.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const PATH: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

const QUERY: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'?')
    .remove(b'@');

/// Decodes the path of a request target, once, as a WSGI server does before it fills `PATH_INFO`.
///
/// Borrows when nothing is encoded. A `%` that two hexadecimal digits do not follow stays a `%`.
/// Bytes that are not UTF-8 become U+FFFD, as in Werkzeug: a view is never given broken text, and
/// a rule still matches. `%2F` becomes a `/` like any other, so it separates segments.
///
/// ```
/// use flagon_routing::decode_path;
///
/// assert_eq!(decode_path("/caf%C3%A9"), "/café");
/// assert_eq!(decode_path("/caf%E9"), "/caf\u{fffd}");
/// assert_eq!(decode_path("/100%"), "/100%");
/// ```
pub fn decode_path(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    percent_decode_str(raw).decode_utf8_lossy()
}

/// Appends `text` as it is written in a path; `/` stays.
pub(crate) fn push_path(url: &mut String, text: &str) {
    url.extend(utf8_percent_encode(text, PATH));
}

/// Appends `text` as a name or a value of a query; a space becomes `+`.
pub(crate) fn push_query(url: &mut String, text: &str) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            url.push('+');
        }
        url.extend(utf8_percent_encode(word, QUERY));
    }
}
