//! Hints and pushes, which go before an answer.

use std::process::Command;

use crate::{client::Client, running::Running, tools::run};

const CSS: &str = "link: </a.css>; rel=preload";

#[test]
fn a_hint_goes_before_the_answer() {
    let server = Running::start();
    let mut client = Client::new(&server);
    for _ in 0..2 {
        client.send("GET /early HTTP/1.1\r\nHost: test\r\n\r\n");
        client.expect(&format!("HTTP/1.1 103 Early Hints\r\n{CSS}\r\n\r\n"));
        assert_eq!(client.answer().text(), "Hello");
    }
}

#[test]
fn a_hint_of_a_thread_goes_out_while_the_view_waits() {
    let server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /early/late HTTP/1.1\r\nHost: test\r\n\r\n");
    for file in ["a", "b"] {
        client.expect(&format!("HTTP/1.1 103 Early Hints\r\nlink: </{file}.css>; rel=preload\r\n\r\n"));
    }
    assert_eq!(client.answer().text(), "Hello");
}

#[test]
fn http_1_0_gets_no_hint_and_http_1_no_push() {
    let server = Running::start();
    let mut client = Client::new(&server);
    let answer = client.send("GET /early HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer();
    assert_eq!((answer.status, answer.text()), (200, "Hello"));
    let answer = client.get("/push");
    assert_eq!((answer.status, answer.text()), (200, "Hello"));
    assert_eq!(server.metrics.called(), 2);
}

#[test]
fn curl_sees_the_hint_over_both_versions() {
    let server = Running::start();
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let mut curl = Command::new("curl");
        curl.args([
            "-sS",
            "-i",
            "--max-time",
            "10",
            version,
            &format!("http://{}/early/late", server.address),
        ]);
        let output = run(&mut curl).replace("\r\n", "\n");
        let hints: Vec<_> = output.match_indices(" 103").collect();
        assert_eq!(hints.len(), 2, "{version}: {output}");
        assert!(output.contains(CSS) && output.ends_with("\n\nHello"), "{version}: {output}");
    }
}

#[test]
fn nghttp_gets_what_is_pushed() {
    let server = Running::start();
    let url = format!("http://{}/push", server.address);
    let output = run(Command::new("nghttp").args(["-v", "-t", "10", &url]));
    assert_eq!(output.matches("recv PUSH_PROMISE frame").count(), 2, "{output}");
    for line in [":path: /echo?pushed", ":path: /stream", ":method: GET", "link: </of-the-push>", "x-sum: 3"]
    {
        assert!(output.contains(line), "{line}: {output}");
    }
    assert_eq!(output.matches(":status: 200").count(), 3, "{output}");
    assert_eq!(server.metrics.called(), 3);
}

#[test]
fn a_client_that_takes_no_push_gets_none() {
    let server = Running::start();
    let url = format!("http://{}/push", server.address);
    let output = run(Command::new("nghttp").args(["-v", "--no-push", "-t", "10", &url]));
    assert!(!output.contains("PUSH_PROMISE"), "{output}");
    assert_eq!(server.metrics.called(), 1);
    let output = run(Command::new("curl").args(["-sS", "--http2-prior-knowledge", "--max-time", "10", &url]));
    assert_eq!((output.as_str(), server.metrics.called()), ("Hello", 2));
}
