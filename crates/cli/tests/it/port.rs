//! `flagon port check`, `fix` and `explain`.

use std::fs;

use serde_json::Value;

use crate::{flagon, text};

const OLD: &str = "print 'a', # port\nx = d.has_key(1)\n";
const NEW: &str = "print('a', end=' ') # port\nx = 1 in d\n";

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("package")).unwrap();
    for (name, source) in [
        ("package/__init__.py", ""),
        ("package/a.py", OLD),
        ("package/b.py", "import a\nk = d.keys()\n"),
        ("package/.hidden.py", OLD),
        ("script", "#!/usr/bin/env python\nprint 1\n"),
        ("notes.txt", OLD),
    ] {
        fs::write(folder.path().join(name), source).unwrap();
    }
    folder
}

#[test]
fn check_tells_and_writes_nothing() {
    let folder = project();
    let output = flagon(folder.path(), &["port", "check", "package", "script"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    assert!(told.contains("package/a.py:1:1: P101 [*] print is a function (unsure): "), "{told}");
    assert!(
        told.contains("package/b.py:1:1: P306 [*] imports are absolute\npackage/b.py:2:7: P204 [*] "),
        "{told}"
    );
    assert!(told.contains("script:2:1: P101") && !told.contains("hidden"), "{told}");
    assert_eq!(fs::read_to_string(folder.path().join("package/a.py")).unwrap(), OLD);
    fs::write(folder.path().join("package/a.py"), NEW).unwrap();
    let output = flagon(folder.path(), &["port", "check", "package/a.py"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
}

#[test]
fn fix_rewrites_in_place_keeps_the_old_file_and_is_done_once() {
    let folder = project();
    let output = flagon(folder.path(), &["port", "fix", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(
        told.contains("-print 'a', # port\n-x = d.has_key(1)\n+print('a', end=' ') # port\n+x = 1 in d\n"),
        "{told}"
    );
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("package/a.py"), NEW);
    assert_eq!(read("package/a.py.bak"), OLD);
    assert_eq!(read("package/b.py"), "from . import a\nk = list(d.keys())\n");
    assert_eq!(read("script"), "#!/usr/bin/env python\nprint(1)\n");
    assert_eq!(read("notes.txt"), OLD);
    assert_eq!(read("package/.hidden.py"), OLD);
    let again = flagon(folder.path(), &["port", "fix", "."]);
    assert_eq!((again.status.code(), text(&again.stdout)), (Some(0), String::new()));
    assert!(text(&again.stderr).starts_with("0 of 4 files rewritten"), "{}", text(&again.stderr));
}

#[test]
fn fix_writes_into_another_folder_or_nothing_at_all() {
    let folder = project();
    assert!(flagon(folder.path(), &["port", "fix", "--dry-run", "package"]).status.success());
    assert!(flagon(folder.path(), &["port", "fix", "-q", "-o", "new", "package"]).status.success());
    assert_eq!(fs::read_to_string(folder.path().join("package/a.py")).unwrap(), OLD);
    assert_eq!(fs::read_to_string(folder.path().join("new/a.py")).unwrap(), NEW);
    assert_eq!(fs::read_to_string(folder.path().join("new/__init__.py")).unwrap(), "");
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_stays() {
    let folder = project();
    fs::write(folder.path().join("package/bad.py"), "print 1\nif x\n").unwrap();
    let output = flagon(folder.path(), &["port", "fix", "package"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("bad.py: line 2"), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("package/bad.py")).unwrap(), "print 1\nif x\n");
    assert_eq!(fs::read_to_string(folder.path().join("package/a.py")).unwrap(), NEW);
    let output = flagon(folder.path(), &["port", "check", "no-such-folder"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no-such-folder"), "{}", text(&output.stderr));
}

#[test]
fn reports_are_json_and_sarif() {
    let folder = project();
    let json = flagon(folder.path(), &["port", "check", "--format", "json", "package/a.py"]);
    let findings: Vec<Value> =
        text(&json.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(findings[1]["code"], "P207");
    assert_eq!((&findings[1]["line"], &findings[1]["fixed"]), (&Value::from(2), &Value::from(true)));
    assert_eq!(findings[1]["confidence"], "safe");
    let sarif = flagon(folder.path(), &["port", "check", "--format", "sarif", "package"]);
    let log: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][1];
    assert_eq!(result["ruleId"], "P207");
    let place = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][place]["id"], "P207");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn codes_are_selected_and_explained() {
    let folder = project();
    let output = flagon(folder.path(), &["port", "check", "--select", "has_key,P104", "package/a.py"]);
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let output = flagon(folder.path(), &["port", "check", "--select", "P999", "package/a.py"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("flagon port explain"), "{}", text(&output.stderr));
    let all = text(&flagon(folder.path(), &["port", "explain"]).stdout);
    assert!(all.contains("## P101 print\n") && all.contains("## P902 encoding\n"), "{all}");
    assert!(text(&flagon(folder.path(), &["port", "explain", "dict"]).stdout).starts_with("## P204 dict\n"));
    assert!(text(&flagon(folder.path(), &["completion", "bash"]).stdout).contains("flagon"));
}
