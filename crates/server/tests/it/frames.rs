//! HTTP/2 frame by frame, by hand.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::{client::connect, running::Running};

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const COMPRESSION_ERROR: u32 = 9;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The code of a `RST_STREAM` or GOAWAY frame.
    pub(crate) fn code(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A field that enters no table.
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        number(&mut bytes, text.len());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// RFC 7541 §5.1, with a prefix of seven bits.
pub(crate) fn number(bytes: &mut Vec<u8>, value: usize) {
    if value < 127 {
        bytes.push(value as u8);
        return;
    }
    bytes.push(127);
    let mut rest = value - 127;
    while rest >= 128 {
        bytes.push((rest % 128 + 128) as u8);
        rest /= 128;
    }
    bytes.push(rest as u8);
}

/// The field block of a request.
pub(crate) fn request(method: &str, path: &str) -> Vec<u8> {
    [literal(":method", method), vec![0x86], literal(":path", path), literal(":authority", "test")].concat()
}

/// A peer that has said hello.
pub(crate) struct Peer {
    pub(crate) io: TcpStream,
}

impl Peer {
    pub(crate) fn new(server: &Running) -> Self {
        Self::with_settings(server, &[])
    }

    pub(crate) fn with_settings(server: &Running, settings: &[u8]) -> Self {
        Self::at(server.address, settings)
    }

    pub(crate) fn at(address: SocketAddr, settings: &[u8]) -> Self {
        let mut peer = Self { io: connect(address) };
        peer.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(&frame(SETTINGS, 0, 0, settings));
        let hello = peer.next(|frame| frame.kind == SETTINGS && frame.flags == 0);
        assert_eq!(hello.stream, 0);
        peer.send(&frame(SETTINGS, 1, 0, &[]));
        peer
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> &mut Self {
        self.io.write_all(bytes).unwrap();
        self
    }

    /// Sends until the server has had enough, at most `times`.
    pub(crate) fn flood(&mut self, times: usize, mut bytes: impl FnMut(usize) -> Vec<u8>) {
        for at in 0..times {
            // The server stops reading, and in the end resets.
            if self.io.write_all(&bytes(at)).is_err() {
                return;
            }
        }
    }

    pub(crate) fn get(&mut self, stream: u32, path: &str) -> &mut Self {
        let headers = frame(HEADERS, END_STREAM | END_HEADERS, stream, &request("GET", path));
        self.send(&headers)
    }

    pub(crate) fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.io.read_exact(&mut head)?;
        let [high, middle, low, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        self.io.read_exact(&mut payload)?;
        Ok(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// Reads until a frame is the one.
    #[track_caller]
    pub(crate) fn next(&mut self, is_it: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.read().unwrap();
            if is_it(&frame) {
                return frame;
            }
        }
    }

    /// Reads the answer on `stream`: the first byte of its head, and its body.
    #[track_caller]
    pub(crate) fn answer(&mut self, stream: u32) -> (u8, Vec<u8>) {
        let head = self.next(|frame| frame.stream == stream);
        assert_eq!(head.kind, HEADERS, "{head:?}");
        let (mut body, mut last) = (Vec::new(), head.flags & END_STREAM != 0);
        while !last {
            let frame = self.next(|frame| frame.stream == stream);
            last = frame.flags & END_STREAM != 0;
            if frame.kind == DATA {
                body.extend(frame.payload);
            } else {
                assert_eq!(frame.kind, HEADERS, "{frame:?}");
            }
        }
        (head.payload[0], body)
    }

    /// Reads until GOAWAY and then the end, which must be no reset. Gives the code.
    #[track_caller]
    pub(crate) fn goaway(&mut self) -> u32 {
        let code = self.next(|frame| frame.kind == GOAWAY).code();
        while let Ok(frame) = self.read() {
            assert!(frame.kind != GOAWAY || frame.code() == code, "{frame:?}");
        }
        code
    }

    /// Reads until `stream` is reset. Gives the code.
    #[track_caller]
    pub(crate) fn reset(&mut self, stream: u32) -> u32 {
        self.next(|frame| frame.kind == RST_STREAM && frame.stream == stream).code()
    }
}

/// `:status 200`, `204`, `400` and `500` as the static table has them.
pub(crate) const OK: u8 = 0x88;
pub(crate) const NO_CONTENT: u8 = 0x89;
pub(crate) const BAD_REQUEST: u8 = 0x8c;
pub(crate) const SERVER_ERROR: u8 = 0x8e;
