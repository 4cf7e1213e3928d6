//! A request that is being measured.

use std::time::Instant;

use crate::{context::Context, metrics::Requests, response::Response, url_map::Matched};

/// A request that is being answered: counted with its answer's status, or with 499 when it is dropped before.
#[must_use]
pub(crate) struct Measured<'a>(Option<(&'a Requests, &'a Context, Instant)>);

/// What is counted where the client left before there was an answer, as nginx writes it.
const CLIENT_LEFT: u16 = 499;

impl<'a> Measured<'a> {
    /// Begins to measure, if the app counts requests.
    pub(crate) fn open(context: &'a Context) -> Self {
        Self(context.app.requests.as_ref().map(|requests| (requests, context, Instant::now())))
    }

    /// Counts `response`.
    pub(crate) fn answered(mut self, response: &Response) {
        if let Some((requests, context, started)) = self.0.take() {
            count(requests, context, response.status().as_u16(), started);
        }
    }
}

fn count(requests: &Requests, context: &Context, status: u16, started: Instant) {
    let route = context.matched.get().map(Matched::endpoint);
    requests.count(route, context.request().method(), status, started.elapsed());
}

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        if let Some((requests, context, started)) = self.0 {
            count(requests, context, CLIENT_LEFT, started);
        }
    }
}
