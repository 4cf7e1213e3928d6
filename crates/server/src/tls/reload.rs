//! Files that are looked at, to be read again when they change.
//!
//! In: paths. Out: whether what is there now is worth reading. Never: says twice of the same files that they are broken,
//! or once of some that are just being written.

use std::{fs, path::PathBuf, time::SystemTime};

use super::files::TlsFiles;

/// What a file looks like from outside. Another file of the same name differs in some of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    modified: Option<SystemTime>,
    length: u64,
    number: u64,
}

/// How all files look; `None` for one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Looks(Vec<Option<Look>>);

/// What was seen of the files until now.
#[derive(Debug)]
pub(super) struct Seen {
    used: Looks,
    /// They were read in vain, once.
    doubtful: Option<Looks>,
    /// They were read in vain again, and that was said.
    broken: Option<Looks>,
}

/// Whether files that could not be used are to be talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A certificate may be there before its key: they get another chance.
    Wait,
    /// They have not changed since, so that somebody has to do something.
    Say,
}

impl Looks {
    /// Looks at `files`. To be done before they are read: what changes meanwhile looks new next time.
    pub(super) fn at(files: &TlsFiles) -> Self {
        let pairs = files.certificates.iter().flat_map(|pair| [&pair.certificate, &pair.key]);
        Self(clients_file(files).into_iter().chain(pairs).map(look).collect())
    }

    /// Tells whether the authorities of clients look the same as in `other`.
    pub(super) fn has_clients_of(&self, other: &Self, files: &TlsFiles) -> bool {
        clients_file(files).is_none() || self.0.first() == other.0.first()
    }
}

fn clients_file(files: &TlsFiles) -> Option<&PathBuf> {
    files.clients.as_ref().map(|clients| &clients.file)
}

fn look(path: &PathBuf) -> Option<Look> {
    let data = fs::metadata(path).ok()?; // of what a link leads to: links are how such files are often exchanged
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&data);
    #[cfg(not(unix))]
    let number = 0;
    Some(Look { modified: data.modified().ok(), length: data.len(), number })
}

impl Seen {
    /// The files were read and are used.
    pub(super) fn new(used: Looks) -> Self {
        Self { used, doubtful: None, broken: None }
    }

    /// How the files looked that are used.
    pub(super) fn used(&self) -> &Looks {
        &self.used
    }

    /// Tells whether files that look like `now` should be read.
    pub(super) fn is_news(&self, now: &Looks) -> bool {
        *now != self.used && self.broken.as_ref() != Some(now)
    }

    /// They could not be used.
    pub(super) fn refuse(&mut self, now: Looks) -> Verdict {
        if self.doubtful.as_ref() == Some(&now) {
            self.broken = self.doubtful.take();
            return Verdict::Say;
        }
        self.doubtful = Some(now);
        Verdict::Wait
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::{Looks, Seen, Verdict};
    use crate::tls::{CertificateFiles, TlsFiles};

    #[test]
    fn broken_files_are_read_twice_and_named_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.pem");
        let pair = CertificateFiles { certificate: path.clone(), key: path.clone() };
        let files = TlsFiles { certificates: vec![pair], clients: None, look_every: Duration::ZERO };
        let mut seen = Seen::new(Looks::at(&files));
        assert!(!seen.is_news(&Looks::at(&files)), "nothing is there, as before");

        fs::write(&path, "half").unwrap();
        assert!(seen.is_news(&Looks::at(&files)));
        assert_eq!(seen.refuse(Looks::at(&files)), Verdict::Wait);
        fs::write(&path, "whole").unwrap();
        assert_eq!(seen.refuse(Looks::at(&files)), Verdict::Wait, "it was being written");
        assert!(seen.is_news(&Looks::at(&files)));
        assert_eq!(seen.refuse(Looks::at(&files)), Verdict::Say);
        assert!(!seen.is_news(&Looks::at(&files)));

        fs::write(&path, "mended").unwrap();
        assert!(seen.is_news(&Looks::at(&files)));
    }
}
