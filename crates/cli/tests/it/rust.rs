//! Compiles programs against the library that this test was linked with.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use flagon as _; // so that it is built

/// Compiles `source` to a program; a warning is a failure too.
pub(crate) fn compile(source: &Path, program: &Path) {
    let dependencies = env::current_exe().unwrap().parent().unwrap().to_owned();
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "-Dwarnings", "--color=never", "-o"])
        .arg(program)
        .arg("-L")
        .arg(format!("dependency={}", dependencies.display()))
        .arg(format!("--extern=flagon={}", newest(&dependencies).display()))
        .arg(source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The library of the sources as they are.
fn newest(folder: &Path) -> PathBuf {
    let libraries = fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| {
        let file = entry.path();
        file.extension() == Some(OsStr::new("rlib"))
            && file.file_stem().unwrap().to_str().unwrap().starts_with("libflagon-")
    });
    libraries.max_by_key(|entry| entry.metadata().unwrap().modified().unwrap()).unwrap().path()
}
