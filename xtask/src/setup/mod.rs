//! What the tests and checks need from outside the project, installed once.
//!
//! In: an empty or a prepared machine. Out: a prepared one; looking at a prepared one takes a moment.
//! Never: skips a thing it cannot install. Then it says what to type, and the task fails.

mod debian;
mod python;
mod tool;

use crate::{failure::Result, project::Project, terminal::Live};

pub(crate) use python::program as python_program;
pub(crate) use tool::Tool;

/// Prepares the machine for `cargo xtask test`.
pub(crate) fn for_tests(project: &Project) -> Result {
    Live::require("set-up", |live| {
        let programs = debian::install(project, live, debian::TESTS)?;
        python::install(project, live, python::TESTS)?;
        python::download(project, live, python::PYTHON2)?;
        Ok(programs)
    })
}

/// Prepares the machine for every step of `cargo xtask check`.
pub(crate) fn for_checks(project: &Project) -> Result {
    Live::require("tools", |live| {
        for tool in [Tool::CARGO_DENY, Tool::TYPOS] {
            tool.install(project, live)?;
        }
        Ok("cargo-deny and typos are there".to_owned())
    })
}
