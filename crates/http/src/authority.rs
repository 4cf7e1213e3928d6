//! `host[:port]`, as a Host field and a target have it.
//!
//! RFC 3986 §3.2.2 and §3.2.3, RFC 9110 §4.2.

/// Whether `text` is `host[:port]` with a host that an `http` URI can name: no user information (RFC 9110 §4.2.4), and nothing
/// that could end an attribute, a string or a call where an app writes the host into a page.
///
/// # Examples
///
/// ```
/// use flagon_http::authority::is_host;
///
/// assert!(is_host(b"example.org") && is_host(b"[::1]:8000"));
/// assert!(!is_host(b"ada@example.org") && !is_host(b"a'b") && !is_host(b""));
/// ```
pub fn is_host(text: &[u8]) -> bool {
    split(text).is_some()
}

/// Splits `host[:port]`; `None` when it is not that. An empty host names nothing an `http` URI
/// could mean (RFC 9110 §4.2.1) and is none.
pub(crate) fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
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
        let end = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
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
    !host.is_empty() && host.iter().all(|byte| NAME[*byte as usize])
}

static NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.' | b'_' | b'~' | b'%' | b'!' | b'$' | b'&' | b'*' | b'+' | b',' | b'='
            );
        byte += 1;
    }
    table
};
