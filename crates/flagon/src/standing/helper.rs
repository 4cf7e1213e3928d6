//! The helper's two ends: the program asks, the helper answers, a line each way.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    process::{self, Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::StalledCall;

/// The argument that makes this program the helper.
pub(crate) const ARGUMENT: &str = "--flagon-where-threads-stand";

/// A helper that runs; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Helper {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts this program as the helper of this process.
    ///
    /// # Errors
    ///
    /// When the system has none to start, or this build can't do it.
    pub(crate) fn start() -> io::Result<Self> {
        if !IS_POSSIBLE {
            return Err(io::Error::other(
                "only on Linux, on x86-64 and AArch64, and with the feature `stall-backtraces`",
            ));
        }
        let mut command = Command::new(env::current_exe()?);
        command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn()?;
        allow(&process);
        let (questions, answers) = (process.stdin.take(), process.stdout.take());
        let piped = || io::Error::other("the helper has no pipes");
        let (questions, answers) = (questions.ok_or_else(piped)?, answers.ok_or_else(piped)?);
        Ok(Self { process, questions, answers: BufReader::new(answers) })
    }

    /// The calls of the thread with the system's number `thread`, the innermost first.
    ///
    /// # Errors
    ///
    /// When the helper is gone, or the system does not let it look.
    pub(crate) fn ask(&mut self, thread: u32) -> io::Result<Vec<StalledCall>> {
        writeln!(self.questions, "{} {thread}", process::id())?;
        self.questions.flush()?;
        let mut calls = Vec::new();
        let mut line = String::new();
        while self.answers.read_line(&mut line)? > 0 {
            match std::mem::take(&mut line).trim_end_matches('\n').split('\t').collect::<Vec<_>>()[..] {
                ["call", function, file, line] => calls.push(StalledCall {
                    function: function.to_owned(),
                    file: (!file.is_empty()).then(|| file.to_owned()),
                    line: line.parse().ok(),
                }),
                ["error", why] => return Err(io::Error::other(why.to_owned())),
                _ => return Ok(calls),
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait(); // it is gone, or was never there
    }
}

#[cfg(all(
    feature = "stall-backtraces",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod possible {
    use std::{
        io::{self, BufRead as _, Write as _},
        process::Child,
    };

    use rustix::process::{PTracer, Pid, set_ptracer};

    use super::super::{program::Programs, stopped};

    pub(super) const IS_POSSIBLE: bool = true;

    /// Lets a helper look at this process where only ancestors may (Yama's `ptrace_scope` 1, as on Ubuntu).
    pub(super) fn allow(helper: &Child) {
        if let Some(pid) = i32::try_from(helper.id()).ok().and_then(Pid::from_raw) {
            let _ = set_ptracer(PTracer::ProcessID(pid)); // not known where there is no Yama
        }
    }

    /// Answers questions until there are no more.
    pub(crate) fn serve() {
        let mut programs = Programs::default();
        for question in io::stdin().lock().lines() {
            let Ok(question) = question else { return };
            let mut numbers = question.split(' ').map(|number| number.parse().unwrap_or(0));
            let (process, thread) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
            let mut answer = String::new();
            match stopped::look(process, thread).and_then(|stopped| programs.calls(process, &stopped)) {
                Ok(calls) => {
                    for call in calls {
                        let line = call.line.map(|line| line.to_string()).unwrap_or_default();
                        let file = call.file.unwrap_or_default();
                        let fields =
                            [call.function, file, line].map(|field| field.replace(['\t', '\n'], " "));
                        answer.extend(["call\t", &fields.join("\t"), "\n"]);
                    }
                    answer.push_str("end\n");
                }
                Err(error) => answer = format!("error\t{error}\n"),
            }
            let mut out = io::stdout().lock();
            if out.write_all(answer.as_bytes()).and_then(|()| out.flush()).is_err() {
                return;
            }
        }
    }
}

#[cfg(not(all(
    feature = "stall-backtraces",
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod possible {
    pub(super) const IS_POSSIBLE: bool = false;

    pub(super) fn allow(_: &std::process::Child) {}

    pub(crate) fn serve() {}
}

pub(crate) use possible::serve;
use possible::{IS_POSSIBLE, allow};
