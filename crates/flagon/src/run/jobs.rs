//! The command `jobs`: works on the queue, and lets people look at it.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
};

use clap::{Args, Subcommand};
use flagon_jobs::command::{self, Colours};
use flagon_server::Shutdown as Signals;

use super::terminal;
use crate::{
    config::environment,
    current_app::CurrentApp,
    error::{Error, Result},
    globals::current_app,
    workers::{Workers, run_due},
};

/// What `jobs` is asked to do.
#[derive(Debug, Args)]
pub(super) struct JobsArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run jobs until SIGTERM or Ctrl-C, in a process of its own
    Work(Work),
    #[command(flatten)]
    Queue(command::Action),
}

/// How jobs are worked on.
#[derive(Debug, Args)]
pub(super) struct Work {
    /// How many at a time [default: `jobs.workers`, or 4 where that is 0]
    #[arg(long, value_name = "N")]
    workers: Option<u32>,
    /// Only of these queues
    #[arg(long = "queue", value_name = "NAME")]
    queues: Vec<String>,
    /// Only what is due now, and then end
    #[arg(long, conflicts_with_all = ["workers", "queues"])]
    once: bool,
}

/// Looks at the queue.
pub(super) async fn jobs(arguments: JobsArguments) -> Result<()> {
    let app = current_app();
    let action = match arguments.action {
        Action::Work(how) => return work(&app, how).await,
        Action::Queue(action) => action,
    };
    let colours =
        if io::stdout().is_terminal() && !environment::no_color() { Colours::Use } else { Colours::Avoid };
    let answer = command::answer(&app.jobs.queue, &action, colours).await?;
    terminal::print(&answer.text).map_err(|failure| Error::from(io::Error::other(failure.to_string())))?;
    if answer.is_complete { Ok(()) } else { Err(io::Error::other("not all of it could be done").into()) }
}

/// Works on the queue of `app` until a signal.
async fn work(app: &Arc<CurrentApp>, work: Work) -> Result<()> {
    if work.once {
        let count = run_due(app).await?;
        return terminal::print(&format!("{count} jobs were run\n"))
            .map_err(|failure| io::Error::other(failure.to_string()).into());
    }
    let config = &app.config().jobs;
    let at_a_time = work.workers.unwrap_or(if config.workers == 0 { 4 } else { config.workers }).max(1);
    let queues = if work.queues.is_empty() { config.queues.clone() } else { work.queues };
    let workers = Workers::start(app, queues, usize::try_from(at_a_time).unwrap_or(usize::MAX))?;
    terminal::note(&format!("working on jobs, {at_a_time} at a time; stop with Ctrl-C"));
    Signals::on_signals().asked().await?;
    crate::blocking(move || workers.stop()).await;
    Ok(())
}
