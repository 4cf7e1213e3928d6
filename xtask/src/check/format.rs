//! rustfmt would change nothing.

use crate::{
    failure::{Failure, Result},
    program::Program,
    project::Project,
    terminal::{self, Live},
};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    // rustfmt colours its output for a pipe, too.
    let color = if terminal::is_colored() { "--color=always" } else { "--color=never" };
    // `fuzz` is a workspace of its own.
    let manifests = ["Cargo.toml", "fuzz/Cargo.toml"];
    for manifest in manifests.into_iter().filter(|manifest| project.root().join(manifest).is_file()) {
        Program::cargo(project, ["fmt", "--all", "--check", "--manifest-path", manifest, "--", color])
            .watch(live)
            .map_err(|failure| {
                Failure::new(format!("{failure}\n\nTo format every file, type: cargo fmt --all"))
            })?;
    }
    Ok(String::new())
}
