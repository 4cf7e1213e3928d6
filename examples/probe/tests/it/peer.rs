//! A client that speaks HTTP/2 frame by frame, and tells what became of a stream and of the connection.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::{client::Then, probe::Probe};

pub(crate) struct Peer {
    socket: TcpStream,
}

/// A frame: its type, its stream and its content.
struct Frame(u8, u32, Vec<u8>);

/// How a request goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Follows,
}

impl Peer {
    /// Says hello; each of its streams takes `window` bytes of an answer.
    pub(crate) fn new(probe: &Probe, window: u32) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", probe.plain)).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut peer = Self { socket };
        let settings = [&[0, INITIAL_WINDOW][..], &window.to_be_bytes()].concat();
        peer.write(PREFACE);
        peer.send(SETTINGS, 0, 0, &settings);
        peer.send(SETTINGS, ACK, 0, &[]);
        peer
    }

    /// Asks on `stream`, which is an odd number and larger than those before.
    pub(crate) fn ask(&mut self, stream: u32, method: &str, path: &str, body: Body) {
        let mut block = vec![0x86]; // :scheme http
        for (name, value) in [(":method", method), (":path", path), (":authority", "a")] {
            block.push(0);
            for text in [name, value] {
                block.push(u8::try_from(text.len()).unwrap());
                block.extend(text.as_bytes());
            }
        }
        let end = if body == Body::None { END_STREAM } else { 0 };
        self.send(HEADERS, END_HEADERS | end, stream, &block);
    }

    pub(crate) fn data(&mut self, stream: u32, bytes: &[u8]) {
        self.send(DATA, 0, stream, bytes);
    }

    pub(crate) fn cancel(&mut self, stream: u32) {
        self.send(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
    }

    /// Lets the answer on `stream` have `bytes` more.
    pub(crate) fn take(&mut self, stream: u32, bytes: u32) {
        self.send(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes());
    }

    /// Does `something` again and again, slowly, until there is a frame of `stream` that is one of `kinds`.
    pub(crate) fn until(&mut self, stream: u32, kinds: Kinds, mut something: impl FnMut(&mut Self)) -> u16 {
        loop {
            self.socket.set_read_timeout(Some(PAUSE)).unwrap();
            if self.socket.peek(&mut [0]).is_err() {
                something(self);
                continue;
            }
            self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
            let frame = self.read().unwrap();
            if let Some(code) = kinds.code(&frame, stream) {
                return code;
            }
        }
    }

    /// Reads until `stream` is answered. Gives the status.
    pub(crate) fn answer(&mut self, stream: u32) -> u16 {
        self.next(stream, Kinds::Answer)
    }

    /// Reads until `stream` is reset. Gives the code of the error.
    pub(crate) fn reset(&mut self, stream: u32) -> u16 {
        self.next(stream, Kinds::Reset)
    }

    fn next(&mut self, stream: u32, kinds: Kinds) -> u16 {
        loop {
            let frame = self.read().unwrap();
            if let Some(code) = kinds.code(&frame, stream) {
                return code;
            }
        }
    }

    /// Sees that the connection goes on.
    pub(crate) fn goes_on(mut self, stream: u32) -> Then {
        self.ask(stream, "GET", "/healthz", Body::None);
        assert_eq!(self.answer(stream), 200, "the connection was to go on");
        Then::GoesOn
    }

    /// Reads nothing, and waits until the server has reset the connection.
    pub(crate) fn expect_to_be_left(self) -> Then {
        while self.socket.take_error().unwrap().is_none() {
            std::thread::yield_now();
        }
        Then::Ends
    }

    fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 9];
        self.socket.read_exact(&mut head)?;
        let [high, middle, low, kind, _, stream @ ..] = head;
        let mut content = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        self.socket.read_exact(&mut content)?;
        Ok(Frame(kind, u32::from_be_bytes(stream), content))
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, content: &[u8]) {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        self.write(&[&length[1..], &[kind, flags], &stream.to_be_bytes(), content].concat());
    }

    /// Sends as much as the server takes.
    fn write(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes);
    }
}

/// Which frames are waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    Answer,
    Reset,
}

impl Kinds {
    /// The status or the code of `frame`, if it is one.
    fn code(self, Frame(kind, of, content): &Frame, stream: u32) -> Option<u16> {
        match *kind {
            _ if *of != stream => None,
            HEADERS if self == Self::Answer => Some(status(content)),
            RST_STREAM => Some(u16::from(content[3])),
            _ => None,
        }
    }
}

/// RFC 7541 §6, §B: `:status` comes first, from the static table or as three digits in Huffman's code.
fn status(block: &[u8]) -> u16 {
    match *block {
        [index @ 0x88..=0x8e, ..] => [200, 204, 206, 304, 400, 404, 500][usize::from(index - 0x88)],
        [0x48, 0x82 | 0x83, high, middle, low, ..] => {
            let mut bits = u32::from_be_bytes([high, middle, low, 0]);
            (0..3).fold(0, |number, _| {
                let (digit, length) = match bits >> 26 {
                    code @ 25.. => (code - 22, 6),
                    code => (code >> 1, 5),
                };
                bits <<= length;
                number * 10 + u16::try_from(digit).unwrap()
            })
        }
        _ => panic!("a status was to come first: {block:?}"),
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PAUSE: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(30);
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const INITIAL_WINDOW: u8 = 4;
