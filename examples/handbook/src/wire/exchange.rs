//! One connection to ourselves: write, read, and nothing for ever.

use std::{fmt, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long an exchange may take as a whole.
const DEADLINE: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const MAX_READ: usize = 16 * 1024;

/// What to write, and when.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// Written as soon as the connection is open, in one write.
    pub(crate) bytes: Vec<u8>,
    /// Written after the first answer, as a client does that expects `100 Continue`.
    pub(crate) after_interim: Vec<u8>,
}

impl From<Vec<u8>> for Script {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, after_interim: Vec::new() }
    }
}

/// What went over the wire.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Every byte sent.
    pub(crate) sent: Vec<u8>,
    /// Every byte received, up to 16 KiB.
    pub(crate) received: Vec<u8>,
    /// Whether there was more to read.
    pub(crate) cut: bool,
}

impl Exchange {
    /// Sends `script` to `address` and reads until the other side closes.
    ///
    /// # Errors
    ///
    /// [`WireError`] when the address is not a loopback one, when no connection came about, or when
    /// nothing at all came back within five seconds.
    pub(crate) async fn run(address: SocketAddr, script: Script) -> Result<Self, WireError> {
        if !address.ip().is_loopback() {
            return Err(WireError::NotLoopback);
        }
        let mut exchange = Self { sent: Vec::new(), received: Vec::new(), cut: false };
        let finished = timeout(DEADLINE, exchange.talk(address, script)).await;
        match finished {
            Ok(Err(error)) if exchange.received.is_empty() => Err(WireError::Io(error)),
            Err(_) if exchange.received.is_empty() => Err(WireError::Timeout),
            // A reset or a timeout after an answer does not take the answer back.
            _ => Ok(exchange),
        }
    }

    async fn talk(&mut self, address: SocketAddr, script: Script) -> io::Result<()> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let written = stream.write_all(&script.bytes).await;
        self.sent = script.bytes;
        if !script.after_interim.is_empty() {
            stream.read_buf(&mut self.received).await?;
            stream.write_all(&script.after_interim).await?;
            self.sent.extend_from_slice(&script.after_interim);
        }
        loop {
            let room = MAX_READ - self.received.len();
            if room == 0 {
                self.cut = true;
                return Ok(());
            }
            if (&mut stream).take(room as u64).read_buf(&mut self.received).await? == 0 {
                // An answer may come although the server stopped reading: the write's error counts last.
                return written;
            }
        }
    }

    /// The status codes that came, one after the other.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let mut found = Vec::new();
        let mut rest = self.received.as_slice();
        while let Some(code) = status(rest) {
            found.push(code);
            let Some(end) = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { break };
            // After an interim answer another head follows at once; after others, where their content ends.
            let content = if code < 200 { Some(0) } else { content_length(&rest[..end]) };
            let Some(next) = content.and_then(|length| rest.get(end + 4 + length..)) else { break };
            rest = next;
        }
        found
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    length.trim().parse().ok()
}

fn status(message: &[u8]) -> Option<u16> {
    let line = message.strip_prefix(b"HTTP/1.1 ").or_else(|| message.strip_prefix(b"HTTP/1.0 "))?;
    std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()
}

/// Why an exchange did not come about.
#[derive(Debug)]
pub(crate) enum WireError {
    /// The laboratory speaks to this machine's loopback address only.
    NotLoopback,
    /// The socket failed.
    Io(io::Error),
    /// Nothing came back in time.
    Timeout,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback => {
                f.write_str("the laboratory only connects to this machine's loopback address")
            }
            Self::Io(_) => f.write_str("the server could not connect to itself"),
            Self::Timeout => f.write_str("the server did not answer itself within five seconds"),
        }
    }
}

impl std::error::Error for WireError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotLoopback | Self::Timeout => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interim_status_comes_before_the_final_one() {
        let received = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 200".to_vec();
        let exchange = Exchange { sent: Vec::new(), received, cut: false };
        assert_eq!(exchange.statuses(), [100, 404]);
    }

    #[test]
    fn the_second_answer_comes_after_the_content_of_the_first() {
        let received =
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyesHTTP/1.1 429 Too Many Requests\r\n\r\n".to_vec();
        let exchange = Exchange { sent: Vec::new(), received, cut: false };
        assert_eq!(exchange.statuses(), [200, 429]);
    }
}
