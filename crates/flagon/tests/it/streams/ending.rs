//! What a stop does to streams and WebSockets, and what is finished after them.

use std::{
    io::{Read as _, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use flagon::{Event, EventStream, WebSocket, prelude::*, sse};
use flagon_server::Ended;
use futures_util::stream;

use super::{
    frames::Peer,
    running::{Running, wait_until},
    websockets::echoing,
};

type Lines = Arc<Mutex<Vec<String>>>;

#[get("/forever")]
async fn forever() -> EventStream {
    sse(stream::pending::<Event>())
}

#[get("/polite")]
async fn polite(lines: State<Lines>, mut socket: WebSocket) {
    while socket.receive().await.is_some() {}
    lines.lock().unwrap().push("the view has ended".into());
}

#[test]
fn streams_end_whole_and_sockets_are_told() {
    let lines = Lines::default();
    let mut server = Running::start(echoing().state(Arc::clone(&lines)).routes(routes![forever, polite]));
    let mut events = server.connect();
    write!(events, "GET /forever HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    wait_until("the events are begun", || server.metrics.called() == 1);
    let (mut echo, mut polite) = (Peer::open(&server, "/echo"), Peer::open(&server, "/polite"));
    echo.text("open").expect_text("open");
    let late = Arc::clone(&lines);
    server.app.current_app().shutdown().finish("what is left", move |left| async move {
        assert!(left > Duration::ZERO);
        late.lock().unwrap().push("what is left is finished".into());
    });
    server.shutdown.start();
    for peer in [&mut echo, &mut polite] {
        assert_eq!(peer.closed(), Some(1001));
        peer.close(1001, "").expect_end();
    }
    let mut answer = String::new();
    events.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\n0\r\n\r\n"), "{answer}");
    assert_eq!(server.ended(), Ended::Finished);
    assert_eq!(*lines.lock().unwrap(), ["the view has ended", "what is left is finished"]);
}

#[test]
fn who_does_not_answer_the_close_is_dropped_at_the_deadline() {
    let mut server = Running::with(echoing(), |config| config.timeouts.shutdown = Duration::from_millis(100));
    let mut peer = Peer::open(&server, "/echo");
    peer.text("open").expect_text("open");
    server.shutdown.start();
    assert_eq!(server.ended(), Ended::Dropped(1));
    assert_eq!(peer.closed(), Some(1001));
    peer.expect_end();
}

#[test]
fn readiness_goes_down_first() {
    let ready = |server: &Running| server.app.current_app().shutdown().is_ready();
    let app = echoing().configure(|config| config.health.ready = Some("/readyz".into()));
    let server = Running::with(app, |config| config.timeouts.unready = Duration::from_mins(10));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 "));
    let mut peer = Peer::open(&server, "/echo");
    assert!(ready(&server));
    server.shutdown.start();
    wait_until("it is not ready", || !ready(&server));
    assert!(!server.app.current_app().shutdown().has_begun());
    assert!(server.get("/readyz").starts_with("HTTP/1.1 503 "));
    peer.text("still open").expect_text("still open");
    Peer::open(&server, "/echo").text("new").expect_text("new");
    let mut server = server;
    server.shutdown.now();
    assert!(matches!(server.ended(), Ended::Dropped(1..)));
}
