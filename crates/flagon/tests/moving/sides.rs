//! The two sides of a test: Flagon in front, and behind it a server that does what the test says, byte by byte.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use flagon::Application;
use flagon_server::{Config, Ended, Listen, Server, Shutdown};

/// Flagon, which stops when this is dropped.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    shutdown: Shutdown,
    thread: Option<JoinHandle<Ended>>,
}

impl Front {
    pub(crate) fn start(app: Application) -> Self {
        Self::start_with(app, Config::default())
    }

    pub(crate) fn start_at(app: Application, address: SocketAddr) -> Self {
        Self::listen(app, address, Config::default())
    }

    pub(crate) fn start_with(app: Application, config: Config) -> Self {
        Self::listen(app, "127.0.0.1:0".parse().unwrap(), config)
    }

    fn listen(app: Application, address: SocketAddr, config: Config) -> Self {
        let listen = vec![Listen::plain(address)];
        let server: Server = Config { listen, threads: 1, ..config }.bind().unwrap();
        let (address, shutdown) = (server.addresses()[0].socket(), Shutdown::new());
        let stop = shutdown.clone();
        let thread = Some(thread::spawn(move || server.serve(app, &stop).unwrap()));
        Self { address, shutdown, thread }
    }

    /// Begins to stop, as SIGTERM would.
    pub(crate) fn stop(&self) {
        self.shutdown.start();
    }

    pub(crate) fn connect(&self) -> Wire {
        Wire::new(TcpStream::connect(self.address).unwrap())
    }

    /// Sends `request` over a connection of its own and reads the answer.
    pub(crate) fn ask(&self, request: &str) -> Message {
        let mut wire = self.connect();
        wire.write(request);
        wire.answer(request.starts_with("HEAD "))
    }

    pub(crate) fn get(&self, path: &str) -> Message {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.shutdown.now();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The other server: a thread for each connection, which runs what the test says.
pub(crate) struct Back {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Back {
    /// Runs `serve` for each connection, with its number, until the test's process ends.
    pub(crate) fn start(serve: impl Fn(Wire, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (serve, count) = (Arc::new(serve), Arc::clone(&connections));
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (serve, number) = (Arc::clone(&serve), count.fetch_add(1, Ordering::SeqCst));
                let wire = Wire::new(socket.unwrap());
                thread::spawn(move || serve(wire, number));
            }
        });
        Self { address, connections }
    }

    /// Answers each request on each connection with `answer` of its head and body.
    pub(crate) fn answering(answer: impl Fn(&Message) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut wire, _| {
            while let Some(request) = wire.request() {
                wire.write(&answer(&request));
            }
        })
    }

    /// Tells each request back, as text.
    pub(crate) fn echoing() -> Self {
        Self::answering(|request| ok(&format!("{}\r\n\r\n{}", request.head, request.text())))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A whole answer with `body`.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A connection that messages are read from.
pub(crate) struct Wire {
    reader: BufReader<TcpStream>,
}

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(socket: TcpStream) -> Self {
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { reader: BufReader::new(socket) }
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes());
    }

    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) {
        // The other side may be gone: what it said is what a test looks at.
        let _ = self.reader.get_mut().write_all(bytes);
    }

    /// Reads up to the empty line; `None` at the end of the connection.
    pub(crate) fn head(&mut self) -> Option<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if matches!(self.reader.read_line(&mut head), Ok(0) | Err(_)) {
                return None;
            }
        }
        head.truncate(head.len() - 4);
        Some(head)
    }

    pub(crate) fn request(&mut self) -> Option<Message> {
        let head = self.head()?;
        let has_body =
            header(&head, "content-length").is_some() || header(&head, "transfer-encoding").is_some();
        let body = if has_body { self.body(&head).ok()? } else { Vec::new() };
        Some(Message { head, body })
    }

    /// Reads an answer, past those before it.
    pub(crate) fn answer(&mut self, is_head: bool) -> Message {
        loop {
            let head = self.head().expect("an answer");
            if head.starts_with("HTTP/1.1 1") && !head.starts_with("HTTP/1.1 101") {
                continue;
            }
            let is_bodiless = is_head || ["101", "204", "304"].contains(&&head[9..12]);
            let body = if is_bodiless { Vec::new() } else { self.body(&head).unwrap() };
            return Message { head, body };
        }
    }

    fn body(&mut self, head: &str) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if let Some(length) = header(head, "content-length") {
            body.resize(length.parse().unwrap(), 0);
            self.reader.read_exact(&mut body)?;
            return Ok(body);
        }
        if header(head, "transfer-encoding").is_none() {
            self.reader.read_to_end(&mut body)?;
            return Ok(body);
        }
        while let Some(chunk) = self.chunk()? {
            body.extend(chunk);
        }
        let mut trailers = String::new();
        while !trailers.ends_with("\r\n\r\n") && trailers != "\r\n" {
            self.reader.read_line(&mut trailers)?;
        }
        Ok(body)
    }

    /// Reads a chunk; `None` for the last.
    pub(crate) fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        if size == 0 {
            return Ok(None);
        }
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk)?;
        chunk.truncate(size);
        Ok(Some(chunk))
    }

    /// Reads exactly as many bytes as `expected` has, and compares.
    pub(crate) fn expect(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        self.reader.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.reader.read(bytes)
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        self.reader.get_ref()
    }

    /// Whether the other side has closed.
    pub(crate) fn is_over(&mut self) -> bool {
        matches!(self.reader.read(&mut [0]), Ok(0) | Err(_))
    }
}

impl Message {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn status(&self) -> &str {
        &self.head[9..12]
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// The value of the field `name`; of several, of the first.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
