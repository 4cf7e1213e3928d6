//! What is shown to the person who waits.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program's purpose is to tell people")]

/// Shows why the task failed.
pub(crate) fn error(text: &str) {
    eprintln!("{text}");
}
