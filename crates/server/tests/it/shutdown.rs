//! The end of a server.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::Duration,
};

use flagon_server::Ended;

use crate::{
    client::Client,
    frames::*,
    running::{Running, wait_until},
};

#[test]
fn idle_connections_are_closed_at_once() {
    let mut server = Running::start();
    let (mut fresh, mut used) = (Client::new(&server), Client::new(&server));
    used.get("/");
    wait_until("both are accepted", || server.metrics.connections() == 2);
    server.shutdown.start();
    fresh.expect_end();
    used.expect_end();
    assert_eq!(server.ended(), Ended::Finished);
    assert!(std::net::TcpStream::connect(server.address).is_err());
}

#[test]
fn begun_requests_are_finished_with_connection_close() {
    let mut server = Running::start();
    let mut client = Client::new(&server);
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\na");
    wait_until("the view runs", || server.views() == 1);
    server.shutdown.start();
    let answer = client.send("bc").answer();
    assert_eq!((answer.text(), answer.field("connection")), ("abc", Some("close")));
    client.expect_end();
    assert_eq!(server.ended(), Ended::Finished);
}

#[test]
fn a_request_in_the_queue_is_still_answered() {
    let mut server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    server.shutdown.start();
    assert_eq!(client.answer().text(), "Hello");
    assert_eq!(server.ended(), Ended::Finished);
}

#[test]
fn what_does_not_end_is_dropped_at_the_deadline() {
    let mut server = Running::with(|config| config.timeouts.shutdown = Duration::from_millis(100));
    let (mut old, mut new) = (Client::new(&server), Peer::new(&server));
    let mut endless = Client::new(&server);
    old.send("GET /pending HTTP/1.1\r\nHost: test\r\n\r\n");
    endless.send("GET /endless HTTP/1.1\r\nHost: test\r\n\r\n");
    new.get(1, "/pending").get(3, "/endless");
    wait_until("the views run", || server.views() == 4);
    server.shutdown.start();
    assert_eq!(server.ended(), Ended::Dropped(3));
    old.expect_end();
}

#[test]
fn a_second_wish_ends_everything_at_once() {
    let mut server = Running::start();
    let mut client = Client::new(&server);
    client.send("GET /pending HTTP/1.1\r\nHost: test\r\n\r\n");
    wait_until("the view runs", || server.views() == 1);
    server.shutdown.start();
    server.shutdown.now();
    assert_eq!(server.ended(), Ended::Dropped(1));
    client.expect_end();
}

#[test]
fn http_2_says_goaway_and_finishes_its_streams() {
    let mut server = Running::start();
    let mut peer = Peer::new(&server);
    peer.send(&frame(HEADERS, END_HEADERS, 1, &request("POST", "/echo")));
    peer.send(&frame(DATA, 0, 1, b"a"));
    wait_until("the view runs", || server.views() == 1);
    server.shutdown.start();
    let goaway = peer.next(|frame| frame.kind == GOAWAY);
    assert_eq!(goaway.code(), NO_ERROR);
    let ping = peer.next(|frame| frame.kind == PING);
    peer.send(&frame(DATA, END_STREAM, 1, b"b"));
    assert_eq!(peer.answer(1), (OK, b"ab".to_vec()));
    peer.send(&frame(PING, 1, 0, &ping.payload));
    assert_eq!(peer.goaway(), NO_ERROR);
    drop(peer);
    assert_eq!(server.ended(), Ended::Finished);
}

#[test]
fn an_idle_http_2_client_that_does_not_answer_holds_nothing_up() {
    let mut server = Running::start();
    let mut peer = Peer::new(&server);
    peer.get(1, "/").answer(1);
    server.shutdown.start();
    assert_eq!(peer.goaway(), NO_ERROR);
    drop(peer);
    assert_eq!(server.ended(), Ended::Finished);
}

/// The example `plaintext` in a process of its own.
pub(crate) struct Example {
    child: Child,
    pub(crate) address: std::net::SocketAddr,
}

impl Example {
    pub(crate) fn start() -> Self {
        Self::run("exec")
    }

    /// Starts it from a shell, by `how`.
    pub(crate) fn run(how: &str) -> Self {
        let test = std::env::current_exe().unwrap();
        let program = test.ancestors().nth(2).unwrap().join("examples/plaintext");
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{how} '{}'", program.display())]);
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| {
            panic!(
                "{} did not start; build it with `cargo build -p flagon-server --examples`",
                program.display()
            )
        });
        let address = address.parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        crate::tools::run(Command::new("kill").args(["-s", name, &self.pid().to_string()]));
    }

    fn ended(mut self) -> bool {
        let success = self.child.wait().unwrap().success();
        let mut rest = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        success
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_process_without_free_descriptors_serves_on_when_there_are() {
    let example = Example::run("ulimit -n 20; exec");
    let ask = |client: &mut Client| client.get("/").text().to_owned();
    let connect = || Client::over(crate::client::connect(example.address));
    let mut first = connect();
    assert_eq!(ask(&mut first), "Hello, World!");
    // The system completes the handshakes; the process can accept but a few.
    let crowd: Vec<Client> = (0..40).map(|_| connect()).collect();
    assert_eq!(ask(&mut first), "Hello, World!");
    drop(crowd);
    assert_eq!(ask(&mut connect()), "Hello, World!");
}

#[test]
fn signals_stop_it() {
    for name in ["TERM", "INT"] {
        let example = Example::start();
        let mut client = Client::over(crate::client::connect(example.address));
        assert_eq!(client.get("/").text(), "Hello, World!");
        example.signal(name);
        client.expect_end();
        assert!(example.ended(), "{name}");
    }
}
