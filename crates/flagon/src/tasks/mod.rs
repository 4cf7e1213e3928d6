//! Tasks, threads and parallel work that keep the context they were started in.
//!
//! In: futures and closures of views. Out: what they give. Never: work that a request has started and that goes on after it, but for
//! that of [`background`]; and never an event loop that waits.

mod blocking;
mod parallel;
mod spawn;

pub use blocking::{blocking, copy_current_request_context};
pub use parallel::{InContext, KeepContext, parallel};
pub use spawn::{background, spawn};

pub(crate) use blocking::{on_view_thread, reading};
