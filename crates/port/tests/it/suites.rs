//! The test suites of the old packages, after the packages were rewritten and nobody has touched them since.
//!
//! What is counted is written in the crate's documentation; here each count has a floor, since it depends a little on the Python that runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    interpreter,
    python2::{packages, rewrite},
};

/// A package, where its tests are, how many pass at least, and the last Python that can import it: 3.12 has no `imp` any more.
const SUITES: [(&str, &str, u64, u32); 6] = [
    ("Werkzeug-0.6.2", "tests", 60, 11),
    ("Paste-1.7.5.1", "tests", 20, 11),
    ("python-openid-2.2.5", "openid/test", 160, 11),
    ("mechanize-0.2.5", "test", 140, 11),
    // 3.11 refuses flags in the middle of a regular expression, which is no matter of Python 2.
    ("Pygments-1.3.1", "tests", 470, 10),
    // Its tests need PyCrypto, which no Python 3 of today can build.
    ("paramiko-1.7.7.1", "tests", 0, 11),
];

fn test_files(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            test_files(root, &path, found);
        } else if name.starts_with("test") && path.extension().is_some_and(|extension| extension == "py") {
            found.push(path.strip_prefix(root).unwrap().to_owned());
        }
    }
}

/// Runs the suite of `package`; gives how many tests passed, how many did not, and how many files could not be imported.
fn run(folder: &Path, package: &str, tests: &str, newest: u32) -> Option<(u64, u64, usize)> {
    let python = interpreter::up_to(newest)?;
    let root = folder.join(package);
    rewrite(&root);
    let mut files = Vec::new();
    test_files(&root, &root.join(tests), &mut files);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run_suite.py");
    let output = Command::new(python).args(["-W", "ignore"]).arg(script).arg(&root).args(files).output();
    let output = output.unwrap();
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let unread = told["unread"].as_array().unwrap().len();
    Some((told["passed"].as_u64().unwrap(), told["failed"].as_u64().unwrap(), unread))
}

#[test]
fn most_tests_of_an_old_package_that_can_be_imported_pass() {
    let folder = packages();
    let (package, tests, least, python) = SUITES[0];
    let (passed, failed, unread) =
        run(folder.path(), package, tests, python).expect("set-up has installed a Python");
    assert!(passed >= least, "{package}: {passed} passed, {failed} failed, {unread} files can't be imported");
}

#[test]
#[ignore = "slow: the suites of six old packages, three minutes"]
fn the_suites_of_six_old_packages_pass_as_far_as_they_did() {
    let folder = packages();
    for (package, tests, least, python) in SUITES {
        let Some((passed, failed, unread)) = run(folder.path(), package, tests, python) else {
            println!("{package}: no Python up to 3.{python}");
            continue;
        };
        println!("{package}: {passed} passed, {failed} failed, {unread} files can't be imported");
        assert!(passed >= least, "{package}: {passed} tests pass");
    }
}
