//! Werkzeug's answers, from a Python interpreter that has it.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::Value as Json;

/// Asks Werkzeug all tables in one go.
pub(crate) fn answers(tables: &[Json]) -> Vec<Json> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/werkzeug/answer.py");
    let mut python = Command::new(interpreter())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with Werkzeug, which `cargo xtask test` installs: it starts");
    let mut stdin = python.stdin.take().unwrap();
    let questions = serde_json::to_vec(tables).unwrap();
    let writer = thread::spawn(move || stdin.write_all(&questions).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "answer.py failed: is Werkzeug 3.1 installed? Run `cargo xtask test`");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn interpreter() -> PathBuf {
    if let Some(python) = env::var_os("TEST_PYTHON") {
        return python.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(
        python.exists(),
        "this test compares with Werkzeug and found no Python that has it; run `cargo xtask test`, which installs it"
    );
    python
}
