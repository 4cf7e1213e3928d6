//! A file that is to be sent.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::HeaderValue;

use super::{
    answer::{Meta, answer},
    disposition::disposition,
    found::Found,
    media_type::{media_type, with_charset},
    safe_join::{resolve_within, safe_join},
};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result, abort},
    globals,
    tasks::reading,
};

/// A file that is to be sent: `.await` it for the answer, or, in a view that is a plain `fn`, call [`open`](Self::open).
#[derive(Debug, Clone)]
#[must_use = "a file is only sent by .await, or .open() in a plain fn"]
pub struct SendFile {
    place: Place,
    media_type: Option<String>,
    disposition: Option<&'static str>,
    download_name: Option<String>,
    max_age: Option<Duration>,
    packed: Packed,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Within(PathBuf, String),
}

/// Whether packed files beside the one asked for may be sent in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packed {
    Ignore,
    Prefer,
}

/// Sends the file at `path`; a relative one is below the app's `root_path`. Never pass on a path that a client sent: that is for
/// [`send_from_directory`].
///
/// The answer has the media type of the file's extension, `ETag`, `Last-Modified` and `Cache-Control: no-cache`, and honours
/// conditions (304, 412) and ranges (206, 416). 404 when there is no such file.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, send_file};
///
/// #[get("/report")]
/// async fn report() -> Result {
///     send_file("reports/2026.pdf").as_attachment().download_name("Report 2026.pdf").await
/// }
/// ```
pub fn send_file(path: impl Into<PathBuf>) -> SendFile {
    SendFile::new(Place::File(path.into()))
}

/// Sends the file `name` of `folder`, for a name that a client sent; a relative folder is below the app's `root_path`.
///
/// 404 when there is none, when the name is not safe (see [`safe_join`](crate::safe_join)), and when it is a symbolic link that
/// leads out of the folder.
///
/// # Examples
///
/// ```
/// use flagon::{prelude::*, send_from_directory};
///
/// #[get("/uploads/<path:name>")]
/// async fn upload(name: String) -> Result {
///     send_from_directory("uploads", name).await
/// }
/// ```
pub fn send_from_directory(folder: impl Into<PathBuf>, name: impl Into<String>) -> SendFile {
    SendFile::new(Place::Within(folder.into(), name.into()))
}

impl SendFile {
    fn new(place: Place) -> Self {
        Self {
            place,
            media_type: None,
            disposition: None,
            download_name: None,
            max_age: None,
            packed: Packed::Ignore,
        }
    }

    /// Sets the media type, instead of that of the extension; text without a charset is said to be UTF-8.
    pub fn mimetype(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Makes browsers save the file instead of showing it.
    pub fn as_attachment(mut self) -> Self {
        self.disposition = Some("attachment");
        self
    }

    /// Sets the name under which it is saved; without it, it is that of the file.
    pub fn download_name(mut self, name: impl Into<String>) -> Self {
        self.download_name = Some(name.into());
        self
    }

    /// Lets caches use it for this long without asking; else it is the configuration's `send_file_max_age_default`, and without
    /// that they ask each time.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sends `name.br` or `name.gz` in its place, if it is there, is not older, and the client takes it.
    pub fn precompressed(mut self) -> Self {
        self.packed = Packed::Prefer;
        self
    }

    /// Makes the answer for the current request, for views that may block; others `.await`.
    ///
    /// # Errors
    ///
    /// 404 when there is no such file, 403 when it may not be read, 412, 416, or 500.
    ///
    /// # Panics
    ///
    /// Outside a request.
    #[track_caller]
    pub fn open(self) -> Result {
        self.open_in(globals::request().context())
    }

    /// Makes the answer for the request of `context`.
    pub(crate) fn open_in(self, context: &Context) -> Result {
        let request = context.request();
        let path = self.path(context.app().root_path())?;
        let found = match self.packed {
            Packed::Ignore => Found::open(&path),
            Packed::Prefer => Found::open_packed(&path, request.headers()),
        };
        let found = found.or_else(|error| missing(&path, &error))?;
        let default_age = context.app().config().send_file_max_age_default;
        answer(request, found, &self.meta(&path, default_age)?)
    }

    /// Where the file is, below `root`.
    fn path(&self, root: &Path) -> Result<PathBuf> {
        match &self.place {
            Place::File(path) => Ok(root.join(path)),
            Place::Within(folder, name) => {
                let folder = root.join(folder);
                let Some(path) = safe_join(&folder, name) else {
                    return abort(404);
                };
                match resolve_within(&folder, &path) {
                    Ok(Some(path)) => Ok(path),
                    Ok(None) => abort(404),
                    Err(error) => missing(&path, &error),
                }
            }
        }
    }

    fn meta(self, path: &Path, default_age: Option<Duration>) -> Result<Meta> {
        // What the client asked for has the name, not what a symbolic link leads to.
        let asked = match &self.place {
            Place::File(_) => path,
            Place::Within(_, name) => Path::new(name),
        };
        let media_type = match &self.media_type {
            None => media_type(asked),
            Some(given) => with_charset(given).ok_or_else(|| {
                Error::new(ErrorKind::Failed).with_source(format!("{given:?} can't be a media type"))
            })?,
        };
        let name = match (&self.download_name, self.disposition) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(_)) => asked.file_name().map(|name| name.to_string_lossy().into_owned()),
            (None, None) => None,
        };
        Ok(Meta {
            media_type,
            disposition: name.map(|name| disposition(self.disposition.unwrap_or("inline"), &name)),
            cache_control: cache_control(self.max_age.or(default_age)),
        })
    }
}

/// `.await` on it opens the file on the thread pool.
impl IntoFuture for SendFile {
    type Output = Result;
    type IntoFuture = BoxFuture<'static, Result>;

    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        let context = Arc::clone(globals::request().context());
        Box::pin(async move { reading(move || self.open_in(&context)).await })
    }
}

/// As Flask: without an age clients have to ask whether it changed (RFC 9111 §5.2.2.4).
fn cache_control(max_age: Option<Duration>) -> HeaderValue {
    match max_age {
        None => HeaderValue::from_static("no-cache"),
        Some(age) => {
            HeaderValue::try_from(format!("public, max-age={}", age.as_secs())).expect("digits are ASCII")
        }
    }
}

/// The answer where a file can't be opened.
fn missing<T>(path: &Path, error: &io::Error) -> Result<T> {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound, PermissionDenied};
    match error.kind() {
        NotFound | NotADirectory | InvalidFilename => abort(404),
        PermissionDenied => abort(403),
        _ => {
            let cause = io::Error::new(error.kind(), format!("opening {}: {error}", path.display()));
            Err(Error::new(ErrorKind::Failed).with_source(cause))
        }
    }
}
