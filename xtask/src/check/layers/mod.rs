//! Modules are declared in reading order, and each uses only those declared above it.
//!
//! In: the `lib.rs` (or `main.rs`) of every package, and the sources of the modules it declares.
//! Out: each upward use, with file and line. Never: looks into tests, which may use anything.

mod order;
mod tokens;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    failure::{Failure, Result, While as _},
    project::{Manifest, Project, entries},
    terminal::Live,
};

use order::Order;
use tokens::{Token, code};

/// Checks every package of the workspace, and gives what was looked at.
pub(super) fn run(project: &Project, _live: &mut Live) -> Result<String> {
    let packages = project.packages()?;
    let (mut modules, mut upward) = (0, Vec::new());
    for package in &packages {
        let order = Order::of(&code(&read(&package.root_file())?));
        modules += order.modules().len();
        upward.extend(upward_uses(project, package, &order)?);
    }
    if upward.is_empty() {
        return Ok(format!("{modules} modules in {} packages", packages.len()));
    }
    Err(Failure::new(format!(
        "{}\n\nA module may use only modules declared above it, so that a crate can be read from top to bottom.\n\
         Move what is shared up into a module of its own, hand it over as an argument, or, if nothing above\n\
         needs it, move the `mod` line.",
        upward.join("\n")
    )))
}

fn upward_uses(project: &Project, package: &Manifest, order: &Order) -> Result<Vec<String>> {
    let mut upward = Vec::new();
    for module in order.modules() {
        for (file, depth) in sources(&package.folder.join("src"), module)? {
            for used in tokens::names_used(&code(&read(&file)?), depth) {
                if let Some(target) = order.below(module, used.name) {
                    upward.push(format!(
                        "{}:{}: `{module}` uses `{target}` (as `{}`), which is declared below it",
                        project.shown(&file),
                        used.line,
                        used.name
                    ));
                }
            }
        }
    }
    Ok(upward)
}

/// The files of `module`, each with how many modules deep it lies below the crate.
fn sources(src: &Path, module: &str) -> Result<Vec<(PathBuf, usize)>> {
    let (file, folder) = (src.join(format!("{module}.rs")), src.join(module));
    let mut found = if file.is_file() { vec![(file, 1)] } else { Vec::new() };
    let mut left = if folder.is_dir() { vec![(folder, 1)] } else { Vec::new() };
    while let Some((folder, depth)) = left.pop() {
        for path in entries(&folder)? {
            match path.file_name().and_then(OsStr::to_str) {
                Some("tests" | "tests.rs") => {}
                Some("mod.rs") => found.push((path, depth)),
                _ if path.is_dir() => left.push((path, depth + 1)),
                _ if path.extension() == Some(OsStr::new("rs")) => found.push((path, depth + 1)),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).while_doing(format_args!("reading {}", path.display()))
}
