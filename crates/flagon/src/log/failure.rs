//! The log of errors: what the client is not told.

use std::error::Error as StdError;

use crate::{context::Context, error::Error, panic_report::PanicReport};

/// Logs `error` if it is the server's own, which ends the request of `context`: its id, what was asked, the view, and the whole chain of causes. Each is a
/// field of its own, and quoted, so that nothing a client sent can look like another line.
pub(crate) fn failed(context: &Context, error: &Error) {
    if !error.status().is_server_error() {
        return;
    }
    let request = context.request();
    tracing::error!(
        target: "flagon::error",
        request = %request.id(),
        status = error.status().as_u16(),
        method = request.method().as_str(),
        path = request.path(),
        endpoint = context.endpoint(),
        error = chain(error),
        place = place(error),
        "a request failed"
    );
}

/// Where it was made; of a panic, where that happened.
fn place(error: &Error) -> String {
    let panic = error.downcast_ref::<PanicReport>().and_then(|report| report.place.as_ref());
    match panic {
        Some((file, line, column)) => format!("{file}:{line}:{column}"),
        None => error.place().to_string(),
    }
}

/// What went wrong, and why, and why, parted by colons.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
