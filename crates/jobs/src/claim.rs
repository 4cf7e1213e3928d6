//! Workers that say they are alive, and the jobs that they take.

use flagon_sql::{AssertSqlSafe, Db, Result};

use crate::{moment::Moment, queue::Queue, transaction::whole, worker::Worker};

/// A job that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The number of the job.
    pub id: i64,
    /// What is called.
    pub name: String,
    /// Where it waited.
    pub queue: String,
    /// Its arguments, as JSON.
    pub arguments: String,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// How many attempts there are at most.
    pub most_attempts: u32,
    /// By which of its lendings it is held: what the fence compares.
    pub lease: i64,
}

impl Queue {
    /// Makes `worker` known, which it has to be to take jobs.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn register(&self, worker: &Worker, now: Moment) -> Result<()> {
        let insert =
            "INSERT INTO flagon_job_worker (id, host, pid, started, alive_until) VALUES (?, ?, ?, ?, ?)";
        let values =
            (worker.id(), worker.host(), worker.pid(), now.millis(), (now + self.patience()).millis());
        self.database.db().execute(insert, values).await?;
        Ok(())
    }

    /// Says that `worker` is alive, and gives the leases that it still holds; `None` when it was thought dead meanwhile: then others have its
    /// jobs, and it has to stop them and register as another.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn beat(&self, worker: &Worker, now: Moment) -> Result<Option<Vec<(i64, i64)>>> {
        let db = self.database.db();
        if !self.is_known(&db, worker, now).await? {
            return Ok(None);
        }
        let held = "SELECT id, lease FROM flagon_job WHERE worker = ? AND state = 'running'";
        Ok(Some(db.query_as(held, (worker.id(),)).all().await?))
    }

    async fn is_known(&self, db: &Db, worker: &Worker, now: Moment) -> Result<bool> {
        let update = "UPDATE flagon_job_worker SET alive_until = ? WHERE id = ?";
        Ok(db.execute(update, ((now + self.patience()).millis(), worker.id())).await? == 1)
    }

    /// Takes up to `count` jobs for `worker`, the most urgent first, of `queues` or, without any, of all. Nobody else gets them until the
    /// worker is lost or gives them back. Those that another one is just taking are passed over (`SKIP LOCKED`). Nothing is taken by a
    /// worker that is not known (any more).
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn claim(
        &self,
        worker: &Worker,
        queues: &[String],
        count: usize,
        now: Moment,
    ) -> Result<Vec<Claim>> {
        let select = ready(queues, count);
        // Who looks in vain writes nothing.
        let seen = self.database.db().query_as::<i64>(AssertSqlSafe(select.clone()), queues).all().await?;
        if seen.is_empty() || count == 0 {
            return Ok(Vec::new());
        }
        let take = |db: Db| {
            let select = AssertSqlSafe(select.clone());
            async move {
                if !self.is_known(&db, worker, now).await? {
                    return Ok(Vec::new());
                }
                let ids: Vec<i64> = db.query_as(select, queues).for_update().skip_locked().all().await?;
                let mut claims = Vec::with_capacity(ids.len());
                for id in ids {
                    claims.push(take_one(&db, worker, id, now).await?);
                }
                Ok(claims)
            }
        };
        whole(&self.database, take).await
    }
}

/// What finds jobs that are ready.
fn ready(queues: &[String], count: usize) -> String {
    let queues = match queues.len() {
        0 => String::new(),
        count => format!(" AND queue IN (?{})", ", ?".repeat(count - 1)),
    };
    format!(
        "SELECT id FROM flagon_job WHERE state = 'ready'{queues} ORDER BY precedence, run_at, id LIMIT {count}"
    )
}

/// Lends the job `id`, whose row is locked, to `worker`.
async fn take_one(db: &Db, worker: &Worker, id: i64, now: Moment) -> Result<Claim> {
    let update = "UPDATE flagon_job SET state = 'running', worker = ?, lease = lease + 1, attempts = attempts + 1, started = ? \
                  WHERE id = ?";
    db.execute(update, (worker.id(), now.millis(), id)).await?;
    let select = "SELECT name, queue, arguments, attempts, most_attempts, lease FROM flagon_job WHERE id = ?";
    let row: (String, String, String, u32, u32, i64) = db.query_as(select, (id,)).one().await?;
    let (name, queue, arguments, attempt, most_attempts, lease) = row;
    Ok(Claim { id, name, queue, arguments, attempt, most_attempts, lease })
}
