//! Connections that leave HTTP.

use flagon::prelude::*;

use crate::sides::{Back, Front};

const UPGRADE: &str = "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                        sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn front(back: &Back) -> Front {
    Front::start(App::new("front").upstream(back.url()).build().unwrap())
}

#[test]
fn a_web_socket_goes_through_both_ways() {
    let back = Back::start(|mut wire, _| {
        let head = wire.head().unwrap();
        assert!(
            head.contains("\r\nconnection: upgrade") && head.contains("\r\nupgrade: websocket"),
            "{head}"
        );
        assert!(head.contains("\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="));
        wire.write(SWITCHED);
        wire.write("early"); // with the head, perhaps
        for _ in 0..100 {
            wire.expect("ping");
            wire.write("pong");
        }
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write(UPGRADE);
    let head = wire.head().unwrap();
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("\r\nupgrade: websocket") && head.contains("\r\nConnection: upgrade"), "{head}");
    assert!(head.contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    wire.expect("early");
    for _ in 0..100 {
        wire.write("ping");
        wire.expect("pong");
    }
    assert!(wire.is_over(), "the old app closed, and so does the tunnel");
}

#[test]
fn bytes_that_a_client_sends_at_once_are_the_old_app_s() {
    let back = Back::start(|mut wire, _| {
        wire.head().unwrap();
        wire.write(SWITCHED);
        wire.expect("GET /evil HTTP/1.1\r\n\r\n");
        wire.write("seen");
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write(&format!("{UPGRADE}GET /evil HTTP/1.1\r\n\r\n"));
    wire.head().unwrap();
    wire.expect("seen");
}

#[test]
fn an_upgrade_that_is_refused_is_an_answer_like_any() {
    let back = Back::answering(|_| "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno".into());
    let front = front(&back);
    let mut wire = front.connect();
    for _ in 0..2 {
        wire.write(UPGRADE);
        let answer = wire.answer(false);
        assert_eq!((answer.status(), answer.text()), ("403", "no"));
    }
}

#[test]
fn http_2_in_disguise_does_not_go_through() {
    let back = Back::echoing();
    let front = front(&back);
    let answer = front.ask(
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n",
    );
    assert!(!answer.text().contains("h2c") && !answer.text().contains("http2-settings"), "{}", answer.text());
}

#[test]
fn a_tunnel_ends_when_the_server_stops() {
    let back = Back::start(|mut wire, _| {
        wire.head().unwrap();
        wire.write(SWITCHED);
        assert!(wire.is_over());
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write(UPGRADE);
    wire.head().unwrap();
    front.stop();
    assert!(wire.is_over());
}
