//! Whether what was found out within a context is for all, and from when on it is known.

use std::sync::Arc;

use crate::{cache_store::Stamp, context::Context};

/// Whether the cache is passed by: within a transaction that has written, what is read may be what nobody else may see yet.
pub(super) fn is_passed_by(context: Option<&Arc<Context>>) -> bool {
    #[cfg(feature = "sql")]
    return context.and_then(|context| context.transaction()).is_some_and(|transaction| transaction.writes());
    #[cfg(not(feature = "sql"))]
    {
        let _ = context;
        false
    }
}

/// When the reading begins that is done now: with the transaction, whose snapshot may be older than what others have committed since.
pub(super) fn began(context: Option<&Arc<Context>>, now: Stamp) -> Stamp {
    #[cfg(feature = "sql")]
    if let Some(stamp) = context.and_then(|context| context.snapshot_began()) {
        return stamp.min(now);
    }
    let _ = context;
    now
}

/// What a request had looked at of its client before some work.
pub(super) struct Looked<'c> {
    context: Option<&'c Arc<Context>>,
    before: u8,
}

impl<'c> Looked<'c> {
    /// From here on it is seen what is looked at.
    pub(super) fn from_here(context: Option<&'c Arc<Context>>) -> Self {
        let request = context.and_then(|context| context.try_request());
        Self { context, before: request.map_or(0, |request| request.vary.take()) }
    }

    /// Whether the client was looked at since: a field of its request, or its session at any time.
    pub(super) fn is_at_client(&self) -> bool {
        let Some(context) = self.context else { return false };
        let fields = context.try_request().is_some_and(|request| request.vary.is_any());
        fields || looks_at_session(context)
    }
}

impl Drop for Looked<'_> {
    fn drop(&mut self) {
        if let Some(request) = self.context.and_then(|context| context.try_request()) {
            request.vary.give_back(self.before);
        }
    }
}

/// Whether the session was looked at, or the page was given something of its own.
pub(super) fn looks_at_session(context: &Context) -> bool {
    context.session.get().is_some_and(crate::session::Session::is_accessed) || context.was_handed().is_some()
}
