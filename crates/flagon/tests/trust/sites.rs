//! A bank at `localhost` and another site at `127.0.0.1`, over sockets, and a browser that visits both.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use flagon::{Application, Body, ConnectionInfo, http};
use flagon_server::{Config, Listen, Server, Service, Shutdown};

/// Answers as an app does behind a proxy that takes headers away, and keeps an account of what came.
pub(crate) struct Proxied {
    app: Application,
    seen: Arc<Seen>,
}

/// What the proxy does, and what it saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    strip: Mutex<Vec<&'static str>>,
    answers: Mutex<BTreeMap<String, (u16, bool)>>,
    failures: Mutex<Vec<String>>,
}

impl Seen {
    /// Takes these headers away from now on, and forgets what was seen.
    pub(crate) fn strip(&self, names: &[&'static str]) {
        *self.strip.lock().unwrap() = names.to_vec();
        self.answers.lock().unwrap().clear();
    }

    /// The status of what was answered at `path`, and whether the request had a cookie; waits until there was one.
    pub(crate) fn answer(&self, path: &str) -> (u16, bool) {
        let started = Instant::now();
        loop {
            if let Some(answer) = self.answers.lock().unwrap().get(path) {
                return *answer;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "nobody asked for {path}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The paths where something went wrong, since the site was there.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.lock().unwrap().clone()
    }

    /// Whether anything but a preflight was answered at `path`.
    pub(crate) fn was_asked(&self, path: &str) -> bool {
        self.answers.lock().unwrap().contains_key(path)
    }
}

impl Service for Proxied {
    async fn call(
        &self,
        mut request: Box<http::Request<Body>>,
        connection: &Arc<ConnectionInfo>,
    ) -> http::Response<Body> {
        for name in &*self.seen.strip.lock().unwrap() {
            request.headers_mut().remove(*name);
        }
        let is_preflight = request.headers().contains_key("access-control-request-method");
        let path = if is_preflight {
            format!("preflight {}", request.uri().path())
        } else {
            request.uri().path().to_owned()
        };
        let has_cookie = request.headers().contains_key("cookie");
        let response = self.app.call(request, connection).await;
        if response.status().is_server_error() {
            self.seen.failures.lock().unwrap().push(format!("{path}: {}", response.status()));
        }
        self.seen.answers.lock().unwrap().insert(path, (response.status().as_u16(), has_cookie));
        response
    }
}

/// An app that is served until this is dropped.
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) seen: Arc<Seen>,
    shutdown: Shutdown,
    server: Option<JoinHandle<()>>,
}

impl Site {
    pub(crate) fn serve(app: Application) -> Self {
        let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
        let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
        let port = server.addresses()[0].socket().port();
        let (shutdown, seen) = (Shutdown::new(), Arc::new(Seen::default()));
        let proxied = Proxied { app, seen: Arc::clone(&seen) };
        let until = shutdown.clone();
        let server = thread::spawn(move || {
            server.serve(proxied, &until).unwrap();
        });
        Self { port, seen, shutdown, server: Some(server) }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shutdown.now();
        let _ = self.server.take().map(JoinHandle::join);
    }
}
