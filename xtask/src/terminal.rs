//! What is shown to the person who waits.
//!
//! In: titles, what a program just said, outcomes. Out: lines on standard output; failures on standard error.
//! Never: colours or moving lines when the output is not a terminal, or when `NO_COLOR` is set
//! (any value but the empty one, as that convention has it).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this program's purpose is to tell people")]

use std::{
    env,
    io::{IsTerminal as _, Write as _, stdout},
    time::{Duration, Instant},
};

use crate::failure::{Failure, Result};

/// How often a log hears from a step that takes long.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How a word looks on a terminal, as SGR parameters (ECMA-48 §8.3.117).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Green: it holds.
    Good = 32,
    /// Red: it does not.
    Bad = 31,
    /// Bold: a heading.
    Strong = 1,
    /// Faint: said by the way.
    Faint = 2,
}

/// Whether words are coloured.
pub(crate) fn is_colored() -> bool {
    is_interactive() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// `text` with its look, where looks are shown.
pub(crate) fn paint(look: Look, text: &str) -> String {
    if is_colored() { format!("\x1b[{}m{text}\x1b[0m", look as u8) } else { text.to_owned() }
}

/// Shows a line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Shows why a task could not be done.
pub(crate) fn error(text: &str) {
    // A line of progress may still stand there, without its end.
    let _ = stdout().flush();
    eprintln!("{} {text}", paint(Look::Bad, "error:"));
}

/// `12.3 s`, or `2 min 05 s` from a minute on.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        whole @ 60.. => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// A step under way: on a terminal one line that keeps changing, in a log a line now and then.
#[derive(Debug)]
pub(crate) struct Live {
    title: String,
    started: Instant,
    told: Instant,
}

impl Live {
    /// Shows that the step begins.
    fn begin(title: &str) -> Self {
        let now = Instant::now();
        let live = Self { title: title.to_owned(), started: now, told: now };
        if is_interactive() {
            live.update("");
        }
        live
    }

    /// Does `work`, shows what comes of it, and tells whether it succeeded.
    pub(crate) fn show(title: &str, work: impl FnOnce(&mut Self) -> Result<String>) -> bool {
        let mut live = Self::begin(title);
        match work(&mut live) {
            Ok(summary) => {
                live.succeed(&summary);
                true
            }
            Err(failure) => {
                live.fail(&failure.to_string());
                false
            }
        }
    }

    /// Does what all further `work` rests on, and shows what comes of it.
    pub(crate) fn require(title: &str, work: impl FnOnce(&mut Self) -> Result<String>) -> Result {
        let succeeded = Self::show(title, work);
        if succeeded {
            Ok(())
        } else {
            Err(Failure::new(format!("{title} failed; what rests on it was not run")))
        }
    }

    /// Shows what a program of the step just said.
    pub(crate) fn tell(&mut self, said: &str) {
        if is_interactive() || self.told.elapsed() >= HEARTBEAT {
            self.told = Instant::now();
            self.update(said.trim());
        }
    }

    /// Shows that the step holds, and in a few words what it looked at.
    fn succeed(self, summary: &str) {
        self.end(Look::Good, "ok    ", &paint(Look::Faint, summary));
    }

    /// Shows that the step does not hold, and everything about it.
    fn fail(self, reason: &str) {
        self.end(Look::Bad, "FAILED", "");
        println!("\n{}\n", reason.trim_end());
    }

    fn update(&self, said: &str) {
        let time = seconds(self.started.elapsed());
        if is_interactive() {
            let said: String = said.chars().filter(|c| !c.is_control()).take(60).collect();
            print!("\r\x1b[2K{:<10} {time}  {said}", self.title);
            let _ = stdout().flush();
        } else {
            println!("{:<10} … {time}  {said}", self.title);
        }
    }

    fn end(&self, look: Look, outcome: &str, rest: &str) {
        if is_interactive() {
            print!("\r\x1b[2K");
        }
        let time = seconds(self.started.elapsed());
        println!("{:<10} {} {time:>12}  {rest}", self.title, paint(look, outcome));
    }
}

fn is_interactive() -> bool {
    stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_people_would_use() {
        assert_eq!(seconds(Duration::from_millis(1_260)), "1.3 s");
        assert_eq!(seconds(Duration::from_millis(59_940)), "59.9 s");
        assert_eq!(seconds(Duration::from_mins(1)), "1 min 00 s");
        assert_eq!(seconds(Duration::from_millis(125_999)), "2 min 05 s");
    }
}
