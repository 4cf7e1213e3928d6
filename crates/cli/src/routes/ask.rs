//! Asks a Flask app for its URL map, through the app's own interpreter.
//!
//! In: the app's name, as `flask --app` takes it. Out: its [`Inventory`], or a sentence that says what to write instead.
//! Never: waits without end for an app, or takes what the app prints for an answer.

use std::{
    env, fmt,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde::Deserialize;

use super::inventory::Inventory;

const SCRIPT: &str = include_str!("ask.py");

/// How long an app may take to be imported and made.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many bytes an answer may have.
const LONGEST: u64 = 64 << 20;

/// Why there is no inventory.
#[derive(Debug)]
pub(crate) struct AskError(String);

impl std::error::Error for AskError {}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refusal { error: String, message: String, known: Vec<String> },
    Inventory(Inventory),
}

/// Asks the app that `target` names, as seen from `folder`.
pub(crate) fn ask(target: &str, folder: &Path, python: Option<&Path>) -> Result<Inventory, AskError> {
    let python = python.map_or_else(|| interpreter(folder), Path::to_owned);
    let shown = python.display();
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT, target])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| {
            AskError(format!("{shown} does not start: {error}; name the app's own Python by --python"))
        })?;
    let answer = read(&mut child).map_err(|error| AskError(format!("{shown}: {error}")))?;
    let status = child.wait().map_err(|error| AskError(format!("{shown}: {error}")))?;
    match serde_json::from_slice(&answer) {
        Ok(Answer::Inventory(inventory)) => Ok(inventory),
        Ok(Answer::Refusal { error, message, known }) => {
            Err(AskError(explained(&error, &message, &known, &shown.to_string(), folder)))
        }
        Err(_) => Err(AskError(ended(&shown.to_string(), status))),
    }
}

/// What the child writes, until it has written all; one that does not end is ended.
fn read(child: &mut Child) -> io::Result<Vec<u8>> {
    let pipe = child.stdout.take().expect("it was asked for");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut answer = Vec::new();
        let read = pipe.take(LONGEST).read_to_end(&mut answer).map(|_| answer);
        let _ = sender.send(read); // nobody waits any more
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        child.kill()?;
        let seconds = PATIENCE.as_secs();
        Err(io::Error::other(format!(
            "the app was not made within {seconds} seconds: does its module serve when it is imported?"
        )))
    })
}

/// The Python of the environment that is active, or that lies beside the app.
fn interpreter(folder: &Path) -> PathBuf {
    const NAME: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let active = env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let folders = active.into_iter().chain([".venv", "venv", "env"].map(|name| folder.join(name)));
    let found = folders.map(|folder| folder.join(NAME)).find(|python| python.exists());
    let found = found.and_then(|python| std::path::absolute(python).ok());
    found.unwrap_or_else(|| if cfg!(windows) { "python" } else { "python3" }.into())
}

fn explained(kind: &str, message: &str, known: &[String], python: &str, folder: &Path) -> String {
    let has = if known.is_empty() { String::new() } else { format!("; it has {}", known.join(", ")) };
    match kind {
        "no flask" => format!(
            "{message}: name the Python that the app runs with by --python, such as --python .venv/bin/python"
        ),
        "no module" => format!(
            "{message} (looked for from {}, with {python}); name the folder of the app by --chdir",
            folder.display()
        ),
        "several apps" => format!("{message}{has}: write the one you mean behind a colon"),
        "failed" => format!("the app could not be made; Python says\n{}", message.trim_end()),
        "arguments" => format!("{message}; write them as literals: 'app:create_app(\"production\")'"),
        _ => format!("{message}{has}; write module:name or 'module:create_app()'"),
    }
}

fn ended(python: &str, status: ExitStatus) -> String {
    format!("{python} gave no answer and ended with {status}: what it says stands above")
}
