//! The command `flagon` as people call it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    path::Path,
    process::{Command, Output},
};

mod rust;
mod port;
mod sarif;
mod new;
mod routes;
mod jobs;

fn flagon(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flagon")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
