//! Server-sent events as they come out of a socket.

use std::{
    io::{Read as _, Write as _},
    time::Duration,
};

use flagon::{Event, EventStream, prelude::*, sse};
use futures_util::stream;

use super::running::{Running, wait_until};

#[get("/numbers")]
async fn numbers() -> EventStream {
    let first = request().last_event_id().and_then(|id| id.parse().ok()).map_or(0, |id: u64| id + 1);
    sse(stream::iter((first..3).map(|n| Event::of(format!("{n} {}", request().path())).id(n))))
}

#[get("/forged")]
async fn forged() -> EventStream {
    sse(stream::iter([Event::of("good"), Event::of("bad").id("1\ndata: forged")]))
}

#[get("/failing")]
async fn failing() -> EventStream {
    sse(stream::iter([Ok(Event::of("good")), Err(std::io::Error::other("gone"))]))
}

#[get("/quiet")]
async fn quiet() -> EventStream {
    sse(stream::pending::<Event>()).heartbeat(Duration::from_millis(5))
}

fn app() -> App {
    App::new("t").routes(routes![numbers, forged, failing, quiet])
}

#[test]
fn events_with_ids_go_on_where_the_browser_was() {
    let server = Running::start(app());
    let answer = server.get("/numbers").to_ascii_lowercase();
    for field in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
        assert!(answer.contains(&format!("\r\n{field}\r\n")), "{field} in {answer}");
    }
    let client = app().test_client();
    assert_eq!(
        client.get("/numbers").wait().text(),
        "id: 0\ndata: 0 /numbers\n\nid: 1\ndata: 1 /numbers\n\nid: 2\ndata: 2 /numbers\n\n"
    );
    assert_eq!(
        client.get("/numbers").header("last-event-id", "1").wait().text(),
        "id: 2\ndata: 2 /numbers\n\n"
    );
}

/// Neither looks like a stream that has ended well.
#[test]
fn what_fails_is_cut_off() {
    let server = Running::start(app());
    for path in ["/forged", "/failing"] {
        let answer = server.get(path);
        assert!(answer.contains("data: good\n\n") && !answer.contains("forged\n"), "{answer}");
        assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
    }
}

#[test]
fn a_quiet_stream_says_that_it_is_there_and_notices_who_left() {
    let server = Running::start(app());
    let mut socket = server.connect();
    write!(socket, "GET /quiet HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut text = String::new();
    while text.matches(":\n\n").count() < 3 {
        let mut buffer = [0; 1024];
        let read = socket.read(&mut buffer).unwrap();
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    drop(socket);
    wait_until("it has ended", || server.metrics.connections() == 0);
}
