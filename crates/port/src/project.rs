//! Many files at once.
//!
//! In: a [`Port`] and the files of a project. Out: what became of each, in order. Never: more than some files in memory.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{
    dialect::Dialect,
    files::{PythonFile, siblings},
    port::{Port, Report, Siblings},
    source::Source,
};

/// A file that was read, and what was found in it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ported {
    /// Its text as it was.
    pub before: String,
    /// What was found, and the new text.
    pub report: Report,
    /// The new text in the file's encoding.
    pub bytes: Vec<u8>,
}

/// How deep the stack of a working thread has to be for the deepest source that is accepted, in bytes.
const STACK: usize = 16 << 20;

impl Port {
    /// Reads and ports each file on `threads` threads. There `work` makes of each what is wanted, and writes it, say; `done`
    /// gets the results in the order of `files`.
    ///
    /// A file that could be Python 2 or 3 is taken for Python 2 when another one certainly is. So a project that was
    /// ported once stays as it is.
    ///
    /// # Panics
    ///
    /// When the system starts no threads, or `work` or `done` panics.
    pub fn files<T: Send>(
        &self,
        files: &[PythonFile],
        threads: NonZero<usize>,
        work: impl Fn(&PythonFile, io::Result<Ported>) -> T + Sync,
        mut done: impl FnMut(&PythonFile, T),
    ) {
        let folders = Folders::default();
        let port = self.for_project(files, &folders);
        let (next, told) = (AtomicUsize::new(0), Told::default());
        let ahead = threads.get() * 8;
        thread::scope(|scope| {
            let (sender, results) = mpsc::channel();
            for _ in 0..threads.get() {
                let sender = sender.clone();
                let (next, told, port, folders, work) = (&next, &told, &port, &folders, &work);
                let run = move || {
                    while let Some((at, file)) = take(files, next) {
                        // One slow file must not let the results of all others pile up behind it.
                        told.wait_for(at.saturating_sub(ahead));
                        if sender.send((at, work(file, port.file(file, folders)))).is_err() {
                            return;
                        }
                    }
                };
                thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, run)
                    .expect("the system has threads");
            }
            drop(sender);
            let mut waiting = BTreeMap::new();
            let mut due = 0;
            for (at, result) in results {
                waiting.insert(at, result);
                while let Some(result) = waiting.remove(&due) {
                    done(&files[due], result);
                    due += 1;
                    told.set(due);
                }
            }
        });
    }

    /// Decides for the whole project what sources that could be either are.
    fn for_project(&self, files: &[PythonFile], folders: &Folders) -> Self {
        let is_python_2 = self.dialect_of() == Dialect::Auto
            && files
                .iter()
                .any(|file| self.file(file, folders).is_ok_and(|ported| ported.report.is_python_2));
        self.clone().undecided_is_python_2(is_python_2)
    }

    /// Reads and ports a file, and writes nothing.
    fn file(&self, file: &PythonFile, folders: &Folders) -> io::Result<Ported> {
        let bytes = fs::read(&file.path)?;
        if bytes.len() > 1 << 30 {
            return Err(io::Error::other("a source of more than 1 GiB"));
        }
        let source = Source::read(&bytes);
        let mut report = self.fix_beside(source.text(), &folders.siblings(&file.path));
        if source.is_undeclared() {
            report.tell_encoding();
        }
        let bytes = source.encode(&report.text);
        Ok(Ported { before: source.text().to_owned(), bytes, report })
    }
}

fn take<'f>(files: &'f [PythonFile], next: &AtomicUsize) -> Option<(usize, &'f PythonFile)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    files.get(at).map(|file| (at, file))
}

/// How many results were given on.
#[derive(Debug, Default)]
struct Told {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Told {
    fn set(&self, count: usize) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        self.changed.notify_all();
    }

    fn wait_for(&self, count: usize) {
        let mut told = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        while *told < count {
            told = self.changed.wait(told).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What modules lie in each folder, as it is asked for.
#[derive(Debug, Default)]
struct Folders {
    known: Mutex<HashMap<PathBuf, Siblings>>,
}

impl Folders {
    fn siblings(&self, file: &Path) -> Siblings {
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(siblings) = known.get(folder) {
            return Arc::clone(siblings);
        }
        let found: Siblings = Arc::new(siblings(file).into_iter().collect());
        known.insert(folder.to_owned(), Arc::clone(&found));
        found
    }
}
