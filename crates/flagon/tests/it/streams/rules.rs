//! RFC 6455's rules for clients, each broken once; and clients that want to hurt.

use std::{io::Write as _, time::Duration};

use flagon::{WebSocket, prelude::*};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{
    frames::*,
    running::{Running, wait_until},
    websockets::{echo, echoing},
};

#[test]
fn fragments_are_put_together_and_control_frames_come_between() {
    let server = Running::start(echoing());
    let mut peer = Peer::open(&server, "/echo");
    peer.frame(TEXT, "häl".as_bytes())
        .frame(FINAL | PING, b"are you there")
        .frame(CONTINUATION, b"")
        .frame(FINAL, b"lo");
    assert_eq!(peer.read(), (FINAL | PONG, b"are you there".to_vec()));
    peer.expect_text("hällo");
    // A character may be cut in two (§5.6).
    let bytes = "κόσμε".as_bytes();
    peer.frame(TEXT, &bytes[..1]);
    for byte in &bytes[1..bytes.len() - 1] {
        peer.frame(CONTINUATION, &[*byte]);
    }
    peer.frame(FINAL, &bytes[bytes.len() - 1..]).expect_text("κόσμε");
    peer.frame(FINAL | PONG, b"nobody asked").text("on").expect_text("on");
}

#[test]
fn each_rule_that_is_broken_has_its_code() {
    const LONG_CONTROL: [u8; 126] = [b'x'; 126];
    let server = Running::start(echoing());
    let raw = |bytes: &[u8]| bytes.to_vec();
    for (what, bytes, code) in [
        ("an unmasked frame (§5.1)", raw(&[FINAL | TEXT, 2, b'h', b'i']), 1002),
        ("a reserved bit (§5.2)", frame(FINAL | 0x40 | TEXT, b"hi"), 1002),
        ("a reserved bit of a ping", frame(FINAL | 0x10 | PING, b"hi"), 1002),
        ("a reserved opcode (§5.2)", frame(FINAL | 3, b"hi"), 1002),
        ("a reserved control opcode", frame(FINAL | 0xb, b"hi"), 1002),
        ("a fragmented ping (§5.5)", frame(PING, b"hi"), 1002),
        ("a ping of 126 bytes (§5.5)", frame(FINAL | PING, &LONG_CONTROL), 1002),
        ("a continuation of nothing (§5.4)", frame(FINAL, b"hi"), 1002),
        ("a message within another (§5.4)", [frame(TEXT, b"a"), frame(FINAL | TEXT, b"b")].concat(), 1002),
        ("a text that is none (§8.1)", frame(FINAL | TEXT, b"\xff"), 1007),
        ("a surrogate in a text", frame(FINAL | TEXT, b"\xed\xa0\x80"), 1007),
        ("half a character", frame(FINAL | TEXT, "é".as_bytes().get(..1).unwrap()), 1007),
        (
            "a text that is none, in its second fragment",
            [frame(TEXT, b"a"), frame(FINAL, b"\xc0\xaf")].concat(),
            1007,
        ),
        ("a close of one byte (§5.5.1)", frame(FINAL | CLOSE, b"\x03"), 1002),
        ("a close with a reserved code (§7.4)", frame(FINAL | CLOSE, &1005_u16.to_be_bytes()), 1002),
        ("a close with no code at all", frame(FINAL | CLOSE, &999_u16.to_be_bytes()), 1002),
        ("a close whose reason is no text", frame(FINAL | CLOSE, b"\x03\xe8\xff"), 1007),
        (
            "a frame longer than allowed (§10.4)",
            raw(&[FINAL | BINARY, 0x80 | 127, 0, 0, 0, 0, 0, 0x20, 0, 0, 1, 2, 3, 4]),
            1009,
        ),
        (
            "a frame longer than any",
            raw(&[FINAL | BINARY, 0x80 | 127, 0xff, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]),
            1009,
        ),
    ] {
        let mut peer = Peer::open(&server, "/echo");
        peer.socket.write_all(&bytes).unwrap();
        assert_eq!(peer.closed(), Some(code), "{what}");
    }
    wait_until("no connection is left", || server.metrics.connections() == 0);
}

#[test]
fn a_message_in_fragments_without_end_is_cut_off() {
    let app = echoing().configure(|config| config.websocket.max_message = 10_000);
    let server = Running::start(app);
    let mut peer = Peer::open(&server, "/echo");
    peer.frame(BINARY, &[0; 1000]);
    for _ in 0..9 {
        peer.frame(CONTINUATION, &[0; 1000]);
    }
    peer.frame(CONTINUATION, &[0]);
    assert_eq!(peer.closed(), Some(1009));
}

#[test]
fn a_flood_of_pings_is_cut_off() {
    let app = echoing().configure(|config| config.server.limits.control_frames_per_second = 100);
    let server = Running::start(app);
    let mut peer = Peer::open(&server, "/echo");
    let flood: Vec<_> = (0..5000).flat_map(|_| frame(FINAL | PING, b"")).collect();
    let _ = peer.socket.write_all(&flood);
    assert_eq!(peer.closed(), Some(1008));
}

/// While one client sends empty fragments as fast as it can, another on the same thread is served.
#[test]
fn empty_fragments_without_end_keep_nobody_waiting() {
    let server = Running::with(echoing(), |config| config.threads = 1);
    let mut flooding = Peer::open(&server, "/echo");
    let mut other = Peer::open(&server, "/echo");
    flooding.frame(TEXT, b"a");
    let empty: Vec<_> = (0..10_000).flat_map(|_| frame(CONTINUATION, b"")).collect();
    let mut socket = flooding.socket.try_clone().unwrap();
    let flood = std::thread::spawn(move || while socket.write_all(&empty).is_ok() {});
    for n in 0..50 {
        other.text(&n.to_string()).expect_text(&n.to_string());
    }
    flooding.socket.shutdown(std::net::Shutdown::Both).unwrap();
    flood.join().unwrap();
}

#[get("/stalled")]
async fn stalled(mut socket: WebSocket) {
    let first = socket.receive().await;
    g().set(first.is_some());
    std::future::pending::<()>().await;
}

/// What a view does not take stays with the client: neither side's buffers hold tens of megabytes.
#[test]
fn a_view_that_takes_nothing_stops_its_client() {
    let app = App::new("t").routes(routes![stalled]);
    let server =
        Running::start(app.configure(|config| config.websocket.close_timeout = Duration::from_millis(10)));
    let mut peer = Peer::open(&server, "/stalled");
    peer.socket.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let message = frame(FINAL | BINARY, &vec![0; 100_000]);
    let sent = (0..1000).take_while(|_| peer.socket.write_all(&message).is_ok()).count();
    assert!(sent < 200, "{sent} messages of 100 kB were taken");
}

#[get("/flood")]
async fn flood(mut socket: WebSocket) -> Result<()> {
    socket.receive().await;
    for _ in 0..10_000 {
        socket.send(vec![0; 10_000]).await?;
    }
    Ok(())
}

#[test]
fn a_client_that_takes_nothing_is_dropped() {
    let app = App::new("t").routes(routes![flood]);
    let server =
        Running::start(app.configure(|config| config.server.timeouts.write = Duration::from_millis(100)));
    let mut peer = Peer::open(&server, "/flood");
    peer.text("begin");
    wait_until("it is dropped", || server.metrics.connections() == 0);
}

#[test]
fn a_client_that_says_nothing_is_pinged_and_then_dropped() {
    let quick = |app: App| {
        app.configure(|config| {
            config.websocket.heartbeat = Duration::from_millis(20);
            config.websocket.heartbeat_timeout = Duration::from_millis(100);
        })
    };
    let server = Running::start(quick(App::new("t").routes(routes![echo])));
    let mut peer = Peer::open(&server, "/echo");
    for _ in 0..5 {
        assert_eq!(peer.read(), (FINAL | PING, Vec::new()));
        peer.frame(FINAL | PONG, b"");
    }
    // Half-open: the network swallows what it says from now on.
    assert_eq!(peer.read(), (FINAL | PING, Vec::new()));
    peer.expect_end();
}

#[test]
fn a_close_that_is_not_answered_does_not_hold_the_connection() {
    #[get("/leave")]
    async fn leave(_socket: WebSocket) {}
    let app = App::new("t").routes(routes![leave]);
    let server =
        Running::start(app.configure(|config| config.websocket.close_timeout = Duration::from_millis(50)));
    let mut peer = Peer::open(&server, "/leave");
    assert_eq!(peer.closed(), Some(1000));
    peer.expect_end();
}

/// Whatever bytes come, the server answers with frames, closes, and serves on.
#[test]
fn any_bytes_are_survived() {
    let server = Running::start(echoing().configure(|config| config.websocket.max_message = 4096));
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let first =
        prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 2, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a])];
    let frames =
        prop::collection::vec((first, prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), 1..8);
    runner
        .run(&frames, |frames| {
            let mut peer = Peer::open(&server, "/echo");
            for (first, payload, is_right) in &frames {
                let bytes = if *is_right { frame(*first, payload) } else { payload.clone() };
                let _ = peer.socket.write_all(&bytes);
            }
            let _ = peer.socket.shutdown(std::net::Shutdown::Write);
            while let Ok((first, payload)) = peer.try_read() {
                prop_assert_eq!(first & 0x70, 0);
                prop_assert!(payload.len() <= 4096);
            }
            Ok(())
        })
        .unwrap();
    Peer::open(&server, "/echo").text("still there").expect_text("still there");
}
