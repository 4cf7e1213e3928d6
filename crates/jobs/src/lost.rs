//! Workers that are not heard of any more, and their jobs.

use flagon_sql::{Db, Result};

use crate::{moment::Moment, queue::Queue, transaction::whole, worker::Worker};

/// How often a job may lose its worker: one that takes its process down with it (memory, a crash in C) would do so for ever.
const MOST_LOSSES: u32 = 10;

impl Queue {
    /// Takes their jobs from workers that were not heard of for too long, so that others run them; gives how many jobs it took.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn take_from_lost(&self, now: Moment) -> Result<u64> {
        let select = "SELECT id FROM flagon_job_worker WHERE alive_until < ?";
        let lost: Vec<String> = self.database.db().query_as(select, (now.millis(),)).all().await?;
        let mut count = 0;
        for id in &lost {
            let bury = |db: Db| async move {
                // It may have been heard of meanwhile, and then it keeps its jobs; or somebody else was faster.
                let delete = "DELETE FROM flagon_job_worker WHERE id = ? AND alive_until < ?";
                if db.execute(delete, (id, now.millis())).await? == 0 {
                    return Ok(0);
                }
                take_all(&db, id, now).await
            };
            let jobs = whole(&self.database, bury).await?;
            tracing::warn!(target: "flagon::jobs", worker = id, jobs, "a worker was not heard of any more");
            count += jobs;
        }
        Ok(count)
    }

    /// Ends `worker`: what it still holds is given back, and the attempts do not count.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn leave(&self, worker: &Worker) -> Result<u64> {
        let leave = |db: Db| async move {
            let update = "UPDATE flagon_job SET state = 'ready', worker = NULL, attempts = attempts - 1 \
                          WHERE worker = ? AND state = 'running'";
            let given_back = db.execute(update, (worker.id(),)).await?;
            db.execute("DELETE FROM flagon_job_worker WHERE id = ?", (worker.id(),)).await?;
            Ok(given_back)
        };
        whole(&self.database, leave).await
    }
}

async fn take_all(db: &Db, worker: &str, now: Moment) -> Result<u64> {
    let dead = "UPDATE flagon_job SET state = 'dead', finished = ?, worker = NULL, unique_key = NULL, losses = losses + 1, \
                error = 'its worker was lost too often; does it take the process down?' \
                WHERE worker = ? AND state = 'running' AND losses >= ?";
    let dead = db.execute(dead, (now.millis(), worker, MOST_LOSSES - 1)).await?;
    let again = "UPDATE flagon_job SET state = 'ready', worker = NULL, attempts = attempts - 1, losses = losses + 1, \
                 error = 'its worker was lost' WHERE worker = ? AND state = 'running'";
    Ok(dead + db.execute(again, (worker,)).await?)
}
