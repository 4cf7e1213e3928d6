//! Templates in folders: found by name, listed, and watched for changes.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use crate::{
    check::Load,
    error::{Error, ErrorKind},
};

/// Looks into each folder in turn, then among the sources.
pub(crate) fn loader(
    folders: Vec<PathBuf>,
    sources: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    watch: Option<Arc<Watch>>,
) -> Load {
    Box::new(move |name| {
        for path in folders.iter().filter_map(|folder| below(folder, name)) {
            if let Some(watch) = &watch {
                watch.note(&path);
            }
            match fs::read_to_string(&path) {
                Ok(source) => return Ok(Some(source)),
                Err(error) if is_missing(&error) => {}
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", path.display());
                    return Err(Error::new(ErrorKind::NotFound, name, message));
                }
            }
        }
        Ok(sources.iter().find(|(known, _)| known == name).map(|(_, source)| source.as_ref().to_owned()))
    })
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidInput
    )
}

/// The path of `name` below `folder`; none for hidden files and for ways out of it.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in name.split('/') {
        if part.is_empty() || part.starts_with('.') || part.contains(['\\', '\0']) {
            return None;
        }
        path.push(part);
    }
    Some(path)
}

/// The names of all files below `folder`, as templates are named.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut left = vec![String::new()];
    while let Some(prefix) = left.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&prefix)) else { continue };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if entry.path().is_dir() { left.push(path) } else { names.push(path) }
        }
    }
    names
}

/// What is known of a file without reading it; none when it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Files that templates were made of, or would be.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    files: Mutex<HashMap<PathBuf, Stamp>>,
    generation: AtomicU64,
}

impl Watch {
    fn note(&self, path: &Path) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.entry(path.to_owned()).or_insert_with(|| stamp(path));
    }

    /// Whether a file changed, came or went since this was asked last.
    pub(crate) fn changed(&self) -> bool {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.iter().all(|(path, known)| stamp(path) == *known) {
            return false;
        }
        files.clear();
        self.generation.fetch_add(1, Ordering::AcqRel);
        true
    }

    /// How often something changed.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
