//! Ordering beside the standard library's sorts: `crates/order/benches/order.rs`, whose rounds take all in turn.

use crate::{failure::Result, program::Program, project::Project};

pub(super) fn run(project: &Project) -> Result {
    Program::cargo(project, ["bench", "--package", "flagon-order", "--bench", "order"]).pass_through()
}
