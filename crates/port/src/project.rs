//! Many files at once.
//!
//! In: a [`Port`] and the files of a project. Out: what became of each, in order. Never: more than some files in memory.

use std::{
    collections::BTreeMap,
    fs, io,
    num::NonZero,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{
    dialect::Dialect,
    files::{PythonFile, siblings},
    port::{Port, Report},
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
    /// Reads and ports each file, on `threads` threads, and gives the results to `done` in the order of `files`.
    ///
    /// A file that could be Python 2 or 3 is taken for Python 2 when another one certainly is. So a project that was
    /// ported once stays as it is.
    ///
    /// # Panics
    ///
    /// When the system starts no threads, or `done` panics.
    pub fn files(
        &self,
        files: &[PythonFile],
        threads: NonZero<usize>,
        mut done: impl FnMut(&PythonFile, io::Result<Ported>),
    ) {
        let port = self.for_project(files);
        let next = AtomicUsize::new(0);
        let ahead = threads.get() * 8;
        let told = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (sender, results) = mpsc::sync_channel(ahead);
            for _ in 0..threads.get() {
                let (sender, next, told, port) = (sender.clone(), &next, &told, &port);
                let work = move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(file) = files.get(at) else { return };
                        // One slow file must not let all the others pile up behind it.
                        while at > told.load(Ordering::Acquire) + ahead {
                            thread::yield_now();
                        }
                        if sender.send((at, port.file(file))).is_err() {
                            return;
                        }
                    }
                };
                thread::Builder::new()
                    .stack_size(STACK)
                    .spawn_scoped(scope, work)
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
                    told.store(due, Ordering::Release);
                }
            }
        });
    }

    /// Decides for the whole project what sources that could be either are.
    fn for_project(&self, files: &[PythonFile]) -> Self {
        if self.dialect_of() != Dialect::Auto {
            return self.clone();
        }
        let found = AtomicBool::new(false);
        for file in files {
            if self.file(file).is_ok_and(|ported| ported.report.is_python_2) {
                found.store(true, Ordering::Relaxed);
                break;
            }
        }
        self.clone().undecided_is_python_2(found.into_inner())
    }

    /// Reads and ports a file, and writes nothing.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or has more than 1 GiB.
    pub fn file(&self, file: &PythonFile) -> io::Result<Ported> {
        let bytes = fs::read(&file.path)?;
        if bytes.len() > 1 << 30 {
            return Err(io::Error::other("a source of more than 1 GiB"));
        }
        let source = Source::read(&bytes);
        let port = self.clone().siblings(siblings(&file.path));
        let mut report = port.fix(source.text());
        if source.is_undeclared() {
            report.tell_encoding();
        }
        let bytes = source.encode(&report.text);
        Ok(Ported { before: source.text().to_owned(), bytes, report })
    }
}
