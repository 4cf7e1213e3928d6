//! The page of many small images, from a server of its own in this process: two ports, of which one knows no HTTP/2.
//!
//! In: a certificate. Out: the two addresses. Never: reachable from another machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, OnceLock},
    thread,
};

use flagon::{
    Body,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use flagon_server::{
    Config, ConnectionInfo, DevelopmentAuthority, Error, Limits, Listen, Server, Service, Shutdown, Tls,
};

/// How many images the page has.
pub(super) const COUNT: usize = 200;

/// Where the page is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addresses {
    /// Where HTTP/1.1 only is spoken.
    pub(super) http1: SocketAddr,
    /// Where HTTP/2 is spoken with whoever can.
    pub(super) http2: SocketAddr,
}

/// Starts the server, once; it ends with the process.
///
/// # Errors
///
/// When there is no certificate to show, or the system gives no port.
pub(super) fn addresses(certificate: Option<(PathBuf, PathBuf)>) -> Result<Addresses, String> {
    static STARTED: OnceLock<Result<Addresses, String>> = OnceLock::new();
    STARTED.get_or_init(|| start(certificate).map_err(|error| error.to_string())).clone()
}

fn start(certificate: Option<(PathBuf, PathBuf)>) -> Result<Addresses, Box<dyn std::error::Error>> {
    let server = bind(&tls(certificate)?)?;
    let [http1, http2] = server.addresses() else { return Err("it listens at two addresses".into()) };
    let addresses = Addresses { http1: http1.socket(), http2: http2.socket() };
    thread::Builder::new().name("tiles".to_owned()).spawn(|| {
        if let Err(error) = server.serve(Tiles, &Shutdown::new()) {
            tracing::error!(%error, "the server of the small images has ended");
        }
    })?;
    Ok(addresses)
}

/// The certificate of the site itself, so that a browser which takes one takes the other.
fn tls(certificate: Option<(PathBuf, PathBuf)>) -> Result<Tls, Box<dyn std::error::Error>> {
    if let Some((certificate, key)) = certificate {
        return Ok(Tls::from_pem_files(&certificate, &key)?);
    }
    let folder = DevelopmentAuthority::default_folder().ok_or("there is no folder for a certificate")?;
    Ok(DevelopmentAuthority::in_folder(&folder)?.tls()?)
}

fn bind(tls: &Tls) -> Result<Server, Error> {
    let any = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
    Config {
        listen: vec![Listen::tls(any, tls.only_http1()), Listen::tls(any, tls.clone())],
        threads: 1,
        limits: Limits { connections: 64, body: 0, streams: 256, ..Limits::default() },
        ..Config::default()
    }
    .bind()
}

/// The page at `/`, and its images at `/0` to `/199`.
struct Tiles;

impl Service for Tiles {
    async fn call(&self, request: Box<Request<Body>>, connection: &Arc<ConnectionInfo>) -> Response<Body> {
        let path = request.uri().path();
        let (kind, content) = match path.trim_start_matches('/').parse() {
            _ if path == "/" => ("text/html; charset=utf-8", page().into_bytes()),
            Ok(number @ ..COUNT) => ("image/gif", tile(number)),
            _ => return status(StatusCode::NOT_FOUND),
        };
        let mut response = Response::new(Body::from(content));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The page counts connections by it: a browser does not tell which one an answer came over.
        let port = format!("connection;desc=\"{}\"", connection.peer.port());
        headers.insert("server-timing", HeaderValue::try_from(port).expect("a number is a header value"));
        response
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The images, and a script that tells the page around it how each one came.
fn page() -> String {
    let images: Vec<_> =
        (0..COUNT).map(|number| format!("<img src=/{number} alt='' width=8 height=8>")).collect();
    format!(
        "<!doctype html><meta charset=utf-8><title>{COUNT}</title>{}<script>{TELL}</script>",
        images.concat()
    )
}

const TELL: &str = r#"addEventListener("load", () => setTimeout(() => {
  const of = (entry) => [entry.startTime, entry.connectStart, entry.connectEnd, entry.requestStart, entry.responseStart, entry.responseEnd];
  const page = performance.getEntriesByType("navigation")[0];
  const images = performance.getEntriesByType("resource").filter((entry) => entry.initiatorType === "img");
  const connections = new Set([page, ...images].map((entry) => entry.serverTiming[0]?.description)).size;
  parent.postMessage({ protocol: images[0].nextHopProtocol, connections, page: of(page), images: images.map(of) }, "*");
}));"#;

/// A GIF of one pixel, each of another colour: as little work for the browser as an image can be.
fn tile(number: usize) -> Vec<u8> {
    let shade = u8::try_from(number).unwrap_or(u8::MAX);
    let colour = [shade, 120, u8::MAX - shade];
    [b"GIF89a\x01\0\x01\0\x80\0\0".as_slice(), &colour, b"\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"]
        .concat()
}
