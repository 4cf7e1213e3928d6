//! Programs that the tasks run: cargo above all.
//!
//! In: a program and its arguments. Out: its answer, or a [`Failure`] that holds all it said.
//! Never: a shell in between, and never a program that waits for someone to type.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead as _, BufReader, pipe},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    failure::{Failure, Result, While as _},
    project::Project,
    terminal::{self, Live},
};

/// A program about to be run in the project's folder.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    /// `name` (looked up in `PATH`, or a path) with `arguments`.
    pub(crate) fn new<A: AsRef<OsStr>>(
        project: &Project,
        name: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = Command::new(name);
        command.args(arguments).current_dir(project.root()).stdin(Stdio::null());
        for (key, _) in env::vars_os().filter(|(key, _)| is_of_this_package(key)) {
            command.env_remove(key);
        }
        Self { command }
    }

    /// The cargo that started this program, with `arguments`.
    pub(crate) fn cargo<A: AsRef<OsStr>>(project: &Project, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::new(project, env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
    }

    /// Adds an environment variable.
    pub(crate) fn with(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Adds arguments.
    pub(crate) fn and<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// The program's standard output, if it can be started and succeeds.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether the program succeeds within `limit`; past it, it is ended.
    pub(crate) fn succeeds_within(mut self, limit: Duration) -> bool {
        let Ok(mut child) = self.command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            return false;
        };
        let started = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) if started.elapsed() < limit => thread::sleep(Duration::from_millis(20)),
                Ok(None) | Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return false;
                }
            }
        }
    }

    /// Runs the program on the terminal that this one was started on.
    pub(crate) fn pass_through(mut self) -> Result {
        let shown = self.shown();
        terminal::line(&terminal::paint(terminal::Look::Faint, &format!("$ {shown}")));
        let status = self.command.status().while_doing(format_args!("starting `{shown}`"))?;
        if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` failed ({status})"))) }
    }

    /// Runs the program, shows its last line on `live`, and gives all it said.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or fails; then the error holds what the program said.
    pub(crate) fn watch(mut self, live: &mut Live) -> Result<String> {
        let shown = self.shown();
        let doing = format!("running `{shown}`");
        let (reader, writer) = pipe().while_doing(&doing)?;
        if terminal::is_colored() {
            self.command.env("CARGO_TERM_COLOR", "always").env("CLICOLOR_FORCE", "1");
        }
        self.command.stdout(writer.try_clone().while_doing(&doing)?).stderr(writer);
        let mut child = self.command.spawn().while_doing(&doing)?;
        // The command keeps the pipe's other end open; without it the reader sees the end.
        drop(self.command);
        let mut said = String::new();
        for part in BufReader::new(reader).split(b'\n') {
            let bytes = part.while_doing(&doing)?;
            let text = String::from_utf8_lossy(&bytes);
            live.tell(&text);
            said.push_str(&text);
            said.push('\n');
        }
        let status = child.wait().while_doing(&doing)?;
        if status.success() { Ok(said) } else { Err(Failure::new(format!("$ {shown}\n{said}({status})"))) }
    }

    /// The program as one would type it.
    fn shown(&self) -> String {
        let name = Path::new(self.command.get_program());
        let name = if name.is_absolute() { name.file_name().unwrap_or_default() } else { name.as_os_str() };
        let words = std::iter::once(name).chain(self.command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }
}

/// What `cargo run` tells a program about its own package. Passed on, it makes build scripts that watch
/// these variables run again, and with them everything that is built on them.
fn is_of_this_package(key: &OsStr) -> bool {
    let key = key.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| key.starts_with(start))
        || matches!(&*key, "OUT_DIR" | "CARGO_PRIMARY_PACKAGE" | "LD_LIBRARY_PATH")
}
