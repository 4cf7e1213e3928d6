//! What all streams of a connection send, for the connection to see that its client takes it fast enough.
//!
//! In: bytes that a stream may send, streams that wait for the client to take more. Out: to those that wait, whether it is too slow.
//! Never: one stream judged by itself: a slow line is shared by all of them.

use std::cell::{Cell, RefCell};

use super::patience::{Pace, Turn};
use crate::worker::Worker;

/// What all streams of a connection send.
pub(super) struct Outflow {
    pace: RefCell<Pace>,
    sent: Cell<u64>,
    waiting: Cell<usize>,
    /// How often the client was found to be too slow.
    verdicts: Cell<u32>,
}

/// A stream that waits for the client's window until this is dropped.
pub(super) struct Waiting<'a> {
    outflow: &'a Outflow,
    verdicts: u32,
}

impl Outflow {
    pub(super) fn new(worker: &Worker) -> Self {
        let pace = RefCell::new(Pace::new(worker.answer_allowance()));
        Self { pace, sent: Cell::new(0), waiting: Cell::new(0), verdicts: Cell::new(0) }
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.sent.set(self.sent.get() + bytes as u64);
    }

    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.set(self.waiting.get() + 1);
        Waiting { outflow: self, verdicts: self.verdicts.get() }
    }

    /// Looks at the clock. Who waits has to look too then.
    pub(super) fn look(&self, worker: &Worker) {
        let (mut pace, sent) = (self.pace.borrow_mut(), self.sent.get());
        if self.waiting.get() == 0 {
            pace.renew(worker.answer_allowance(), sent);
        } else if pace.is_too_slow(worker.now(), sent, Turn::Its) {
            pace.renew(worker.answer_allowance(), sent);
            self.verdicts.set(self.verdicts.get().wrapping_add(1));
        }
    }
}

impl Waiting<'_> {
    /// Tells whether the client was found too slow since this stream waits.
    pub(super) fn is_in_vain(&self) -> bool {
        self.verdicts != self.outflow.verdicts.get()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.outflow.waiting.set(self.outflow.waiting.get() - 1);
    }
}
