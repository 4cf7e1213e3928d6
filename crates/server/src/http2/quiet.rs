//! A waker that is silent while its task is at work anyway.
//!
//! In: the wakes of the `h2` crate and of the streams. Out: those that come from outside. Without it
//! every answer would have the connection polled once more for nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Wake, Waker},
};

/// A waker that is silent while its task is at work.
pub(super) struct Quiet {
    task: Waker,
    is_at_work: AtomicBool,
    is_woken: AtomicBool,
}

impl Quiet {
    pub(super) fn new(task: Waker) -> Arc<Self> {
        Arc::new(Self { task, is_at_work: AtomicBool::new(false), is_woken: AtomicBool::new(false) })
    }

    /// Begins a round of work. What woke us until now is answered by it.
    pub(super) fn begin(&self) {
        self.is_at_work.store(true, SeqCst);
        self.is_woken.store(false, SeqCst);
    }

    /// Forgets who woke us, since what they want is done next.
    pub(super) fn forget(&self) {
        self.is_woken.store(false, SeqCst);
    }

    /// Ends the round. Tells whether another is due, because someone woke us meanwhile.
    pub(super) fn end(&self) -> bool {
        self.is_at_work.store(false, SeqCst);
        self.is_woken.swap(false, SeqCst)
    }
}

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, SeqCst);
        if !self.is_at_work.load(SeqCst) {
            self.task.wake_by_ref();
        }
    }
}
