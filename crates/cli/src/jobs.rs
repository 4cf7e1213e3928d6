//! `flagon jobs …`: the queue of an app, by its database alone.

use std::{env, fmt::Write as _, fs, path::Path, process::ExitCode};

use flagon_jobs::{
    Queue,
    command::{Colours, answer},
};
use flagon_sql::Database;

use crate::{arguments::Jobs, terminal};

/// Answers what was asked.
pub(crate) fn run(jobs: &Jobs) -> ExitCode {
    match asked(jobs) {
        Ok(is_complete) => ExitCode::from(u8::from(!is_complete)),
        Err(problem) => {
            terminal::error(&problem);
            ExitCode::from(2)
        }
    }
}

fn asked(jobs: &Jobs) -> Result<bool, String> {
    let url = jobs.database.clone().or_else(of_environment).or_else(|| of_file(Path::new("flagon.toml")));
    let url = url.ok_or(
        "which database? name it by --database URL, FLAGON_DATABASE, or `database` in flagon.toml of this folder",
    )?;
    // Looking at a queue should not make a database.
    let file = url.strip_prefix("sqlite://").map(|rest| rest.split('?').next().unwrap_or(rest));
    if let Some(file) = file.filter(|file| !Path::new(file).exists()) {
        return Err(format!("there is no file {file}, which the database is to be"));
    }
    let database = Database::open(&url).map_err(|error| told(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no event loop could be made: {error}"))?;
    let colours = if terminal::is_colored() { Colours::Use } else { Colours::Avoid };
    let answered = runtime.block_on(answer(&Queue::new(&database), &jobs.action, colours));
    let answered = answered.map_err(|error| told(&error))?;
    terminal::show(&answered.text);
    Ok(answered.is_complete)
}

fn of_environment() -> Option<String> {
    env::var_os("FLAGON_DATABASE")?.into_string().ok().filter(|url| !url.is_empty())
}

/// The first of `database` in a configuration file, as apps take it.
fn of_file(file: &Path) -> Option<String> {
    let table: toml::Table = fs::read_to_string(file).ok()?.parse().ok()?;
    let database = table.get("database")?;
    let first = database.as_array().and_then(|all| all.first()).unwrap_or(database);
    first.as_str().map(str::to_owned)
}

/// An error with its causes.
fn told(error: &flagon_sql::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let _ = write!(text, "\n  because {deeper}");
        cause = deeper.source();
    }
    text
}
