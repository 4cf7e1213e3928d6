//! Connections and answers of HTTP/1.

use crate::{
    client::Client,
    running::{BIG, Running, wait_until},
};

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let server = Running::start();
    let mut client = Client::new(&server);
    for _ in 0..100 {
        assert_eq!(client.get("/").text(), "Hello");
    }
    assert_eq!((server.metrics.accepted(), server.metrics.called()), (1, 100));
}

#[test]
fn an_answer_is_complete() {
    let server = Running::start();
    let answer = Client::new(&server).get("/");
    let (date, rest): (Vec<_>, Vec<_>) = answer.head.lines().partition(|line| line.starts_with("Date: "));
    assert_eq!(rest, ["HTTP/1.1 200 OK", "Content-Length: 5", ""]);
    assert!(date[0].ends_with(" GMT"), "{date:?}");
}

#[test]
fn pipelined_requests_are_answered_in_order_and_in_one_write() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let request = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    client.send(request.repeat(50) + "GET /kind HTTP/1.1\r\nHost: test\r\n\r\n");
    client.read().unwrap();
    let answers = client.buffered().windows(5).filter(|window| window == b"Hello").count();
    assert_eq!(answers, 50, "all answers came with the first read");
    for _ in 0..50 {
        assert_eq!(client.answer().text(), "Hello");
    }
    assert_eq!(client.answer().text(), "whole");
}

#[test]
fn pipelined_answers_are_written_before_a_view_is_waited_for() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET /pending HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.answer().text(), "Hello");
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let server = Running::start();
    let mut client = Client::new(&server);
    for byte in
        b"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    {
        client.send([*byte]);
    }
    assert_eq!(client.answer().text(), "abc");
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn head_has_the_fields_and_no_body() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let head = client.send("HEAD /big HTTP/1.1\r\nHost: test\r\n\r\n").head();
    assert_eq!(head.field("content-length"), Some(BIG.to_string().as_str()));
    let head = client.send("HEAD /stream HTTP/1.1\r\nHost: test\r\n\r\n").head();
    assert_eq!((head.status, head.field("content-length")), (200, None));
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn no_content_has_no_length() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let answer = client.get("/empty");
    assert_eq!((answer.status, answer.field("content-length")), (204, None));
    assert_eq!(client.get("/").text(), "Hello");
}

#[test]
fn http_1_0_closes_unless_asked_not_to() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let kept = client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer();
    assert_eq!((kept.text(), kept.field("connection")), ("Hello", Some("keep-alive")));
    let closed = client.send("GET / HTTP/1.0\r\n\r\n").answer();
    assert_eq!((closed.text(), closed.field("connection")), ("Hello", Some("close")));
    client.expect_end();
}

#[test]
fn http_1_0_gets_a_stream_until_the_end() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let head = client.head();
    assert_eq!((head.field("transfer-encoding"), head.field("content-length")), (None, None));
    assert_eq!(client.rest(), b"one,two,three");
}

#[test]
fn connection_close_is_obeyed() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send(
        "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n",
    );
    assert_eq!(client.answer().field("connection"), Some("close"));
    client.expect_end();
    assert_eq!(server.metrics.called(), 1);
}

#[test]
fn a_client_that_leaves_takes_its_view_along() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /pending HTTP/1.1\r\nHost: test\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    drop(client);
    wait_until("the view is dropped", || server.views() == 0 && server.metrics.connections() == 0);
}

#[test]
fn a_client_that_ends_its_side_has_left() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /pending HTTP/1.1\r\nHost: test\r\n\r\n").end();
    client.expect_end();
    wait_until("the view is dropped", || server.views() == 0);
}

#[test]
fn a_client_that_ends_its_side_after_a_quick_request_is_answered() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n").end();
    assert_eq!(client.answer().text(), "Hello");
    client.expect_end();
}

#[test]
fn a_panic_is_answered_and_the_server_goes_on() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let answer = client.get("/panic");
    assert_eq!((answer.status, answer.field("connection")), (500, Some("close")));
    client.expect_end();
    assert_eq!(Client::new(&server).get("/").text(), "Hello");
}

#[test]
fn too_many_connections_are_answered_503() {
    let server = Running::with(|config| config.limits.connections = 2);
    let mut kept = [Client::new(&server), Client::new(&server)];
    for client in &mut kept {
        client.get("/");
    }
    let mut refused = Client::new(&server);
    assert_eq!(refused.head().status, 503);
    let [first, mut second] = kept;
    drop(first);
    wait_until("there is room", || server.metrics.connections() == 1);
    assert_eq!(Client::new(&server).get("/").text(), "Hello");
    assert_eq!(second.get("/").text(), "Hello");
}

#[test]
fn too_many_connections_of_one_address_are_answered_429() {
    let server = Running::with(|config| config.limits.connections_per_address = 2);
    let mut kept = [Client::new(&server), Client::new(&server)];
    for client in &mut kept {
        client.get("/");
    }
    let refused = Client::new(&server).answer();
    assert_eq!((refused.status, refused.field("retry-after")), (429, Some("1")));
    assert!(refused.field("date").is_some() && refused.field("connection") == Some("close"));
    drop(kept);
    wait_until("they are gone", || server.metrics.connections() == 0);
    assert_eq!(Client::new(&server).get("/").text(), "Hello");
}

#[test]
fn a_trusted_proxy_has_as_many_connections_as_it_likes() {
    let server = Running::with(|config| {
        config.limits.connections_per_address = 1;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let mut clients: Vec<_> = (0..5).map(|_| Client::new(&server)).collect();
    for client in &mut clients {
        assert_eq!(client.get("/").text(), "Hello");
    }
}

#[test]
fn idle_connections_are_closed_in_silence() {
    let server = Running::with(|config| config.timeouts.idle = std::time::Duration::from_millis(50));
    let (mut fresh, mut used) = (Client::new(&server), Client::new(&server));
    assert_eq!(used.get("/").text(), "Hello");
    fresh.expect_end();
    used.expect_end();
}

#[test]
fn a_tunnel_is_refused_and_its_bytes_are_no_requests() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.field("connection")), (501, Some("close")));
    assert_eq!(server.metrics.called(), 0);
}
