//! HTTP/2 with prior knowledge, by hand. RFC 9113.

use std::time::Duration;

use crate::{
    frames::*,
    running::{BIG, Running, wait_until},
};

#[test]
fn a_stream_is_answered() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    assert_eq!(peer.get(1, "/").answer(1), (OK, b"Hello".to_vec()));
    assert_eq!(peer.get(3, "/empty").answer(3), (NO_CONTENT, Vec::new()));
    assert_eq!(peer.get(5, "/stream").answer(5), (OK, b"one,two,three".to_vec()));
}

#[test]
fn the_preface_may_come_byte_by_byte() {
    let server = Running::start();
    let mut peer = Peer { io: crate::client::connect(server.address) };
    for byte in b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" {
        peer.send(&[*byte]);
    }
    peer.send(&frame(SETTINGS, 0, 0, &[]));
    assert_eq!(peer.get(1, "/").answer(1), (OK, b"Hello".to_vec()));
}

#[test]
fn head_has_no_body() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &request("HEAD", "/")));
    let head = peer.next(|frame| frame.stream == 1);
    assert_eq!((head.kind, head.flags & END_STREAM), (HEADERS, END_STREAM));
}

#[test]
fn bodies_and_trailers_arrive() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
    peer.send(&frame(DATA, 0, 1, b"ab")).send(&frame(DATA, 0, 1, b"cd"));
    peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &literal("x-sum", "4")));
    let head = peer.next(|frame| frame.stream == 1);
    assert!(head.payload.windows(5).any(|window| window == b"x-sum") || head.payload.len() > 20, "{head:?}");
    assert_eq!(peer.next(|frame| frame.kind == DATA).payload, b"abcd");
}

#[test]
fn a_body_in_one_packet_with_its_head_is_whole() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let head = frame(HEADERS, END_HEADERS, 1, &request("POST", "/kind"));
    peer.send(&[head, frame(DATA, END_STREAM, 1, b"abc")].concat());
    assert_eq!(peer.answer(1).1, b"whole");
}

#[test]
fn large_bodies_wait_for_the_window() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    peer.get(1, "/big");
    let mut got = 0;
    while got < BIG {
        let frame = peer.next(|frame| frame.kind == DATA);
        got += frame.payload.len();
        let more = (frame.payload.len() as u32).to_be_bytes();
        if !frame.payload.is_empty() {
            peer.send(&frame2(WINDOW_UPDATE, 0, &more)).send(&frame2(WINDOW_UPDATE, 1, &more));
        }
    }
    assert_eq!(got, BIG);
}

fn frame2(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(kind, 0, stream, payload)
}

#[test]
fn a_stream_that_waits_does_not_hold_up_others() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    peer.get(1, "/pending");
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
    assert_eq!(server.views(), 1);
}

#[test]
fn a_view_that_wakes_itself_without_end_holds_up_no_one() {
    let server = Running::start();
    let (mut peer, mut other) = (Peer::new(&server), crate::client::Client::new(&server));
    peer.get(1, "/busy");
    wait_until("the view runs", || server.views() == 1);
    assert_eq!(other.get("/").text(), "Hello");
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
    peer.send(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()));
    wait_until("the view is dropped", || server.views() == 0);
    other.send("GET /busy HTTP/1.1\r\nHost: test\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    assert_eq!(peer.get(5, "/").answer(5).1, b"Hello");
    drop(other);
    wait_until("the view is dropped", || server.views() == 0);
}

#[test]
fn a_reset_takes_the_view_along() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    peer.get(1, "/pending");
    wait_until("the view runs", || server.views() == 1);
    peer.send(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()));
    wait_until("the view is dropped", || server.views() == 0);
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
}

#[test]
fn a_client_that_leaves_takes_all_its_views_along() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    for stream in 0..10 {
        peer.get(stream * 2 + 1, "/pending");
    }
    wait_until("the views run", || server.views() == 10);
    drop(peer);
    wait_until("the views are dropped", || server.views() == 0 && server.metrics.connections() == 0);
}

#[test]
fn a_panic_is_answered_and_the_connection_goes_on() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    assert_eq!(peer.get(1, "/panic").answer(1).0, SERVER_ERROR);
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
}

/// A request whose host is named by the field given.
fn named(field: &[&str; 2]) -> Vec<u8> {
    let [name, value] = field;
    [literal(":method", "GET"), vec![0x86], literal(":path", "/"), literal(name, value)].concat()
}

#[test]
fn malformed_requests_are_reset_and_the_connection_goes_on() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let method = literal(":method", "GET");
    let (scheme, path) = (vec![0x86], literal(":path", "/"));
    let cases: &[(&str, Vec<u8>)] = &[
        ("no method", [scheme.clone(), path.clone()].concat()),
        ("no path", [method.clone(), scheme.clone()].concat()),
        ("no scheme", [method.clone(), path.clone()].concat()),
        ("two paths", [request("GET", "/"), path.clone()].concat()),
        ("a late pseudo-field", [method.clone(), scheme.clone(), literal("a", "b"), path].concat()),
        ("a path without a slash", request("GET", "nowhere")),
        ("an asterisk", request("GET", "*")),
        ("a query without a path", request("GET", "?a")),
        ("a path that is not ASCII", request("GET", "/\u{e9}")),
        ("a status", [request("GET", "/"), literal(":status", "200")].concat()),
        ("a connection field", [request("GET", "/"), literal("connection", "close")].concat()),
        ("a transfer coding", [request("GET", "/"), literal("transfer-encoding", "chunked")].concat()),
        ("te that is not trailers", [request("GET", "/"), literal("te", "gzip")].concat()),
        ("another host", [request("GET", "/"), literal("host", "other")].concat()),
        ("no host at all", named(&[":authority", ""])),
        ("user information", named(&[":authority", "ada@test"])),
        ("a quote in the host", named(&["host", "te'st"])),
        ("a length and no body", [request("POST", "/"), literal("content-length", "3")].concat()),
    ];
    for (at, (what, block)) in cases.iter().enumerate() {
        let stream = at as u32 * 2 + 1;
        peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, stream, block));
        let end = peer.next(|frame| frame.stream == stream || frame.kind == GOAWAY);
        assert_eq!((end.kind, end.stream), (RST_STREAM, stream), "{what}");
        assert_eq!(end.code(), PROTOCOL_ERROR, "{what}");
    }
    assert_eq!(peer.get(99, "/").answer(99).1, b"Hello");
    assert_eq!(server.metrics.called(), 1);
}

#[test]
fn the_same_host_twice_is_fine_and_none_is_refused() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let ask = |stream, block: Vec<u8>| frame(HEADERS, END_STREAM | END_HEADERS, stream, &block);
    peer.send(&ask(1, [request("GET", "/"), literal("host", "Test")].concat()));
    assert_eq!(peer.answer(1).0, OK);
    let no_authority = [literal(":method", "GET"), vec![0x86], literal(":path", "/")].concat();
    peer.send(&ask(3, [no_authority.clone(), literal("host", "test")].concat()));
    assert_eq!(peer.answer(3).0, OK);
    peer.send(&ask(5, no_authority));
    assert_eq!(peer.answer(5).0, BAD_REQUEST);
}

#[test]
fn an_expectation_that_nobody_knows_is_refused() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let block = [request("GET", "/"), literal("expect", "200-ok")].concat();
    peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
    assert_ne!(peer.answer(1).0, OK);
    assert_eq!(server.metrics.called(), 0);
}

#[test]
fn a_body_longer_or_shorter_than_announced_is_reset() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    for (stream, body) in [(1, b"ab".as_slice()), (3, b"abcd")] {
        let block = [request("POST", "/echo"), literal("content-length", "3")].concat();
        peer.send(&frame(HEADERS, END_HEADERS, stream, &block));
        peer.send(&frame(DATA, END_STREAM, stream, body));
        assert_eq!(peer.reset(stream), PROTOCOL_ERROR, "{body:?}");
    }
    assert_eq!(peer.get(5, "/").answer(5).1, b"Hello");
}

#[test]
fn too_many_streams_are_refused() {
    let server = Running::with(|config| config.limits.streams = 2);
    let mut peer = Peer::new(&server);
    peer.get(1, "/pending").get(3, "/pending").get(5, "/");
    assert_eq!(peer.reset(5), REFUSED_STREAM);
    peer.send(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()));
    assert_eq!(peer.get(7, "/").answer(7).1, b"Hello");
}

#[test]
fn too_large_a_body_is_refused() {
    let server = Running::with(|config| config.limits.body = 3);
    let mut peer = Peer::new(&server);
    let block = [request("POST", "/echo"), literal("content-length", "4")].concat();
    peer.send(&frame(HEADERS, END_HEADERS, 1, &block));
    peer.answer(1);
    assert_eq!(server.metrics.called(), 0);
    peer.send(&frame(HEADERS, END_HEADERS, 3, &request("POST", "/echo")));
    peer.send(&frame(DATA, 0, 3, b"ab")).send(&frame(DATA, 0, 3, b"cd"));
    peer.answer(3);
    assert_eq!(peer.get(5, "/").answer(5).1, b"Hello");
}

#[test]
fn a_body_that_stops_is_answered() {
    let server = Running::with(|config| config.timeouts.body = Duration::from_millis(100));
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
    peer.send(&frame(DATA, 0, 1, b"ab"));
    assert_ne!(peer.answer(1).0, OK);
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
}

#[test]
fn a_mirrored_body_that_stops_is_reset() {
    let server = Running::with(|config| config.timeouts.body = Duration::from_millis(100));
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/mirror")));
    peer.send(&frame(DATA, 0, 1, b"ab"));
    assert_eq!(peer.next(|frame| frame.kind == DATA).payload, b"ab");
    assert_eq!(peer.reset(1), ENHANCE_YOUR_CALM);
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
}

#[test]
fn continue_is_sent_when_the_body_is_read() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let block = [request("POST", "/echo"), literal("expect", "100-continue")].concat();
    peer.send(&frame(HEADERS, END_HEADERS, 1, &block));
    let interim = peer.next(|frame| frame.stream == 1);
    assert_eq!((interim.kind, interim.flags & END_STREAM), (HEADERS, 0));
    peer.send(&frame(DATA, END_STREAM, 1, b"abc"));
    assert_eq!(peer.answer(1), (OK, b"abc".to_vec()));
}

#[test]
fn idle_connections_are_told_and_closed() {
    let server = Running::with(|config| config.timeouts.idle = Duration::from_millis(100));
    let mut peer = Peer::new(&server);
    assert_eq!(peer.get(1, "/").answer(1).1, b"Hello");
    assert_eq!(peer.goaway(), NO_ERROR);
}

#[test]
fn a_preface_that_stops_ends_the_connection() {
    let server = Running::with(|config| config.timeouts.head = Duration::from_millis(50));
    let mut peer = Peer { io: crate::client::connect(server.address) };
    peer.send(b"PRI * HTTP/2.0\r\n\r\n");
    let mut client = crate::client::Client::over(peer.io);
    assert_eq!(client.head().status, 408);
}
