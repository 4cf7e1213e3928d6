//! The page that makes a document of each case and says what became of it.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use serde_json::Value;
use webdriver::Browser;

/// Serves the page, and nothing for any other path.
pub(super) struct Server {
    pub(super) address: String,
}

impl Server {
    /// Starts it; it ends with the test's process.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}/page", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut head = [0; 4096];
                let length = stream.read(&mut head).unwrap_or_default();
                let body = if head[..length].starts_with(b"GET /page ") { PAGE } else { "" };
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self { address }
    }
}

/// What became of each case.
pub(super) fn run(browser: &Browser, cases: &Value) -> Vec<Value> {
    browser.value(&format!("start({cases})"));
    browser.wait_for("window.results");
    browser.value("window.results").as_array().cloned().unwrap()
}

const PAGE: &str = include_str!("page.html");
