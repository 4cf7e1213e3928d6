//! What is known of a panic: its message, its place, and in debug the calls that led there.
//!
//! In: what the hook of the process sees. Out: [`PanicReport`], the cause of an error of its request.

use std::{backtrace::Backtrace, error::Error as StdError, fmt, panic::PanicHookInfo};

/// What is known of a panic.
#[derive(Debug)]
pub(crate) struct PanicReport {
    pub(crate) message: String,
    /// File, line and column; not known without the hook.
    pub(crate) place: Option<(String, u32, u32)>,
    /// The calls that led there, when somebody will look at them.
    pub(crate) backtrace: Option<Backtrace>,
}

impl PanicReport {
    /// Takes what the hook is told.
    pub(crate) fn of(info: &PanicHookInfo<'_>, backtrace: Option<Backtrace>) -> Self {
        let place = info.location().map(|at| (at.file().to_owned(), at.line(), at.column()));
        Self { message: message(info.payload()).to_owned(), place, backtrace }
    }

    /// Takes what a caught panic has left, when no hook saw it.
    pub(crate) fn of_payload(payload: &(dyn std::any::Any + Send)) -> Self {
        Self { message: message(payload).to_owned(), place: None, backtrace: None }
    }
}

fn message(payload: &dyn std::any::Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a value that is no text")
}

impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((file, line, column)) => write!(f, "panicked at {file}:{line}:{column}: {}", self.message),
            None => write!(f, "panicked: {}", self.message),
        }
    }
}

impl StdError for PanicReport {}
