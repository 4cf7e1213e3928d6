//! More requests at once than a thread may have under way.

use std::{process::Command, time::Duration};

use flagon_server::Config;

use crate::{
    client::Client,
    frames::*,
    running::{BIG, Running, wait_until},
    tools::run,
};

/// A server whose thread works on two requests at once, both of them taken.
fn full() -> (Running, [Client; 2]) {
    busy(|config| config.limits.queue = 0)
}

fn busy(change: impl FnOnce(&mut Config)) -> (Running, [Client; 2]) {
    let server = Running::with(|config| {
        config.limits.requests = 2;
        change(config);
    });
    let mut clients = [Client::new(&server), Client::new(&server)];
    for client in &mut clients {
        client.send("GET /pending HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    wait_until("both views run", || server.views() == 2);
    (server, clients)
}

#[test]
fn one_request_too_many_is_answered_503_and_the_connection_goes_on() {
    let (server, clients) = full();
    let mut third = Client::new(&server);
    for _ in 0..3 {
        assert_eq!(third.get("/").status, 503);
    }
    // Its body is read past, as that of any request that is refused.
    let post = "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc";
    assert_eq!(third.send(post).answer().status, 503);
    assert_eq!((server.metrics.called(), server.metrics.shed()), (2, 4));
    drop(clients);
    wait_until("both are gone", || server.metrics.requests() == 0);
    assert_eq!(third.get("/").text(), "Hello");
}

#[test]
fn those_that_wait_have_their_turn_when_another_ends() {
    let (server, [first, second]) = busy(|config| config.timeouts.queue = Duration::from_mins(1));
    let mut waiting = [Client::new(&server), Client::new(&server), Client::new(&server)];
    for (client, path) in waiting.iter_mut().zip(["/", "/big", "/echo"]) {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
    }
    let mut peer = Peer::new(&server);
    peer.get(1, "/");
    wait_until("four wait", || server.metrics.waiting() == 4);
    assert_eq!((server.metrics.called(), server.metrics.shed()), (2, 0));
    let [one, _, three] = &mut waiting;
    drop(first);
    assert_eq!(one.answer().text(), "Hello");
    assert_eq!((three.answer().status, peer.answer(1).1), (200, b"Hello".to_vec()));
    assert_eq!(waiting[1].answer().body.len(), BIG);
    assert_eq!(server.metrics.waiting(), 0);
    drop(second);
}

#[test]
fn who_waits_in_vain_is_answered_503_and_the_connection_goes_on() {
    let (server, _clients) = busy(|config| config.timeouts.queue = Duration::from_millis(50));
    let (mut old, mut new) = (Client::new(&server), Peer::new(&server));
    assert_eq!(old.get("/").status, 503);
    assert_ne!(new.get(1, "/").answer(1).0, OK);
    assert_eq!(old.get("/healthz").text(), "Hello");
    assert_eq!(new.get(3, "/healthz").answer(3).1, b"Hello");
    assert_eq!((server.metrics.shed(), server.metrics.waiting()), (2, 0));
}

#[test]
fn one_more_than_may_wait_is_answered_at_once_and_who_leaves_makes_room() {
    let (server, [first, _second]) = busy(|config| {
        config.timeouts.queue = Duration::from_mins(1);
        config.limits.queue = 2;
    });
    let ask = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    let (mut leaving, mut staying, mut peer) =
        (Client::new(&server), Client::new(&server), Peer::new(&server));
    leaving.send(ask);
    wait_until("one waits", || server.metrics.waiting() == 1);
    peer.get(1, "/");
    wait_until("two wait", || server.metrics.waiting() == 2);
    assert_eq!(staying.get("/").status, 503);
    drop(leaving);
    wait_until("one has left", || server.metrics.waiting() == 1);
    staying.send(ask);
    wait_until("two wait again", || server.metrics.waiting() == 2);
    peer.send(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()));
    wait_until("the stream has left", || server.metrics.waiting() == 1);
    drop(first);
    assert_eq!(staying.answer().text(), "Hello");
}

#[test]
fn what_the_service_excepts_is_answered() {
    let (server, _clients) = full();
    let mut third = Client::new(&server);
    assert_eq!(third.get("/healthz").text(), "Hello");
    assert_eq!(third.get("/").status, 503);
    assert_eq!(third.get("/panic").status, 500);
}

#[test]
fn streams_of_http_2_are_refused_one_by_one() {
    let (server, _clients) = full();
    let url = |path: &str| format!("http://{}{path}", server.address);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--http2-prior-knowledge", "--max-time", "10", "-w", "%{http_code}"]);
    assert_eq!(run(curl.args([&url("/")])), "503");
    let output = run(Command::new("nghttp").args(["-v", "-t", "10", &url("/"), &url("/healthz")]));
    assert!(output.contains(":status: 503") && output.contains(":status: 200"), "{output}");
}
