//! The access log: one event for each request, when its answer's head is known.
//!
//! In: a context and its answer. Out: an event of the target `flagon::access` at `INFO`, with fields and no text.
//! When nobody listens to that target a request costs one comparison.

use std::time::Instant;

use http::header;
use http_body::Body as _;
use tracing::Level;

use crate::{config::AccessLog, context::Context, response::Response};

/// The target of the events.
pub(super) const TARGET: &str = "flagon::access";

/// A request that will have its line: with the answer's status, or with 499 when the client left before there was one.
#[must_use]
pub(crate) struct Entry<'a> {
    context: &'a Context,
    started: Option<Instant>,
}

/// What nginx writes for a client that left; nothing was sent.
const CLIENT_LEFT: u16 = 499;

impl<'a> Entry<'a> {
    /// Begins to measure, if anybody wants to know.
    pub(crate) fn open(context: &'a Context) -> Self {
        // An app may keep quiet beside another that does not, in one process.
        let is_wanted = context.app().config().log.access != AccessLog::Off
            && tracing::enabled!(target: TARGET, Level::INFO);
        Self { context, started: is_wanted.then(Instant::now) }
    }

    /// Writes the line of `response`.
    pub(crate) fn answered(mut self, response: &Response) {
        if let Some(started) = self.started.take() {
            let size = match response.headers().get(header::CONTENT_LENGTH) {
                Some(length) => length.to_str().ok().and_then(|length| length.parse().ok()),
                None => response.body().size_hint().exact(),
            };
            write(self.context, started, response.status().as_u16(), size);
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some(started) = self.started {
            write(self.context, started, CLIENT_LEFT, None);
        }
    }
}

fn write(context: &Context, started: Instant, status: u16, size: Option<u64>) {
    let request = context.request();
    let field = |name| request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    tracing::info!(
        target: TARGET,
        client = %request.remote_addr(),
        method = request.method().as_str(),
        target = request.uri().path_and_query().map_or("*", |target| target.as_str()),
        version = ?request.version(),
        status,
        size,
        milliseconds = started.elapsed().as_secs_f64() * 1e3,
        request = %request.id(),
        trace = request.traced(),
        endpoint = context.endpoint(),
        host = request.host(),
        referrer = field(header::REFERER).as_deref(),
        browser = field(header::USER_AGENT).as_deref(),
    );
}
