//! Schedules that are due: each time of each is taken once, whoever takes it.
//!
//! There is no leader to be chosen, and none to be lost: who finds a schedule due writes its next time where the old one still stands
//! and puts the job into the queue, in one transaction. Of several processes one finds it so.

use flagon_sql::{Db, ErrorKind, Result};

use crate::{
    job::{Enqueued, NewJob},
    moment::Moment,
    queue::Queue,
    schedule::Schedule,
    transaction::whole,
};

/// The longest text of an expression that is kept.
const LONGEST: usize = 255;

/// What a look at a schedule has found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// When it is due next; `None` when never again.
    pub next: Option<Moment>,
    /// The job that was put into the queue, if it was due and we were the first to see it.
    pub enqueued: Option<Enqueued>,
}

impl Queue {
    /// Puts `job` into the queue if its `schedule` is due. One that was missed, as nothing ran, is made up for
    /// once. A schedule that is new, or was changed, begins now.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn tick(&self, schedule: &Schedule, job: &NewJob, now: Moment) -> Result<Tick> {
        let db = self.database.db();
        let expression: String = schedule.expression().chars().take(LONGEST).collect();
        let select = "SELECT expression, next_at FROM flagon_job_schedule WHERE name = ?";
        let known: Option<(String, Option<i64>)> = db.query_as(select, (&job.name,)).optional().await?;
        let next = schedule.next(now);
        let next_at = next.map(Moment::millis);
        let later = |next| Ok(Tick { next, enqueued: None });
        match known {
            None => {
                let insert = "INSERT INTO flagon_job_schedule (name, expression, next_at) VALUES (?, ?, ?)";
                match db.execute(insert, (&job.name, &expression, next_at)).await {
                    Err(error) if error.kind() != ErrorKind::Unique => Err(error),
                    _ => later(next), // another process may have been faster
                }
            }
            Some((before, _)) if before != expression => {
                let update = "UPDATE flagon_job_schedule SET expression = ?, next_at = ? WHERE name = ? AND expression = ?";
                db.execute(update, (&expression, next_at, &job.name, &before)).await?;
                later(next)
            }
            Some((_, Some(due))) if due <= now.millis() => {
                let enqueued = whole(&self.database, |db| self.take(db, job, due, next_at, now)).await?;
                Ok(Tick { next, enqueued })
            }
            Some((_, due)) => later(due.map(Moment::from_millis)),
        }
    }

    /// Takes the time `due` of the schedule of `job`, if nobody else has.
    async fn take(
        &self,
        db: Db,
        job: &NewJob,
        due: i64,
        next_at: Option<i64>,
        now: Moment,
    ) -> Result<Option<Enqueued>> {
        let update = "UPDATE flagon_job_schedule SET next_at = ?, last_at = ? WHERE name = ? AND next_at = ?";
        if db.execute(update, (next_at, due, &job.name, due)).await? == 0 {
            return Ok(None);
        }
        self.enqueue(&db, job, now).await.map(Some)
    }
}
