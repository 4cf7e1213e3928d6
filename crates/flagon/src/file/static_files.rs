//! A folder of files as a route: Flask's `static_folder`.

use std::{path::PathBuf, sync::Arc};

use super::send_file::send_from_directory;
use crate::{
    error::abort,
    tasks::reading,
    view::Route,
    view_limits::{Compress, ViewLimits},
};

/// The route of the files of `folder`, with the endpoint `static` and below `url_path`.
pub(crate) fn static_files(url_path: &str, folder: PathBuf) -> Route {
    let rule = format!("{}/<path:filename>", url_path.trim_end_matches('/'));
    let folder: Arc<PathBuf> = Arc::new(folder);
    Route::with_context("static", rule, ["GET"], move |context| {
        let (folder, context) = (Arc::clone(&folder), Arc::clone(context));
        Box::pin(async move {
            let Some(name) = context.variable("filename").map(str::to_owned) else {
                return abort(404);
            };
            let file = send_from_directory(folder.as_path(), name).precompressed();
            reading(move || file.open_in(&context)).await
        })
    })
    // There is nothing of the request in a file.
    .limits(ViewLimits::new().compress(Compress::Always))
}
