//! Bodies of HTTP/1, both ways.

use std::io::Write;

use crate::{
    client::Client,
    running::{BIG, Running, wait_until},
};

const CHUNKED: &str = "Host: test\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn a_small_body_is_whole_and_a_late_one_streams() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("POST /kind HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc");
    assert_eq!(client.answer().text(), "whole");
    client.send(format!("POST /kind HTTP/1.1\r\n{CHUNKED}3\r\nabc\r\n0\r\n\r\n"));
    assert_eq!(client.answer().text(), "whole");
    client.send("POST /kind HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\na");
    assert_eq!(client.answer().text(), "stream");
    assert_eq!(client.send("bc").get("/").text(), "Hello");
}

#[test]
fn chunks_and_trailers_arrive() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send(format!("POST /echo HTTP/1.1\r\n{CHUNKED}"));
    client.send("3;x=y\r\nab").send("c\r\n2\r\nde\r\n").send("0\r\nX-Sum: 5\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.text(), answer.field("x-sum")), ("abcde", Some("5")));
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn a_stream_is_sent_in_chunks_with_trailers() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /stream HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().field("transfer-encoding"), Some("chunked"));
    client.expect("4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\nx-sum: 3\r\n\r\n");
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn a_stream_that_fails_is_not_ended() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /broken HTTP/1.1\r\nHost: test\r\n\r\n").head();
    assert_eq!(client.rest(), b"4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n");
}

#[test]
fn large_bodies_go_both_ways() {
    let server = Running::start();
    let mut client = Client::new(&server);
    assert_eq!(client.get("/big").body.len(), BIG);
    let body: Vec<u8> = (0..BIG).map(|at| (at % 251) as u8).collect();
    for path in ["/echo", "/mirror"] {
        client.send(format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {BIG}\r\n\r\n"));
        let (mut writer, sent) = (client.io.try_clone().unwrap(), body.clone());
        let thread = std::thread::spawn(move || writer.write_all(&sent).unwrap());
        let answer = client.answer();
        assert!(answer.body == body, "{path}");
        assert_eq!(answer.field("connection"), None, "{path}");
        thread.join().unwrap();
    }
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn continue_is_sent_only_when_the_body_is_read() {
    let server = Running::start();
    let expecting = "Host: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    let mut client = Client::new(&server);
    client.send(format!("POST /echo HTTP/1.1\r\n{expecting}"));
    client.expect("HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(client.send("abc").answer().text(), "abc");
    // A view that does not read: the answer comes at once, and since nobody knows whether the body
    // will, the connection closes.
    let answer = client.send(format!("POST / HTTP/1.1\r\n{expecting}")).answer();
    assert_eq!((answer.text(), answer.field("connection")), ("Hello", Some("close")));
    client.expect_end();
    // A view that is at work and does not read: nothing comes.
    let (mut client, mut witness) = (Client::new(&server), Client::new(&server));
    client.send(format!("POST /stall HTTP/1.1\r\n{expecting}"));
    wait_until("the view runs", || server.views() == 1);
    witness.get("/"); // by the same thread, after it
    client.io.set_nonblocking(true).unwrap();
    assert_eq!(client.read().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    // A client that does not wait needs no invitation.
    let mut client = Client::new(&server);
    client.send(format!("POST /echo HTTP/1.1\r\n{expecting}abc"));
    assert_eq!(client.answer().text(), "abc");
}

#[test]
fn an_unread_body_is_thrown_away() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let body = "x".repeat(100_000);
    client.send(format!("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n{body}"));
    assert_eq!(client.answer().text(), "Hello");
    client.send(format!("POST / HTTP/1.1\r\n{CHUNKED}186a0\r\n{body}\r\n0\r\n\r\n"));
    assert_eq!(client.answer().text(), "Hello");
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn too_much_of_an_unread_body_closes_the_connection_after_the_answer() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 900000\r\n\r\n");
    client.read().unwrap();
    // The answer is here, and the client goes on sending: a reset would stop it.
    for _ in 0..9 {
        client.send("x".repeat(100_000));
    }
    let answer = client.answer();
    assert_eq!((answer.text(), answer.field("connection")), ("Hello", Some("close")));
    client.expect_end();
}

#[test]
fn a_view_is_not_sent_more_than_it_reads() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("POST /stall HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    client.io.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let piece = vec![b'x'; 1 << 20];
    let sent = (0..200).take_while(|_| client.io.write_all(&piece).is_ok()).count();
    assert!(sent < 100, "the server took {sent} MiB that nobody reads");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let server = Running::with(|config| config.limits.body = 10);
    let mut client = Client::new(&server);
    let answer = client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\n").answer();
    assert_eq!((answer.status, server.metrics.called()), (413, 0));
    client.expect_end();
    let mut client = Client::new(&server);
    client.send(format!("POST /echo HTTP/1.1\r\n{CHUNKED}5\r\nabcde\r\n"));
    let answer = client.send("6\r\nfghijk\r\n").answer();
    assert_eq!(answer.status, 413);
    client.expect_end();
}
