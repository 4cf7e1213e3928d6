//! The `rust-version` that Cargo.toml states is true: that compiler builds everything.

use crate::{
    failure::{Failure, Result},
    program::Program,
    project::{self, Project},
    terminal::Live,
};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    let stated = project::value(&project.read("Cargo.toml")?, "workspace.package", "rust-version")
        .ok_or_else(|| Failure::new("Cargo.toml has no `rust-version` under [workspace.package]"))?;
    let used = Program::new(project, "rustc", ["--version"]).answer().unwrap_or_default();
    let used = used.split_whitespace().nth(1).unwrap_or_default();
    if is_release_of(used, &stated) {
        return Ok(format!("{stated} is the compiler that everything was built with"));
    }
    let toolchains = Program::new(project, "rustup", ["toolchain", "list"]).answer().unwrap_or_default();
    let toolchain = installed(&toolchains, &stated).ok_or_else(|| {
        Failure::new(format!(
            "Cargo.toml says that Rust {stated} builds the project; this is {used}, so that was not seen.\n\
             To check it, type: rustup toolchain install {stated}"
        ))
    })?;
    Program::new(project, "rustup", ["run", toolchain, "cargo", "check", "--workspace", "--all-targets"])
        .and(["--target-dir", "target/msrv"])
        .watch(live)?;
    Ok(format!("{toolchain} builds every target"))
}

/// The installed toolchain that is a release of `stated`.
fn installed<'list>(toolchains: &'list str, stated: &str) -> Option<&'list str> {
    let names = toolchains.lines().filter_map(|line| line.split_whitespace().next());
    names
        .into_iter()
        .find(|name| name.split('-').next().is_some_and(|version| is_release_of(version, stated)))
}

/// Whether `version` is `stated` or a patch of it: 1.95 has the release 1.95.1, and 1.9 has not.
fn is_release_of(version: &str, stated: &str) -> bool {
    version.strip_prefix(stated).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_a_release_of_its_minor_version() {
        assert!(is_release_of("1.95.0", "1.95"));
        assert!(is_release_of("1.95", "1.95"));
        assert!(!is_release_of("1.95.0", "1.9"));
        assert!(!is_release_of("1.96.0", "1.95"));
    }

    #[test]
    fn the_toolchain_is_found_by_its_version() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n1.95.0-x86_64-unknown-linux-gnu\n";
        assert_eq!(installed(list, "1.95"), Some("1.95.0-x86_64-unknown-linux-gnu"));
        assert_eq!(installed(list, "1.96"), None);
    }
}
