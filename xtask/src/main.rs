//! What people and CI run: `cargo xtask setup | test | check | fuzz | bench`.
//!
//! Modules in reading order; each uses only those above it. There are no dependencies but the private server of tests, on purpose:
//! from an empty target folder this program is built and started in about two seconds.

mod failure;
mod project;
mod terminal;
mod program;
mod setup;
mod fuzz;
mod test;
mod check;
mod bench;
mod arguments;

use std::{env, process::ExitCode};

use crate::{
    arguments::{Measured, Task},
    failure::Result,
    project::Project,
};

fn main() -> ExitCode {
    match arguments::parse(env::args().skip(1).collect()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result {
    let project = Project::here()?;
    match task {
        Task::Help => terminal::line(&arguments::help()),
        Task::Setup => {
            setup::for_tests(&project)?;
            setup::for_checks(&project)?;
        }
        Task::Test(options) => test::run(&project, &options)?,
        Task::Check(steps) => check::run(&project, &steps)?,
        Task::Fuzz(options) => fuzz::run(&project, &options)?,
        Task::Bench(Measured::Sql, options) => bench::sql(&project, &options)?,
        Task::Bench(Measured::Upstream, options) => bench::upstream(&project, &options)?,
        Task::Bench(Measured::Port, options) => bench::port(&project, &options)?,
        Task::Bench(Measured::Order, _) => bench::order(&project)?,
    }
    Ok(())
}
