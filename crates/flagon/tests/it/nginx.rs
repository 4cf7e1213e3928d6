//! The same conditional and partial requests for the same file to nginx and to Flagon.
//!
//! Where the two differ, the table of `src/guide/nginx.md` has to say who is right and by which section; a row without a
//! difference fails too.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, UNIX_EPOCH},
};

use flagon::prelude::*;
use flagon_server::{Config, Listen, Server, Shutdown};

const TEXT: &str = "the quick brown fox jumps over the lazy dog";
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// A private nginx, which goes when this does.
struct Nginx {
    process: Child,
    folder: tempfile::TempDir,
}

impl Nginx {
    /// Serves the folder `root` over a socket of its own.
    fn start(root: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {place}/{name};"))
            .concat();
        let configuration = format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/errors; events {{}} \
             http {{ access_log off; types {{ text/plain txt; }} {temporary} \
             server {{ listen unix:{place}/socket; root {}; }} }}",
            root.display()
        );
        fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
        let process = Command::new(program())
            .args(["-c", &format!("{place}/nginx.conf"), "-e", &format!("{place}/errors")])
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs nginx, which `cargo xtask test` installs: it starts");
        let nginx = Self { process, folder };
        while let Err(error) = UnixStream::connect(nginx.socket()) {
            assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused), "{error}");
            thread::yield_now();
        }
        nginx
    }

    fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("socket")
    }

    fn ask(&self, request: &str) -> Answer {
        Answer::read(UnixStream::connect(self.socket()).unwrap(), request)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Debian's stands where only an administrator's `PATH` looks.
fn program() -> &'static str {
    if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" }
}

/// Flagon's server, which goes when this does.
struct Served {
    address: SocketAddr,
    shutdown: Shutdown,
    thread: Option<JoinHandle<flagon_server::Ended>>,
}

impl Served {
    fn start(root: &Path) -> Self {
        let app = App::new("files").root_path(root).static_folder("static");
        let app = app.build().unwrap();
        let listen = vec![Listen::plain("127.0.0.1:0".parse().unwrap())];
        let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
        let (address, shutdown) = (server.addresses()[0].socket(), Shutdown::new());
        let stop = shutdown.clone();
        let thread = Some(thread::spawn(move || server.serve(app, &stop).unwrap()));
        Self { address, shutdown, thread }
    }

    fn ask(&self, request: &str) -> Answer {
        Answer::read(TcpStream::connect(self.address).unwrap(), request)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shutdown.now();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// What of an answer both have to agree on.
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn read(mut socket: impl Read + Write, request: &str) -> Self {
        socket.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{request}{text}"));
        Self { head: head.to_owned(), body: body.to_owned() }
    }

    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
            .unwrap_or_default()
    }

    fn status(&self) -> &str {
        &self.head[9..12]
    }

    /// The fields that are compared, each as a text.
    fn fields(&self, etag: &str) -> [(&'static str, String); 7] {
        let is_error = self.status().starts_with('4');
        [
            ("status", self.status().to_owned()),
            ("content-range", self.header("content-range").to_owned()),
            ("body", if is_error { String::new() } else { self.parts() }),
            ("etag", self.header("etag").replace(etag, "tag")),
            ("last-modified", self.header("last-modified").to_owned()),
            ("accept-ranges", self.header("accept-ranges").to_owned()),
            (
                "content-length",
                if is_error || self.is_in_parts() {
                    String::new()
                } else {
                    self.header("content-length").to_owned()
                },
            ),
        ]
    }

    fn is_in_parts(&self) -> bool {
        self.header("content-type").starts_with("multipart/byteranges")
    }

    /// The body; of several parts, where each is from and what it holds.
    fn parts(&self) -> String {
        let Some((_, boundary)) = self.header("content-type").split_once("boundary=") else {
            return self.body.clone();
        };
        let delimiter = format!("\r\n--{boundary}");
        let mut parts = String::new();
        for part in self.body.split(delimiter.as_str()).skip(1).filter(|part| !part.starts_with("--")) {
            let (head, content) = part.split_once("\r\n\r\n").unwrap();
            let range = head.lines().find_map(|line| line.strip_prefix("Content-Range: bytes ")).unwrap();
            assert!(head.contains("Content-Type: text/plain"), "{head}");
            let _ = write!(parts, "[{range} {content}]");
        }
        parts
    }
}

/// Every request: its method, and fields in which `tag` stands for the file's.
#[expect(clippy::too_many_lines, reason = "a list")]
fn requests() -> Vec<String> {
    let mut all = Vec::new();
    let mut ask = |fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(name, value)| format!(" {name}: {value}"));
        all.push(fields.collect::<String>());
    };
    ask(&[]);
    for tags in ["tag", "W/tag", "\"other\"", "\"other\", tag", "\"other\" ,W/tag", "*", "other", "tag,"] {
        ask(&[("if-none-match", tags)]);
        ask(&[("if-match", tags)]);
        ask(&[("if-none-match", tags), ("if-modified-since", BEFORE)]);
        ask(&[("if-none-match", tags), ("if-modified-since", DATE)]);
        ask(&[("if-match", tags), ("if-unmodified-since", BEFORE)]);
        ask(&[("if-match", "tag"), ("if-none-match", tags)]);
        ask(&[("range", "bytes=4-8"), ("if-range", tags)]);
        ask(&[("range", "bytes=4-8"), ("if-none-match", tags)]);
        ask(&[("range", "bytes=4-8"), ("if-match", tags)]);
    }
    for date in
        [DATE, BEFORE, AFTER, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "yesterday", "0"]
    {
        ask(&[("if-modified-since", date)]);
        ask(&[("if-unmodified-since", date)]);
        ask(&[("range", "bytes=4-8"), ("if-range", date)]);
    }
    for range in [
        "bytes=4-8",
        "bytes=40-",
        "bytes=-3",
        "bytes=-0",
        "bytes=-99",
        "bytes=40-99",
        "bytes=43-",
        "bytes=0-",
        "bytes=0-42",
        "bytes=0-0,-1",
        "bytes=4-8,10-14",
        "bytes=10-14,4-8",
        "bytes=4-8,6-14",
        "bytes=0-9,10-19",
        "bytes=0-,0-",
        "bytes=0-3,99-",
        "bytes=99-,100-",
        "bytes=8-4",
        "bytes=",
        "bytes=a-b",
        "bytes= 4-8",
        "bytes=4 - 8",
        "Bytes=4-8",
        "lines=4-8",
        "bytes=4-8,",
        "bytes=,4-8",
        "bytes=4-99999999999999999999999",
        "bytes=0-0,1-1,2-2",
        "bytes=0-20,21-42",
    ] {
        ask(&[("range", range)]);
    }
    let with = |method: &'static str| move |fields: &String| format!("{method}{fields}");
    let of_others = [
        String::new(),
        " if-none-match: tag".into(),
        " if-match: \"other\"".into(),
        " range: bytes=4-8".into(),
        format!(" if-modified-since: {DATE}"),
    ];
    let others = of_others.iter().map(with("HEAD"));
    all.iter().map(with("GET")).chain(others.collect::<Vec<_>>()).collect()
}

/// `GET range: bytes=0-1 if-range: tag` as bytes, for the server whose tag is `etag`.
fn message(request: &str, etag: &str) -> String {
    let (method, fields) = request.split_once(' ').unwrap_or((request, ""));
    let mut message = format!("{method} /static/a.txt HTTP/1.1\r\nhost: a\r\nconnection: close\r\n");
    let mut value = String::new();
    for word in fields.split(' ').filter(|_| !fields.is_empty()) {
        if [
            "if-none-match:",
            "if-match:",
            "if-range:",
            "if-modified-since:",
            "if-unmodified-since:",
            "range:",
        ]
        .contains(&word)
        {
            let _ = write!(message, "{value}");
            value = format!("{word} \r\n");
        } else {
            let end = value.trim_end_matches("\r\n").to_owned();
            let space = if end.ends_with(": ") { "" } else { " " };
            value = format!("{end}{space}{}\r\n", word.replace("tag", etag));
        }
    }
    format!("{message}{value}\r\n")
}

#[test]
fn flagon_and_nginx_agree_but_for_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("static/a.txt");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, TEXT).unwrap();
    let modified = UNIX_EPOCH + Duration::from_secs(784_111_777);
    File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    let (nginx, flagon) = (Nginx::start(folder.path()), Served::start(folder.path()));
    let tags = [nginx.ask(&message("GET", "")), flagon.ask(&message("GET", ""))];
    let tags = tags.map(|answer| answer.header("etag").to_owned());

    let mut meant: Vec<Row> =
        include_str!("../../src/guide/nginx.md").lines().filter_map(Row::parse).collect();
    let mut report = String::new();
    let requests = requests();
    for request in &requests {
        let theirs = nginx.ask(&message(request, &tags[0])).fields(&tags[0]);
        let ours = flagon.ask(&message(request, &tags[1])).fields(&tags[1]);
        // Another status brings other fields along; of them nothing is to be said.
        let is_same_status = theirs[0] == ours[0];
        let fields = theirs.into_iter().zip(ours).take(if is_same_status { 7 } else { 1 });
        for ((field, theirs), (_, ours)) in fields {
            if theirs == ours {
                continue;
            }
            match meant.iter_mut().find(|row| row.fits(request, field, &theirs, &ours)) {
                Some(row) => row.seen = true,
                None => {
                    let _ = writeln!(report, "`{request}` | {field} | {theirs:?} | {ours:?}");
                }
            }
        }
    }
    for row in meant.iter().filter(|row| !row.seen) {
        let _ = writeln!(report, "there is no such difference any more: {} {}", row.request, row.field);
    }
    assert!(requests.len() >= 120, "{} requests", requests.len());
    assert!(report.is_empty(), "{} requests; src/guide/nginx.md does not say:\n{report}", requests.len());
}

/// A row of the table: the request (`…` at its end is any), the field, and both values.
struct Row {
    request: String,
    field: String,
    nginx: String,
    flagon: String,
    seen: bool,
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
        let code = |cell: &str| cell.trim_matches('`').to_owned();
        let [request, field, nginx, flagon, ..] = cells.as_slice() else { return None };
        request.starts_with('`').then(|| Self {
            request: code(request),
            field: code(field),
            nginx: code(nginx),
            flagon: code(flagon),
            seen: false,
        })
    }

    fn fits(&self, request: &str, field: &str, nginx: &str, flagon: &str) -> bool {
        let fits_request = match self.request.strip_suffix('…') {
            Some(start) => request.starts_with(start),
            None => request == self.request,
        };
        fits_request
            && (self.field == "all" || (self.field == field && self.nginx == nginx && self.flagon == flagon))
    }
}
