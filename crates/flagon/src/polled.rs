//! Whether what runs on a thread is a future, which must not wait, or a closure on a thread of its own; and whether it goes on
//! without its request.

use std::cell::Cell;

thread_local! {
    static IS_POLLED: Cell<bool> = const { Cell::new(false) };
    static IS_BACKGROUND: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, the work of a request is being polled on this thread.
#[must_use]
pub(crate) struct Polled(bool);

impl Polled {
    pub(crate) fn enter() -> Self {
        Self(IS_POLLED.replace(true))
    }
}

/// Puts back what was so before, also after a panic.
impl Drop for Polled {
    fn drop(&mut self) {
        IS_POLLED.set(self.0);
    }
}

/// Whether to wait here would be to keep others waiting.
#[cfg(feature = "sql")]
pub(crate) fn is_polled() -> bool {
    IS_POLLED.get()
}

/// While it lives, what runs on this thread outlives the answer of its request.
#[must_use]
pub(crate) struct InBackground(bool);

impl InBackground {
    pub(crate) fn enter() -> Self {
        Self(IS_BACKGROUND.replace(true))
    }
}

/// Puts back what was so before, also after a panic.
impl Drop for InBackground {
    fn drop(&mut self) {
        IS_BACKGROUND.set(self.0);
    }
}

/// Whether what runs here is a task of [`background`](crate::background).
pub(crate) fn is_background() -> bool {
    IS_BACKGROUND.get()
}
