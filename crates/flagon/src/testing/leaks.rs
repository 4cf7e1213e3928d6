//! Which requests of a client still have something that works for them.
//!
//! A client keeps a weak handle of each context it opens, so that serving counts nothing. A task of `flagon::background`
//! holds its context, and so does every `request()` or `g()` that is kept.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use crate::context::Context;

/// The contexts that a client opened and that may still be open.
#[derive(Debug, Default)]
pub(super) struct Opened(Mutex<Vec<(String, Weak<Context>)>>);

impl Opened {
    /// Watches `context`, and forgets those that are closed.
    pub(super) fn watch(&self, context: &Arc<Context>) {
        let request = context.request();
        let name = format!("{} {}", request.method(), request.uri());
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|(_, context)| context.strong_count() > 0);
        opened.push((name, Arc::downgrade(context)));
    }

    /// Whether all are closed.
    pub(super) fn are_closed(&self) -> bool {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.iter().all(|(_, context)| context.strong_count() == 0)
    }

    /// What is to be told of those that are open.
    pub(super) fn report(&self) -> Option<String> {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut report = String::new();
        for (name, context) in opened.iter() {
            let endpoint =
                context.upgrade().map(|context| context.endpoint().unwrap_or("no endpoint").to_owned());
            if let Some(endpoint) = endpoint {
                let holders = context.strong_count();
                let _ = write!(report, "\n  {name} ({endpoint}): its context is held {holders} times");
            }
        }
        if report.is_empty() {
            return None;
        }
        Some(format!(
            "requests of this client have left something behind:{report}\n\
             A task of flagon::background that has not ended holds its context, as does a request() or g() that was put away. \
             If the tasks are meant to outlive their requests, call client.settle().await before the client is dropped."
        ))
    }
}
