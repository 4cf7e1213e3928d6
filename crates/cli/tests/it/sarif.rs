//! `flagon port check --format sarif` by the schema of SARIF 2.1.0.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{flagon, text};

/// Python 2 of many kinds: findings that are fixed and left, with advice and without, and one that no rule can read.
const SOURCES: [(&str, &str); 5] = [
    ("plain.py", "print 1\nif d.has_key(1): raise E, 'x'\nx = 3 / 2\nm = __import__('md5')\n"),
    ("with space/naïve #1.py", "exec 'x'\nfor k in d.iterkeys(): pass\n"),
    ("wrong.py", "def f(:\n"),
    ("latin.py", "s = 'caf\u{e9}'\nprint `s`\n"),
    ("nothing.py", "x = 1\n"),
];

fn log(folder: &Path) -> String {
    text(&flagon(folder, &["port", "check", "--format", "sarif", "--from", "2", "."]).stdout)
}

/// What the schema has against `log`.
fn problem(log: &str) -> Option<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let python = env::var_os("TEST_PYTHON").map(PathBuf::from);
    let python = python.unwrap_or_else(|| tests.join("../../../../target/python/bin/python"));
    let mut child = Command::new(python)
        .arg(tests.join("validate.py"))
        .arg(tests.join("sarif-2.1.0.json"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs a Python with fastjsonschema, which `cargo xtask test` installs");
    child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (!output.status.success()).then(|| text(&output.stderr))
}

#[test]
fn a_log_is_valid_sarif() {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in SOURCES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    let log = log(folder.path());
    assert_eq!(problem(&log), None, "{log}");
    let parsed: Value = serde_json::from_str(&log).unwrap();
    let run = &parsed["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 8, "{log}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    assert!(log.contains("\"uri\":\"with%20space/na%C3%AFve%20%231.py\""), "{log}");
    // The schema is asked in earnest: another name of a field is refused.
    assert!(problem(&log.replace("\"startLine\"", "\"line\"")).is_some_and(|said| said.contains(".region")));
}

#[test]
fn a_log_without_findings_is_valid_too() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(problem(&log(folder.path())), None);
}
