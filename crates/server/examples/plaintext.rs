//! The smallest service, to measure the server by itself: `plaintext [--tls] [requests]`.
//!
//! Prints the address, answers every request with `Hello, World!`, and stops by itself after that
//! many requests, so that instructions per request can be counted.

#![expect(clippy::print_stdout, reason = "whoever started it has to learn the address")]

use std::{
    env,
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use flagon_http::Body;
use flagon_server::{Config, ConnectionInfo, DevelopmentAuthority, Limits, Listen, Service, Shutdown};
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};

struct Plaintext {
    left: AtomicU64,
    shutdown: Shutdown,
}

impl Service for Plaintext {
    async fn call(&self, _: Box<Request<Body>>, _: &Arc<ConnectionInfo>) -> Response<Body> {
        if self.left.fetch_sub(1, Relaxed) == 1 {
            self.shutdown.start();
        }
        let mut response = Response::new(Body::from("Hello, World!"));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        response
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let requests = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(u64::MAX);
    let address = "127.0.0.1:0".parse()?;
    let listen = if arguments.iter().any(|argument| argument == "--tls") {
        let folder = env::temp_dir().join("flagon-plaintext");
        Listen::tls(address, DevelopmentAuthority::in_folder(Path::new(&folder))?.tls()?)
    } else {
        Listen::plain(address)
    };
    // Load comes from one address, and from as many connections as the generator likes.
    let limits = Limits { connections_per_address: usize::MAX, ..Limits::default() };
    let server = Config { listen: vec![listen], threads: 1, limits, ..Config::default() }.bind()?;
    println!("listening on {}", server.addresses()[0]);
    let shutdown = Shutdown::on_signals();
    server.serve(Plaintext { left: AtomicU64::new(requests), shutdown: shutdown.clone() }, &shutdown)?;
    Ok(())
}
