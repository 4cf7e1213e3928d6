//! The lines of source around a place, read from the disk.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Lines of a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The number of the first line.
    pub(super) first: u32,
    /// The number of the line that matters.
    pub(super) line: u32,
    pub(super) lines: Vec<String>,
}

/// Lines before and after the one that matters.
const AROUND: u32 = 6;
/// Larger files are no source.
const LIMIT: u64 = 4 << 20;

impl Excerpt {
    /// Reads the lines around `line` of `file`, which the compiler named: relative to the folder of a workspace, which is
    /// looked for upwards from `root`, from where the program runs and from where it lies.
    pub(super) fn read(root: &Path, file: &str, line: u32) -> Option<Self> {
        let path = find(root, file)?;
        if fs::metadata(&path).ok()?.len() > LIMIT {
            return None;
        }
        Self::of(&fs::read_to_string(path).ok()?, line)
    }

    /// The lines around `line` of `text`.
    pub(super) fn of(text: &str, line: u32) -> Option<Self> {
        let first = line.saturating_sub(AROUND).max(1);
        let wanted = (line + AROUND + 1).saturating_sub(first) as usize;
        let lines: Vec<_> = text.lines().skip(first as usize - 1).take(wanted).map(str::to_owned).collect();
        (lines.len() > line.checked_sub(first)? as usize).then_some(Self { first, line, lines })
    }
}

fn find(root: &Path, file: &str) -> Option<PathBuf> {
    let file = Path::new(file);
    if file.extension().is_none_or(|extension| extension != "rs") {
        return None;
    }
    if file.is_absolute() {
        return file.exists().then(|| file.to_owned());
    }
    let (here, program) = (env::current_dir().ok(), env::current_exe().ok());
    let others = here.iter().chain(&program).flat_map(|path| path.ancestors());
    let folders = root.ancestors().chain(others);
    folders.map(|folder| folder.join(file)).find(|path| path.exists())
}
