//! `REDbot`, with httplint in it, looks at every kind of answer that the probe gives: none of them has an error.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::Value;

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

fn look_at(url: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint.py");
    let output = Command::new(python()).arg(script).arg(url).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("lint.py failed at {url}:\n{errors}"))
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

#[test]
fn no_answer_has_an_error() {
    let (_probe, address) = Probe::start();
    let mut found = Vec::new();
    for chunk in PATHS.chunks(4) {
        let looks: Vec<_> = chunk
            .iter()
            .map(|path| {
                let url = format!("{address}{path}");
                thread::spawn(move || look_at(&url))
            })
            .collect();
        found.extend(looks.into_iter().map(|look| look.join().unwrap()));
    }
    // What the loaded machine of a test keeps waiting is not the server's clock.
    let is_error = |note: &&Value| note["level"] == "bad" && note["note"] != "DATE_INCORRECT";
    let mut bad = Vec::new();
    for look in &found {
        assert_eq!(look["error"], "''", "{look}");
        let notes = look["notes"].as_array().unwrap();
        assert!(!notes.is_empty(), "{look}");
        bad.extend(notes.iter().filter(is_error).map(|note| format!("{}: {}", look["url"], note["summary"])));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}
