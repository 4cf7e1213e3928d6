//! Flask's answers, from a Python interpreter that has it.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde::Deserialize;

use super::{Answer, Question};

/// What `answer.py` gives.
#[derive(Deserialize)]
pub(crate) struct Answers {
    pub(crate) answers: Vec<Answer>,
    pub(crate) contexts: Vec<String>,
}

/// Asks Flask everything at once; `files` is the folder with the files it sends.
pub(crate) fn answers(questions: &[Question], files: &Path) -> Answers {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask/answer.py");
    let mut python = Command::new(interpreter())
        .arg(script)
        .env("FLAGON_PARITY_FILES", files)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with Flask, which `cargo xtask test` installs: it starts");
    let mut stdin = python.stdin.take().unwrap();
    let questions = serde_json::to_vec(questions).unwrap();
    let writer = thread::spawn(move || stdin.write_all(&questions).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "answer.py failed: is Flask 3.1 installed? Run `cargo xtask test`");
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn interpreter() -> PathBuf {
    if let Some(python) = env::var_os("TEST_PYTHON") {
        return python.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(
        python.exists(),
        "this test compares with Flask and found no Python that has it; run `cargo xtask test`, which installs it"
    );
    python
}
