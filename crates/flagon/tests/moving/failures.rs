//! An old app that is not there, too slow, or answers what is no HTTP.

use std::time::Duration;

use flagon::{Upstream, prelude::*};

use crate::sides::{Back, Front, Wire, ok};

fn front(back: &Back) -> Front {
    Front::start(App::new("front").upstream(back.url()).build().unwrap())
}

#[test]
fn an_app_that_is_not_there_gives_a_page_that_says_so_and_comes_back_by_itself() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let front = Front::start(App::new("front").upstream(format!("http://{address}")).build().unwrap());
    let mut wire = front.connect();
    wire.write("GET / HTTP/1.1\r\nhost: a\r\naccept: text/html\r\n\r\n");
    let page = wire.answer(false);
    assert_eq!((page.status(), page.header("retry-after")), ("502", Some("5")));
    assert!(page.text().contains("The app behind this server does not answer."), "{}", page.text());
    assert!(page.header("content-security-policy").is_some(), "the page is the app's own");

    let listener = std::net::TcpListener::bind(address).unwrap();
    std::thread::spawn(move || {
        let mut wire = Wire::new(listener.accept().unwrap().0);
        wire.request().unwrap();
        wire.write(&ok("back again"));
    });
    wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(wire.answer(false).text(), "back again");
}

#[test]
fn an_app_that_takes_too_long_gives_504() {
    let back = Back::start(|mut wire, _| {
        wire.request().unwrap();
        assert!(wire.is_over(), "the connection is given up");
    });
    let upstream = Upstream::at(&back.url()).unwrap().timeout(Duration::from_millis(50));
    let front = Front::start(App::new("front").upstream(upstream).build().unwrap());
    assert_eq!(front.get("/").status(), "504");
}

#[test]
fn an_answer_that_stops_is_broken_off() {
    let back = Back::start(|mut wire, _| {
        wire.request().unwrap();
        wire.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        assert!(wire.is_over());
    });
    let upstream = Upstream::at(&back.url()).unwrap().idle_timeout(Duration::from_millis(50));
    let front = Front::start(App::new("front").upstream(upstream).build().unwrap());
    let mut wire = front.connect();
    wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(wire.head().unwrap().contains("Content-Length: 10"));
    wire.expect("half");
    assert!(wire.is_over());
}

#[test]
fn what_is_no_answer_gives_502() {
    for answer in [
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
        "HTTP/1.1 200 OK\na: b\n\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n",
        "",
    ] {
        let back = Back::start(move |mut wire, _| {
            wire.request().unwrap();
            wire.write(answer);
        });
        assert_eq!(front(&back).get("/").status(), "502", "{answer:?}");
    }
}

#[test]
fn a_second_answer_is_never_the_next_client_s() {
    let back = Back::answering(|request| {
        let path = request.head.split(' ').nth(1).unwrap();
        // Whoever controls a part of an answer may have it carry another one.
        format!("{}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", ok(path))
    });
    let front = front(&back);
    for path in ["/1", "/2", "/3"] {
        assert_eq!(front.get(path).text(), path);
    }
    assert_eq!(back.connections(), 3, "a connection with more than an answer on it is not used again");
}

#[test]
fn a_connection_that_was_closed_meanwhile_costs_a_safe_request_nothing() {
    // Each connection takes two requests, and closes on the second without an answer, as if its time had run out.
    let back = Back::start(|mut wire, _| {
        wire.request().unwrap();
        wire.write(&ok("first"));
        wire.request().unwrap();
    });
    let front = front(&back);
    for _ in 0..3 {
        assert_eq!(front.get("/").text(), "first");
    }
    assert_eq!(back.connections(), 3);
    let posted = front.ask("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(
        posted.status(),
        "502",
        "a POST may have been done: only its client can say whether to send it again"
    );
}

#[test]
fn connections_are_kept_and_no_more_are_open_than_may_be() {
    let back = Back::echoing();
    let one = front(&back);
    for _ in 0..20 {
        one.get("/");
    }
    assert_eq!(back.connections(), 1);

    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let slow = Back::start(move |mut wire, _| {
        while wire.request().is_some() {
            wait.lock().unwrap().recv().unwrap();
            wire.write(&ok("slow"));
        }
    });
    let upstream = Upstream::at(&slow.url()).unwrap().connections(1);
    let front = Front::start(App::new("front").upstream(upstream).build().unwrap());
    let mut wires = [front.connect(), front.connect()];
    for wire in &mut wires {
        wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    }
    for wire in &mut wires {
        go.send(()).unwrap();
        assert_eq!(wire.answer(false).text(), "slow");
    }
    assert_eq!(slow.connections(), 1);
}

#[test]
fn a_circle_ends() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let app = App::new("front").upstream(format!("http://{address}")).build().unwrap();
    let front = Front::start_at(app, address);
    assert_eq!(front.get("/").status(), "508");
}
