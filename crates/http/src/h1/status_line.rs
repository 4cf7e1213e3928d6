//! Status lines, each a constant.
//!
//! RFC 9112 §4; the reasons are those of RFC 9110 §15 and of the IANA registry.

use bytes::BytesMut;
use http::StatusCode;

use super::digits;

/// Appends the status line of `status`, its CRLF included.
pub(super) fn put(output: &mut BytesMut, status: StatusCode) {
    if let Some(line) = registered(status.as_u16()) {
        output.extend_from_slice(line);
    } else {
        output.extend_from_slice(b"HTTP/1.1 ");
        digits::put_decimal(output, status.as_u16().into());
        // The reason may be empty, the space before it may not be left out.
        output.extend_from_slice(b" \r\n");
    }
}

macro_rules! status_lines {
    ($($code:literal $reason:literal)*) => {
        /// The name of a status as the registry has it today, in which RFC 9110 renamed 413 and 422; `None` where it has none.
        ///
        /// # Examples
        ///
        /// ```
        /// use http::StatusCode;
        ///
        /// assert_eq!(flagon_http::h1::reason(StatusCode::UNPROCESSABLE_ENTITY), Some("Unprocessable Content"));
        /// assert_eq!(flagon_http::h1::reason(StatusCode::from_u16(599).unwrap()), None);
        /// ```
        pub fn reason(status: StatusCode) -> Option<&'static str> {
            match status.as_u16() {
                $($code => Some($reason),)*
                _ => None,
            }
        }

        fn registered(code: u16) -> Option<&'static [u8]> {
            match code {
                $($code => Some(concat!("HTTP/1.1 ", $code, " ", $reason, "\r\n").as_bytes()),)*
                _ => None,
            }
        }
    };
}

status_lines! {
    100 "Continue"
    101 "Switching Protocols"
    102 "Processing"
    103 "Early Hints"
    200 "OK"
    201 "Created"
    202 "Accepted"
    203 "Non-Authoritative Information"
    204 "No Content"
    205 "Reset Content"
    206 "Partial Content"
    207 "Multi-Status"
    208 "Already Reported"
    226 "IM Used"
    300 "Multiple Choices"
    301 "Moved Permanently"
    302 "Found"
    303 "See Other"
    304 "Not Modified"
    305 "Use Proxy"
    307 "Temporary Redirect"
    308 "Permanent Redirect"
    400 "Bad Request"
    401 "Unauthorized"
    402 "Payment Required"
    403 "Forbidden"
    404 "Not Found"
    405 "Method Not Allowed"
    406 "Not Acceptable"
    407 "Proxy Authentication Required"
    408 "Request Timeout"
    409 "Conflict"
    410 "Gone"
    411 "Length Required"
    412 "Precondition Failed"
    413 "Content Too Large"
    414 "URI Too Long"
    415 "Unsupported Media Type"
    416 "Range Not Satisfiable"
    417 "Expectation Failed"
    418 "I'm a teapot"
    421 "Misdirected Request"
    422 "Unprocessable Content"
    423 "Locked"
    424 "Failed Dependency"
    425 "Too Early"
    426 "Upgrade Required"
    428 "Precondition Required"
    429 "Too Many Requests"
    431 "Request Header Fields Too Large"
    451 "Unavailable For Legal Reasons"
    500 "Internal Server Error"
    501 "Not Implemented"
    502 "Bad Gateway"
    503 "Service Unavailable"
    504 "Gateway Timeout"
    505 "HTTP Version Not Supported"
    506 "Variant Also Negotiates"
    507 "Insufficient Storage"
    508 "Loop Detected"
    510 "Not Extended"
    511 "Network Authentication Required"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(code: u16) -> String {
        let mut output = BytesMut::new();
        put(&mut output, StatusCode::from_u16(code).unwrap());
        String::from_utf8(output.to_vec()).unwrap()
    }

    #[test]
    fn every_code_the_http_crate_names_has_its_reason() {
        for code in 100..1000 {
            let reason = StatusCode::from_u16(code).unwrap().canonical_reason();
            let expected = match (code, reason) {
                (203, _) => "Non-Authoritative Information",
                // RFC 9110 renamed these two.
                (413, _) => "Content Too Large",
                (422, _) => "Unprocessable Content",
                (_, reason) => reason.unwrap_or_default(),
            };
            assert_eq!(line(code), format!("HTTP/1.1 {code} {expected}\r\n"));
            assert_eq!(super::reason(StatusCode::from_u16(code).unwrap()).unwrap_or_default(), expected);
        }
    }
}
