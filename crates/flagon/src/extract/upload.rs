//! A file of a form.
//!
//! In: a part's bytes as they arrive. Out: [`UploadedFile`], in memory while small, else in a temporary file
//! that has no name and so is gone when it is closed. Never: believes the client's name for it.

use std::{
    cell::Cell,
    fmt, fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Deserializer, de::Visitor};
use tokio::{io::AsyncWriteExt, task::spawn_blocking};

use super::multipart::Head;
use crate::error::Result;

/// How much of a file is kept in memory: 256 KiB.
const IN_MEMORY: usize = 256 * 1024;

/// A file that came with a form: a field's type in `Form<T>`, as `UploadedFile`, `Option<UploadedFile>` (a
/// file need not be chosen) or `Vec<UploadedFile>` (`<input type="file" multiple>`).
///
/// Up to 256 KiB are kept in memory, the rest in a temporary file without a name.
///
/// # Examples
///
/// ```
/// use flagon::{UploadedFile, prelude::*};
///
/// #[derive(Deserialize)]
/// struct Profile {
///     name: String,
///     photo: Option<UploadedFile>,
/// }
///
/// #[post("/profile", max_body = 20 * 1024 * 1024)]
/// async fn profile(profile: Form<Profile>) -> Result<String> {
///     if let Some(photo) = &profile.photo {
///         photo.save(format!("photos/{}", photo.secure_filename())).await?;
///     }
///     Ok(profile.0.name)
/// }
/// ```
#[derive(Clone)]
pub struct UploadedFile {
    filename: String,
    content_type: Option<String>,
    size: u64,
    stored: Stored,
}

#[derive(Clone)]
enum Stored {
    Memory(Bytes),
    Disk(Arc<Mutex<fs::File>>),
}

impl UploadedFile {
    /// The name that the client gave. It may be anything, such as `../../etc/passwd`: show it, and use
    /// [`secure_filename`](Self::secure_filename) for a path.
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// The client's name as [`secure_filename`] makes it; `file` when nothing is left of it.
    pub fn secure_filename(&self) -> String {
        let name = secure_filename(&self.filename);
        if name.is_empty() { "file".to_owned() } else { name }
    }

    /// The media type that the client gave, unchecked.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All its bytes, which for a large file are read into memory.
    ///
    /// # Errors
    ///
    /// When the temporary file can't be read.
    pub async fn bytes(&self) -> Result<Bytes> {
        if let Stored::Memory(bytes) = &self.stored {
            return Ok(bytes.clone());
        }
        let mut reader = self.reader();
        let read = spawn_blocking(move || {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes)
        });
        Ok(read.await??.into())
    }

    /// Copies it to a new file at `path`.
    ///
    /// # Errors
    ///
    /// When there is a file at `path` already (delete it first if that is meant), or it can't be written.
    pub async fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let (path, mut reader) = (path.as_ref().to_owned(), self.reader());
        let copied = spawn_blocking(move || {
            written(&path, &mut reader).map_err(|error| {
                let place = path.display();
                io::Error::new(error.kind(), format!("an upload could not be saved at {place}: {error}"))
            })
        });
        Ok(copied.await??)
    }

    /// Reads it from its beginning, blocking: for a plain `fn` view, or within [`blocking`](crate::blocking).
    pub fn reader(&self) -> UploadReader {
        UploadReader { stored: self.stored.clone(), size: self.size, position: 0 }
    }

    /// What `<input type="file">` sends when no file was chosen.
    pub(super) fn is_untouched(&self) -> bool {
        self.filename.is_empty() && self.size == 0
    }
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedFile")
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Writes a new file at `path`.
fn written(path: &Path, bytes: &mut UploadReader) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    io::copy(bytes, &mut file)?;
    file.flush()
}

/// The bytes of an [`UploadedFile`], from [`UploadedFile::reader`]; each reader has its own position.
pub struct UploadReader {
    stored: Stored,
    size: u64,
    position: u64,
}

impl Read for UploadReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &self.stored {
            Stored::Memory(bytes) => {
                let start = usize::try_from(self.position).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[start..]).read(buffer)?
            }
            Stored::Disk(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(self.position))?;
                file.read(buffer)?
            }
        };
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for UploadReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl fmt::Debug for UploadReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadReader")
            .field("size", &self.size)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// Makes a file's name safe to store under: Werkzeug's function of the same name, which keeps letters and digits
/// of all scripts here.
///
/// Only the part after the last `/` or `\` is kept, and of it letters, digits, `.`, `-` and `_`; other
/// characters become one `_`. It begins and ends with none of `.`, `_` and `-`, is at most 200 bytes long, and is
/// empty when nothing is left.
///
/// # Examples
///
/// ```
/// use flagon::secure_filename;
///
/// assert_eq!(secure_filename("../../etc/passwd"), "passwd");
/// assert_eq!(secure_filename(r"C:\my photos\über cool.JPG"), "über_cool.JPG");
/// assert_eq!(secure_filename("..."), "");
/// ```
pub fn secure_filename(name: &str) -> String {
    const LONGEST: usize = 200;
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let words: Vec<&str> = last.split(|c| !kept(c)).filter(|word| !word.is_empty()).collect();
    let joined = words.join("_");
    let mut clean = joined.trim_matches(['.', '_', '-']);
    while clean.len() > LONGEST {
        let mut letters = clean.chars();
        letters.next_back();
        clean = letters.as_str();
    }
    let stem = clean.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
    let device = DEVICES.iter().any(|device| device.eq_ignore_ascii_case(stem));
    if device { format!("_{clean}") } else { clean.to_owned() }
}

/// A file that is arriving.
pub(super) struct Arriving {
    filename: String,
    content_type: Option<String>,
    size: u64,
    memory: BytesMut,
    disk: Option<tokio::fs::File>,
}

impl Arriving {
    /// Begins the file that `head` announces.
    pub(super) fn new(filename: String, head: &Head) -> Self {
        Self {
            filename,
            content_type: head.content_type.clone(),
            size: 0,
            memory: BytesMut::new(),
            disk: None,
        }
    }

    /// Adds what arrived.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        if self.disk.is_none() && self.memory.len() + bytes.len() > IN_MEMORY {
            let file = spawn_blocking(tempfile::tempfile).await??;
            let mut file = tokio::fs::File::from_std(file);
            file.write_all(&std::mem::take(&mut self.memory)).await?;
            self.disk = Some(file);
        }
        if let Some(file) = &mut self.disk {
            return file.write_all(bytes).await;
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends it.
    pub(super) async fn finish(self) -> io::Result<UploadedFile> {
        let stored = match self.disk {
            Some(mut file) => {
                file.flush().await?;
                Stored::Disk(Arc::new(Mutex::new(file.into_std().await)))
            }
            None => Stored::Memory(self.memory.freeze()),
        };
        Ok(UploadedFile { filename: self.filename, content_type: self.content_type, size: self.size, stored })
    }
}

/// The name by which an `UploadedFile` makes itself known to the deserializer of a form.
pub(super) const TOKEN: &str = "$flagon::UploadedFile";

thread_local! {
    /// Serde carries no files, so one waits here between a form's deserializer and `UploadedFile`'s visitor,
    /// which is called by it at once.
    static HANDED_OVER: Cell<Option<UploadedFile>> = const { Cell::new(None) };
}

/// Runs `visit`, within which [`UploadedFile`] takes `file`.
pub(super) fn hand_over<T>(file: UploadedFile, visit: impl FnOnce() -> T) -> T {
    HANDED_OVER.set(Some(file));
    let visited = visit();
    HANDED_OVER.set(None);
    visited
}

impl<'de> Deserialize<'de> for UploadedFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TOKEN, Taken)
    }
}

struct Taken;

impl Visitor<'_> for Taken {
    type Value = UploadedFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file of a form that was sent as `multipart/form-data`")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<UploadedFile, E> {
        HANDED_OVER.take().ok_or_else(|| E::invalid_type(serde::de::Unexpected::Unit, &self))
    }
}

#[cfg(test)]
mod tests {
    use super::secure_filename;

    #[test]
    fn names_are_made_safe() {
        for (name, safe) in [
            ("My cool movie.mov", "My_cool_movie.mov"),
            ("../../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("/", ""),
            (".bashrc", "bashrc"),
            ("a\0b\r\nc", "a_b_c"),
            ("  -rf ", "rf"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("中文 名.pdf", "中文_名.pdf"),
        ] {
            assert_eq!(secure_filename(name), safe, "{name:?}");
        }
        assert!(secure_filename(&"é".repeat(500)).len() <= 200);
    }
}
