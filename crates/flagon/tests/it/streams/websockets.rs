//! Views of WebSockets: what they are given, and how they end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use flagon::{Close, Secret, WebSocket, prelude::*};

use super::{
    frames::*,
    running::{Running, wait_until},
};

#[get("/echo")]
pub(super) async fn echo(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive().await {
        socket.send(message).await?;
    }
    Ok(())
}

pub(super) fn echoing() -> App {
    App::new("t").routes(routes![echo])
}

#[test]
fn messages_go_both_ways() {
    let server = Running::start(echoing());
    let (mut peer, head) = Peer::open_with(&server, "/echo", "").unwrap();
    for field in
        ["connection: upgrade", "upgrade: websocket", "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="]
    {
        assert!(head.contains(&format!("\r\n{field}\r\n")), "{field} in {head}");
    }
    assert!(!head.contains("sec-websocket-protocol") && !head.contains("content-length"), "{head}");
    peer.text("hello").expect_text("hello");
    for length in [0, 125, 126, 65_535, 65_536, 300_000] {
        let payload: Vec<_> = (0..=255).cycle().take(length).collect();
        peer.frame(FINAL | BINARY, &payload);
        assert!(peer.read() == (FINAL | BINARY, payload), "{length} bytes");
    }
    peer.close(1000, "bye");
    assert_eq!(peer.closed(), Some(1000));
    peer.expect_end();
}

#[test]
fn a_client_that_writes_at_once_loses_nothing() {
    use std::io::Write as _;
    let server = Running::start(echoing());
    let mut socket = server.connect();
    let mut bytes = format!(
        "GET /echo HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address
    )
    .into_bytes();
    (0..100).for_each(|n| bytes.extend(frame(FINAL | TEXT, format!("message {n}").as_bytes())));
    socket.write_all(&bytes).unwrap();
    let mut line = String::new();
    while !line.ends_with("\r\n\r\n") {
        let mut byte = [0];
        std::io::Read::read_exact(&mut socket, &mut byte).unwrap();
        line.push(byte[0].into());
    }
    let mut peer = Peer { socket };
    for n in 0..100 {
        peer.expect_text(&format!("message {n}"));
    }
}

#[get("/rooms/<name>", subprotocols("chat.v2", "chat.v1"))]
async fn told(name: String, query: Query<Vec<(String, String)>>, socket: WebSocket) -> Result<()> {
    g().set(7_i32);
    tokio::task::yield_now().await;
    let (path, endpoint) = (request().path().to_owned(), request().endpoint().unwrap().to_owned());
    let kept: Arc<i32> = g().get().unwrap();
    let url = url_for!(told, "b")?;
    let text = format!("{name} {} {path} {endpoint} {kept} {url} {:?}", query.0.len(), socket.protocol());
    socket.send(text).await?;
    Ok(())
}

#[test]
fn the_view_has_its_context_and_arguments() {
    let server = Running::start(App::new("t").routes(routes![told]));
    let fields = "Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n";
    let (mut peer, head) = Peer::open_with(&server, "/rooms/a?x=1", fields).unwrap();
    assert!(head.contains("\r\nsec-websocket-protocol: chat.v2\r\n"), "{head}");
    peer.expect_text("a 1 /rooms/a told 7 /rooms/b Some(\"chat.v2\")");
    assert_eq!(peer.closed(), Some(1000)); // the view has ended
}

#[get("/end/<how>")]
async fn end(how: String, socket: WebSocket) -> Result<()> {
    match how.as_str() {
        "close" => socket.close(Close::new(4001, "x".repeat(200))),
        "error" => return Err(std::io::Error::other("broken").into()),
        "panic" => panic!("as the test wishes"),
        "abort" => return Err(Error::aborted(404)),
        _ => socket.send("last").await?,
    }
    Ok(())
}

#[test]
fn the_end_of_the_view_is_the_end_of_the_socket() {
    let server = Running::start(App::new("t").routes(routes![end]));
    for (how, code) in [("close", 4001), ("error", 1011), ("panic", 1011), ("abort", 1011), ("well", 1000)] {
        let mut peer = Peer::open(&server, &format!("/end/{how}"));
        if how == "well" {
            peer.expect_text("last");
        }
        assert_eq!(peer.closed(), Some(code), "{how}");
        peer.close(code, "");
        peer.expect_end();
    }
}

#[test]
fn a_client_that_is_gone_ends_the_view() {
    let (open, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let app = App::new("t")
        .state(Counts { open: Arc::clone(&open), ended: Arc::clone(&dropped) })
        .routes(routes![counted]);
    let server = Running::start(app);
    for how in ["reset", "end", "close"] {
        let mut peer = Peer::open(&server, "/counted");
        wait_until("the view runs", || open.load(SeqCst) == 1);
        if how == "close" {
            peer.frame(FINAL | CLOSE, b"");
            assert_eq!(peer.closed(), Some(1005));
        }
        drop(peer);
        wait_until("the view has ended", || open.load(SeqCst) == 0);
    }
    assert_eq!(dropped.load(SeqCst), 3);
    wait_until("no connection is left", || server.metrics.connections() == 0);
}

struct Counts {
    open: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

#[get("/counted")]
async fn counted(counts: State<Counts>, mut socket: WebSocket) {
    counts.open.fetch_add(1, SeqCst);
    while socket.receive().await.is_some() {}
    assert!(socket.closed().is_some() && socket.send("too late").await.is_err());
    counts.ended.fetch_add(1, SeqCst);
    counts.open.fetch_sub(1, SeqCst);
}

#[get("/deaf")]
async fn deaf(counts: State<Counts>, _socket: WebSocket) {
    let _open = Open(&counts.open);
    counts.open.fetch_add(1, SeqCst);
    std::future::pending::<()>().await;
}

struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn a_view_that_does_not_look_is_dropped() {
    let (open, ended) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let app = App::new("t").state(Counts { open: Arc::clone(&open), ended }).routes(routes![deaf]);
    let server =
        Running::start(app.configure(|config| config.websocket.close_timeout = Duration::from_millis(50)));
    let peer = Peer::open(&server, "/deaf");
    wait_until("the view runs", || open.load(SeqCst) == 1);
    drop(peer);
    wait_until("the view is dropped", || open.load(SeqCst) == 0);
}

#[get("/who")]
async fn who(socket: WebSocket) -> Result<()> {
    let user: Option<String> = session().get("user");
    let write = session().insert("user", "eve");
    let why = write.unwrap_err().source().unwrap().to_string();
    socket
        .send(format!("{} {}", user.unwrap_or_default(), why.contains("after its cookie was sent")))
        .await?;
    Ok(())
}

#[get("/log-in", writes)]
async fn log_in() -> Result<&'static str> {
    session().insert("user", "ada")?;
    Ok("done")
}

#[test]
fn the_session_can_be_read_and_not_written() {
    let app = App::new("t").routes(routes![who, log_in]);
    let server =
        Running::start(app.configure(|config| config.secret_key = Some(Secret::new("a key for this test"))));
    let answer = server.get("/log-in");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: ").or_else(|| line.strip_prefix("Set-Cookie: ")));
    let cookie = cookie.unwrap().split(';').next().unwrap();
    let (mut peer, _) = Peer::open_with(&server, "/who", &format!("Cookie: {cookie}\r\n")).unwrap();
    peer.expect_text("ada true");
    assert_eq!(peer.closed(), Some(1000));
}

#[cfg(feature = "sql")]
#[get("/notes")]
async fn notes(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.receive().await {
        let text = message.as_text().or_404()?.to_owned();
        db().insert("INSERT INTO note (text) VALUES (?)", (text,)).await?;
        let count: i64 = current_app().db().query_as("SELECT COUNT(*) FROM note", ()).one().await?;
        socket.send(count.to_string()).await?;
    }
    Ok(())
}

/// Each statement is on its own: others see it at once, and it may write although the method is GET.
#[cfg(feature = "sql")]
#[test]
fn the_database_is_outside_of_a_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("notes.db").display());
    let app = App::new("t").routes(routes![notes]).configure(|config| config.database = url.into());
    let server = Running::start(app);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        server.app.db().execute("CREATE TABLE note (text TEXT NOT NULL)", ()).await.unwrap();
    });
    let mut peer = Peer::open(&server, "/notes");
    peer.text("one").expect_text("1").text("two").expect_text("2");
    peer.frame(FINAL | BINARY, b"no text");
    assert_eq!(peer.closed(), Some(1011));
}

#[test]
fn other_sites_pages_may_not_connect() {
    let app =
        echoing().configure(|config| config.csrf.trusted_origins = vec!["https://trusted.example".into()]);
    let server = Running::start(app);
    let own = format!("Origin: http://{}\r\n", server.address);
    for (fields, is_let_in) in [
        ("", true), // a program
        (own.as_str(), true),
        ("Origin: https://trusted.example\r\n", true),
        ("Origin: https://evil.example\r\n", false),
        ("Origin: null\r\n", false),
        ("Sec-Fetch-Site: same-origin\r\n", true),
        ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: websocket\r\n", false),
        ("Sec-Fetch-Site: cross-site\r\nOrigin: https://trusted.example\r\n", true),
        ("Cookie: session=x\r\n", true), // a program with a cookie: browsers always name the origin
        ("Cookie: session=x\r\nOrigin: https://evil.example\r\n", false),
    ] {
        match Peer::open_with(&server, "/echo", fields) {
            Ok((mut peer, _)) => {
                assert!(is_let_in, "{fields}");
                peer.text("in").expect_text("in");
            }
            Err(answer) => assert!(!is_let_in && answer.starts_with("http/1.1 403 "), "{fields}: {answer}"),
        }
    }
}

#[test]
fn what_is_no_request_for_a_websocket_is_told_so() {
    let client = echoing().test_client();
    let answer = client.get("/echo").wait();
    assert_eq!((answer.status().as_u16(), answer.header("upgrade")), (426, Some("websocket")));
    assert_eq!(client.post("/echo").wait().status(), 405);
    let ask = |version: &str, key: &str| {
        let asked = client.get("/echo").header("connection", "upgrade").header("upgrade", "websocket");
        asked.header("sec-websocket-version", version).header("sec-websocket-key", key).wait()
    };
    let answer = ask("8", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!((answer.status().as_u16(), answer.header("sec-websocket-version")), (426, Some("13")));
    assert_eq!(ask("13", "too short").status(), 400);
    assert_eq!(ask("13", "dGhlIHNhbXBsZSBub25jZQ==").status(), 101);
}
