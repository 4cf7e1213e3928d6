//! Values that a cookie cannot hold as they are: in quotes, with `\"`, `\\` and `\ooo` (octal).
//!
//! RFC 6265 §4.1.1 knows no escapes; these are the ones of Python's `http.cookies` and of Werkzeug.

use std::borrow::Cow;

/// Gives `value` as a cookie holds it.
pub(super) fn quote(value: &str) -> Cow<'_, str> {
    if value.bytes().all(is_plain) {
        return Cow::Borrowed(value);
    }
    let mut quoted = String::with_capacity(value.len() + 8);
    quoted.push('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(byte.into());
            }
            b',' | b';' | ..0x20 | 0x7f.. => {
                quoted.push('\\');
                for shift in [6, 3, 0] {
                    quoted.push(((byte >> shift & 7) + b'0').into());
                }
            }
            _ => quoted.push(byte.into()),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}

/// Gives the value that a cookie holds as `text`, which has no whitespace around it.
pub(super) fn unquote(text: &[u8]) -> Cow<'_, str> {
    let [b'"', inside @ .., b'"'] = text else { return String::from_utf8_lossy(text) };
    if !inside.contains(&b'\\') {
        return String::from_utf8_lossy(inside);
    }
    let mut value = Vec::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        rest = match rest {
            [] => break,
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                value.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                after
            }
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                value.push(*byte);
                after
            }
        };
    }
    Cow::Owned(
        String::from_utf8(value)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

/// What Werkzeug leaves unquoted: letters, digits and most signs, but no space, `"`, `,`, `;` or `\`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}
