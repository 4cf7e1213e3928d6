//! Writes a rewritten file so that there is always a whole one.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Whether the old file is kept as `name.bak`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backup {
    Keep,
    None,
}

/// Puts `bytes` in place of the file `path`, with its permissions.
///
/// The new file is written beside the old one and takes its name when it is complete.
pub(crate) fn replace(path: &Path, bytes: &[u8], backup: Backup) -> io::Result<()> {
    // A link stays a link: what it names is replaced.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if backup == Backup::Keep {
        let copy = with_ending(&path, ".bak");
        if !copy.exists() {
            fs::copy(&path, &copy)?;
        }
    }
    let new = with_ending(&path, ".port-new");
    let written = fs::write(&new, bytes)
        .and_then(|()| fs::set_permissions(&new, permissions))
        .and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// Writes a file that is not there yet: what stands in one may be somebody's work.
pub(crate) fn new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let told = |error: io::Error| {
        let what = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "is there already; write to another file and take over what is new".to_owned()
            }
            _ => error.to_string(),
        };
        io::Error::new(error.kind(), format!("{}: {what}", path.display()))
    };
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(told)
}

/// Writes `bytes` below another folder.
pub(crate) fn create(path: &Path, bytes: &[u8], like: &Path) -> io::Result<()> {
    let mut written = fs::write(path, bytes);
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        && let Some(folder) = path.parent()
    {
        fs::create_dir_all(folder)?;
        written = fs::write(path, bytes);
    }
    written?;
    let (old, new) = (fs::metadata(like)?.permissions(), fs::metadata(path)?.permissions());
    if old == new { Ok(()) } else { fs::set_permissions(path, old) }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
