//! curl, nghttp and Chromium fetch the probe, each over the versions that it speaks.

use std::process::{Command, Stdio};

use serde_json::Value;
use webdriver::Browser;

use crate::probe::Probe;

#[track_caller]
fn run(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{name}: {error}"));
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {}\n{text}\n{errors}", output.status);
    text.into_owned()
}

/// Version of HTTP, version of TLS, ALPN.
type Known = (String, String, String);

/// What the probe says of the connection.
fn known(text: &str) -> Known {
    let known: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    (text(&known["http"]), text(&known["tls"]["version"]), text(&known["tls"]["alpn"]))
}

fn expected(http: &str, tls: &str, alpn: &str) -> Known {
    (http.to_owned(), tls.to_owned(), alpn.to_owned())
}

#[test]
fn curl_fetches_over_each_version() {
    let probe = Probe::start();
    let (plain, tls) =
        (format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls));
    let v12 = ["--tlsv1.2", "--tls-max", "1.2"];
    let cases: &[(&[&str], &str, Known)] = &[
        (&["--http1.0"], &plain, expected("HTTP/1.0", "-", "-")),
        (&["--http1.1"], &plain, expected("HTTP/1.1", "-", "-")),
        (&["--http2-prior-knowledge"], &plain, expected("HTTP/2.0", "-", "-")),
        (&["--http1.1", "--tlsv1.3"], &tls, expected("HTTP/1.1", "TLSv1.3", "http/1.1")),
        (&["--http2", "--tlsv1.3"], &tls, expected("HTTP/2.0", "TLSv1.3", "h2")),
        (&[&["--http1.1"][..], &v12].concat(), &tls, expected("HTTP/1.1", "TLSv1.2", "http/1.1")),
        (&[&["--http2"][..], &v12].concat(), &tls, expected("HTTP/2.0", "TLSv1.2", "h2")),
        (&["--http1.1", "--no-alpn"], &tls, expected("HTTP/1.1", "TLSv1.3", "-")),
    ];
    for (arguments, base, expected) in cases {
        let curl = |path: &str| {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "--max-time", "10", "--cacert"]).arg(probe.authority());
            run(curl.args(*arguments).arg(format!("{base}{path}")))
        };
        assert_eq!(known(&curl("/connection")), *expected, "{arguments:?}");
        assert_eq!(curl("/plaintext"), "Hello, World!", "{arguments:?}");
    }
    let mut old = Command::new("curl");
    old.args(["-sS", "--max-time", "10", "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", "--cacert"]);
    let refused = old.arg(probe.authority()).arg(&tls).output().unwrap();
    assert_eq!(refused.status.code(), Some(35), "TLS 1.1 is no more (RFC 8996)");
}

#[test]
fn nghttp_fetches_over_each_version() {
    let probe = Probe::start();
    for (url, expected) in [
        (format!("http://127.0.0.1:{}", probe.plain), expected("HTTP/2.0", "-", "-")),
        (format!("https://localhost:{}", probe.tls), expected("HTTP/2.0", "TLSv1.3", "h2")),
    ] {
        let nghttp = |path: &str| {
            run(Command::new("nghttp").args(["--no-verify-peer", "-t", "10"]).arg(format!("{url}{path}")))
        };
        assert_eq!(known(&nghttp("/connection")), expected);
        assert_eq!(nghttp("/plaintext"), "Hello, World!");
    }
}

#[test]
fn chromium_fetches_over_each_version() {
    let probe = Probe::start();
    let (plain, tls) =
        (format!("http://127.0.0.1:{}", probe.plain), format!("https://localhost:{}", probe.tls));
    for (flags, base, expected) in [
        (&[][..], &plain, expected("HTTP/1.1", "-", "-")),
        (&[], &tls, expected("HTTP/2.0", "TLSv1.3", "h2")),
        (&["--disable-http2"], &tls, expected("HTTP/1.1", "TLSv1.3", "http/1.1")),
        (&["--ssl-version-max=tls1.2"], &tls, expected("HTTP/2.0", "TLSv1.2", "h2")),
        (&["--disable-http2", "--ssl-version-max=tls1.2"], &tls, expected("HTTP/1.1", "TLSv1.2", "http/1.1")),
    ] {
        let browser = Browser::start_with(flags);
        let page = |path: &str| {
            browser.open(&format!("{base}{path}"));
            browser.value("document.body.innerText").as_str().unwrap().to_owned()
        };
        assert_eq!(known(&page("/connection")), expected, "{flags:?}");
        assert_eq!(page("/plaintext"), "Hello, World!", "{flags:?}");
    }
}
