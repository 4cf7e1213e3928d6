//! lib2to3's own tests of its fixers, answered alike.

use std::{collections::BTreeMap, env, path::Path, process::Command};

use serde_json::Value;

use crate::interpreter;

/// Tests whose output differs, each with the reason.
const DIFFERENT: [(&str, &str); 4] = [
    ("Test_import.test_dotted_import", "`from . import foo.bar` is no Python; it is left, with advice"),
    ("Test_import.test_dotted_import_as", "the same"),
    ("Test_import.test_prefix", "the same"),
    (
        "Test_itertools_imports.test_import_as",
        "`izip as _zip` is still needed: it becomes `_zip = zip` and is not lost",
    ),
];

#[test]
fn lib2to3s_tests_are_answered_alike() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixer_tests.py");
    // Examples are built with the tests, beside the folder of this program.
    let program = env::current_exe().unwrap().parent().unwrap().join("../examples/port_answers");
    let output = Command::new(interpreter::with_lib2to3())
        .args(["-W", "ignore"])
        .arg(script)
        .arg(program)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["status"], 0, "the rewriter fell over");
    let tests = answer["tests"].as_object().unwrap();
    let failed: BTreeMap<&str, &str> =
        tests.iter().filter_map(|(name, error)| Some((name.as_str(), error.as_str()?))).collect();
    let expected: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    assert_eq!(failed.keys().copied().collect::<Vec<_>>(), expected, "{failed:#?}");
    assert!(tests.len() >= 440, "only {} tests were found", tests.len());
    assert!(failed.len() * 20 <= tests.len(), "{} of {} differ", failed.len(), tests.len());
}
