//! What a package's `Cargo.toml` says, as far as the checks ask.
//!
//! Not a TOML parser: it reads the project's own manifests, which keep to one `key = value` a line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::failure::{Failure, Result, While as _};

/// A package: its name, its folder, and the names of its features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The package's name, as `cargo -p` takes it.
    pub(crate) name: String,
    /// The folder that holds its `Cargo.toml`.
    pub(crate) folder: PathBuf,
    /// The features it declares, in the manifest's order.
    pub(crate) features: Vec<String>,
}

impl Manifest {
    /// Reads `folder/Cargo.toml`.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("Cargo.toml");
        let text = fs::read_to_string(&path).while_doing(format_args!("reading {}", path.display()))?;
        Ok(Self {
            name: value(&text, "package", "name")
                .ok_or_else(|| Failure::new(format!("{} has no `name` under [package]", path.display())))?,
            folder: folder.to_path_buf(),
            features: pairs(&text, "features").map(|(key, _)| key.to_owned()).collect(),
        })
    }

    /// The file whose `mod` lines declare the modules: `lib.rs`, or `main.rs` of a program.
    pub(crate) fn root_file(&self) -> PathBuf {
        let library = self.folder.join("src/lib.rs");
        if library.is_file() { library } else { self.folder.join("src/main.rs") }
    }
}

/// The string that `key` has under `[table]`.
pub(crate) fn value(manifest: &str, table: &str, key: &str) -> Option<String> {
    let (_, value) = pairs(manifest, table).find(|(found, _)| *found == key)?;
    Some(value.strip_prefix('"')?.split('"').next()?.to_owned())
}

/// The `key = value` lines of `[table]`; a value that goes on over more lines gives its first.
pub(crate) fn pairs<'text>(
    manifest: &'text str,
    table: &str,
) -> impl Iterator<Item = (&'text str, &'text str)> {
    let header = format!("[{table}]");
    let lines = manifest.lines().map(str::trim);
    lines
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[package]\nname = \"flagon\" # the framework\nversion.workspace = true\n\n[features]\n# none by default\ndefault = []\ntls = [\n  \"dep:rustls\",\n]\n\n[dependencies]\nbytes = \"1\"\n";

    #[test]
    fn a_value_is_looked_for_in_its_own_table() {
        assert_eq!(value(TEXT, "package", "name").as_deref(), Some("flagon"));
        assert_eq!(value(TEXT, "package", "bytes"), None);
        assert_eq!(value(TEXT, "workspace", "name"), None);
    }

    #[test]
    fn features_are_the_keys_of_their_table() {
        let features: Vec<&str> = pairs(TEXT, "features").map(|(key, _)| key).collect();
        assert_eq!(features, ["default", "tls"]);
    }
}
