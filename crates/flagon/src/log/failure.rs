//! The log of errors: what the client is not told.

use std::error::Error as StdError;

use flagon_http::{BodyError, BodyErrorKind};

use crate::{
    context::Context,
    error::{Error, ErrorKind},
    panic_report::PanicReport,
};

/// Logs `error` if it is the server's own, which ends the request of `context`: its id, what was asked, the view, and
/// the whole chain of causes. Each is a field of its own, and quoted, so that nothing a client sent can look like
/// another line.
pub(crate) fn failed(context: &Context, error: &Error) {
    // As in Flask: what a view aborts with on purpose, such as a 503 while it is busy, is an answer and no failure.
    let is_meant = matches!(error.kind(), ErrorKind::Aborted(_)) && error.source().is_none();
    if is_meant || !error.status().is_server_error() {
        return;
    }
    let request = context.request();
    tracing::error!(
        target: "flagon::error",
        request = %request.id(),
        trace = request.traced(),
        status = error.status().as_u16(),
        method = request.method().as_str(),
        path = request.path(),
        endpoint = context.endpoint(),
        error = chain(error.to_string(), error.source()),
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

/// Logs that an answer broke off, since what made its body failed; the client has its status already, and sees the
/// connection cut off.
pub(crate) fn broke_off(context: &Context, error: &BodyError) {
    if error.kind() != BodyErrorKind::Failed {
        return;
    }
    let request = context.request();
    tracing::error!(
        target: "flagon::error",
        request = %request.id(),
        trace = request.traced(),
        method = request.method().as_str(),
        path = request.path(),
        endpoint = context.endpoint(),
        error = chain(error.to_string(), error.source()),
        "an answer broke off"
    );
}

/// Logs that the view of a WebSocket failed; its client sees it closed with 1011.
pub(crate) fn socket_failed(context: &Context, error: &Error) {
    let request = context.request();
    tracing::error!(
        target: "flagon::error",
        request = %request.id(),
        trace = request.traced(),
        path = request.path(),
        endpoint = context.endpoint(),
        error = chain(error.to_string(), error.source()),
        place = place(error),
        "the view of a WebSocket failed"
    );
}

/// What went wrong, and why, and why, parted by colons.
fn chain(mut text: String, mut next: Option<&(dyn StdError + 'static)>) -> String {
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
