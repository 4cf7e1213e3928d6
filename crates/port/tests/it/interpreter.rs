//! The Pythons of this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// All Pythons 3 that are found in the path and among pyenv's, newest first.
fn all() -> Vec<(Vec<u32>, PathBuf)> {
    let mut candidates: Vec<PathBuf> = (8..20).map(|minor| format!("python3.{minor}").into()).collect();
    candidates.push("python3".into());
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| env::home_dir().map(|home| home.join(".pyenv")));
    if let Some(versions) = root.and_then(|root| fs::read_dir(root.join("versions")).ok()) {
        candidates.extend(versions.flatten().map(|version| version.path().join("bin/python3")));
    }
    let mut found: Vec<(Vec<u32>, PathBuf)> =
        candidates.into_iter().filter_map(|path| Some((version(&path)?, path))).collect();
    found.sort();
    found.reverse();
    found
}

fn version(python: &Path) -> Option<Vec<u32>> {
    let code = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    let output =
        Command::new(python).args(["-c", code]).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.trim().split('.').map(|part| part.parse().ok()).collect()
}

/// The newest Python, to compile what came out.
pub(crate) fn newest() -> PathBuf {
    all().into_iter().next().expect("set-up has installed a Python").1
}

/// The newest Python up to 3.`minor`.
pub(crate) fn up_to(minor: u32) -> Option<PathBuf> {
    all()
        .into_iter()
        .find(|(version, _)| version.get(1).is_some_and(|found| *found <= minor))
        .map(|(_, path)| path)
}

/// The newest Python that has lib2to3 with its tests.
pub(crate) fn with_lib2to3() -> PathBuf {
    let has_tests = |python: &Path| {
        let check = ["-W", "ignore", "-c", "import lib2to3.tests.test_fixers"];
        Command::new(python).args(check).output().is_ok_and(|output| output.status.success())
    };
    let found = all().into_iter().find(|(_, python)| has_tests(python));
    found.expect("a Python up to 3.12 with lib2to3's tests: `cargo xtask setup` installs it").1
}

/// Compiles every Python file below a folder; gives a line for each that does not.
pub(crate) fn compile_all(folder: &Path) -> Vec<String> {
    const CODE: &str = "
import os, sys, warnings
warnings.simplefilter('ignore')
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if name.endswith('.py'):
            try:
                compile(open(path, 'rb').read(), path, 'exec')
            except (SyntaxError, ValueError) as error:
                print(path, error)
";
    let output: Output = Command::new(newest()).args(["-c", CODE]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
