//! An app that is served for one test.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use flagon::{Application, prelude::*};
use flagon_server::{Config, Ended, Listen, Metrics, Shutdown};

pub(crate) struct Running {
    pub(crate) app: Application,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: Shutdown,
    thread: Option<JoinHandle<Ended>>,
}

impl Running {
    pub(crate) fn start(app: App) -> Self {
        Self::with(app, |_| ())
    }

    /// Serves on two threads, after `change` had its say.
    pub(crate) fn with(app: App, change: impl FnOnce(&mut Config)) -> Self {
        let app = app.build().unwrap();
        let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
        let mut config = Config { listen, threads: 2, ..Config::default() };
        change(&mut config);
        let server = config.bind().unwrap();
        let (address, metrics) = (server.addresses()[0].socket(), server.metrics());
        let (shutdown, service) = (Shutdown::new(), app.clone());
        let stop = shutdown.clone();
        let thread = Some(thread::spawn(move || server.serve(service, &stop).unwrap()));
        Self { app, address, metrics, shutdown, thread }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    }

    /// Asks with a connection of its own, and gives all that comes.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut socket = self.connect();
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn ended(&mut self) -> Ended {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.start();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !thread::panicking() {
                assert_eq!(ended.unwrap(), Ended::Finished);
            }
        }
    }
}

/// Waits until `condition` holds; fails after twenty seconds.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
