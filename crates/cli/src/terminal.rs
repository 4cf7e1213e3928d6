//! What people see: colours and a line of progress, on a terminal only.
#![expect(clippy::print_stderr, reason = "this program's purpose is to tell people")]

use std::{
    env,
    io::{IsTerminal as _, Write as _, stderr, stdout},
    time::{Duration, Instant},
};

/// How often the line of progress changes.
const TICK: Duration = Duration::from_millis(80);
const WIDTH: usize = 30;

/// Shows text as it is. A reader that went away is no error: the rest is not wanted.
pub(crate) fn show(text: &str) {
    let _ = stdout().lock().write_all(text.as_bytes());
}

/// Shows what could not be done.
pub(crate) fn error(text: &str) {
    eprintln!("error: {text}");
}

/// Shows a remark, beside what the program gives.
pub(crate) fn remark(text: &str) {
    eprintln!("{text}");
}

/// Shows a unified diff, in colours where they are wanted.
pub(crate) fn show_diff(diff: &str) {
    if !is_colored() {
        return show(diff);
    }
    let mut text = String::with_capacity(diff.len() * 2);
    for line in diff.split_inclusive('\n') {
        let color = match line.as_bytes()[0] {
            _ if line.starts_with("---") || line.starts_with("+++") => "1",
            b'@' => "36",
            b'-' => "31",
            b'+' => "32",
            _ => "0",
        };
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        text.extend(["\x1b[", color, "m", content, "\x1b[0m", end]);
    }
    show(&text);
}

/// Whether standard output is a terminal, and `NO_COLOR` is not set or empty.
pub(crate) fn is_colored() -> bool {
    stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A bar on standard error, when that is a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    total: usize,
    done: usize,
    told: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0, told: None, is_shown: stderr().is_terminal() && total > 1 }
    }

    /// No bar at all.
    pub(crate) fn hidden() -> Self {
        Self { total: 0, done: 0, told: None, is_shown: false }
    }

    /// One more file is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        if self.is_shown && self.told.is_none_or(|told| told.elapsed() >= TICK) {
            self.told = Some(Instant::now());
            let full = WIDTH * self.done / self.total.max(1);
            eprint!(
                "\r[{}{}] {}/{} files",
                "=".repeat(full),
                " ".repeat(WIDTH - full),
                self.done,
                self.total
            );
        }
    }

    /// Takes the bar away, before something else is shown.
    pub(crate) fn clear(&mut self) {
        if self.told.take().is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
