//! Python files of a project.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A Python file, and the path by which it is told and written below another folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PythonFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the folder that was asked for.
    pub relative: PathBuf,
}

/// Finds the Python files in `paths`, sorted: files as they are, folders with all below them but hidden ones.
///
/// A file is Python when it ends with `.py` or `.pyw`, or begins with `#!` and names python.
///
/// # Errors
///
/// A path that is not there, or a folder that cannot be read.
pub fn python_files(paths: &[PathBuf]) -> io::Result<Vec<PythonFile>> {
    let mut found = Vec::new();
    for path in paths {
        let about = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        if fs::metadata(path).map_err(about)?.is_dir() {
            walk(path, Path::new(""), &mut found).map_err(about)?;
        } else {
            let relative = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
            found.push(PythonFile { path: path.clone(), relative });
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

fn walk(folder: &Path, below: &Path, found: &mut Vec<PythonFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let (path, relative) = (entry.path(), below.join(&name));
        if kind.is_dir() {
            walk(&path, &relative, found)?;
        } else if kind.is_file() && is_python(&path) {
            found.push(PythonFile { path, relative });
        }
    }
    Ok(())
}

fn is_python(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => extension == "py" || extension == "pyw",
        None => has_python_line(path).unwrap_or_default(),
    }
}

/// Whether the first line is `#!` and a Python.
fn has_python_line(path: &Path) -> io::Result<bool> {
    use io::Read as _;
    let mut start = Vec::new();
    fs::File::open(path)?.take(80).read_to_end(&mut start)?;
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(line.starts_with(b"#!") && line.windows(6).any(|word| word == b"python"))
}

/// Names of the modules beside `file`, if its folder is a package: what `import name` found there first in Python 2.
pub(crate) fn siblings(file: &Path) -> Vec<String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.join("__init__.py").exists() {
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_module =
                is_folder || matches!(path.extension()?.to_str()?, "py" | "pyc" | "so" | "sl" | "pyd");
            let stem = path.file_stem()?.to_str()?.split('.').next()?.to_owned();
            (is_module && stem != "__init__").then_some(stem)
        })
        .collect()
}
