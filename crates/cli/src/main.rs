//! The command `flagon`. Each subcommand is a module: what it takes, and what it does.
//!
//! It ends with 0 when there is nothing to tell, with 1 when `port check` found something, and with 2 when something could
//! not be done.

mod arguments;
mod terminal;
mod write;
mod routes;
mod port;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Port { command } => port::run(command),
        Command::Completion { shell } => arguments::completion(shell),
    }
}
