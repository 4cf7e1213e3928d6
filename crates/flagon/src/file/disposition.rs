//! What a file is called where it is saved.
//!
//! In: a name. Out: the value of `Content-Disposition` (RFC 6266), the name twice when it is not plain ASCII: once for
//! clients of old, once by RFC 8187.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands as it is in an `ext-value` (RFC 8187 §3.2.1, `attr-char`).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Makes the value for `kind`, which is `attachment` or `inline`, and a file called `name`.
///
/// Control characters are left out of the name, so that it can't end the header.
pub(super) fn disposition(kind: &str, name: &str) -> HeaderValue {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let mut value = format!("{kind}; filename={}", quoted(&name));
    // A `%` in the plain form is decoded by some clients, so such a name is given in both.
    if !name.is_ascii() || name.contains('%') {
        value.push_str("; filename*=UTF-8''");
        value.extend(utf8_percent_encode(&name, VALUE));
    }
    HeaderValue::try_from(value).expect("printable ASCII is a header value")
}

/// A token as it is, anything else in quotes (RFC 9110 §5.6.4), with `_` for what is not ASCII.
fn quoted(name: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(is_token) {
        return name.to_owned();
    }
    let mut quoted = String::from('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii() => quoted.push(c),
            _ => quoted.push('_'),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("a.txt", "attachment; filename=a.txt"),
            ("my file.txt", "attachment; filename=\"my file.txt\""),
            ("a\"b\\c", r#"attachment; filename="a\"b\\c""#),
            ("a\r\nset-cookie: x", "attachment; filename=\"aset-cookie: x\""),
            ("50%.txt", "attachment; filename=\"50%.txt\"; filename*=UTF-8''50%25.txt"),
            ("€ rates.txt", "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"),
            ("", "attachment; filename=\"\""),
        ] {
            assert_eq!(disposition("attachment", name), expected, "{name:?}");
        }
    }
}
