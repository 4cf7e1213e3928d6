//! `flagon new`, and `flagon routes` and `flagon shadow` of what it has made.

use std::{fs, path::Path, process::Command};

use crate::{flagon, rust, text};

#[test]
fn a_new_app_compiles_and_its_tests_pass() {
    let folder = tempfile::tempdir().unwrap();
    let output = flagon(folder.path(), &["new", "notes"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("cd notes\ncargo run"));
    let app = folder.path().join("notes");
    let cargo = fs::read_to_string(app.join("Cargo.toml")).unwrap();
    assert!(cargo.contains("name = \"notes\"") && !cargo.contains("NAME"), "{cargo}");
    assert!(cargo.contains(concat!("flagon = \"", env!("CARGO_PKG_VERSION"), "\"")), "{cargo}");

    let tests = folder.path().join("tests");
    rust::compile_package(&app, &tests, &["--test"]);
    let output = Command::new(&tests).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));

    // The commands of the app are the command's too.
    let program = folder.path().join("notes-program");
    rust::compile_package(&app, &program, &[]);
    let program = program.to_str().unwrap();
    let output = flagon(&app, &["routes", "--program", program, "--sort", "rule"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("create    POST     /\n"), "{}", text(&output.stdout));
    let output = flagon(&app, &["routes", "--program", program, "--coverage"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("App::upstream_rules"), "{}", text(&output.stderr));
    let output = flagon(&app, &["shadow", "--program", program, "report"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains(".upstream(…).shadow(…)"), "{}", text(&output.stderr));
}

#[test]
fn nothing_is_written_over_and_names_are_cargo_s() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/notes.txt"), "mine").unwrap();
    for (path, problem) in [
        ("mine", "mine is there already, and is not empty"),
        ("Notes", "the name of an app begins with a letter"),
        ("9", "the name of an app begins with a letter"),
        ("a b", "the name of an app begins with a letter"),
        ("test", "the name of an app begins with a letter"),
        ("..", "the name of an app begins with a letter"),
    ] {
        let output = flagon(folder.path(), &["new", path]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        assert!(text(&output.stderr).contains(problem), "{}", text(&output.stderr));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let output = flagon(folder.path(), &["new", "notes", "--flagon", "mine"]);
    assert!(text(&output.stderr).contains("mine has no Cargo.toml"), "{}", text(&output.stderr));
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flagon");
    let output = flagon(folder.path(), &["new", "deep/notes", "--flagon", crates.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let cargo = fs::read_to_string(folder.path().join("deep/notes/Cargo.toml")).unwrap();
    assert!(cargo.contains("flagon = { path = ") && cargo.contains("crates/flagon"), "{cargo}");
}

#[test]
fn an_app_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = flagon(folder.path(), &["routes", "--coverage"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no Cargo.toml in "), "{}", text(&output.stderr));
    let output = flagon(folder.path(), &["shadow", "--program", "nowhere", "report"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("nowhere does not start"), "{}", text(&output.stderr));
}
