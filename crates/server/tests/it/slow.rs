//! Clients that are too slow: each is cut off in time, while another is served.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use flagon_server::Config;
use socket2::{Domain, Socket, Type};

use crate::{
    client::Client,
    frames::*,
    running::{PATIENCE, Running, wait_until},
};

fn hasty(config: &mut Config) {
    let short = Duration::from_millis(100);
    let timeouts = &mut config.timeouts;
    (timeouts.head, timeouts.body, timeouts.write) = (short, short, short);
}

/// Asks more of a body than who sends byte for byte can do.
fn demanding(config: &mut Config) {
    hasty(config);
    config.limits.body_rate = 1_000_000;
}

#[test]
fn a_slow_head_is_answered_408() {
    let server = Running::with(hasty);
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send("GET / HTTP/1.1\r\nHost: te");
    let answer = client.answer();
    assert_eq!((answer.status, answer.field("connection")), (408, Some("close")));
    client.expect_end();
    assert_eq!(witness.get("/").text(), "Hello");
}

#[test]
fn a_head_that_trickles_is_answered_408() {
    let server = Running::with(hasty);
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\n");
    client.io.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    while client.read().is_err() {
        // The server may have closed just now.
        let _ = client.io.write_all(b"a: b\r\n");
    }
    assert_eq!(client.head().status, 408);
}

#[test]
fn a_slow_body_is_answered_408() {
    let server = Running::with(hasty);
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nab");
    let answer = client.answer();
    assert_eq!((answer.status, answer.field("connection")), (408, Some("close")));
    client.expect_end();
    assert_eq!(witness.get("/").text(), "Hello");
}

#[test]
fn a_body_that_trickles_is_answered_408() {
    let server = Running::with(demanding);
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n");
    client.io.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let begun = Instant::now();
    while client.read().is_err() {
        // More often than the server's clock ticks. It may have closed just now.
        let _ = client.io.write_all(b"x");
        assert!(begun.elapsed() < PATIENCE, "it is never too slow");
    }
    assert_eq!((client.head().status, witness.get("/").text()), (408, "Hello"));
}

#[test]
fn a_body_may_come_slowly_where_its_rate_is_kept() {
    let server = Running::with(|config| {
        hasty(config);
        config.timeouts.idle = Duration::from_millis(50);
        config.limits.body_rate = 1;
    });
    let (mut client, mut peer) = (Client::new(&server), Peer::new(&server));
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\n");
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
    for at in 0..8 {
        client.send("x");
        peer.send(&frame(DATA, if at == 7 { END_STREAM } else { 0 }, 1, b"x"));
        Client::new(&server).expect_end(); // idle, for as long as that may be
    }
    assert_eq!((client.answer().text(), peer.answer(1).1), ("xxxxxxxx", b"xxxxxxxx".to_vec()));
}

#[test]
fn a_stream_that_trickles_is_answered_408() {
    let server = Running::with(demanding);
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
    let (mut writer, (stop, stopped)) = (peer.io.try_clone().unwrap(), mpsc::channel::<()>());
    let trickle = thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(1)).is_err() {
            let _ = writer.write_all(&frame(DATA, 0, 1, b"x"));
        }
    });
    let head = peer.next(|frame| frame.stream == 1);
    assert!(head.kind == HEADERS && head.payload[0] != OK, "{head:?}");
    stop.send(()).unwrap();
    trickle.join().unwrap();
    assert_eq!(peer.get(3, "/").answer(3).1, b"Hello");
}

#[test]
fn a_gigabyte_that_is_announced_and_not_sent_costs_nothing() {
    let server = Running::with(hasty);
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1073741824\r\n\r\n");
    assert_eq!(witness.get("/").text(), "Hello");
    assert_eq!(client.answer().status, 408);
    client.expect_end();
}

#[test]
fn a_body_that_no_one_reads_has_no_deadline() {
    let server = Running::with(hasty);
    let mut client = Client::new(&server);
    client.send("POST /stall HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    // Eight ticks of the clock for another client.
    let mut other = Client::new(&server);
    other.send("GET / HTTP/1.1\r\nHost: te");
    assert_eq!(other.answer().status, 408);
    assert_eq!(server.views(), 1);
}

#[test]
fn a_view_may_take_longer_than_any_client() {
    let server = Running::with(|config| {
        hasty(config);
        config.timeouts.idle = Duration::from_millis(100);
    });
    let mut client = Client::new(&server);
    let body = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n";
    // Reading, writing and a body that came late have each had their time.
    client.send(body).send("abc").answer();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET /pending HTTP/1.1\r\nHost: test\r\n\r\n").answer();
    wait_until("the view runs", || server.views() == 1);
    for _ in 0..3 {
        Client::new(&server).expect_end(); // idle, for as long as that may be
    }
    assert_eq!(server.views(), 1);
}

#[test]
fn a_client_that_reads_nothing_is_dropped() {
    let server = Running::with(hasty);
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    wait_until("the view is dropped", || server.views() == 0);
    assert_eq!(witness.get("/").text(), "Hello");
}

#[test]
fn a_client_that_sends_and_reads_nothing_is_dropped_too() {
    let server = Running::with(hasty);
    let mut client = Client::new(&server);
    client.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    wait_until("the view is dropped", || {
        let _ = client.io.write_all(b"x"); // the server may have closed just now
        server.views() == 0
    });
}

/// Asks for an answer without end, with room for hardly more than a segment of it. Whoever reads all that comes still takes it in
/// drops.
fn thirsty(server: &Running) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    socket.connect(&server.address.into()).unwrap();
    let mut socket = TcpStream::from(socket);
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(b"GET /endless HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    socket
}

#[test]
fn an_answer_that_is_taken_too_slowly_ends_with_a_reset() {
    let server = Running::with(|config| {
        hasty(config);
        config.limits.answer_rate = 1 << 40; // faster than anybody
    });
    let (mut client, begun, mut piece) = (thirsty(&server), Instant::now(), [0; 1024]);
    // Something is taken all the time.
    while client.read(&mut piece).is_ok_and(|read| read > 0) {
        assert!(begun.elapsed() < PATIENCE, "it is never too slow");
    }
    wait_until("the view is dropped", || server.views() == 0);
    // What the system held for the client is gone with the connection.
    let ended = client.write_all(b"x").and_then(|()| client.read(&mut piece));
    assert!(!matches!(ended, Ok(1..)), "{ended:?}");
    assert_eq!(Client::new(&server).get("/").text(), "Hello");
}

#[test]
fn an_answer_may_be_taken_slowly_where_its_rate_is_kept() {
    let server = Running::with(|config| {
        hasty(config);
        config.timeouts.idle = Duration::from_millis(50);
        config.limits.answer_rate = 1;
    });
    let (mut client, mut piece) = (thirsty(&server), vec![0; 64 * 1024]);
    for _ in 0..6 {
        // Nearly a quarter of the system's share makes it ask for more.
        let mut taken = 0;
        while taken < 64 * 1024 {
            taken += client.read(&mut piece).unwrap();
        }
        Client::new(&server).expect_end(); // idle, for half the time that writing may take
    }
    assert_eq!(server.views(), 1);
}

/// A peer whose streams have no window, and what opens that of stream 1 by a byte each time.
fn sipping(server: &Running) -> (Peer, Vec<u8>) {
    let settings = [0, 4, 0, 0, 0, 0]; // SETTINGS_INITIAL_WINDOW_SIZE
    let mut peer = Peer::with_settings(server, &settings);
    peer.get(1, "/endless");
    (peer, frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes()))
}

#[test]
fn a_stream_whose_window_opens_too_slowly_is_reset() {
    let server = Running::with(|config| {
        hasty(config);
        config.limits.answer_rate = 10_000;
    });
    let (mut peer, sip) = sipping(&server);
    let (mut writer, (stop, stopped)) = (peer.io.try_clone().unwrap(), mpsc::channel::<()>());
    let trickle = thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(10)).is_err() {
            writer.write_all(&sip).unwrap();
        }
    });
    assert_eq!(peer.reset(1), ENHANCE_YOUR_CALM);
    stop.send(()).unwrap();
    trickle.join().unwrap();
    peer.get(3, "/").send(&frame(WINDOW_UPDATE, 0, 3, &5_u32.to_be_bytes()));
    assert_eq!((peer.answer(3).1, server.views()), (b"Hello".to_vec(), 0));
}

#[test]
fn a_stream_may_be_taken_slowly_where_the_rate_is_kept() {
    let server = Running::with(|config| {
        hasty(config);
        config.timeouts.idle = Duration::from_millis(50);
        config.limits.answer_rate = 1;
    });
    let (mut peer, sip) = sipping(&server);
    for _ in 0..6 {
        peer.send(&sip);
        peer.next(|frame| frame.kind == DATA && frame.payload == b"x");
        Client::new(&server).expect_end(); // idle, for half the time that writing may take
    }
    assert_eq!(server.views(), 1);
}

#[test]
fn a_handshake_that_does_not_come_ends_the_connection() {
    let tls = crate::tls::authority().0.tls().unwrap();
    let server = Running::tls(tls, |config| config.timeouts.handshake = Duration::from_millis(50));
    Client::new(&server).expect_end();
    let mut client = Client::new(&server);
    client.send([22, 3, 1]).expect_end();
}
