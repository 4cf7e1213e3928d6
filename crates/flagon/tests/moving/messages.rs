//! What becomes of a message on its way.

use flagon::{Upstream, prelude::*};

use crate::sides::{Back, Front, ok};

fn front(back: &Back) -> Front {
    Front::start(App::new("front").upstream(back.url()).build().unwrap())
}

#[test]
fn a_request_comes_out_as_it_came_but_for_its_connection() {
    let back = Back::echoing();
    let answer = front(&back).ask(
        "GET /a%20b?c=d&e HTTP/1.1\r\nHost: example.org:8000\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\n\
         Proxy-Authorization: secret\r\nX-End: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 6.6.6.6\r\n\
         X-Forwarded-Proto: https\r\nForwarded: for=6.6.6.6\r\nX_Forwarded_Host: evil\r\nX-Real-IP: 6.6.6.6\r\nProxy: evil\r\n\
         X-Request-Id: mine\r\nVia: 1.1 cdn\r\n\r\n",
    );
    let expected = "GET /a%20b?c=d&e HTTP/1.1\r\nhost: example.org:8000\r\nx-end: 2\r\ncookie: a=1; b=2\r\nx-request-id: mine\r\n\
                    x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\n\
                    forwarded: for=127.0.0.1;proto=http;host=\"example.org:8000\"\r\nx-forwarded-host: example.org:8000\r\n\
                    via: 1.1 cdn, 1.1 flagon";
    // The trace begins here, and has another number each time.
    let (traces, lines): (Vec<&str>, Vec<&str>) =
        answer.text().trim_end().split("\r\n").partition(|line| line.starts_with("traceparent: 00-"));
    assert_eq!((traces.len(), lines.join("\r\n").as_str()), (1, expected));
}

#[test]
fn a_trusted_proxy_is_believed_about_the_client() {
    let back = Back::echoing();
    let config = flagon_server::Config {
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..flagon_server::Config::default()
    };
    let front = Front::start_with(App::new("front").upstream(back.url()).build().unwrap(), config);
    let answer = front.ask(
        "GET / HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\
         X-Forwarded-Host: example.org\r\nX-Real-IP: 203.0.113.7\r\nX-Forwarded-Prefix: /shop\r\n\r\n",
    );
    for line in [
        "\nhost: example.org\r",
        "\nx-forwarded-for: 203.0.113.7\r",
        "\nx-forwarded-proto: https\r",
        "\nx-forwarded-host: example.org\r",
        "\nforwarded: for=203.0.113.7;proto=https;host=example.org\r",
        "\nx-real-ip: 203.0.113.7\r",
        "\nx-forwarded-prefix: /shop\r",
    ] {
        assert!(answer.text().contains(line), "{line:?} is not in {}", answer.text());
    }
    assert!(!answer.text().contains("6.6.6.6"));
}

#[test]
fn the_host_can_be_another() {
    let back = Back::echoing();
    let upstream = Upstream::at(&back.url()).unwrap().host("old.internal");
    let front = Front::start(App::new("front").upstream(upstream).build().unwrap());
    let text = front.get("/").text().to_owned();
    assert!(text.contains("\nhost: old.internal\r") && text.contains("\nx-forwarded-host: a\r"), "{text}");
}

#[test]
fn a_body_keeps_its_length_or_is_chunked_anew() {
    let back = Back::echoing();
    let front = front(&back);
    let with_length = front.ask("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
    assert!(
        with_length.text().contains("\ncontent-length: 5\r") && with_length.text().ends_with("\r\n\r\nhello")
    );
    let empty = front.ask("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    assert!(empty.text().contains("\ncontent-length: 0\r"));
    let mut wire = front.connect();
    wire.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n");
    wire.write("3\r\nllo\r\n0\r\nx-sum: 9\r\n\r\n");
    let chunked = wire.answer(false);
    assert!(
        chunked.text().contains("\ntransfer-encoding: chunked\r")
            && !chunked.text().contains("content-length")
    );
    assert!(chunked.text().ends_with("\r\n\r\nhello"), "{}", chunked.text());
}

#[test]
fn an_upload_is_passed_on_while_it_comes_and_its_trailers_too() {
    let (told, heard) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let back = Back::start(move |mut wire, _| {
        wire.head().unwrap();
        while let Some(chunk) = wire.chunk().unwrap() {
            told.lock().unwrap().send(chunk).unwrap();
        }
        let trailers = wire.head().unwrap();
        wire.write(&ok(&trailers));
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    for piece in ["one", "two"] {
        wire.write(&format!("3\r\n{piece}\r\n"));
        assert_eq!(heard.recv().unwrap(), piece.as_bytes()); // before the next one is sent
    }
    wire.write("0\r\nx-sum: 9\r\n\r\n");
    assert_eq!(wire.answer(false).text(), "x-sum: 9");
}

#[test]
fn an_answer_is_passed_on_while_it_comes_with_its_trailers() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let back = Back::start(move |mut wire, _| {
        wire.request().unwrap();
        wire.write("HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
        wait.lock().unwrap().recv().unwrap();
        wire.write("3\r\ntwo\r\n0\r\nx-sum: 9\r\n\r\n");
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write("GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n");
    assert!(wire.head().unwrap().contains("chunked"));
    assert_eq!(wire.chunk().unwrap().unwrap(), b"one");
    go.send(()).unwrap();
    assert_eq!(wire.chunk().unwrap().unwrap(), b"two");
    assert_eq!(wire.chunk().unwrap(), None);
    assert_eq!(wire.head().unwrap(), "x-sum: 9");
}

#[test]
fn expect_is_the_old_app_s_to_decide() {
    let back = Back::start(|mut wire, _| {
        while let Some(head) = wire.head() {
            assert!(head.contains("\r\nexpect: 100-continue"), "{head}");
            if head.starts_with("POST /no") {
                return wire.write("HTTP/1.1 413 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            }
            wire.write("HTTP/1.1 100 Continue\r\n\r\n");
            wire.expect("hello");
            wire.write(&ok("got it"));
        }
    });
    let front = front(&back);
    let ask = |path: &str| {
        format!("POST {path} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n")
    };
    let mut wire = front.connect();
    wire.write(&ask("/yes"));
    assert!(wire.head().unwrap().starts_with("HTTP/1.1 100"));
    wire.write("hello");
    assert_eq!(wire.answer(false).text(), "got it");
    let mut wire = front.connect();
    wire.write(&ask("/no"));
    assert!(wire.head().unwrap().starts_with("HTTP/1.1 413"), "not a byte of the body was asked for");
}

#[test]
fn answers_before_the_answer_are_passed_on() {
    let back = Back::answering(|_| {
        format!(
            "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\nconnection: x\r\nx: 1\r\n\r\n{}",
            ok("done")
        )
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(wire.head().unwrap(), "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload");
    assert_eq!(wire.answer(false).text(), "done");
}

#[test]
fn a_head_has_the_length_of_its_get_and_no_body() {
    let back = Back::answering(|request| {
        assert!(request.head.starts_with("HEAD "));
        "HTTP/1.1 200 OK\r\ncontent-length: 12345\r\n\r\n".into()
    });
    let front = front(&back);
    let mut wire = front.connect();
    for _ in 0..2 {
        wire.write("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(wire.answer(true).header("content-length"), Some("12345"));
    }
    assert_eq!(back.connections(), 1, "the connection went on");
}

#[test]
fn fields_of_the_old_app_s_connection_stay_there() {
    let back = Back::answering(|_| {
        "HTTP/1.1 200 OK\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\nproxy-authenticate: Basic\r\n\
         upgrade: h2c\r\nx-end: 2\r\ncontent-length: 0\r\n\r\n"
            .into()
    });
    let answer = front(&back).get("/");
    let names: Vec<_> = answer.head.lines().skip(1).map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, ["x-end", "x-request-id", "Date", "Content-Length"]);
}

#[test]
fn an_answer_that_ends_with_its_connection_is_passed_on_whole() {
    let back = Back::start(|mut wire, _| {
        wire.request().unwrap();
        wire.write("HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nuntil the end");
    });
    let answer = front(&back).get("/");
    assert_eq!((answer.text(), answer.header("transfer-encoding")), ("until the end", Some("chunked")));
}

#[test]
fn an_old_app_that_answers_early_need_not_read_it_all() {
    let back = Back::start(|mut wire, _| {
        wire.head().unwrap();
        wire.write("HTTP/1.1 403 No\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
    });
    let front = front(&back);
    let mut wire = front.connect();
    wire.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\nhello");
    let answer = wire.answer(false);
    assert_eq!((answer.status(), answer.text()), ("403", "no"));
}
