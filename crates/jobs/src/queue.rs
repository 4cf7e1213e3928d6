//! The queue, and how jobs come into it.

use std::time::Duration;

use flagon_sql::{Database, Db, Error, ErrorKind, Result};

use crate::{
    job::{Enqueued, NewJob},
    moment::Moment,
    state::State,
};

/// The queue of a database.
///
/// See the [crate](crate) for an example.
#[derive(Debug, Clone)]
pub struct Queue {
    pub(crate) database: Database,
    patience: Duration,
}

impl Queue {
    /// The queue of `database`, whose tables [`MIGRATIONS`](crate::MIGRATIONS) make.
    pub fn new(database: &Database) -> Self {
        Self { database: database.clone(), patience: Duration::from_secs(30) }
    }

    /// With another time for which a worker is believed to be alive after it said so, instead of 30 s. All who use the same database say the
    /// same.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// For how long a worker is believed to be alive after it said so.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Puts `job` into the queue, by a statement of `db`: in its transaction, the job is there if that is committed, and only then.
    ///
    /// # Errors
    ///
    /// When the database refuses it: in a transaction that only reads, or where the table is of an engine that can't roll back.
    pub async fn enqueue(&self, db: &Db, job: &NewJob, now: Moment) -> Result<Enqueued> {
        // What was found by its key may come to its end before it is looked at.
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match insert(db, job, now).await {
                Err(error) if error.kind() == ErrorKind::Unique && tries < 5 => error,
                inserted => return inserted.map(Enqueued::New),
            };
            if let Some(id) = holder(db, job).await? {
                return Ok(Enqueued::Already(id));
            }
            tracing::debug!(target: "flagon::jobs", %error, "a job of the same key came to its end meanwhile");
        }
    }
}

async fn insert(db: &Db, job: &NewJob, now: Moment) -> Result<i64, Error> {
    let run_at = job.run_at.unwrap_or(now);
    let state = if run_at > now { State::Waiting } else { State::Ready };
    db.insert(
        "INSERT INTO flagon_job (name, queue, precedence, arguments, unique_key, unique_of, state, run_at, most_attempts, created) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            &job.name,
            &job.queue,
            job.priority.saturating_neg(),
            &job.arguments,
            &job.unique,
            &job.unique,
            state.word(),
            run_at.millis(),
            job.most_attempts,
            now.millis(),
        ),
    )
    .await
}

/// The job that holds the key of `job`. It is read with a lock, as a snapshot might be older than it.
async fn holder(db: &Db, job: &NewJob) -> Result<Option<i64>> {
    let select = "SELECT id FROM flagon_job WHERE unique_key = ?";
    db.query_as(select, (&job.unique,)).for_share().optional().await
}
