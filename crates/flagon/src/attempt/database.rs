//! The transaction of a request: committed before its answer is sent, rolled back, or begun again with the whole of its work.
//!
//! In: what the view gave. Out: the same, or [`Again`] with a fresh context, when the database gave the transaction up for a reason
//! that passes. Never: begins a transaction; [`Context::db`] does, at the first statement.

use std::sync::Arc;

use flagon_sql::{Error as SqlError, ErrorKind as SqlKind, Transaction, backoff};
use http::{StatusCode, header::RETRY_AFTER};
use tokio::time::Instant;

use super::{Again, NotCommitted, Tries};
use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    recording::StepKind,
};

impl Tries {
    /// A fresh context for the same request, if it may be tried again.
    fn again(self, context: &Arc<Context>, why: SqlKind) -> Result<Again, &'static str> {
        let pause = backoff::pause(self.number);
        if self.number > context.app().config().sql.retries {
            return Err("it was tried `sql.retries` times");
        }
        if self.deadline.is_some_and(|deadline| Instant::now() + pause >= deadline) {
            return Err("its time is over");
        }
        let fresh = context.again().ok_or("its body was read as a stream, and can't be read again")?;
        tracing::info!(
            target: "flagon::sql",
            request = %context.request().id(),
            endpoint = context.endpoint(),
            number = self.number,
            why = ?why,
            "a view is run again, as the database gave its transaction up"
        );
        Ok(Again { context: fresh, pause, why })
    }
}

/// Rolls back what a view has done that gave an error, and begins again where that may help.
///
/// # Errors
///
/// The request is to be begun again.
pub(crate) async fn after_view(
    context: &Arc<Context>,
    tries: Tries,
    given: &mut Result<()>,
) -> Result<(), Again> {
    let Some(transaction) = context.transaction() else { return Ok(()) };
    if let Some(why) = transaction.doom().filter(|why| why.is_transient()) {
        // Whatever the view made of the error: nothing of its work is there.
        let reason = match tries.again(context, why) {
            Ok(again) => return Err(again),
            Err(reason) => reason,
        };
        let error = std::mem::replace(given, Ok(())).err();
        *given = Err(given_up(context, error, why, reason));
    } else if let Err(error) = std::mem::replace(given, Ok(())) {
        // What error handlers and after-hooks write from here on is a transaction of its own.
        context.end_transaction();
        transaction.rollback().await;
        *given = Err(explained(context, error));
    }
    Ok(())
}

/// Commits what was done for an answer of `status`, and runs what waits for that; a 5xx is rolled back.
///
/// # Errors
///
/// [`NotCommitted::Again`] when the request is to be begun again; [`NotCommitted::Failed`] with the error that takes the answer's place.
pub(crate) async fn commit(
    context: &Arc<Context>,
    tries: Tries,
    status: StatusCode,
) -> Result<(), NotCommitted> {
    let Some(transaction) = context.transaction() else {
        context.set_answered();
        return Ok(());
    };
    let _step = context.step(StepKind::Commit, || "".into());
    let done = if status.is_server_error() {
        transaction.rollback().await;
        Ok(())
    } else {
        commit_and_after(context, &transaction).await
    };
    let not_committed = match done {
        Ok(()) => None,
        Err(error) if error.kind().is_transient() => match tries.again(context, error.kind()) {
            Ok(again) => return Err(NotCommitted::Again(again)),
            Err(reason) => {
                let why = error.kind();
                Some(given_up(context, Some(error.into()), why, reason))
            }
        },
        Err(error) => Some(error.into()),
    };
    context.set_answered();
    not_committed.map_or(Ok(()), |error| Err(NotCommitted::Failed(error)))
}

/// A commit that has begun is seen through, with what waits for it, also when the client leaves: it runs in a task.
pub(crate) async fn commit_and_after(
    context: &Arc<Context>,
    transaction: &Arc<Transaction>,
) -> Result<(), SqlError> {
    if !transaction.writes() {
        return transaction.commit().await;
    }
    let (of_task, transaction) = (Arc::clone(context), Arc::clone(transaction));
    let work = async move {
        transaction.commit().await?;
        for work in transaction.take_after_commit() {
            work().await;
        }
        Ok(())
    };
    match tokio::spawn(of_task.scope(work)).await {
        Ok(done) => done,
        Err(failed) => {
            // Only what waited for the commit can panic: that is there.
            tracing::error!(target: "flagon::error", error = %failed, "what was to run after a commit panicked");
            Ok(())
        }
    }
}

/// The answer of a request whose transaction was given up too often: the client may well try again.
fn given_up(context: &Context, error: Option<Error>, why: SqlKind, reason: &'static str) -> Error {
    context.app().database.count_given_up();
    let cause =
        error.map_or_else(|| format!("{why:?}").into(), Box::<dyn std::error::Error + Send + Sync>::from);
    tracing::warn!(target: "flagon::sql", ?why, reason, error = %cause, "a request was not run again");
    Error::new(ErrorKind::Unavailable).with_header(RETRY_AFTER, 1.into()).with_source(cause)
}

/// Names the view and the cure where a view that answers a safe method was refused a write.
fn explained(context: &Context, error: Error) -> Error {
    let refused = error.sql_kind() == Some(SqlKind::ReadOnly);
    match (context.check_may_write(), error.source()) {
        (Err(why), Some(refusal)) if refused => {
            let why = why.source().map_or_else(String::new, ToString::to_string);
            let text = format!("{why}: {refusal}");
            error.with_source(text) // the place stays that of the statement
        }
        _ => error,
    }
}
