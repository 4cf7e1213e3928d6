//! `REDbot`, with httplint in it, looks at every kind of answer that the probe gives: none of them has an error.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::{Value, json};

/// A probe at a port that the system chose, until this is dropped.
struct Probe(Child);

impl Probe {
    fn start() -> (Self, String) {
        let mut probe = Command::new(env!("CARGO_BIN_EXE_probe"));
        probe.args(["run", "--host", "127.0.0.1", "--port", "0", "--threads", "1"]).stdout(Stdio::piped());
        let mut child = probe.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        (Self(child), address)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn python() -> PathBuf {
    if let Some(python) = env::var_os("TEST_PYTHON") {
        return python.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(python.exists(), "this test needs REDbot, which `cargo xtask test` installs");
    python
}

fn look_at(request: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint.py");
    let output = Command::new(python()).arg(script).arg(request.to_string()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("lint.py failed at {request}:\n{errors}"))
}

const PATHS: [&str; 24] = [
    "/",
    "/negotiate",
    "/connection",
    "/login",
    "/limits/of/nothing?x",
    "/status/301",
    "/status/410",
    "/status/500",
    "/json",
    "/fortunes",
    "/db/row/1",
    "/static/app.css",
    "/early",
    "/stream?n=3",
    "/limited",
    "/conditional",
    "/form",
    "/me",
    "/nothing",
    "/status/204",
    "/status/308",
    "/status/405",
    "/status/429",
    "/status/503",
];

/// Other methods, conditions, ranges and refusals: the status, the method, the path, a header field and a body.
const REQUESTS: [(u16, &str, &str, [&str; 2], &str); 15] = [
    (200, "HEAD", "/plaintext", ["x-none", ""], ""),
    (200, "HEAD", "/static/app.css", ["x-none", ""], ""),
    (200, "OPTIONS", "/json", ["x-none", ""], ""),
    (200, "POST", "/", ["content-type", "text/plain"], "hello"),
    (200, "POST", "/json", ["content-type", "application/json"], "{\"a\": 1, \"b\": \"two\"}"),
    (422, "POST", "/json", ["content-type", "application/json"], "{\"a\": \"one\", \"b\": \"two\"}"),
    (400, "POST", "/json", ["content-type", "application/json"], "{"),
    (415, "POST", "/json", ["content-type", "text/plain"], "hello"),
    (405, "DELETE", "/json", ["x-none", ""], ""),
    (206, "GET", "/static/app.css", ["range", "bytes=0-3"], ""),
    (206, "GET", "/static/app.css", ["range", "bytes=0-1,5-6"], ""),
    (416, "GET", "/static/app.css", ["range", "bytes=99999999-"], ""),
    (304, "GET", "/static/app.css", ["if-none-match", "*"], ""),
    (412, "GET", "/static/app.css", ["if-match", "\"other\""], ""),
    (406, "GET", "/negotiate", ["accept", "image/png"], ""),
];

/// Notes that are no errors of an answer, what they are about, and why.
const NOT_OURS: [(&str, &str, &str); 3] = [
    ("DATE_INCORRECT", "", "what the loaded machine of a test keeps waiting is not the server's clock"),
    ("REQUEST_HDR_IN_RESPONSE", "\"Accept\"", "RFC 9110 §15.5.16: a 415 may say so what would be taken"),
    (
        "PARTIAL_WITHOUT_RANGE",
        "",
        "RFC 9110 §15.3.7.2: of several parts each has one, and the answer must not",
    ),
];

#[test]
fn no_answer_has_an_error() {
    let (_probe, address) = Probe::start();
    let mut found = Vec::new();
    let plain = PATHS.iter().map(|path| (None, json!([format!("{address}{path}")])));
    let others = REQUESTS.iter().map(|(status, method, path, field, body)| {
        (Some(*status), json!([format!("{address}{path}"), method, [field], body]))
    });
    let (expected, requests): (Vec<_>, Vec<_>) = plain.chain(others).unzip();
    for chunk in requests.chunks(4) {
        let looks: Vec<_> =
            chunk.iter().cloned().map(|request| thread::spawn(move || look_at(&request))).collect();
        found.extend(looks.into_iter().map(|look| look.join().unwrap()));
    }
    let is_error = |note: &&Value| {
        let summary = note["summary"].as_str().unwrap();
        let is_ours =
            |(name, about, _): &(&str, &str, &str)| note["note"] != *name || !summary.contains(about);
        note["level"] == "bad" && NOT_OURS.iter().all(is_ours)
    };
    let mut bad = Vec::new();
    for (look, status) in found.iter().zip(expected) {
        assert_eq!(look["error"], "''", "{look}");
        assert!(status.is_none_or(|status| look["status"] == status), "{status:?}: {look}");
        let notes = look["notes"].as_array().unwrap();
        assert!(!notes.is_empty(), "{look}");
        bad.extend(
            notes
                .iter()
                .filter(is_error)
                .map(|note| format!("{} {}: {}", look["method"], look["url"], note["summary"])),
        );
    }
    assert!(bad.is_empty(), "{bad:#?}");
}
