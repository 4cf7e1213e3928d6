//! A client that sends what it is told, byte for byte, and reads answers.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
};

use crate::running::{PATIENCE, Running};

pub(crate) struct Client<Io = TcpStream> {
    pub(crate) io: Io,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

impl Client {
    pub(crate) fn new(server: &Running) -> Self {
        Self::over(connect(server.address))
    }

    /// Ends our side only.
    pub(crate) fn end(&self) {
        self.io.shutdown(Shutdown::Write).unwrap();
    }
}

impl<Io: Read + Write> Client<Io> {
    pub(crate) fn over(io: Io) -> Self {
        Self { io, buffer: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.io.write_all(bytes.as_ref()).unwrap();
        self.io.flush().unwrap();
        self
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).answer()
    }

    /// Reads once, as much as comes.
    pub(crate) fn read(&mut self) -> io::Result<usize> {
        let mut piece = vec![0; 64 * 1024];
        let read = self.io.read(&mut piece)?;
        self.buffer.extend_from_slice(&piece[..read]);
        Ok(read)
    }

    /// Reads exactly `expected`.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &str) {
        while self.buffer.len() < expected.len() {
            assert_ne!(self.read().unwrap(), 0, "the server left");
        }
        let rest = self.buffer.split_off(expected.len());
        let got = std::mem::replace(&mut self.buffer, rest);
        assert_eq!(String::from_utf8(got).unwrap(), expected);
    }

    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer
    }

    /// Reads one answer to anything but HEAD.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        if answer.field("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks();
        } else if let Some(length) = answer.field("content-length") {
            let length = length.parse().unwrap();
            self.fill(length);
            answer.body = self.buffer.drain(..length).collect();
        } else if answer.status != 204 && answer.status != 304 {
            answer.body = self.rest();
        }
        answer
    }

    /// Reads an answer's head.
    #[track_caller]
    pub(crate) fn head(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert_ne!(
                self.read().unwrap(),
                0,
                "the server left: {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: Vec::new() }
    }

    /// Reads chunks and trailers; gives the data.
    fn chunks(&mut self) -> Vec<u8> {
        let mut data = Vec::new();
        loop {
            let line = self.line();
            let size = usize::from_str_radix(&line, 16).unwrap();
            if size == 0 {
                while !self.line().is_empty() {}
                return data;
            }
            self.fill(size + 2);
            data.extend(self.buffer.drain(..size));
            assert_eq!(self.line(), "");
        }
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line = self.buffer.drain(..at + 2).take(at).collect();
                return String::from_utf8(line).unwrap();
            }
            assert_ne!(self.read().unwrap(), 0, "the server left");
        }
    }

    fn fill(&mut self, length: usize) {
        while self.buffer.len() < length {
            assert_ne!(self.read().unwrap(), 0, "the server left after {} bytes", self.buffer.len());
        }
    }

    /// Reads until the server ends the connection, which must be an end and no reset.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.read().unwrap() > 0 {}
        std::mem::take(&mut self.buffer)
    }

    /// Fails unless the server ends the connection without another byte.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.rest()), "");
    }
}
