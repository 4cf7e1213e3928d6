//! How the lending of a job ends.

use flagon_sql::{Db, Result};

use crate::{claim::Claim, moment::Moment, queue::Queue};

/// Whether a worker still held its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "what was done for a job that is not held any more must be rolled back"]
pub enum Fence {
    /// It did.
    Held,
    /// It was thought dead, or the job was cancelled: what it did must not be kept.
    Lost,
}

impl Fence {
    fn of(rows: u64) -> Self {
        if rows == 1 { Self::Held } else { Self::Lost }
    }
}

/// What becomes of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is tried again then.
    Again(Moment),
    /// It is not.
    Dead,
}

impl Queue {
    /// Writes that the job of `claim` ran to success, by a statement of `db`, which is the transaction of its effects. It has to be the last
    /// one: on [`Fence::Lost`] the transaction is to be rolled back.
    ///
    /// The row is written only where it still is as this worker left it, and stays locked until the commit. Of two workers that both
    /// believe to hold the job, one finds it held, and the other's effects go.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn finish(&self, db: &Db, claim: &Claim, now: Moment) -> Result<Fence> {
        let update = "UPDATE flagon_job SET state = 'done', finished = ?, worker = NULL, unique_key = NULL, error = NULL \
                      WHERE id = ? AND state = 'running' AND lease = ?";
        Ok(Fence::of(db.execute(update, (now.millis(), claim.id, claim.lease)).await?))
    }

    /// Writes that the job of `claim` failed. What it did has to be rolled back before.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn fail(&self, claim: &Claim, error: &str, verdict: Verdict, now: Moment) -> Result<Fence> {
        let (db, error) = (self.database.db(), shortened(error));
        let rows = match verdict {
            Verdict::Again(run_at) => {
                let update = "UPDATE flagon_job SET state = 'waiting', run_at = ?, worker = NULL, error = ? \
                              WHERE id = ? AND state = 'running' AND lease = ?";
                db.execute(update, (run_at.millis(), error, claim.id, claim.lease)).await?
            }
            Verdict::Dead => {
                let update = "UPDATE flagon_job SET state = 'dead', finished = ?, worker = NULL, unique_key = NULL, error = ? \
                              WHERE id = ? AND state = 'running' AND lease = ?";
                db.execute(update, (now.millis(), error, claim.id, claim.lease)).await?
            }
        };
        Ok(Fence::of(rows))
    }

    /// Gives the job of `claim` back undone, for another worker to take; the attempt does not count. What it did has to be rolled back
    /// before.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn give_back(&self, claim: &Claim) -> Result<Fence> {
        let update = "UPDATE flagon_job SET state = 'ready', worker = NULL, attempts = attempts - 1 \
                      WHERE id = ? AND state = 'running' AND lease = ?";
        Ok(Fence::of(self.database.db().execute(update, (claim.id, claim.lease)).await?))
    }
}

/// The longest text of an error that is kept, in bytes.
const LONGEST: usize = 16_000;

fn shortened(error: &str) -> &str {
    &error[..error.floor_char_boundary(LONGEST)]
}
