//! What people and CI run: `cargo xtask setup | test | check | fuzz`.
//!
//! Modules in reading order; each uses only those above it. There are no dependencies, on purpose:
//! from an empty target folder this program is built and started in about two seconds.

mod failure;
mod terminal;
mod project;
mod check;

use std::process::ExitCode;

use crate::project::Project;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(2).collect();
    match Project::here().and_then(|project| check::run(&project, &names)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}
