//! Metrics at an address of their own, for as long as the app is served.

use std::{
    net::SocketAddr,
    sync::Arc,
    thread::{self, JoinHandle},
};

use flagon_http::Body;
use flagon_server::{Config, ConnectionInfo, Listen, Service, Shutdown};
use http::{Method, Request, StatusCode};

use super::{failure::Failure, terminal};
use crate::{
    application::Application,
    health,
    response::{IntoResponse as _, Response},
};

/// Serves metrics until it is dropped.
pub(super) struct Serving {
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

/// Serves the metrics of `app` at `address`.
pub(super) fn serve(app: &Application, address: SocketAddr) -> Result<Serving, Failure> {
    let server = Config { listen: vec![Listen::plain(address)], threads: 1, ..Config::default() }.bind()?;
    terminal::note(&format!("metrics at {}/metrics", server.addresses()[0]));
    let (shutdown, exposed) = (Shutdown::new(), Exposed(app.clone()));
    let stop = shutdown.clone();
    let work = move || {
        if let Err(error) = server.serve(exposed, &stop) {
            tracing::error!(%error, "metrics are not served any more");
        }
    };
    let thread = thread::Builder::new().name("metrics".to_owned()).spawn(work);
    let thread = thread.map_err(|error| Failure::new("no thread for the metrics").because(&error))?;
    Ok(Serving { shutdown, thread: Some(thread) })
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.shutdown.now();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic was reported by its hook
        }
    }
}

/// The metrics of an app, for whoever asks.
struct Exposed(Application);

impl Service for Exposed {
    async fn call(&self, request: Box<Request<Body>>, _: &Arc<ConnectionInfo>) -> Response {
        match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/metrics") => health::exposed(self.0.current_app()),
            _ => ("metrics are at /metrics\n", StatusCode::NOT_FOUND).into_response(),
        }
    }
}
