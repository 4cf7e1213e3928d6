//! Real Python 2: old packages of the index, which set-up has downloaded.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    process::Command,
};

use flagon_port::{Port, PythonFile, python_files};

use crate::interpreter;

/// Unpacks the archives into a folder that is gone when it is dropped.
pub(crate) fn packages() -> tempfile::TempDir {
    const CODE: &str = "
import os, shutil, sys
for name in sorted(os.listdir(sys.argv[1])):
    if not name.endswith('.txt'):
        shutil.unpack_archive(os.path.join(sys.argv[1], name), sys.argv[2])
";
    let archives = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python2");
    assert!(archives.is_dir(), "`cargo xtask setup` downloads the packages");
    let folder = tempfile::tempdir().unwrap();
    let python = interpreter::newest();
    let unpacked =
        Command::new(python).args(["-W", "ignore", "-c", CODE]).args([&archives, folder.path()]).status();
    assert!(unpacked.unwrap().success());
    folder
}

pub(crate) fn rewrite(folder: &Path) -> (usize, usize, Vec<PathBuf>) {
    let files = python_files(&[folder.to_owned()]).unwrap();
    let (mut lines, mut changed, mut unreadable) = (0, 0, Vec::new());
    let done = |PythonFile { path, .. }: &PythonFile, ported: std::io::Result<flagon_port::Ported>| {
        let ported = ported.unwrap();
        lines += ported.before.lines().count();
        if !ported.report.is_readable {
            unreadable.push(path.clone());
        }
        if ported.report.text != ported.before {
            changed += 1;
            fs::write(path, ported.bytes).unwrap();
        }
    };
    Port::new().files(&files, NonZero::new(2).unwrap(), |_, ported| ported, done);
    (lines, changed, unreadable)
}

#[test]
fn six_old_packages_compile_after_they_were_rewritten_and_stay_as_they_are() {
    let folder = packages();
    let mut count = 0;
    for package in fs::read_dir(folder.path()).unwrap().flatten() {
        let (lines, changed, unreadable) = rewrite(&package.path());
        let name = package.file_name();
        assert!(lines > 5_000, "{name:?} has {lines} lines only");
        assert!(changed > 10, "{name:?}: {changed} files were rewritten");
        assert_eq!(unreadable, [] as [PathBuf; 0]);
        assert_eq!(rewrite(&package.path()).1, 0, "{name:?}: rewritten twice");
        count += 1;
    }
    assert!(count >= 5, "{count} packages");
    assert_eq!(interpreter::compile_all(folder.path()), [] as [String; 0]);
}
