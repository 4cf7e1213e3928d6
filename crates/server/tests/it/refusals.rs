//! Requests that break a rule: each gets a complete answer, then the connection closes.

use crate::{client::Client, running::Running};

#[test]
fn refused_requests_are_answered_and_closed_while_others_are_served() {
    let server = Running::with(|config| config.limits.body = 1000);
    let mut witness = Client::new(&server);
    let long_field = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    let many_fields = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(101));
    let long_target = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(9_000));
    let cases: &[(u16, &str)] = &[
        (400, "GET /\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
        (400, "GET / HTTP/1.1\nHost: a\n\n"),
        (400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
        (400, "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n"),
        (400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        (411, "POST / HTTP/1.0\r\nHost: a\r\n\r\n"),
        (413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"),
        (414, &long_target),
        (417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"),
        (431, &long_field),
        (431, &many_fields),
        (501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        (505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ];
    for (status, request) in cases {
        let mut client = Client::new(&server);
        let answer = client.send(request).answer();
        assert_eq!(answer.status, *status, "{request:.80}");
        assert_eq!(answer.field("connection"), Some("close"), "{request:.80}");
        assert!(answer.text().len() > 10, "{request:.80}: {:?}", answer.text());
        client.expect_end();
        assert_eq!(witness.get("/").text(), "Hello");
    }
    assert_eq!(server.metrics.called() as usize, cases.len(), "only the witness reached the service");
}

#[test]
fn a_refusal_comes_after_the_answers_to_earlier_requests() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert_eq!(client.answer().status, 400);
    client.expect_end();
}

#[test]
fn a_client_that_ends_its_side_within_a_head_is_told() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n").end();
    assert_eq!(client.answer().status, 400);
    client.expect_end();
}

#[test]
fn a_trailer_section_that_is_too_long_is_refused_while_the_view_reads() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    client.send(head).send(format!("0\r\nx: {}\r\n\r\n", "x".repeat(10_000)));
    assert_eq!(client.answer().status, 431);
    client.expect_end();
}

#[test]
fn a_hundred_thousand_fields_are_refused_with_the_whole_answer() {
    let server = Running::start();
    let mut witness = Client::new(&server);
    let mut client = Client::new(&server);
    // All is sent before anything is read: a reset would lose the answer.
    client.send(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "a: b\r\n".repeat(100_000)));
    assert_eq!(client.answer().status, 431);
    client.expect_end();
    assert_eq!(witness.get("/").text(), "Hello");
}

#[test]
fn a_body_that_breaks_the_coding_ends_the_connection() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_eq!(client.send("zz\r\n").answer().status, 400);
    client.expect_end();
}

#[test]
fn a_connection_dropped_at_any_byte_leaves_nothing() {
    let server = Running::start();
    let mut witness = Client::new(&server);
    let request = b"POST /echo?q HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX-Trailer: y\r\n\r\n";
    for end in 0..=request.len() {
        let mut client = Client::new(&server);
        client.send(&request[..end]);
        drop(client);
        assert_eq!(witness.get("/").text(), "Hello", "after {end} bytes");
    }
    crate::running::wait_until("only the witness is left", || server.metrics.connections() == 1);
    assert_eq!((server.views(), server.metrics.requests()), (0, 0));
}
