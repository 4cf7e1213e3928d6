//! Programs that the tests run, from Debian's packages.

use std::{env, path::Path};

use crate::{
    failure::{Failure, Result},
    program::Program,
    project::Project,
    terminal::Live,
};

/// A package, and how to see that what it brings is there, wherever it came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Package {
    name: &'static str,
    shows_in: Sign,
    purpose: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Sign {
    /// A program in `PATH`.
    Program(&'static str),
    /// A module that `python3` can import.
    Module(&'static str),
}

/// What Python's virtual environments need.
pub(super) const VENV: &[Package] = &[PYTHON, PYTHON_VENV];

/// What the tests need.
pub(super) const TESTS: &[Package] = &[
    PYTHON,
    PYTHON_VENV,
    Package {
        name: "curl",
        shows_in: Sign::Program("curl"),
        purpose: "a client of HTTP/1.1, HTTP/2 and TLS",
    },
    Package {
        name: "nghttp2-client",
        shows_in: Sign::Program("nghttp"),
        purpose: "nghttp and h2load, clients of HTTP/2",
    },
    Package {
        name: "chromium",
        shows_in: Sign::Program("chromium"),
        purpose: "the browser that opens the handbook",
    },
    Package {
        name: "chromium-driver",
        shows_in: Sign::Program("chromedriver"),
        purpose: "the remote control of that browser",
    },
    Package {
        name: "mariadb-server",
        shows_in: Sign::Program("mariadb-install-db"),
        purpose: "the database server that tests start, each its own",
    },
    Package {
        name: "nginx-light",
        shows_in: Sign::Program("nginx"),
        purpose: "answers the same conditional requests as Flagon; tests start their own",
    },
    Package { name: "testssl.sh", shows_in: Sign::Program("testssl"), purpose: "examines the probe's TLS" },
    Package {
        name: "procps",
        shows_in: Sign::Program("kill"),
        purpose: "sends the signals that stop a server",
    },
    Package {
        name: "libpython3.11-testsuite",
        shows_in: Sign::Module("lib2to3.tests.test_fixers"),
        purpose: "lib2to3's tests, which `flagon port` has to answer alike (in Pythons up to 3.12)",
    },
    Package {
        name: "g++",
        shows_in: Sign::Program("c++"),
        purpose: "builds the runtime of the fuzz targets",
    },
];

const PYTHON: Package = Package {
    name: "python3",
    shows_in: Sign::Program("python3"),
    purpose: "runs Werkzeug, the reference for rules",
};

const PYTHON_VENV: Package = Package {
    name: "python3-venv",
    shows_in: Sign::Module("ensurepip"),
    purpose: "keeps the project's Python packages apart from the system's",
};

/// Installs those of `wanted` that are missing, and gives a summary.
///
/// # Errors
///
/// When something is missing and this user may not install it, or apt-get cannot.
pub(super) fn install(project: &Project, live: &mut Live, wanted: &[Package]) -> Result<String> {
    let missing = missing(project, wanted);
    if missing.is_empty() {
        return Ok(format!("{} programs are there", wanted.len()));
    }
    if !may_install(project) {
        return Err(Failure::new(what_to_type(&missing)));
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    apt_get(project, &["update"]).watch(live)?;
    apt_get(project, &["install", "--yes", "--no-install-recommends"]).and(&names).watch(live)?;
    let missing = self::missing(project, &missing);
    if missing.is_empty() {
        return Ok(format!("installed {}", names.join(", ")));
    }
    Err(Failure::new(format!("apt-get succeeded, and yet\n{}", listed(&missing))))
}

fn missing(project: &Project, wanted: &[Package]) -> Vec<Package> {
    let is_there = |package: &Package| match package.shows_in {
        Sign::Program(name) => is_in_path(name),
        Sign::Module(name) => {
            Program::new(project, "python3", ["-c", &format!("import {name}")]).answer().is_some()
        }
    };
    wanted.iter().filter(|package| !is_there(package)).copied().collect()
}

fn is_in_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // Servers stand where only an administrator's path leads.
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.into_iter().any(|folder| folder.join(program).is_file())
}

fn may_install(project: &Project) -> bool {
    let is_root = || Program::new(project, "id", ["-u"]).answer().is_some_and(|id| id.trim() == "0");
    Path::new("/usr/bin/apt-get").exists() && is_root()
}

fn apt_get(project: &Project, arguments: &[&str]) -> Program {
    Program::new(project, "apt-get", ["--quiet", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"])
        .and(arguments)
        .with("DEBIAN_FRONTEND", "noninteractive")
}

fn what_to_type(missing: &[Package]) -> String {
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    format!(
        "{}\n\nOn Debian and its relatives, type:\n\n    sudo sh -c 'apt-get update && apt-get install --yes \
         --no-install-recommends {}'\n\nElsewhere, install what brings these programs. Then start this again.",
        listed(missing),
        names.join(" ")
    )
}

fn listed(missing: &[Package]) -> String {
    let lines: Vec<String> = missing
        .iter()
        .map(|package| {
            let (Sign::Program(sign) | Sign::Module(sign)) = package.shows_in;
            format!("`{sign}` is missing: {} (Debian's package {})", package.purpose, package.name)
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_type_names_what_is_missing_and_why() {
        let text = what_to_type(&TESTS[2..4]);
        assert!(text.contains("`nghttp` is missing: nghttp and h2load, clients of HTTP/2"), "{text}");
        assert!(text.contains("--no-install-recommends curl nghttp2-client'"), "{text}");
    }

    #[test]
    fn what_is_nowhere_is_missing() {
        let project = Project::here().unwrap();
        let package = |shows_in| Package { name: "x", shows_in, purpose: "" };
        let wanted = [package(Sign::Program("no-such-program")), package(Sign::Program("sh"))];
        assert_eq!(missing(&project, &wanted).len(), 1);
    }
}
