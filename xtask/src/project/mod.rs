//! The project on disk: its folder, its packages, its files.
//!
//! In: nothing but the folder that holds this source. Out: paths and what the manifests say.
//! Never: runs a program, or writes.

mod manifest;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::failure::{Failure, Result, While as _};

pub(crate) use manifest::{Manifest, pairs, value};

/// Folders that hold what programs made, not what people wrote.
const MADE_BY_PROGRAMS: [&str; 4] = [".git", "target", "__pycache__", "corpus"];

/// Where the project lies.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The project whose `xtask` this program was built from.
    pub(crate) fn here() -> Result<Self> {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = xtask.parent().filter(|root| root.join("Cargo.toml").is_file());
        root.map(|root| Self { root: root.to_path_buf() }).ok_or_else(|| {
            Failure::new(format!(
                "{} has no workspace around it; start this program as `cargo xtask` in the project's folder",
                xtask.display()
            ))
        })
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for what programs make. It does not follow `CARGO_TARGET_DIR`: `.cargo/config.toml` tells
    /// plain `cargo test` where the Python of the tests is, and that is a fixed place.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// `path` as people write it: relative to the project's folder.
    pub(crate) fn shown<'path>(&self, path: &'path Path) -> std::path::Display<'path> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// The text of the file at `path`, which is relative to the project's folder.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Result<String> {
        let path = self.root.join(path);
        fs::read_to_string(&path).while_doing(format_args!("reading {}", path.display()))
    }

    /// The libraries, by folder name: everything in `crates/`.
    pub(crate) fn libraries(&self) -> Result<Vec<Manifest>> {
        self.packages_in("crates")
    }

    /// Every package of the workspace: the libraries, the examples, what tests share, and this program.
    pub(crate) fn packages(&self) -> Result<Vec<Manifest>> {
        let mut packages = self.packages_in("crates")?;
        packages.extend(self.packages_in("examples")?);
        packages.extend(self.packages_in("tests")?);
        packages.push(Manifest::read(&self.root.join("xtask"))?);
        Ok(packages)
    }

    /// Every file that people wrote, in order of path.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let made_by_programs = |path: &Path| {
            path.file_name().and_then(OsStr::to_str).is_some_and(|name| MADE_BY_PROGRAMS.contains(&name))
        };
        let mut files = Vec::new();
        let mut left = vec![self.root.clone()];
        while let Some(folder) = left.pop() {
            for path in entries(&folder)? {
                if made_by_programs(&path) || path.is_symlink() {
                    continue;
                }
                if path.is_dir() { left.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        Ok(files)
    }

    fn packages_in(&self, folder: &str) -> Result<Vec<Manifest>> {
        let folders = entries(&self.root.join(folder))?;
        folders
            .iter()
            .filter(|path| path.join("Cargo.toml").is_file())
            .map(|path| Manifest::read(path))
            .collect()
    }
}

/// What lies in `folder`, sorted, so that a run looks like the run before it.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(folder).while_doing(format_args!("listing {}", folder.display()))?;
    let mut paths = listing
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .while_doing(format_args!("listing {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}
