//! What runs when a context ends: Flask's `teardown_appcontext`.
//!
//! In: functions given to the app. Out: each is called once for each context. Never: keeps the others from running when one panics.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use crate::{error::Error, panic_report::PanicReport};

/// A function that is told what went wrong, if anything did.
pub(crate) type Teardown = Arc<dyn Fn(Option<&Error>) + Send + Sync>;

/// The functions, as they were registered.
#[derive(Default)]
pub(crate) struct ContextEnd(Vec<Teardown>);

impl ContextEnd {
    pub(crate) fn add(&mut self, hook: impl Fn(Option<&Error>) + Send + Sync + 'static) {
        self.0.push(Arc::new(hook));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls them, the last registered first.
    pub(crate) fn run(&self, error: Option<&Error>) {
        run_all(self.0.iter().rev(), error);
    }
}

/// Calls every one of `hooks`, also after one has panicked.
pub(crate) fn run_all<'a>(hooks: impl IntoIterator<Item = &'a Teardown>, error: Option<&Error>) {
    for hook in hooks {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| hook(error))) {
            let report = PanicReport::of_payload(&*payload);
            tracing::error!(target: "flagon::error", error = report.to_string(), "a teardown hook failed");
        }
    }
}

impl fmt::Debug for ContextEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextEnd").field(&self.0.len()).finish()
    }
}
