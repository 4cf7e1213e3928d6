//! The steps of the end, one after the other.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use flagon_http::Body;
use flagon_server::{Config, ConnectionInfo, Ended, Listen, Metrics, Service, Shutdown, Stopping};
use http::{Request, Response};
use tokio::sync::{oneshot, watch};

use crate::running::wait_until;

/// A service that writes down what it is told, and finishes when it is let.
struct Diary {
    lines: Arc<Mutex<Vec<String>>>,
    let_go: watch::Receiver<bool>,
}

impl Service for Diary {
    async fn call(&self, request: Box<Request<Body>>, _: &Arc<ConnectionInfo>) -> Response<Body> {
        if request.uri().path() == "/task" {
            // It lives on the thread of its connection, beyond that.
            let (lines, mut let_go) = (Arc::clone(&self.lines), self.let_go.clone());
            tokio::spawn(async move {
                let_go.wait_for(|let_go| *let_go).await.unwrap();
                lines.lock().unwrap().push("task done".into());
            });
        }
        Response::new("Hello".into())
    }

    fn stopping(&self, stage: Stopping) {
        self.lines.lock().unwrap().push(format!("{stage:?}"));
    }

    async fn finish(&self, left: Duration) {
        self.lines.lock().unwrap().push(format!("finish {}", left > Duration::ZERO));
        let mut let_go = self.let_go.clone();
        let _ = let_go.wait_for(|let_go| *let_go).await;
        wait_for_line(&self.lines, "task done").await;
        self.lines.lock().unwrap().push("finished".into());
    }
}

async fn wait_for_line(lines: &Mutex<Vec<String>>, line: &str) {
    while !lines.lock().unwrap().iter().any(|known| known == line) {
        tokio::task::yield_now().await;
    }
}

struct Server {
    address: SocketAddr,
    metrics: Metrics,
    shutdown: Shutdown,
    lines: Arc<Mutex<Vec<String>>>,
    let_go: watch::Sender<bool>,
    ended: JoinHandle<Ended>,
}

impl Server {
    fn start(change: impl FnOnce(&mut Config)) -> Self {
        let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
        let mut config = Config { listen, threads: 2, ..Config::default() };
        change(&mut config);
        let server = config.bind().unwrap();
        let (address, metrics) = (server.addresses()[0].socket(), server.metrics());
        let (shutdown, lines) = (Shutdown::new(), Arc::<Mutex<Vec<String>>>::default());
        let (let_go, wait) = watch::channel(false);
        let service = Diary { lines: Arc::clone(&lines), let_go: wait };
        let stop = shutdown.clone();
        let ended = thread::spawn(move || server.serve(service, &stop).unwrap());
        Self { address, metrics, shutdown, lines, let_go, ended }
    }

    fn get(&self, stream: &mut TcpStream, path: &str) -> String {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"Hello") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        String::from_utf8(answer).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

#[test]
fn while_it_is_not_ready_it_still_serves() {
    let server = Server::start(|config| config.timeouts.unready = Duration::from_mins(10));
    let mut kept = TcpStream::connect(server.address).unwrap();
    server.get(&mut kept, "/");
    server.shutdown.start();
    wait_until("it says that it is not ready", || server.lines() == ["Unready"]);
    let mut new = TcpStream::connect(server.address).unwrap();
    for stream in [&mut kept, &mut new] {
        let answer = server.get(stream, "/").to_ascii_lowercase();
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(server.lines(), ["Unready"]);
    server.shutdown.now();
    assert!(matches!(server.ended.join().unwrap(), Ended::Dropped(1..)));
}

#[test]
fn a_pause_is_followed_by_the_rest() {
    let server = Server::start(|config| config.timeouts.unready = Duration::from_millis(20));
    server.let_go.send(true).unwrap();
    server.get(&mut TcpStream::connect(server.address).unwrap(), "/task");
    server.shutdown.start();
    assert_eq!(server.ended.join().unwrap(), Ended::Finished);
    let lines = server.lines.lock().unwrap().clone();
    let steps: Vec<_> = lines.iter().filter(|line| *line != "task done").collect();
    assert_eq!(steps, ["Unready", "Draining", "finish true", "finished"]);
}

#[test]
fn tasks_of_a_thread_go_on_until_the_service_has_finished() {
    let server = Server::start(|_| ());
    let mut stream = TcpStream::connect(server.address).unwrap();
    server.get(&mut stream, "/task");
    drop(stream);
    server.shutdown.start();
    wait_until("the service finishes", || server.lines().last().is_some_and(|line| line == "finish true"));
    assert_eq!(server.metrics.connections(), 0);
    server.let_go.send(true).unwrap();
    assert_eq!(server.ended.join().unwrap(), Ended::Finished);
    assert_eq!(
        *server.lines.lock().unwrap(),
        ["Unready", "Draining", "finish true", "task done", "finished"]
    );
}

#[test]
fn what_does_not_finish_is_dropped_at_the_deadline() {
    let server = Server::start(|config| config.timeouts.shutdown = Duration::from_millis(50));
    let (told, ended) = oneshot::channel();
    server.shutdown.start();
    thread::spawn(move || told.send(server.ended.join().unwrap()));
    assert_eq!(ended.blocking_recv().unwrap(), Ended::Finished); // no connection was dropped
    assert!(!server.lines.lock().unwrap().contains(&"finished".to_owned()));
}
