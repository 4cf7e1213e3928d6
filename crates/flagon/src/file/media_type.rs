//! The media type of a file, by its name.

use std::path::Path;

use http::HeaderValue;

const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The media type of the file at `path`, by its extension; what is text says that it is UTF-8.
pub(super) fn media_type(path: &Path) -> HeaderValue {
    match mime_guess::from_path(path).first_raw() {
        Some("text/html") => HeaderValue::from_static("text/html; charset=utf-8"),
        Some("text/css") => HeaderValue::from_static("text/css; charset=utf-8"),
        // RFC 9239 §6: all other names of it are obsolete.
        Some("text/javascript" | "application/javascript") => {
            HeaderValue::from_static("text/javascript; charset=utf-8")
        }
        Some("text/plain") => HeaderValue::from_static("text/plain; charset=utf-8"),
        Some(known) => with_charset(known).unwrap_or(UNKNOWN),
        None => UNKNOWN,
    }
}

/// `media_type` as a header value, with a charset if it is text and names none.
pub(super) fn with_charset(media_type: &str) -> Option<HeaderValue> {
    if is_text(media_type) && !media_type.contains("charset") {
        return HeaderValue::try_from(format!("{media_type}; charset=utf-8")).ok();
    }
    HeaderValue::from_str(media_type).ok()
}

/// Whether it is text whose charset would else be guessed. JSON is always UTF-8 and has no such parameter.
fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || media_type.ends_with("+xml")
        || matches!(
            media_type,
            "application/xml"
                | "application/javascript"
                | "application/ecmascript"
                | "application/sql"
                | "application/xml-dtd"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_extension() {
        for (name, expected) in [
            ("a.html", "text/html; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.mjs", "text/javascript; charset=utf-8"),
            ("A.CSS", "text/css; charset=utf-8"),
            ("a.svg", "image/svg+xml; charset=utf-8"),
            ("a.json", "application/json"),
            ("a.png", "image/png"),
            ("a.wasm", "application/wasm"),
            ("a.woff2", "font/woff2"),
            ("a.unheard-of", "application/octet-stream"),
            ("README", "application/octet-stream"),
        ] {
            assert_eq!(media_type(Path::new(name)), expected, "{name}");
        }
    }
}
