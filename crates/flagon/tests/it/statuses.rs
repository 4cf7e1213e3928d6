//! Each status that a server can cause, caused by its real condition, over a socket; and what becomes of the connection.
//!
//! The table is that of [`flagon::guide::errors`]; 421 takes two certificates, and a connection for one of them.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Command,
    thread::{self, JoinHandle},
    time::Duration,
};

use flagon::{Idempotent, Route, ViewLimits, bytes::Bytes, prelude::*};
use flagon_server::{CertificateFiles, Config as ServerConfig, Listen, Metrics, Shutdown, Tls, TlsFiles};

/// A server that runs until this is dropped.
struct Serving {
    address: SocketAddr,
    metrics: Metrics,
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    fn start(app: App, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
        let mut config = ServerConfig { listen, threads: 1, ..ServerConfig::default() };
        change(&mut config);
        let server = config.bind().unwrap();
        let (address, metrics, shutdown) =
            (server.addresses()[0].socket(), server.metrics(), Shutdown::new());
        let (app, stop) = (app.build().unwrap(), shutdown.clone());
        let thread = Some(thread::spawn(move || {
            server.serve(app, &stop).unwrap();
        }));
        Self { address, metrics, shutdown, thread }
    }

    fn connect(&self) -> Client {
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client { socket, buffer: Vec::new() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.shutdown.now();
        let _ = self.thread.take().unwrap().join();
    }
}

struct Client {
    socket: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Client {
    fn send(&mut self, text: &str) -> Answer {
        self.socket.write_all(text.as_bytes()).unwrap();
        self.answer()
    }

    /// Reads an answer, of a body with a length.
    fn answer(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.more();
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = field(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            self.more();
        }
        let body = String::from_utf8(self.buffer.drain(..length).collect()).unwrap();
        Answer { status, head, body }
    }

    fn more(&mut self) {
        let mut piece = [0; 4096];
        let read = self.socket.read(&mut piece).unwrap();
        assert_ne!(read, 0, "the server left: {:?}", String::from_utf8_lossy(&self.buffer));
        self.buffer.extend_from_slice(&piece[..read]);
    }

    /// Whether the server has ended the connection, and did so without a reset.
    fn is_over(&mut self) -> bool {
        self.socket.read(&mut [0; 1]).unwrap() == 0
    }
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Then {
    GoesOn,
    Ends,
}
use Then::{Ends, GoesOn};

#[derive(Deserialize)]
struct Point {
    #[serde(rename = "x")]
    _x: i64,
}

#[post("/json", max_body = 1000)]
async fn json(_point: Json<Point>) -> &'static str {
    "a point"
}

#[post("/echo")]
async fn echo(body: Bytes) -> Bytes {
    body
}

#[get("/early")]
async fn early() -> Result<&'static str> {
    request().early_hints(["</app.css>; rel=preload; as=style"])?;
    Ok("hinted")
}

#[get("/me")]
async fn me() -> Result<&'static str> {
    None.or_401()
}

#[get("/moved-out")]
async fn gone() -> Result<()> {
    abort(410)
}

#[put("/document", require_match)]
async fn document() -> &'static str {
    "written"
}

#[get("/often", rate_limit = "1/day")]
async fn often() -> &'static str {
    "once"
}

#[get("/panic")]
async fn panics() {
    panic!("as the test wishes");
}

#[get("/broken")]
async fn broken() -> Result<()> {
    Err(io::Error::other("the printer is on fire").into())
}

#[get("/full")]
fn full() -> Result<()> {
    fs::OpenOptions::new().write(true).open("/dev/full")?.write_all(b"no room for this")?;
    Ok(())
}

#[get("/forever")]
async fn forever() {
    std::future::pending::<()>().await;
}

#[get("/healthz", health_check)]
async fn healthz() -> &'static str {
    "ok"
}

#[get("/")]
async fn index() -> &'static str {
    "index"
}

fn app(folder: &Path) -> App {
    fs::write(folder.join("a.txt"), "0123456789").unwrap();
    let charge = Route::new("charge", "/charge", ["POST"], async || std::future::pending::<()>().await)
        .limits(ViewLimits::new().idempotent(Idempotent::Required));
    App::new("statuses")
        .root_path(folder)
        .static_folder("")
        .routes(routes![
            json, echo, early, me, gone, document, often, panics, broken, full, forever, healthz, index
        ])
        .routes([charge])
}

/// What is sent, the status that it causes, and what becomes of the connection.
const CAUSES: &[(&str, u16, Then)] = &[
    ("GET /static/a.txt HTTP/1.1\r\nhost: a\r\nrange: bytes=2-4\r\n\r\n", 206, GoesOn),
    ("GET /static/a.txt HTTP/1.1\r\nhost: a\r\nif-none-match: *\r\n\r\n", 304, GoesOn),
    (
        "POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{",
        400,
        GoesOn,
    ),
    ("GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n", 400, Ends),
    ("GET / HTTP/1.1\r\n\r\n", 400, Ends),
    ("GET /me HTTP/1.1\r\nhost: a\r\n\r\n", 401, GoesOn),
    (
        "POST /echo HTTP/1.1\r\nhost: a\r\nsec-fetch-site: cross-site\r\ncontent-length: 1\r\n\r\nx",
        403,
        GoesOn,
    ),
    ("GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n", 404, GoesOn),
    ("DELETE / HTTP/1.1\r\nhost: a\r\n\r\n", 405, GoesOn),
    ("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: *;q=0\r\n\r\n", 406, GoesOn),
    ("GET /moved-out HTTP/1.1\r\nhost: a\r\n\r\n", 410, GoesOn),
    ("POST /echo HTTP/1.0\r\n\r\n", 411, Ends),
    ("GET /static/a.txt HTTP/1.1\r\nhost: a\r\nif-match: \"old\"\r\n\r\n", 412, GoesOn),
    ("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n", 413, Ends),
    ("POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 1\r\n\r\nx", 415, GoesOn),
    ("GET /static/a.txt HTTP/1.1\r\nhost: a\r\nrange: bytes=10-\r\n\r\n", 416, GoesOn),
    ("GET / HTTP/1.1\r\nhost: a\r\nexpect: a-miracle\r\n\r\n", 417, Ends),
    (
        "POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"x\":\"a\"}",
        422,
        GoesOn,
    ),
    ("PUT /document HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nx", 428, GoesOn),
    ("GET /panic HTTP/1.1\r\nhost: a\r\n\r\n", 500, GoesOn),
    ("GET /broken HTTP/1.1\r\nhost: a\r\n\r\n", 500, GoesOn),
    ("BREW / HTTP/1.1\r\nhost: a\r\n\r\n", 501, GoesOn),
    ("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501, Ends),
    ("GET / HTTP/3.0\r\nhost: a\r\n\r\n", 505, Ends),
    ("GET /full HTTP/1.1\r\nhost: a\r\n\r\n", 507, GoesOn),
];

/// The codes that the issue of this test lists.
const LISTED: [u16; 36] = [
    100, 103, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413,
    414, 415, 416, 417, 421, 422, 428, 429, 431, 500, 501, 503, 504, 505, 507,
];

#[test]
fn each_status_by_its_real_cause() {
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(app(folder.path()), |config| {
        config.timeouts.body = Duration::from_millis(100);
        config.timeouts.write = Duration::from_millis(500);
    });
    let mut reached = BTreeSet::new();
    for (request, status, then) in CAUSES {
        let (answer, connection) = ask(&server, request);
        assert_eq!((answer.status, connection), (*status, *then), "{request}\n{answer:?}");
        check(&answer);
        reached.insert(*status);
    }
    let mut reach = |status: u16, then: Then, request: &str| {
        let (answer, connection) = ask(&server, request);
        assert_eq!((answer.status, connection), (status, then), "{answer:?}");
        check(&answer);
        reached.insert(status);
        answer
    };
    let long = "x".repeat(1001);
    let post = "POST /json HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1001";
    reach(413, GoesOn, &format!("{post}\r\n\r\n{long}"));
    reach(414, Ends, &format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(40_000)));
    reach(431, Ends, &format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(40_000)));
    reach(408, Ends, "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab");
    let often = "GET /often HTTP/1.1\r\nhost: a\r\n\r\n";
    ask(&server, often);
    let answer = reach(429, GoesOn, often);
    assert!(field(&answer.head, "retry-after").is_some() && field(&answer.head, "ratelimit").is_some());
    reached.extend(interim(&server));
    reached.insert(conflict(&server));
    reached.insert(overloaded(folder.path()));
    reached.insert(too_late(folder.path()));
    reached.insert(misdirected(folder.path()));
    reached.extend(redirects());
    assert_eq!(reached, BTreeSet::from(LISTED));
}

/// Sends `request`; gives its answer and what becomes of the connection.
fn ask(server: &Serving, request: &str) -> (Answer, Then) {
    let mut client = server.connect();
    let answer = client.send(request);
    if field(&answer.head, "connection") == Some("close") {
        assert!(client.is_over());
        return (answer, Ends);
    }
    assert_eq!(client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").body, "index", "{answer:?}");
    (answer, GoesOn)
}

/// What RFC 9110 asks of an answer of its status, and that it has a body that says what is wrong.
fn check(answer: &Answer) {
    let has = |name| field(&answer.head, name).is_some();
    match answer.status {
        401 => assert!(has("www-authenticate")),
        405 => assert_eq!(field(&answer.head, "allow"), Some("GET, HEAD, OPTIONS")),
        206 | 416 => assert!(has("content-range")),
        304 => assert!(has("etag") && !has("content-length")),
        429 | 503 => assert!(has("retry-after")),
        _ => (),
    }
    if answer.status >= 400 {
        let media_type = field(&answer.head, "content-type").unwrap();
        assert!(
            ["application/problem+json", "text/plain; charset=utf-8"].contains(&media_type),
            "{answer:?}"
        );
        assert!(!answer.body.is_empty(), "{answer:?}");
    }
}

/// 100 and 103, which go before an answer.
fn interim(server: &Serving) -> [u16; 2] {
    let mut client = server.connect();
    let waits =
        client.send("POST /echo HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
    assert_eq!(client.send("hi").body, "hi");
    let hint = client.send("GET /early HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(field(&hint.head, "link"), Some("</app.css>; rel=preload; as=style"));
    assert_eq!(client.answer().body, "hinted");
    [waits.status, hint.status]
}

/// 409: the same request is at work.
fn conflict(server: &Serving) -> u16 {
    let request = "POST /charge HTTP/1.1\r\nhost: a\r\nidempotency-key: \"k\"\r\ncontent-length: 0\r\n\r\n";
    let (mut first, before) = (server.connect(), server.metrics.called());
    first.socket.write_all(request.as_bytes()).unwrap();
    wait_until(|| server.metrics.called() > before);
    let (answer, then) = ask(server, request);
    assert_eq!(then, GoesOn);
    answer.status
}

/// 421: the connection was opened for another host, which has another certificate.
fn misdirected(folder: &Path) -> u16 {
    let certificates = ["one.test", "two.test"].map(|host| {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let [certificate, key] = ["pem", "key"].map(|end| folder.join(format!("{host}.{end}")));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        CertificateFiles { certificate, key }
    });
    let tls = Tls::from_files(TlsFiles { certificates: certificates.into(), ..TlsFiles::default() }).unwrap();
    let server = Serving::start(app(folder), |config| {
        config.listen = vec![Listen::tls("127.0.0.1:0".parse().unwrap(), tls)];
    });
    let (port, mut curl) = (server.address.port(), Command::new("curl"));
    curl.args(["-sSk", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: two.test"]);
    curl.args(["--resolve", &format!("one.test:{port}:127.0.0.1"), &format!("https://one.test:{port}/")]);
    String::from_utf8_lossy(&curl.output().unwrap().stdout).parse().unwrap()
}

/// 503: as many requests are at work as may be, and none has ended in time; a health check is answered, and so is everybody afterwards.
fn overloaded(folder: &Path) -> u16 {
    let server = Serving::start(app(folder), |config| {
        config.limits.requests = 1;
        config.timeouts.queue = Duration::from_millis(50);
    });
    let mut first = server.connect();
    first.socket.write_all(b"GET /forever HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    wait_until(|| server.metrics.requests() == 1);
    let mut second = server.connect();
    let answer = second.send("GET / HTTP/1.1\r\nhost: a\r\naccept: text/html\r\n\r\n");
    assert_eq!(field(&answer.head, "retry-after"), Some("1"));
    assert!(answer.body.starts_with("<!doctype html>"), "{answer:?}");
    check(&second.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    assert_eq!(second.send("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").body, "ok");
    assert_eq!(server.metrics.shed(), 2);
    drop(first);
    wait_until(|| server.metrics.requests() == 0);
    assert_eq!(second.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").body, "index");
    answer.status
}

/// 504: the view took longer than it may.
fn too_late(folder: &Path) -> u16 {
    let hasty = app(folder).configure(|config| config.view_timeout = Some(Duration::from_millis(50)));
    let server = Serving::start(hasty, |_| ());
    let (answer, then) = ask(&server, "GET /forever HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(then, GoesOn);
    answer.status
}

fn redirects() -> Vec<u16> {
    let to = |code: u16| {
        Route::new(format!("r{code}"), format!("/{code}"), ["GET", "POST"], move || async move {
            redirect_with("/elsewhere", code)
        })
    };
    let server = Serving::start(
        App::new("r").routes([301, 302, 303, 307, 308].map(to)).routes(routes![index]),
        |_| (),
    );
    let url = |code: u16| format!("http://{}/{code}", server.address);
    // Which method curl asks with at the new place is the client's part of RFC 9110 §15.4.
    [301, 302, 303, 307, 308]
        .map(|code| {
            let mut curl = Command::new("curl");
            curl.args([
                "-sS",
                "-v",
                "-L",
                "--max-time",
                "10",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code} %{num_redirects}",
            ]);
            let output = curl.args(["-d", "a=b", &url(code)]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "404 1");
            let spoken = String::from_utf8_lossy(&output.stderr).into_owned();
            let method = if code < 307 { "> GET /elsewhere" } else { "> POST /elsewhere" };
            assert!(spoken.contains(method), "{code}: {spoken}");
            assert!(spoken.contains(&format!("< HTTP/1.1 {code}")), "{spoken}");
            code
        })
        .to_vec()
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}
