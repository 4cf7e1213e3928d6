//! No warning of the compiler or of clippy, in libraries, programs, tests and examples.

use crate::{failure::Result, program::Program, project::Project, terminal::Live};

pub(super) fn run(project: &Project, live: &mut Live) -> Result<String> {
    Program::cargo(
        project,
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
    )
    .watch(live)?;
    Ok("every target of the workspace".to_owned())
}
