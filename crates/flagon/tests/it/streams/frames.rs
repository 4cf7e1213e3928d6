//! A client that writes and reads frames itself, right or wrong.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
};

use super::running::Running;

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
pub(crate) const FINAL: u8 = 0x80;

pub(crate) struct Peer {
    pub(crate) socket: TcpStream,
}

impl Peer {
    pub(crate) fn open(server: &Running, path: &str) -> Self {
        Self::open_with(server, path, "").unwrap_or_else(|answer| panic!("{answer}")).0
    }

    /// Opens with more fields, each ending in CR LF. Gives the head of the answer as well, or all of a refusal.
    pub(crate) fn open_with(server: &Running, path: &str, fields: &str) -> Result<(Self, String), String> {
        let mut socket = server.connect();
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n",
            server.address
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        if head.starts_with("http/1.1 101 ") { Ok((Self { socket }, head)) } else { Err(head) }
    }

    /// Sends a frame with this first byte, masked.
    pub(crate) fn frame(&mut self, first: u8, payload: &[u8]) -> &mut Self {
        // An error is what the server may have caused on purpose: what comes back is looked at.
        let _ = self.socket.write_all(&frame(first, payload));
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.frame(FINAL | TEXT, text.as_bytes())
    }

    pub(crate) fn close(&mut self, code: u16, reason: &str) -> &mut Self {
        self.frame(FINAL | CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
    }

    /// Reads a frame: its first byte and what it holds.
    pub(crate) fn read(&mut self) -> (u8, Vec<u8>) {
        self.try_read().unwrap()
    }

    pub(crate) fn try_read(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.socket.read_exact(&mut head)?;
        assert_eq!(head[1] & 0x80, 0, "a server masks nothing (RFC 6455 §5.1)");
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.socket.read_exact(&mut length)?;
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                self.socket.read_exact(&mut length)?;
                u64::from_be_bytes(length)
            }
            length => length.into(),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.socket.read_exact(&mut payload)?;
        Ok((head[0], payload))
    }

    #[track_caller]
    pub(crate) fn expect_text(&mut self, expected: &str) -> &mut Self {
        let (first, payload) = self.read();
        assert_eq!((first, String::from_utf8_lossy(&payload).as_ref()), (FINAL | TEXT, expected));
        self
    }

    /// Reads until the server closes: gives the code, or `None` when it closed without a word.
    pub(crate) fn closed(&mut self) -> Option<u16> {
        while let Ok((first, payload)) = self.try_read() {
            if first == FINAL | CLOSE {
                let code = payload.get(..2).map(|code| u16::from_be_bytes(code.try_into().unwrap()));
                return Some(code.unwrap_or(1005));
            }
        }
        None
    }

    /// Fails unless the connection is closed by now, or soon.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.socket.read_to_end(&mut rest) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
        assert!(rest.is_empty(), "{rest:?}");
    }
}

/// A frame of a client: masked, and as short as it can be.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![first];
    match payload.len() {
        length @ ..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ ..=0xffff => {
            frame.push(0x80 | 0x7e);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}
