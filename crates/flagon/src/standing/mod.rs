//! Where another thread of this program stands: its calls, from outside and without a line of `unsafe`.
//!
//! In: a thread's number. Out: its calls with files and lines, or a sentence why there are none. Never: reads another program, or
//! holds a thread for longer than it takes to copy its stack, well under a millisecond.
//!
//! A thread can't look at another's stack from within without a signal handler, which would be `unsafe` and would run inside whatever it
//! interrupts. So a helper does it: this same program, started once more with [`ARGUMENT`], which stops the thread by ptrace(2),
//! copies its registers and stack, lets it go on, and only then walks the copy (`.eh_frame`) and names the calls (`.debug_line`).
//! What goes wrong in reading those goes wrong there.

mod helper;
#[cfg(all(
    feature = "stall-backtraces",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod program;
#[cfg(all(
    feature = "stall-backtraces",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stopped;

pub(crate) use helper::{ARGUMENT, Helper, serve};

/// A call on the stack of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StalledCall {
    /// The function's path, such as `blog::posts::latest`.
    pub function: String,
    /// The source file, where the program has debug information for it.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
}
