//! `cargo xtask check`: everything that has to hold besides the tests.

mod layers;

use crate::{failure::Result, project::Project};

/// Runs the steps named, or all.
pub(crate) fn run(project: &Project, _names: &[String]) -> Result {
    layers::run(project).map(drop)
}
