//! More requests at once than a thread may have under way.

use std::process::Command;

use crate::{
    client::Client,
    running::{Running, wait_until},
    tools::run,
};

/// A server whose thread works on two requests at once, both of them taken.
fn full() -> (Running, [Client; 2]) {
    let server = Running::with(|config| config.limits.requests = 2);
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
