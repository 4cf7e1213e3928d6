//! What a service can know of its connection: TCP, frames, field compression.

use std::net::TcpListener;

use flagon_server::ConnectionInfo;

use crate::{
    client::Client,
    frames::{END_HEADERS, END_STREAM, HEADERS, PING, Peer, frame, request},
    running::Running,
};

#[test]
#[cfg(target_os = "linux")]
fn segments_of_tcp_are_counted() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let request = "GET /tcp HTTP/1.1\r\nHost: test\r\n\r\n";
    for times in 1..4 {
        // One small write is one segment.
        let answer = client.send(request).answer();
        assert_eq!(answer.text(), format!("{times} {}", times * request.len()));
    }
    let server = Running::with(|config| config.listen[0].address = "[::1]:0".parse().unwrap());
    assert_eq!(Client::new(&server).send(request).answer().text(), format!("1 {}", request.len()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_connection_that_is_gone_has_no_facts() {
    let nobody = "127.0.0.1:1".parse().unwrap();
    let error = ConnectionInfo::new(nobody, nobody).tcp().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    // A listener is no connection.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = ConnectionInfo::new(nobody, listener.local_addr().unwrap()).tcp().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
}

#[test]
fn frames_are_remembered_where_it_is_asked_for() {
    let server = Running::start();
    let mut peer = Peer::new(&server);
    assert_eq!(peer.get(1, "/frames").answer(1).1, b"none");
    drop((peer, server));

    let server = Running::with(|config| config.limits.logged_frames = 100);
    let mut peer = Peer::new(&server);
    assert_eq!(peer.get(1, "/").answer(1).1, b"Hello");
    let (_, text) = peer.get(3, "/frames").answer(3);
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let (first, second) = (request("GET", "/").len(), request("GET", "/frames").len());
    for expected in [
        "In Settings stream=0 length=0 flags=0".to_owned(),
        "In Settings stream=0 length=0 flags=1".to_owned(),
        format!("In Headers stream=1 length={first} flags=5"),
        "Out Data stream=1 length=5 flags=1".to_owned(),
        format!("In Headers stream=3 length={second} flags=5"),
        "forgotten 0".to_owned(),
    ] {
        assert!(lines.contains(&&*expected), "{expected} is missing in\n{text}");
    }
    // ":method: GET", ":scheme: http", ":path: /" and ":path: /frames", ":authority: test", each with CR and LF.
    let plain = 2 * (14 + 15 + 18) + 10 + 16;
    assert!(lines.contains(&&*format!("In 2 {plain} {}", first + second)), "{text}");
    // ":status: 200", "content-length: 5" and a date of 29 letters, which HPACK makes shorter.
    let sent: Vec<u32> = lines.last().unwrap().split(' ').skip(1).map(|part| part.parse().unwrap()).collect();
    assert_eq!(sent[..2], [1, 14 + 19 + 37]);
    assert!(0 < sent[2] && sent[2] < sent[1], "{text}");
}

#[test]
fn no_more_frames_are_remembered_than_allowed() {
    let server = Running::with(|config| config.limits.logged_frames = 4);
    let mut peer = Peer::new(&server);
    for _ in 0..50 {
        peer.send(&frame(PING, 0, 0, &[0; 8]));
    }
    peer.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &request("GET", "/frames")));
    let (_, text) = peer.answer(1);
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("stream=")).count(), 4, "{text}");
    assert!(!text.contains("forgotten 0"), "{text}");
}
