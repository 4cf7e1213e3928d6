//! A head that we take means the same to httparse, byte by byte; one that we refuse gets a whole answer.

#![no_main]

use bytes::BytesMut;
use flagon_http::{
    h1::{Head, HeadState, Limits, Refusal, body_framing, expects_continue, parse_head, persistence},
    http_date::HttpDate,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let limits = Limits { header_count: 20, target_bytes: 200, head_bytes: 1000 };
    let mut buffer = BytesMut::from(input);
    match parse_head(&mut buffer, &limits, &mut HeadState::default()) {
        Ok(None) => assert!(input.len() < limits.head_bytes + 8),
        Ok(Some(head)) => {
            let taken = &input[..input.len() - buffer.len()];
            check(&head, &taken[taken.iter().position(|byte| !b"\r\n".contains(byte)).unwrap()..]);
            if let Err(refusal) = body_framing(&head) {
                check_answer(refusal);
            }
            let _ = (persistence(&head), expects_continue(&head));
        }
        Err(refusal) => check_answer(refusal),
    }
});

fn check(head: &Head, bytes: &[u8]) {
    let mut fields = [httparse::EMPTY_HEADER; 20];
    let mut other = httparse::Request::new(&mut fields);
    // httparse knows no byte of a target that `http::Uri` does not.
    assert_eq!(other.parse(bytes), Ok(httparse::Status::Complete(bytes.len())), "{head:?}");
    assert_eq!(other.method, Some(head.method.as_str()));
    assert_eq!(other.version, Some(u8::from(head.version == http::Version::HTTP_11)));
    let target = other.path.unwrap();
    if target.starts_with('/') {
        assert_eq!(head.uri.to_string(), target);
    }
    assert_eq!(other.headers.len(), head.headers.len());
    for field in other.headers.iter() {
        let values = head.headers.get_all(field.name);
        assert!(values.iter().any(|value| value.as_bytes() == field.value.trim_ascii()), "{head:?}");
    }
}

fn check_answer(refusal: Refusal) {
    let mut answer = BytesMut::new();
    refusal.write_answer(&mut answer, &HttpDate::EPOCH);
    let mut fields = [httparse::EMPTY_HEADER; 8];
    let mut parsed = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head) = parsed.parse(&answer).unwrap() else { panic!("{answer:?}") };
    let length = parsed.headers.iter().find(|field| field.name == "Content-Length").unwrap().value;
    assert_eq!(std::str::from_utf8(length).unwrap().parse(), Ok(answer.len() - head));
    assert!(parsed.code.unwrap() >= 400);
}
