//! Python packages in a virtual environment of the project's own, `target/python`.

use std::{fs, path::PathBuf};

use crate::{
    failure::{Result, While as _},
    program::Program,
    project::Project,
    terminal::Live,
};

/// A list of packages with their exact versions, a file in `xtask/requirements`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requirements(&'static str);

/// Werkzeug and Flask, which the tests compare with.
pub(super) const TESTS: Requirements = Requirements("tests");

/// Old packages as sources, which the tests rewrite.
pub(super) const PYTHON2: Requirements = Requirements("python2");

/// Programs that the checks run.
pub(super) const CHECKS: Requirements = Requirements("checks");

impl Requirements {
    /// The list, relative to the project's folder.
    pub(super) fn file(self) -> String {
        format!("xtask/requirements/{}.txt", self.0)
    }
}

/// The path of a program in the virtual environment.
pub(crate) fn program(project: &Project, name: &str) -> PathBuf {
    environment(project).join("bin").join(name)
}

/// Makes the environment, if need be, and installs what `requirements` lists.
///
/// A copy of the list is kept in it: as long as both are equal, there is nothing to do.
pub(super) fn install(project: &Project, live: &mut Live, requirements: Requirements) -> Result {
    let list = project.read(requirements.file())?;
    let installed = environment(project).join(format!("installed-{}.txt", requirements.0));
    if !is_usable(project) {
        Program::new(project, "python3", ["-m", "venv", "--clear"])
            .and([environment(project)])
            .watch(live)?;
    }
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == list) {
        return Ok(());
    }
    Program::new(project, program(project, "python"), ["-m", "pip", "install"])
        .and([
            "--disable-pip-version-check",
            "--no-input",
            "--retries=5",
            "--requirement",
            &requirements.file(),
        ])
        .watch(live)?;
    fs::write(&installed, list).while_doing(format_args!("writing {}", installed.display()))
}

/// Downloads the sources of what `requirements` lists into a folder of its name, once.
pub(super) fn download(project: &Project, live: &mut Live, requirements: Requirements) -> Result {
    let list = project.read(requirements.file())?;
    let folder = project.target().join(requirements.0);
    let downloaded = folder.join("downloaded.txt");
    if fs::read_to_string(&downloaded).is_ok_and(|downloaded| downloaded == list) {
        return Ok(());
    }
    Program::new(project, program(project, "python"), ["-m", "pip", "download"])
        .and(["--disable-pip-version-check", "--no-input", "--retries=5", "--no-deps"])
        .and(["--no-binary=:all:", "--no-build-isolation", "--requirement", &requirements.file(), "--dest"])
        .and([&folder])
        .watch(live)?;
    fs::write(&downloaded, list).while_doing(format_args!("writing {}", downloaded.display()))
}

fn environment(project: &Project) -> PathBuf {
    project.target().join("python")
}

/// Whether the environment is there and its Python still runs; a new one of the system's leaves it broken.
fn is_usable(project: &Project) -> bool {
    Program::new(project, program(project, "python"), ["-c", "pass"]).answer().is_some()
}
