//! What holds for every input.

use std::fmt::Write as _;

use bytes::BytesMut;
use flagon_http::{
    ReadyFields, cookie,
    h1::{
        BodySize, Decoded, Decoder, Framing, HeadState, Limits, Persistence, RequestFacts, Transfer,
        encode_chunk, encode_head, encode_last_chunk, parse_head,
    },
    http_date::HttpDate,
};
use http::{Method, Response, StatusCode, Version};
use proptest::{collection::vec, prelude::*};

use crate::conversation::{End, read};

/// Bytes that look like HTTP often enough to come far.
fn almost_http() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just(b"GET / HTTP/1.1\r\n".to_vec()),
        Just(b"POST /a?b HTTP/1.1\r\n".to_vec()),
        Just(b"Host: a\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"Content-Length: 3\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"3\r\nabc\r\n".to_vec()),
        Just(b"0\r\n\r\n".to_vec()),
        vec(any::<u8>(), 0..5),
    ];
    vec(words, 0..12).prop_map(|words| words.concat())
}

/// Cuts `bytes` into pieces of the given lengths, again and again.
fn pieces<'a>(bytes: &'a [u8], lengths: &'a [usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let (mut rest, mut lengths) = (bytes, lengths.iter().cycle());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

proptest! {
    #[test]
    fn a_head_is_read_as_it_was_written(
        method in "[A-Z]{1,20}",
        path in "/[a-z0-9/%.~+-]{0,40}(\\?[a-z0-9&=/?]{0,20})?",
        fields in vec(("x-[A-Za-z0-9!#$&'*+.^_`|~-]{1,70}", "([!-~][ -~]{0,60}[!-~])?"), 0..20),
    ) {
        prop_assume!(method != "CONNECT");
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: example.com\r\n");
        for (name, value) in &fields {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        text.push_str("\r\nrest");
        let mut buffer = BytesMut::from(text.as_str());
        let head = parse_head(&mut buffer, &Limits::default(), &mut HeadState::default()).unwrap().unwrap();
        prop_assert_eq!(&buffer[..], b"rest");
        prop_assert_eq!(head.method.as_str(), method);
        prop_assert_eq!(head.uri.to_string(), path);
        prop_assert_eq!(head.headers.len(), fields.len() + 1);
        for (name, value) in &fields {
            prop_assert!(head.headers.get_all(name).iter().any(|found| found == value));
        }
    }

    /// `read` checks that no byte is searched twice and that no body is longer than announced.
    #[test]
    fn bytes_mean_the_same_however_they_are_split(bytes in almost_http(), lengths in vec(1_usize..20, 1..5)) {
        let limits = Limits { head_bytes: 200, header_count: 4, target_bytes: 20 };
        let whole = read([bytes.as_slice()], &limits, 10);
        prop_assert_eq!(whole, read(pieces(&bytes, &lengths), &limits, 10));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        read([bytes.as_slice()], &Limits::default(), 100);
    }

    #[test]
    fn chunks_are_decoded_as_they_were_encoded(
        chunks in vec(vec(any::<u8>(), 0..50), 0..8),
        lengths in vec(1_usize..30, 1..5),
    ) {
        let mut output = BytesMut::from("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for chunk in &chunks {
            encode_chunk(&mut output, chunk);
        }
        encode_last_chunk(&mut output, None);
        output.extend_from_slice(b"GET");
        let conversation = read(pieces(&output, &lengths), &Limits::default(), 1000);
        prop_assert_eq!(&conversation.messages[0].body, &chunks.concat());
        prop_assert!(conversation.messages[0].is_whole);
        prop_assert_eq!(conversation.end, End::Waiting(b"GET".to_vec()));
    }

    #[test]
    fn a_body_is_never_longer_than_announced(
        length in 0_u64..100,
        bytes in vec(any::<u8>(), 0..200),
        lengths in vec(1_usize..30, 1..5),
    ) {
        let mut decoder = Decoder::new(Framing::Length(length), 100);
        let (mut buffer, mut body) = (BytesMut::new(), 0);
        for piece in pieces(&bytes, &lengths) {
            buffer.extend_from_slice(piece);
            while let Decoded::Data(data) = decoder.decode(&mut buffer).unwrap() {
                body += data.len() as u64;
            }
        }
        prop_assert_eq!(body, length.min(bytes.len() as u64));
        prop_assert_eq!(decoder.is_done(), body == length);
        prop_assert_eq!(decoder.remaining(), Some(length - body));
        prop_assert_eq!(body + buffer.len() as u64, bytes.len() as u64);
    }

    /// What a client makes of an answer (RFC 9112 §6.3) is what was meant.
    #[test]
    fn a_client_finds_the_end_of_every_answer(
        status in 100_u16..600,
        method in prop_oneof![Just(Method::GET), Just(Method::HEAD), Just(Method::POST)],
        is_old in any::<bool>(),
        is_last in any::<bool>(),
        size in prop_oneof![Just(BodySize::Unknown), (0_u64..1000).prop_map(BodySize::Exact)],
        given in proptest::option::of(0_u64..1000),
    ) {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        given.map(|given| response.headers_mut().insert("content-length", given.into()));
        let mut output = BytesMut::new();
        let version = if is_old { Version::HTTP_10 } else { Version::HTTP_11 };
        let persistence = if is_last { Persistence::Close } else { Persistence::KeepAlive };
        let request = RequestFacts { method: &method, version };
        let ready = ReadyFields::default();
        let date = HttpDate::EPOCH;
        let encoded = encode_head(&mut output, &response, &ready, size, request, persistence, &date);

        let mut fields = [httparse::EMPTY_HEADER; 8];
        let mut answer = httparse::Response::new(&mut fields);
        prop_assert_eq!(answer.parse(&output), Ok(httparse::Status::Complete(output.len())));
        let field = |name: &str| {
            let values: Vec<_> = answer.headers.iter().filter(|field| field.name == name).collect();
            assert!(values.len() < 2);
            values.first().map(|field| std::str::from_utf8(field.value).unwrap().to_owned())
        };
        let code = answer.code.unwrap();
        let (length, coding) = (field("Content-Length"), field("Transfer-Encoding"));
        let closes = field("Connection").as_deref() == Some("close");
        let expected = if method == Method::HEAD || matches!(code, 101 | 204 | 304) {
            Transfer::None
        } else if coding.is_some() {
            prop_assert!(!is_old && length.is_none());
            Transfer::Chunked
        } else {
            match length.map(|length| length.parse().unwrap()) {
                Some(0) => Transfer::None,
                Some(length) => Transfer::Length(length),
                None => Transfer::UntilClose,
            }
        };
        let sent = if encoded.transfer == Transfer::Length(0) { Transfer::None } else { encoded.transfer };
        prop_assert_eq!(sent, expected);
        prop_assert_eq!(encoded.persistence == Persistence::Close, closes);
        prop_assert!(closes || encoded.transfer != Transfer::UntilClose);
        prop_assert!(closes || !is_last);
    }

    #[test]
    fn a_cookie_comes_back_as_it_was_set(name in "[A-Za-z0-9!#$%&'*+.^`|~-]{1,30}", value in ".{0,80}") {
        let field = cookie::Cookie::new(name.as_str(), value.as_str()).secure().http_only().to_header_value().unwrap();
        let received = cookie::SetCookie::parse(field.as_bytes()).unwrap();
        prop_assert_eq!((&received.name, &received.value), (&name, &value));
        let sent = field.to_str().unwrap().split(';').next().unwrap().to_owned();
        let sent = format!("other=1; {sent}; last");
        let pairs: Vec<_> = cookie::parse(sent.as_bytes()).collect();
        let expected = [("other", "1"), (&name, &value), ("last", "")];
        prop_assert_eq!(pairs, expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn every_second_of_the_calendar_is_read_as_written(second in 0_u64..=253_402_300_799) {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second);
        prop_assert_eq!(flagon_http::http_date::parse(HttpDate::from(time).as_str()), Some(time));
    }
}
