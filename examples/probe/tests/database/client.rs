//! The probe as a process, and a client that keeps its connection open.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A running probe, which is killed when this is dropped.
pub(crate) struct Probe {
    pub(crate) process: Child,
    pub(crate) address: SocketAddr,
}

impl Probe {
    pub(crate) fn start(database: &str) -> Self {
        Self::start_with(database, &[])
    }

    /// With `more` on its command line.
    pub(crate) fn start_with(database: &str, more: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_probe"))
            .args(["run", "--port", "0", "--threads", "2", "--database", database])
            .args(more)
            .env("FLAGON_LOG__ACCESS", "off")
            .env("FLAGON_LOG__LEVEL", "off")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
        Self { process, address }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.process.kill(); // SIGKILL: it gets no chance to tidy up
        self.process.wait().unwrap();
    }
}

/// A connection that is kept open.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Option<Self> {
        let socket = TcpStream::connect(address).ok()?;
        socket.set_nodelay(true).ok()?;
        socket.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        Some(Self(BufReader::new(socket)))
    }

    /// Status and body of the answer; `None` when the other end is gone.
    pub(crate) fn ask(&mut self, method: &str, target: &str) -> Option<(u16, String)> {
        let request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.0.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).ok().filter(|read| *read > 0)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        Some((status, String::from_utf8(body).ok()?))
    }
}
