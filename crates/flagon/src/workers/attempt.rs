//! One attempt at a job: its context, its transaction, and how it ends.

use std::{error::Error as StdError, fmt::Write as _, pin::pin, sync::Arc};

use flagon_jobs::{Claim, Fence, Moment, Verdict};
use flagon_sql::{Db, backoff};
use tokio::time::{Instant, timeout_at};

use crate::{
    attempt::commit_and_after,
    context::Context,
    current_app::CurrentApp,
    error::{Error, ErrorKind, Result},
    job::GivenUp,
    job_registry::{JobEntry, RunningJob},
    panic::caught,
};

/// How a job's attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// What it did is committed.
    Done,
    /// It was somebody else's by then, and what it did is rolled back.
    Lost,
    /// It failed, and what it did is rolled back.
    Failed { error: String, verdict: Verdict },
}

/// Runs the job of `claim`, and commits what it did together with the word that it is done.
pub(super) async fn run(app: &Arc<CurrentApp>, claim: &Claim) -> Ended {
    let Some(entry) = app.jobs.find(&claim.name) else { return unknown(claim) };
    let deadline = Instant::now().checked_add(entry.info.timeout);
    let (mut tries, mut turn) = (0, None);
    loop {
        tries += 1;
        let context = Context::open_job(app, running(claim, entry));
        let end = End(Arc::clone(&context));
        let done = Arc::clone(&context).scope(once(&context, entry, claim, deadline)).await;
        drop(end);
        context.end(done.as_ref().err());
        let doom = context.transaction().and_then(|transaction| transaction.doom());
        let why = match &done {
            Ok(Fence::Held) => return Ended::Done,
            Ok(Fence::Lost) => return Ended::Lost,
            Err(error) => doom.or(error.sql_kind()).filter(|why| why.is_transient()),
        };
        let has_time = deadline.is_none_or(|deadline| Instant::now() < deadline);
        match (why, done) {
            (Some(why), _) if tries <= app.config.sql.retries && has_time => {
                tracing::info!(target: "flagon::jobs", job = claim.id, name = claim.name, number = tries, ?why, "a job is run again, as the database gave its transaction up");
                drop(context); // what it still holds goes before others' turns
                app.database.wait_for_turn(why, backoff::pause(tries), &mut turn).await;
            }
            (_, Err(error)) => return failed(&error, entry, claim),
            (_, Ok(_)) => return Ended::Lost,
        }
    }
}

/// The end of an attempt, also when it is stopped in its middle: nothing of it goes on, and nothing of it is kept.
struct End(Arc<Context>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.cancel_tasks();
        self.0.abandon_transaction();
    }
}

fn running(claim: &Claim, entry: &JobEntry) -> RunningJob {
    RunningJob {
        id: claim.id,
        name: claim.name.clone(),
        attempt: claim.attempt,
        most_attempts: claim.most_attempts,
        is_autocommit: entry.info.is_autocommit,
    }
}

/// Calls the function, and commits.
async fn once(
    context: &Arc<Context>,
    entry: &JobEntry,
    claim: &Claim,
    deadline: Option<Instant>,
) -> Result<Fence> {
    let work = pin!(async {
        match (entry.call)(&claim.arguments) {
            Ok(work) => {
                work.await?;
                context.settle_tasks().await; // they are a part of it
                Ok(())
            }
            Err(error) => Err(Error::new(ErrorKind::Failed).with_source(Misfit(error))),
        }
    });
    let work = caught(context, work);
    let done = match deadline {
        Some(deadline) => timeout_at(deadline, work).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::DeadlineExceeded).with_source("its time was over"))
        }),
        None => work.await,
    };
    if let Err(error) = done {
        context.cancel_tasks();
        roll_back(context).await;
        return Err(error);
    }
    conclude(context, claim).await
}

async fn roll_back(context: &Context) {
    if let Some(transaction) = context.transaction() {
        transaction.rollback().await;
    }
}

/// Writes that the job is done into the transaction of its effects, if it is still ours, and commits both.
async fn conclude(context: &Arc<Context>, claim: &Claim) -> Result<Fence> {
    let db: Db = context.db();
    let fence = match context.app().jobs.queue.finish(&db, claim, Moment::now()).await {
        Ok(Fence::Held) => Fence::Held,
        Ok(Fence::Lost) => {
            roll_back(context).await;
            return Ok(Fence::Lost);
        }
        Err(error) => {
            roll_back(context).await;
            return Err(error.into());
        }
    };
    if let Some(transaction) = db.current_transaction() {
        commit_and_after(context, transaction).await?;
    }
    Ok(fence)
}

/// The arguments of a job that its function does not take.
#[derive(Debug)]
struct Misfit(serde_json::Error);

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the arguments don't fit the function any more: {}", self.0)
    }
}

impl StdError for Misfit {}

/// For how many attempts a job without a function waits for a program that has it.
const ATTEMPTS_OF_UNKNOWN: u32 = 3;

/// A job without a function: while programs are exchanged, a newer one may have it.
fn unknown(claim: &Claim) -> Ended {
    let error = format!(
        "no function of this program is called `{}`: it was renamed, removed, or is not among the jobs of the app",
        claim.name
    );
    let verdict = if claim.attempt < ATTEMPTS_OF_UNKNOWN {
        let backoff = flagon_jobs::Backoff::from(std::time::Duration::from_secs(30));
        Verdict::Again(Moment::now() + backoff.pause(claim.attempt))
    } else {
        Verdict::Dead
    };
    Ended::Failed { error, verdict }
}

fn failed(error: &Error, entry: &JobEntry, claim: &Claim) -> Ended {
    let is_final = error.downcast_ref::<GivenUp>().is_some() || error.downcast_ref::<Misfit>().is_some();
    let verdict = if is_final || claim.attempt >= claim.most_attempts {
        Verdict::Dead
    } else {
        Verdict::Again(Moment::now() + entry.info.backoff.pause(claim.attempt))
    };
    Ended::Failed { error: explained(error), verdict }
}

/// What went wrong, with its causes and its place: for who looks at the queue.
fn explained(error: &Error) -> String {
    let mut text = match (error.kind(), error.source()) {
        // That something failed goes without saying when there is a cause.
        (ErrorKind::Failed | ErrorKind::DeadlineExceeded | ErrorKind::Panicked, Some(cause))
            if error.public().is_none() =>
        {
            cause.to_string()
        }
        (_, Some(cause)) => format!("{error}: {cause}"),
        (_, None) => error.to_string(),
    };
    let mut cause = error.source().and_then(StdError::source);
    while let Some(deeper) = cause {
        let _ = write!(text, "\nbecause {deeper}");
        cause = deeper.source();
    }
    let _ = write!(text, "\nat {}", error.place());
    text
}
