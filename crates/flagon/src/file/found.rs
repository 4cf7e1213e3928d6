//! A file that is open, and what tells this state of it from another.

use std::{
    fs::{File, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flagon_http::{accept::best_encoding, etag::ETag};
use http::{HeaderMap, header};

/// A file that is open.
pub(super) struct Found {
    pub(super) file: File,
    pub(super) size: u64,
    pub(super) etag: ETag,
    pub(super) modified: SystemTime,
    pub(super) encoding: Encoding,
}

/// How the bytes that are sent are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As they are; there is no packed file beside this one.
    Only,
    /// As they are, though there is a packed file that other clients get.
    Plain,
    /// By the coding of this name.
    Packed(&'static str),
}

impl Found {
    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// When it can't be opened, and `NotFound` when it is no regular file: a directory, a socket, a device.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Looked at before it is opened: opening a pipe would wait for its other end.
        regular(&path.metadata()?)?;
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        regular(&metadata)?;
        let modified = metadata.modified()?;
        Ok(Self {
            file,
            size: metadata.len(),
            etag: etag(&metadata, modified),
            modified,
            encoding: Encoding::Only,
        })
    }

    /// Opens the file at `path`, or the packed one beside it (`path.br`, `path.gz`) that the client prefers and that
    /// is not older.
    pub(super) fn open_packed(path: &Path, headers: &HeaderMap) -> io::Result<Self> {
        let mut plain = Self::open(path)?;
        let packed: Vec<_> = [("br", "br"), ("gzip", "gz")]
            .into_iter()
            .filter_map(|(coding, extension)| Some((coding, Self::open_beside(path, extension)?)))
            .filter(|(_, packed)| packed.modified >= plain.modified)
            .collect();
        if packed.is_empty() {
            return Ok(plain);
        }
        plain.encoding = Encoding::Plain;
        let offers: Vec<&str> = packed.iter().map(|(coding, _)| *coding).chain(["identity"]).collect();
        let best = best_encoding(headers.get_all(header::ACCEPT_ENCODING), &offers);
        let chosen = packed.into_iter().find(|(coding, _)| Some(*coding) == best);
        Ok(chosen.map_or(plain, |(coding, packed)| Self { encoding: Encoding::Packed(coding), ..packed }))
    }
}

impl Found {
    /// Opens `path` with `extension` behind it, unless that is a symbolic link: it could lead out of the folder.
    fn open_beside(path: &Path, extension: &str) -> Option<Self> {
        let path = beside(path, extension);
        let is_link = path.symlink_metadata().ok()?.is_symlink();
        if is_link { None } else { Self::open(&path).ok() }
    }
}

fn regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// Names the state of a file by its size and the time of its last change.
///
/// The tag is strong (RFC 9110 §8.8.3), so that ranges can be resumed, once that time lies two seconds back: a write after
/// it can no longer have the same time, coarse as file systems' clocks are. Until then it is weak. Neither the path nor
/// the inode is part of it: replicas that were copied with their times agree.
fn etag(metadata: &Metadata, modified: SystemTime) -> ETag {
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let opaque = format!("{:x}-{:x}.{:x}", metadata.len(), since.as_secs(), since.subsec_nanos());
    let is_settled = SystemTime::now().duration_since(modified).is_ok_and(|age| age >= SETTLED);
    let tag = if is_settled { ETag::strong(&opaque) } else { ETag::weak(&opaque) };
    tag.expect("digits and signs make a tag")
}

/// FAT keeps times to two seconds, the coarsest clock there is.
const SETTLED: Duration = Duration::from_secs(2);
