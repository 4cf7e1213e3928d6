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

/// Compiles the package in `folder`, which uses serde too, with `flags`.
pub(crate) fn compile_package(folder: &Path, program: &Path, flags: &[&str]) {
    let dependencies = env::current_exe().unwrap().parent().unwrap().to_owned();
    let flagon = newest(&dependencies);
    // There may be several of serde, of which one is Flagon's.
    let mut complaints = String::new();
    for serde in libraries(&dependencies, "libserde-") {
        let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition=2024", "--crate-name=main", "-Dwarnings", "--color=never"])
            .args(flags)
            .arg("-o")
            .arg(program)
            .arg("-L")
            .arg(format!("dependency={}", dependencies.display()))
            .arg(format!("--extern=flagon={}", flagon.display()))
            .arg(format!("--extern=serde={}", serde.display()))
            .arg(folder.join("src/main.rs"))
            .env("CARGO_MANIFEST_DIR", folder)
            .output()
            .unwrap();
        if output.status.success() {
            return;
        }
        complaints += &String::from_utf8_lossy(&output.stderr);
    }
    panic!("{complaints}");
}

/// The library of the sources as they are.
fn newest(folder: &Path) -> PathBuf {
    libraries(folder, "libflagon-").remove(0)
}

/// The libraries in `folder` whose names begin so, the newest first.
fn libraries(folder: &Path, name: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| {
        let file = entry.path();
        file.extension() == Some(OsStr::new("rlib"))
            && file.file_stem().unwrap().to_str().unwrap().starts_with(name)
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|entry| std::cmp::Reverse(entry.metadata().unwrap().modified().unwrap()));
    files.iter().map(fs::DirEntry::path).collect()
}
