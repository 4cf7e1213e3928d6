//! An old app at `https://`: who it has to be, and that it is one like any.

use std::{
    fs, io,
    net::SocketAddr,
    thread::{self, JoinHandle},
};

use flagon::{Upstream, prelude::*};
use flagon_server::{CertificateFiles, Config, Ended, Listen, Server, Shutdown, Tls, TlsFiles};

use crate::sides::Front;

#[get("/")]
async fn who() -> String {
    let request = request();
    format!("{} {}", request.scheme(), request.host())
}

#[post("/echo", csrf = "exempt")]
async fn echo(body: String) -> String {
    body
}

/// A server that has a certificate for `localhost`.
struct Secure {
    address: SocketAddr,
    certificate: String,
    shutdown: Shutdown,
    thread: Option<JoinHandle<Ended>>,
    _folder: tempfile::TempDir,
}

impl Secure {
    fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files = CertificateFiles {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        let tls = Tls::from_files(TlsFiles { certificates: vec![files], ..TlsFiles::default() }).unwrap();
        let listen = vec![Listen::tls("127.0.0.1:0".parse().unwrap(), tls)];
        let server: Server = Config { listen, threads: 1, ..Config::default() }.bind().unwrap();
        let (address, shutdown) = (server.addresses()[0].socket(), Shutdown::new());
        let app = App::new("old").routes(routes![who, echo]).build().unwrap();
        let stop = shutdown.clone();
        let thread = Some(thread::spawn(move || server.serve(app, &stop).unwrap()));
        Self { address, certificate: made.cert.pem(), shutdown, thread, _folder: folder }
    }

    fn upstream(&self, host: &str) -> Upstream {
        Upstream::at(&format!("https://{host}:{}", self.address.port())).unwrap()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.shutdown.now();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn front(upstream: Upstream) -> Front {
    Front::start(App::new("front").upstream(upstream).build().unwrap())
}

#[test]
fn an_upstream_at_https_answers_when_its_certificate_is_believed() {
    let old = Secure::start();
    let front = front(old.upstream("localhost").trust(old.certificate.as_bytes()).unwrap());
    let mut wire = front.connect();
    for _ in 0..3 {
        wire.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(wire.answer(false).text(), "https a");
    }
    let body = "0123456789".repeat(100_000);
    let head = format!(
        "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: {}",
        body.len()
    );
    wire.write(&format!("{head}\r\n\r\n{body}"));
    assert_eq!(wire.answer(false).text(), body);
}

#[test]
fn an_upstream_that_is_not_who_it_says_gives_502() {
    let old = Secure::start();
    assert_eq!(front(old.upstream("localhost")).get("/").status(), "502", "an authority that nobody knows");
    let other_name = old.upstream("127.0.0.1").trust(old.certificate.as_bytes()).unwrap();
    assert_eq!(front(other_name).get("/").status(), "502", "the certificate names `localhost`");
    let plain = Upstream::at(&format!("http://localhost:{}", old.address.port())).unwrap();
    assert_ne!(front(plain).get("/").status(), "200");
}

#[test]
fn certificates_that_are_none_are_refused_at_the_start() {
    let upstream = || Upstream::at("https://old.example").unwrap();
    for wrong in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error: io::Error = io::Error::other(upstream().trust(wrong.as_bytes()).unwrap_err());
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
