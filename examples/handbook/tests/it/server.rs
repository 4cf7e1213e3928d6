//! The handbook as it is started by hand: the real program, on free ports.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A running handbook; it ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    data: PathBuf,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) http: String,
    /// Such as `https://127.0.0.1:40124`.
    pub(crate) https: String,
}

impl Server {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(name: &str) -> Self {
        let data = std::env::temp_dir().join(format!("handbook-{name}-{}", std::process::id()));
        fs::create_dir_all(&data).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_handbook"))
            .args(["run", "--host", "127.0.0.1", "--port", "0", "--tls-port", "0"])
            .env("XDG_DATA_HOME", &data) // the development certificate goes there
            .stdout(Stdio::piped())
            .spawn()
            .expect("the handbook starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut listening = |scheme: &str| {
            let start = format!("{scheme}://");
            lines
                .find_map(|line| {
                    line.split_whitespace().find(|word| word.starts_with(&start)).map(str::to_owned)
                })
                .expect("the handbook says where it listens")
        };
        let (http, https) = (listening("http"), listening("https"));
        std::thread::spawn(move || lines.for_each(drop)); // so that its log never blocks it
        let server = Self { process, data, http, https };
        server.greet();
        server
    }

    /// Has it start its MariaDB now, which on a busy machine may take longer than a browser waits.
    pub(crate) fn start_database(&self) {
        let mut stream = TcpStream::connect(self.http.trim_start_matches("http://")).expect("it listens");
        let form = "act=cut";
        let head = "POST /en/engines/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
            Content-Type: application/x-www-form-urlencoded";
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("data-engine=\"MyISAM\""), "{answer}");
    }

    /// Asks for a page over plain HTTP: its port was the system's choice, and the laboratories learn of it so.
    fn greet(&self) {
        let mut stream = TcpStream::connect(self.http.trim_start_matches("http://")).expect("it listens");
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
