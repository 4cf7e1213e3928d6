//! The terminal: answers on stdout, everything else on stderr.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    process::ExitCode,
    sync::OnceLock,
};

use super::failure::Failure;
use crate::{
    config::environment,
    log::{Colours, Writer},
};

/// Prints what was asked for. A reader who has seen enough (`| head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new("the answer could not be written").because(&error))
        }
        _ => Ok(()),
    }
}

/// Says something beside the answer.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}"); // who closed stderr does not want to know
}

/// Shows how far something is, from 0 to 1, where somebody looks.
#[cfg(feature = "sql")]
pub(super) fn progress(what: &str, part: f64) {
    const WIDTH: u8 = 40;
    if io::stderr().is_terminal() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is clamped to the width of the bar"
        )]
        let done = (part.clamp(0.0, 1.0) * f64::from(WIDTH)) as usize;
        let _ = write!(
            io::stderr(),
            "\r  {what} [{}{}] {:3.0} %",
            "#".repeat(done),
            ".".repeat(usize::from(WIDTH) - done),
            part * 100.0
        );
    }
}

/// Says why a command failed, after what was logged before.
pub(super) fn explain(failure: &Failure) -> ExitCode {
    if let Some(writer) = LOG.get() {
        writer.flush();
    }
    let (red, normal) = if colours() == Colours::Use { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    note(&format!("{red}error:{normal} {failure}"));
    ExitCode::FAILURE
}

/// Whether stderr takes colours.
pub(super) fn colours() -> Colours {
    if io::stderr().is_terminal() && !environment::no_color() { Colours::Use } else { Colours::Avoid }
}

static LOG: OnceLock<Writer> = OnceLock::new();

/// Keeps the log, so that its last lines are written before the process ends.
pub(super) fn flush_at_end(writer: Writer) {
    let _ = LOG.set(writer);
}

/// Writes the last lines of the log.
pub(super) fn flush() {
    if let Some(writer) = LOG.get() {
        writer.flush();
    }
}
