//! Clients that want the old app to read something else than was checked here, and old apps that lie.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flagon::{Upstream, prelude::*};

use crate::sides::{Back, Front, ok};

fn front(back: &Back) -> Front {
    Front::start(App::new("front").upstream(back.url()).build().unwrap())
}

#[test]
fn what_two_servers_could_read_differently_is_never_passed_on() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let back = Back::answering(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        ok("")
    });
    let front = front(&back);
    for fields in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "content-length: +5\r\n\r\nhello",
        "content-length: 5 5\r\n\r\nhello",
        "content-length : 5\r\n\r\nhello",
        "content-length: 0x5\r\n\r\nhello",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        "x: 1\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "x: 1\rtransfer-encoding: chunked\r\n\r\n",
        "x: 1\ntransfer-encoding: chunked\r\n\r\n",
        "x: a\0b\r\n\r\n",
        "host: b\r\n\r\n",
        "transfer-encoding\r\n\r\n",
        "\r\nx",
    ] {
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{fields}");
        let status = front.ask(&request).status().to_owned();
        // The last is sound: what follows it begins another request.
        let expected: &[&str] = if fields == "\r\nx" { &["200"] } else { &["400", "501"] };
        assert!(expected.contains(&&*status), "{status} {fields:?}");
    }
    for request in [
        "POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /a b HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a/b\r\n\r\n",
        "GET http://a@b/ HTTP/1.1\r\nhost: b\r\n\r\n",
        "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        assert!(["400", "505"].contains(&front.ask(request).status()), "{request:?}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[test]
fn a_request_within_a_body_stays_there() {
    let back = Back::echoing();
    let front = front(&back);
    let inner = "GET /admin HTTP/1.1\r\nhost: a\r\n\r\n";
    for (fields, body) in [
        (format!("content-length: {}", inner.len()), inner.to_owned()),
        ("transfer-encoding: chunked".to_owned(), format!("{:x};a=b\r\n{inner}\r\n0\r\n\r\n", inner.len())),
    ] {
        let answer = front.ask(&format!("POST / HTTP/1.1\r\nhost: a\r\n{fields}\r\n\r\n{body}"));
        let (head, seen) = answer.text().split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST / HTTP/1.1"), "{head}");
        assert_eq!(seen, inner);
    }
}

#[test]
fn no_client_says_where_it_comes_from() {
    let front = front(&Back::echoing());
    // `Connection` can take nothing away that this server says, nor a host begin another proxy's word.
    let answer = front.ask(
        "POST / HTTP/1.1\r\nhost: a,for=6.6.6.6\r\nconnection: x-forwarded-for, x-forwarded-host, forwarded, via, host, \
         x-forwarded-proto, transfer-encoding, cookie\r\ncookie: a=1\r\ntransfer-encoding: chunked\r\n\r\n\
         1\r\nx\r\n0\r\nx-forwarded-for: 6.6.6.6\r\nforwarded: for=6.6.6.6\r\ncookie: b=2\r\nx-end: 1\r\n\r\n",
    );
    for line in [
        "\nhost: a,for=6.6.6.6\r",
        "\nx-forwarded-for: 127.0.0.1\r",
        "\nx-forwarded-proto: http\r",
        "\nforwarded: for=127.0.0.1;proto=http;host=\"a,for=6.6.6.6\"\r",
        "\nvia: 1.1 flagon\r",
        "\ncookie: a=1\r",
        "\ntransfer-encoding: chunked",
    ] {
        assert!(answer.text().contains(line), "{line:?} is not in {}", answer.text());
    }
    assert_eq!(answer.text().matches("6.6.6.6").count(), 3, "in the host alone: {}", answer.text());
}

#[test]
fn an_old_app_that_lies_gives_502() {
    let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "x".repeat(100 * 1024));
    let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "a: b\r\n".repeat(300));
    let never = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(1000);
    let continuing = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
    let length = |value: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {value}\r\n\r\nhello");
    for answer in [
        long,
        many,
        never,
        continuing,
        length("+5"),
        length("-1"),
        length("5a"),
        length("18446744073709551616"),
        length("5, 6"),
        "HTTP/1.1 200 OK\r\na: b\rset-cookie: c=d\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\na: b\r\n c: d\r\n\r\n".to_owned(),
        "HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/2 200\r\ncontent-length: 0\r\n\r\n".to_owned(),
    ] {
        let (shown, answer) = (answer[..60.min(answer.len())].to_owned(), Arc::new(answer));
        let back = Back::start(move |mut wire, _| {
            wire.request().unwrap();
            wire.write(&answer);
            wire.is_over();
        });
        assert_eq!(front(&back).get("/").status(), "502", "{shown:?}");
    }
}

#[test]
fn a_chunk_that_lies_ends_the_answer_there() {
    for chunk in
        ["fffffffffffffffff\r\nevil", "-1\r\nevil", "5 5\r\nevil", "4\r\nevilevil", "0x4\r\nevil\r\n"]
    {
        let back = Back::start(move |mut wire, _| {
            wire.request().unwrap();
            wire.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ngood\r\n");
            wire.write(chunk);
            wire.is_over();
        });
        let front = front(&back);
        let mut wire = front.connect();
        wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert!(wire.head().unwrap().starts_with("HTTP/1.1 200"));
        assert_eq!(wire.chunk().unwrap().unwrap(), b"good");
        // Whatever came is not passed on as an end: the client sees that something is missing.
        while let Ok(piece) = wire.chunk() {
            assert!(piece.is_some(), "{chunk:?} ended as if it were whole");
        }
    }
}

#[test]
fn a_head_that_never_ends_is_given_up() {
    let back = Back::start(|mut wire, _| {
        wire.request().unwrap();
        wire.write("HTTP/1.1 200 OK\r\na: b\r\n");
        assert!(wire.is_over(), "the connection is given up");
    });
    let upstream = Upstream::at(&back.url()).unwrap().timeout(Duration::from_millis(50));
    let front = Front::start(App::new("front").upstream(upstream).build().unwrap());
    assert_eq!(front.get("/").status(), "504");
}

#[test]
fn a_body_that_may_not_be_there_is_nobody_s_answer() {
    const EVIL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    let back = Back::answering(|request| {
        let begin = match request.head.split(' ').nth(1).unwrap() {
            "/204" => format!("HTTP/1.1 204 No Content\r\ncontent-length: {}\r\n\r\n", EVIL.len()),
            "/304" => format!("HTTP/1.1 304 Not Modified\r\ncontent-length: {}\r\n\r\n", EVIL.len()),
            "/205" => "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n".to_owned(),
            _ => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", EVIL.len()),
        };
        begin + EVIL
    });
    let front = front(&back);
    let mut wire = front.connect();
    for (method, path, status) in
        [("GET", "/204", "204"), ("GET", "/304", "304"), ("GET", "/205", "205"), ("HEAD", "/", "200")]
    {
        wire.write(&format!("{method} {path} HTTP/1.1\r\nhost: a\r\n\r\n"));
        let answer = wire.answer(method == "HEAD");
        assert_eq!((answer.status(), answer.text()), (status, ""), "{method} {path}");
    }
    assert_eq!(back.connections(), 4, "none of these connections is used again");
}
