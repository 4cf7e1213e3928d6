//! What is known of a panic: its message, its place, and in debug the calls that led there.
//!
//! In: what the hook of the process sees. Out: [`PanicReport`], the cause of an error of its request. Never: for a panic that
//! no one turns into such an error, as one of a task that went its own way.

use std::{backtrace::Backtrace, cell::Cell, error::Error as StdError, fmt, panic::PanicHookInfo};

thread_local! {
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, whose panic becomes an error of its request: the request's log has it then.
pub(crate) fn answered<T>(work: impl FnOnce() -> T) -> T {
    struct Before(bool);

    impl Drop for Before {
        fn drop(&mut self) {
            ANSWERED.set(self.0);
        }
    }

    let _before = Before(ANSWERED.replace(true));
    work()
}

/// Whether a panic of this thread would become an error of its request.
pub(crate) fn is_answered() -> bool {
    ANSWERED.get()
}

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
