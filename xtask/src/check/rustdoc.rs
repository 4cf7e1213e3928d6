//! No warning in the documentation: links lead somewhere, and what is public is described.

use crate::{failure::Result, program::Program, project::Project, terminal::Live};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    Program::cargo(project, ["doc", "--workspace", "--all-features", "--no-deps"])
        .with("RUSTDOCFLAGS", "-D warnings")
        .watch(live)?;
    Ok("to read it: target/doc/flagon/index.html".to_owned())
}
