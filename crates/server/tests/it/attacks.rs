//! HTTP/2 clients that mean harm: each is cut off with the right code, while another is served.

use std::time::Duration;

use crate::{
    client::Client,
    frames::*,
    running::{Running, wait_until},
};

/// Runs an attack between two requests of others, one by each protocol.
fn attack(server: &Running, attack: impl FnOnce(&Running)) {
    let (mut old, mut new) = (Client::new(server), Peer::new(server));
    assert_eq!(old.get("/").text(), "Hello");
    attack(server);
    assert_eq!(old.get("/").text(), "Hello");
    assert_eq!(new.get(1, "/").answer(1).1, b"Hello");
    drop((old, new));
    wait_until("all connections are closed", || server.metrics.connections() == 0);
}

fn cancel(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())
}

fn ask(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &request("GET", path))
}

#[test]
fn rapid_reset_in_one_stroke() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.flood(10_000, |at| {
            let stream = at as u32 * 2 + 1;
            [ask(stream, "/pending"), cancel(stream)].concat()
        });
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn rapid_reset_of_requests_that_have_begun() {
    let server = Running::with(|config| config.limits.resets_per_second = 20);
    attack(&server, |server| {
        let mut peer = Peer::new(server);
        let before = server.metrics.called();
        for at in 0..21 {
            peer.send(&ask(at * 2 + 1, "/pending"));
            wait_until("the view has begun", || server.metrics.called() > before + u64::from(at));
            peer.send(&cancel(at * 2 + 1));
        }
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
        wait_until("no view is left", || server.views() == 0);
    });
}

#[test]
fn resets_that_the_client_provokes() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        // A window beyond 2^31-1 is an error of the stream: the server itself resets it.
        peer.flood(20_000, |at| {
            let stream = at as u32 * 2 + 1;
            [ask(stream, "/pending"), frame(WINDOW_UPDATE, 0, stream, &i32::MAX.to_be_bytes())].concat()
        });
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
        wait_until("no view is left", || server.views() == 0);
    });
}

#[test]
fn continuation_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.send(&frame(HEADERS, END_STREAM, 1, &request("GET", "/")));
        peer.flood(100_000, |_| frame(CONTINUATION, 0, 1, &literal("a", "b")));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
        assert_eq!(server.metrics.called(), 1);
    });
}

#[test]
fn empty_continuation_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.send(&frame(HEADERS, END_STREAM, 1, &request("GET", "/")));
        peer.flood(100_000, |_| frame(CONTINUATION, 0, 1, &[]));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn hpack_bomb() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        // One field of 4,000 bytes enters the table, then one byte at a time calls it up.
        let mut block = request("GET", "/");
        block.extend([0x40, 1, b'a']);
        number(&mut block, 4000);
        block.extend([b'x'; 4000]);
        block.extend([0xbe; 8000]);
        peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn a_head_that_is_somewhat_too_large_is_answered_431() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    let mut block = request("GET", "/");
    for _ in 0..10 {
        block.extend(literal("a", &"x".repeat(4000)));
    }
    peer.send(&frame(HEADERS, END_STREAM, 1, &block[..16_000]));
    peer.send(&frame(CONTINUATION, 0, 1, &block[16_000..32_000]));
    peer.send(&frame(CONTINUATION, END_HEADERS, 1, &block[32_000..]));
    let head = peer.next(|frame| frame.stream == 1);
    assert_eq!(head.kind, HEADERS);
    assert!(head.payload.windows(3).any(|window| window == b"431") || head.payload.len() < 8, "{head:?}");
    assert_eq!(server.metrics.called(), 0);
}

#[test]
fn a_broken_field_block() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        // An index that no table has.
        peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &[0xff, 0xff, 0xff, 0x0f]));
        let code = peer.goaway();
        // RFC 9113 §4.3 asks for COMPRESSION_ERROR; the h2 crate says PROTOCOL_ERROR. Either ends the connection.
        assert!(code == COMPRESSION_ERROR || code == PROTOCOL_ERROR, "{code}");
    });
}

#[test]
fn empty_data_frame_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
        peer.flood(100_000, |_| frame(DATA, 0, 1, &[]));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn tiny_data_frame_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/stall")));
        peer.flood(100_000, |_| frame(DATA, 0, 1, b"x"));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn ping_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.flood(100_000, |_| frame(PING, 0, 0, &[0; 8]));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn settings_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.flood(100_000, |_| frame(SETTINGS, 0, 0, &[]));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

#[test]
fn priority_and_unknown_frame_floods() {
    for kind in [PRIORITY, 99] {
        attack(&Running::start(), |server| {
            let mut peer = Peer::new(server);
            peer.flood(100_000, |_| frame(kind, 0, 1, &[0, 0, 0, 0, 1]));
            assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
        });
    }
}

#[test]
fn window_update_flood() {
    attack(&Running::start(), |server| {
        let mut peer = Peer::new(server);
        peer.flood(100_000, |_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()));
        assert_eq!(peer.goaway(), ENHANCE_YOUR_CALM);
    });
}

/// `SETTINGS_INITIAL_WINDOW_SIZE`.
fn window(size: u32) -> Vec<u8> {
    [[0, 4].as_slice(), &size.to_be_bytes()].concat()
}

#[test]
fn a_window_that_never_opens() {
    let server = Running::with(|config| config.timeouts.write = Duration::from_millis(100));
    attack(&server, |server| {
        let mut peer = Peer::with_settings(server, &window(0));
        for stream in [1, 3, 5] {
            peer.get(stream, if stream == 1 { "/" } else { "/endless" });
        }
        for stream in [1, 3, 5] {
            assert_eq!(peer.reset(stream), ENHANCE_YOUR_CALM);
        }
        assert_eq!(server.views(), 0);
    });
}

#[test]
fn a_client_that_reads_nothing() {
    let server = Running::with(|config| config.timeouts.write = Duration::from_millis(100));
    attack(&server, |server| {
        let mut peer = Peer::with_settings(server, &window(i32::MAX as u32));
        peer.send(&frame(WINDOW_UPDATE, 0, 0, &(i32::MAX as u32 - 70_000).to_be_bytes()));
        peer.get(1, "/endless");
        wait_until("the view runs", || server.views() == 1);
        wait_until("the view is dropped", || server.views() == 0);
        drop(peer);
    });
}
