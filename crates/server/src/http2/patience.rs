//! How long a client may keep us waiting, and how slow it may be.
//!
//! In: a sign of life, whenever someone looks. Out: whether it has been the same for too long, or grew too slowly.
//! Never: a timer of its own: the connection has its streams look at every tick.

use std::{cell::Cell, time::Duration};

use crate::{allowance::Allowance, worker::Worker};

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

/// How fast bytes go, of which we wait for more now and then. Looked at on the connection's tick, too.
pub(super) struct Pace {
    allowance: Allowance,
    /// The bytes that were seen, and since when more of them are waited for.
    seen: u64,
    since: Option<u64>,
}

/// Whether the client has to do something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Ours,
    Its,
}

impl Pace {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self { allowance, seen: 0, since: None }
    }

    /// Tells whether the client, which has sent or taken `bytes` altogether by `now`, uses up its time.
    pub(super) fn is_too_slow(&mut self, now: u64, bytes: u64, turn: Turn) -> bool {
        let waited = self.since.map_or(0, |since| now - since);
        self.allowance.pass(waited, bytes - self.seen);
        self.seen = bytes;
        self.since = (turn == Turn::Its).then_some(now);
        turn == Turn::Its && self.allowance.is_spent()
    }

    /// Gives all the time back, after `bytes`.
    pub(super) fn renew(&mut self, allowance: Allowance, bytes: u64) {
        *self = Self { allowance, seen: bytes, since: None };
    }
}
