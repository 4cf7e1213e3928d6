//! How long a client may keep us waiting.
//!
//! In: a sign of life, whenever someone looks. Out: whether it has been the same for too long.
//! Never: a timer of its own: the connection has its streams look at every tick.

use std::{cell::Cell, time::Duration};

use crate::worker::Worker;

/// How long a client may do nothing that we wait for. Looked at on the connection's tick.
pub(super) struct Patience<'a> {
    pub(super) worker: &'a Worker,
    time: Duration,
    /// What was seen last, and when its time is up.
    seen: Cell<Option<(u64, u64)>>,
}

impl<'a> Patience<'a> {
    pub(super) fn new(worker: &'a Worker, time: Duration) -> Self {
        Self { worker, time, seen: Cell::new(None) }
    }

    pub(super) fn renew(&self) {
        self.seen.set(None);
    }

    /// Tells whether `sign` has been the same for too long.
    pub(super) fn is_over(&self, sign: u64) -> bool {
        match self.seen.get() {
            Some((seen, until)) if seen == sign => until <= self.worker.now(),
            _ => {
                self.seen.set(Some((sign, self.worker.after(self.time))));
                false
            }
        }
    }
}
