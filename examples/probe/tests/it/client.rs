//! A client that sends what it is told, byte for byte, and tells what became of the connection.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use socket2::{Domain, Socket, Type};

use crate::probe::Probe;

pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    buffer: Vec<u8>,
}

/// What becomes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    GoesOn,
    Ends,
}

impl Client {
    pub(crate) fn new(probe: &Probe) -> Self {
        Self::at(probe.plain)
    }

    pub(crate) fn at(port: u16) -> Self {
        Self::over(TcpStream::connect(("127.0.0.1", port)).unwrap())
    }

    /// One whose system takes hardly more than a segment ahead of it.
    pub(crate) fn with_little_room(probe: &Probe) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        socket.connect(&SocketAddr::from(([127, 0, 0, 1], probe.plain)).into()).unwrap();
        Self::over(socket.into())
    }

    fn over(socket: TcpStream) -> Self {
        for limit in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
            limit(&socket, Some(Duration::from_secs(30))).unwrap();
        }
        Self { socket, buffer: Vec::new() }
    }

    /// Sends as much as the server takes: one that refuses need not read to the end.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.socket.write_all(bytes.as_ref());
    }

    /// Sends `bytes` again and again, slowly, until there is something to read.
    pub(crate) fn send_until_answered(&mut self, bytes: &str) {
        let patience = self.socket.read_timeout().unwrap();
        self.socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        while self.socket.peek(&mut [0]).is_err() {
            self.send(bytes);
        }
        self.socket.set_read_timeout(patience).unwrap();
    }

    /// Reads nothing, and waits until the server has had enough of that.
    pub(crate) fn expect_to_be_left(&mut self) {
        while self.socket.write_all(b"x").is_ok() {
            thread::yield_now();
        }
    }

    /// Reads all that comes, until the server has had enough of that.
    pub(crate) fn read_until_left(&mut self) {
        let mut piece = [0; 1024];
        while self.socket.read(&mut piece).is_ok_and(|read| read > 0) {}
    }

    /// Reads the alert that ends a handshake (RFC 9846 §6, B.1): gives its description, and the connection is over.
    pub(crate) fn alert(&mut self) -> (u16, Then) {
        while self.fill() {}
        match *self.buffer {
            [21, 3, _, 0, 2, 2, description] => (u16::from(description), Then::Ends),
            _ => panic!("no alert: {:?}", self.buffer),
        }
    }

    /// Sends `request`; gives the status and what becomes of the connection, which is tried out.
    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> (u16, Then) {
        self.send(request);
        self.outcome()
    }

    /// Reads an answer, and sees what becomes of the connection.
    pub(crate) fn outcome(&mut self) -> (u16, Then) {
        let (status, head) = self.answer();
        if status == 0 || head.contains("connection: close") {
            while self.fill() {}
            return (status, Then::Ends);
        }
        self.send("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(self.answer().0, 200, "the connection was to go on after {status}");
        (status, Then::GoesOn)
    }

    /// Reads one answer with its body. A connection that ends in silence has the status 0.
    pub(crate) fn answer(&mut self) -> (u16, String) {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.fill() {
                assert!(self.buffer.is_empty(), "{:?}", String::from_utf8_lossy(&self.buffer));
                return (0, String::new());
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            assert!(self.fill(), "an answer was not whole: {head}");
        }
        self.buffer.drain(..length);
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head)
    }

    /// Reads once; tells whether the server is still there.
    fn fill(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        match self.socket.read(&mut piece) {
            Ok(0) => false,
            Ok(read) => {
                self.buffer.extend_from_slice(&piece[..read]);
                true
            }
            Err(error) => panic!("no answer and no end: {error}"),
        }
    }
}
