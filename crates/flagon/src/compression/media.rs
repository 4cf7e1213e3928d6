//! Which media types are worth packing: text in all its forms, and what is written like it. Pictures, sound, films, archives and fonts
//! of the web are packed already.

use http::HeaderValue;

/// Whether content of this `Content-Type` is worth packing.
pub(super) fn is_worth_packing(content_type: &HeaderValue) -> bool {
    let text = content_type.as_bytes();
    let end = memchr::memchr(b';', text).unwrap_or(text.len());
    let essence = text[..end].trim_ascii();
    let has = |known: &[u8]| essence.eq_ignore_ascii_case(known);
    let starts = |with: &[u8]| essence.len() > with.len() && essence[..with.len()].eq_ignore_ascii_case(with);
    let ends = |with: &[u8]| {
        essence.len() > with.len() && essence[essence.len() - with.len()..].eq_ignore_ascii_case(with)
    };
    starts(b"text/") || ends(b"+json") || ends(b"+xml") || OTHERS.iter().any(|known| has(known))
}

const OTHERS: [&[u8]; 17] = [
    b"application/json",
    b"application/javascript",
    b"application/xml",
    b"application/wasm",
    b"application/x-ndjson",
    b"application/jsonl",
    b"application/json-seq",
    b"application/graphql",
    b"application/toml",
    b"application/yaml",
    b"application/x-yaml",
    b"application/rtf",
    b"application/vnd.ms-fontobject",
    b"font/otf",
    b"font/ttf",
    b"image/bmp",
    b"image/x-icon",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        for (text, expected) in [
            ("text/html; charset=utf-8", true),
            ("TEXT/CSS", true),
            ("text/event-stream", true),
            ("application/problem+json", true),
            ("application/json;charset=utf-8", true),
            ("image/svg+xml", true),
            ("application/wasm", true),
            ("image/png", false),
            ("font/woff2", false),
            ("application/octet-stream", false),
            ("application/zip", false),
            ("multipart/byteranges; boundary=x", false),
            ("text/", false),
            ("", false),
        ] {
            assert_eq!(is_worth_packing(&HeaderValue::from_static(text)), expected, "{text}");
        }
    }
}
