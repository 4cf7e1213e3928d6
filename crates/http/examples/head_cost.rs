//! Parses a small request and encodes its answer N times, for an instruction counter:
//! `valgrind --tool=callgrind target/release/examples/head_cost 10000`.

use std::hint::black_box;

use bytes::BytesMut;
use flagon_http::{
    ReadyFields,
    h1::{
        BodySize, HeadState, Limits, Persistence, RequestFacts, body_framing, encode_head, expects_continue,
        parse_head, persistence,
    },
    http_date::HttpDate,
};
use http::{HeaderValue, Response, header};

/// What a load generator sends, with the fields of a small browser request.
const REQUEST: &[u8] = b"GET /users/42?q=abc HTTP/1.1\r\n\
    Host: 127.0.0.1:8080\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101\r\n\
    Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Encoding: gzip, deflate, br\r\n\
    Cookie: session=0123456789abcdef\r\n\r\n";

fn main() {
    let rounds = std::env::args().nth(1).and_then(|argument| argument.parse().ok()).unwrap_or(1_000_u32);
    let (limits, mut state) = (Limits::default(), HeadState::default());
    let (mut input, mut output) = (BytesMut::with_capacity(8 * 1024), BytesMut::with_capacity(8 * 1024));
    for _ in 0..rounds {
        input.reserve(REQUEST.len());
        input.extend_from_slice(REQUEST);
        output.clear();
        serve(&mut input, &limits, &mut state, &mut output);
        black_box(&output);
    }
}

fn serve(input: &mut BytesMut, limits: &Limits, state: &mut HeadState, output: &mut BytesMut) {
    let head = parse_head(input, limits, state).expect("the request is right").expect("the request is whole");
    let persistence: Persistence = persistence(&head);
    black_box((body_framing(&head).expect("the framing is right"), expects_continue(&head)));
    let mut response = Response::new(());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let request = RequestFacts::from(&head);
    let (size, ready, date) = (BodySize::Exact(13), ReadyFields::default(), HttpDate::now());
    encode_head(output, &response, &ready, size, request, persistence, &date);
    output.extend_from_slice(b"Hello, World!");
}
