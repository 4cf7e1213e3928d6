//! What people do to jobs, and how old ones go.

use flagon_sql::{ErrorKind, Result};

use crate::{moment::Moment, queue::Queue};

/// How many rows are looked for at once.
const BATCH: usize = 500;

impl Queue {
    /// Cancels the job `id`; gives whether there was anything to cancel. What a worker is just doing for it will not be kept.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn cancel(&self, id: i64, now: Moment) -> Result<bool> {
        let update = "UPDATE flagon_job SET state = 'cancelled', finished = ?, worker = NULL, unique_key = NULL \
                      WHERE id = ? AND state IN ('waiting', 'ready', 'running')";
        Ok(self.database.db().execute(update, (now.millis(), id)).await? == 1)
    }

    /// Has the job `id` run now, with all its attempts before it: one that is dead or cancelled, or whose time has not come; gives whether
    /// there was such a one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unique`] when another job of its key is there by now, and else when the database refuses it.
    pub async fn retry(&self, id: i64, now: Moment) -> Result<bool> {
        let update = "UPDATE flagon_job SET state = 'ready', run_at = ?, attempts = 0, losses = 0, finished = NULL, \
                      unique_key = unique_of WHERE id = ? AND state IN ('dead', 'cancelled', 'waiting')";
        Ok(self.database.db().execute(update, (now.millis(), id)).await? == 1)
    }

    /// Has all dead jobs run again, of `name` or of any; gives how many. Those whose key another job has by now stay as they are.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn retry_dead(&self, name: Option<&str>, now: Moment) -> Result<u64> {
        let select = "SELECT id FROM flagon_job WHERE state = 'dead' AND (? IS NULL OR name = ?) ORDER BY id";
        let ids: Vec<i64> = self.database.db().query_as(select, (name, name)).all().await?;
        let mut count = 0;
        for id in ids {
            match self.retry(id, now).await {
                Ok(retried) => count += u64::from(retried),
                Err(error) if error.kind() == ErrorKind::Unique => (),
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    /// Makes ready what is due; gives when the next one will be.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn promote(&self, now: Moment) -> Result<Option<Moment>> {
        let db = self.database.db();
        let select = "SELECT min(run_at) FROM flagon_job WHERE state = 'waiting'";
        let next = async || -> Result<Option<Moment>> {
            Ok(db.query_as::<Option<i64>>(select, ()).one().await?.map(Moment::from_millis))
        };
        match next().await? {
            Some(due) if due <= now => {
                let update = "UPDATE flagon_job SET state = 'ready' WHERE state = 'waiting' AND run_at <= ?";
                db.execute(update, (now.millis(),)).await?;
                next().await
            }
            later => Ok(later),
        }
    }

    /// Removes jobs that were done or cancelled before `finished`, and those that died before `died`; gives how many.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn clear(&self, finished: Moment, died: Moment) -> Result<u64> {
        let mut count = 0;
        for (state, before) in [("done", finished), ("cancelled", finished), ("dead", died)] {
            loop {
                let select =
                    "SELECT id FROM flagon_job WHERE state = ? AND finished < ? ORDER BY finished LIMIT 500";
                let db = self.database.db();
                let ids: Vec<i64> = db.query_as(select, (state, before.millis())).all().await?;
                for id in &ids {
                    let delete = "DELETE FROM flagon_job WHERE id = ? AND state = ?";
                    count += db.execute(delete, (id, state)).await?;
                }
                if ids.len() < BATCH {
                    break;
                }
            }
        }
        Ok(count)
    }
}
