//! The command `flagon`. Each subcommand is a module: what it takes, and what it does.
//!
//! It ends with 0 when there is nothing to tell, with 1 when `port check` found something or `jobs` could not do all, and with 2 when
//! something could not be done.

mod arguments;
mod terminal;
mod write;
mod routes;
mod port;
mod app;
mod new;
mod jobs;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Port { command } => port::run(command),
        Command::New(arguments) => new::run(&arguments),
        Command::Routes(of_app) => app::run("routes", &of_app),
        Command::Shadow(of_app) => app::run("shadow", &of_app),
        Command::Jobs(jobs) => jobs::run(&jobs),
        Command::Completion { shell } => arguments::completion(shell),
    }
}
