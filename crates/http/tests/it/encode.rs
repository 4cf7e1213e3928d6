//! Answers, byte for byte.

use std::sync::Arc;

use bytes::BytesMut;
use flagon_http::{
    FieldBlock, ReadyFields,
    h1::{
        BodySize, Encoded, Persistence, Refusal, RequestFacts, Transfer, encode_chunk, encode_continue,
        encode_head, encode_informational, encode_last_chunk,
    },
    http_date::HttpDate,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};

const DATE: &str = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";

struct Answer {
    text: String,
    encoded: Encoded,
}

/// Encodes an answer with `fields` for a request such as `GET 1.1`.
fn answer(request: &str, status: u16, fields: &[(&'static str, &'static str)], size: BodySize) -> Answer {
    encode(request, status, fields, size, Persistence::KeepAlive)
}

fn encode(
    request: &str,
    status: u16,
    fields: &[(&'static str, &'static str)],
    size: BodySize,
    persistence: Persistence,
) -> Answer {
    let (method, version) = request.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let version = if version == "1.0" { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in fields {
        response.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let mut output = BytesMut::new();
    let request = RequestFacts { method: &method, version };
    let ready = ReadyFields::default();
    let encoded = encode_head(&mut output, &response, &ready, size, request, persistence, &HttpDate::EPOCH);
    Answer { text: String::from_utf8(output.to_vec()).unwrap(), encoded }
}

#[test]
fn a_body_of_known_length() {
    let answer = answer("GET 1.1", 200, &[("content-type", "text/plain")], BodySize::Exact(13));
    assert_eq!(
        answer.text,
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n{DATE}Content-Length: 13\r\n\r\n")
    );
    assert_eq!(answer.encoded.transfer, Transfer::Length(13));
    assert_eq!(answer.encoded.persistence, Persistence::KeepAlive);
}

#[test]
fn a_stream_is_chunked_in_http11_and_closes_in_http10() {
    let chunked = answer("GET 1.1", 200, &[], BodySize::Unknown);
    assert_eq!(chunked.text, format!("HTTP/1.1 200 OK\r\n{DATE}Transfer-Encoding: chunked\r\n\r\n"));
    assert_eq!(chunked.encoded.transfer, Transfer::Chunked);
    let closing = answer("GET 1.0", 200, &[], BodySize::Unknown);
    assert_eq!(closing.text, format!("HTTP/1.1 200 OK\r\n{DATE}Connection: close\r\n\r\n"));
    assert_eq!(closing.encoded, Encoded { transfer: Transfer::UntilClose, persistence: Persistence::Close });
}

#[test]
fn a_length_of_the_app_counts_only_where_the_size_is_unknown() {
    let stream = answer("GET 1.1", 200, &[("content-length", "7")], BodySize::Unknown);
    assert_eq!(stream.text, format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 7\r\n\r\n"));
    assert_eq!(stream.encoded.transfer, Transfer::Length(7));
    let wrong = answer("GET 1.1", 200, &[("content-length", "7")], BodySize::Exact(5));
    assert_eq!(wrong.text, format!("HTTP/1.1 200 OK\r\n{DATE}Content-Length: 5\r\n\r\n"));
    let malformed = answer("GET 1.1", 200, &[("content-length", "+7")], BodySize::Unknown);
    assert_eq!(malformed.encoded.transfer, Transfer::Chunked);
}

#[test]
fn an_empty_body_says_so() {
    let answer = answer("POST 1.1", 201, &[], BodySize::Exact(0));
    assert_eq!(answer.text, format!("HTTP/1.1 201 Created\r\n{DATE}Content-Length: 0\r\n\r\n"));
    assert_eq!(answer.encoded.transfer, Transfer::None);
}

#[test]
fn head_has_the_length_of_get_and_no_body() {
    let known = answer("HEAD 1.1", 200, &[], BodySize::Exact(5));
    assert!(known.text.contains("Content-Length: 5\r\n"), "{}", known.text);
    assert_eq!(known.encoded.transfer, Transfer::None);
    let wrong = answer("HEAD 1.1", 200, &[("content-length", "99")], BodySize::Exact(5));
    assert!(wrong.text.contains("Content-Length: 5\r\n"), "{}", wrong.text);
    let given = answer("HEAD 1.1", 200, &[("content-length", "99")], BodySize::Exact(0));
    assert!(given.text.contains("Content-Length: 99\r\n"), "{}", given.text);
    for size in [BodySize::Unknown, BodySize::Exact(0)] {
        let unknown = answer("HEAD 1.0", 200, &[], size);
        assert_eq!(unknown.text, format!("HTTP/1.1 200 OK\r\n{DATE}Connection: keep-alive\r\n\r\n"));
        assert_eq!(unknown.encoded.transfer, Transfer::None);
    }
}

#[test]
fn statuses_without_a_body_have_none() {
    for (status, line) in [(204, "204 No Content"), (304, "304 Not Modified")] {
        for size in [BodySize::Exact(5), BodySize::Unknown] {
            let answer = answer("GET 1.1", status, &[], size);
            assert_eq!(answer.text, format!("HTTP/1.1 {line}\r\n{DATE}\r\n"));
            assert_eq!(answer.encoded.transfer, Transfer::None);
        }
    }
    let unmodified = answer("GET 1.1", 304, &[("content-length", "5")], BodySize::Exact(0));
    assert!(unmodified.text.contains("Content-Length: 5\r\n"));
    let without = answer("GET 1.1", 204, &[("content-length", "5")], BodySize::Exact(0));
    assert!(!without.text.contains("ontent-"));
    let reset = answer("GET 1.1", 205, &[], BodySize::Exact(5));
    assert!(reset.text.contains("Content-Length: 0\r\n"));
    assert_eq!(reset.encoded.transfer, Transfer::None);
    let tunnel = answer("CONNECT 1.1", 200, &[], BodySize::Exact(5));
    assert_eq!(tunnel.text, format!("HTTP/1.1 200 OK\r\n{DATE}\r\n"));
}

#[test]
fn fields_of_the_connection_are_ours() {
    let fields = [
        ("connection", "x-a, upgrade"),
        ("transfer-encoding", "gzip"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("x-a", "kept"),
    ];
    let answer = answer("GET 1.1", 200, &fields, BodySize::Exact(1));
    assert_eq!(answer.text, format!("HTTP/1.1 200 OK\r\nx-a: kept\r\n{DATE}Content-Length: 1\r\n\r\n"));
}

#[test]
fn the_connection_closes_when_server_or_app_say_so() {
    let by_app = answer("GET 1.1", 200, &[("connection", "Close")], BodySize::Exact(1));
    assert!(by_app.text.ends_with("Connection: close\r\n\r\n"));
    assert_eq!(by_app.encoded.persistence, Persistence::Close);
    let by_server = encode("GET 1.1", 200, &[], BodySize::Exact(1), Persistence::Close);
    assert!(by_server.text.ends_with("Connection: close\r\n\r\n"));
    let kept = answer("GET 1.0", 200, &[], BodySize::Exact(1));
    assert!(kept.text.ends_with("Connection: keep-alive\r\n\r\n"));
}

#[test]
fn upgrade_is_announced_as_the_connections() {
    let switch =
        answer("GET 1.1", 101, &[("upgrade", "websocket"), ("connection", "upgrade")], BodySize::Exact(0));
    assert_eq!(
        switch.text,
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n{DATE}Connection: upgrade\r\n\r\n"
        )
    );
    let required = encode("GET 1.1", 426, &[("upgrade", "h2c")], BodySize::Exact(0), Persistence::Close);
    assert!(required.text.ends_with("Connection: close, upgrade\r\n\r\n"));
}

#[test]
fn a_date_of_the_app_is_kept() {
    let answer = answer("GET 1.1", 200, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")], BodySize::Exact(0));
    assert_eq!(answer.text.to_lowercase().matches("date:").count(), 1);
    assert!(answer.text.contains("date: Sun, 06 Nov 1994"));
}

#[test]
fn an_informational_status_is_no_answer() {
    let early = answer("GET 1.1", 103, &[], BodySize::Exact(0));
    assert!(early.text.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    let mut output = BytesMut::new();
    for status in [100, 101, 200] {
        encode_informational(&mut output, StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
    }
    assert!(output.is_empty());
    encode_continue(&mut output);
    assert_eq!(output, "HTTP/1.1 100 Continue\r\n\r\n");
}

#[test]
fn an_unregistered_status_has_no_reason() {
    assert!(answer("GET 1.1", 299, &[], BodySize::Exact(0)).text.starts_with("HTTP/1.1 299 \r\nDate: "));
}

#[test]
fn chunks_and_trailers() {
    let mut output = BytesMut::new();
    encode_chunk(&mut output, b"");
    encode_chunk(&mut output, &[b'x'; 26]);
    let mut trailers = HeaderMap::new();
    trailers.insert("server-timing", HeaderValue::from_static("db;dur=5"));
    trailers.insert("content-length", HeaderValue::from_static("5"));
    encode_last_chunk(&mut output, Some(&trailers));
    assert_eq!(output, "1a\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n0\r\nserver-timing: db;dur=5\r\n\r\n");
}

#[test]
fn refusals_have_the_codes_they_name() {
    let codes = [
        (Refusal::BareLf, 400),
        (Refusal::TimedOut, 408),
        (Refusal::LengthRequired, 411),
        (Refusal::BodyTooLarge, 413),
        (Refusal::TargetTooLong, 414),
        (Refusal::Expectation, 417),
        (Refusal::HeadTooLarge, 431),
        (Refusal::TooManyHeaders, 431),
        (Refusal::CodingUnknown, 501),
        (Refusal::VersionUnsupported, 505),
    ];
    for (refusal, code) in codes {
        assert_eq!(refusal.status(), code);
    }
    let mut output = BytesMut::new();
    Refusal::LengthRequired.write_answer(&mut output, &HttpDate::EPOCH);
    let body = "the length of the body is needed; send Content-Length\n";
    let head = "Content-Type: text/plain; charset=utf-8\r\n";
    let length = body.len();
    assert_eq!(
        output,
        format!(
            "HTTP/1.1 411 Length Required\r\n{DATE}{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    );
}

#[test]
fn fields_that_are_ready_follow_the_response_s_own() {
    let field = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
    // What the server writes itself is left out of a block.
    let block = FieldBlock::new([
        field("x-content-type-options", "nosniff"),
        field("content-length", "9"),
        field("date", "now"),
        field("keep-alive", "timeout=5"),
        field("referrer-policy", "same-origin"),
    ]);
    let mut ready = ReadyFields::default();
    ready.share(&Arc::new(block));
    ready.identify(HeaderName::from_static("x-request-id"), 0x0123_4567_89ab_cdef << 64);
    let response = Response::builder().header("server", "flagon").body(()).unwrap();
    let mut output = BytesMut::new();
    let request = RequestFacts { method: &Method::GET, version: Version::HTTP_11 };
    let (size, date) = (BodySize::Exact(0), HttpDate::EPOCH);
    encode_head(&mut output, &response, &ready, size, request, Persistence::KeepAlive, &date);
    assert_eq!(
        output,
        format!(
            "HTTP/1.1 200 OK\r\nserver: flagon\r\nx-content-type-options: nosniff\r\nreferrer-policy: same-origin\r\n\
             x-request-id: 0123456789abcdef0000000000000000\r\n{DATE}Content-Length: 0\r\n\r\n"
        )
    );
}

#[test]
fn a_block_meets_a_response_that_says_one_of_its_fields() {
    let block =
        FieldBlock::new([(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY"))]);
    let mut headers = HeaderMap::new();
    headers.insert("server", HeaderValue::from_static("flagon"));
    assert!(!block.meets(&headers));
    headers.insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
    assert!(block.meets(&headers));
    block.add_to(&mut headers);
    assert_eq!(headers["x-frame-options"], "SAMEORIGIN");
}
