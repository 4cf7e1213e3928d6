//! What is in the queue.

use std::time::Duration;

use flagon_sql::{AssertSqlSafe, FromRow, Result, Row};
use serde::{Serialize, Serializer};

use crate::{moment::Moment, queue::Queue, state::State, worker::Worker};

/// A job, as the table has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// What is called.
    pub name: String,
    /// Where it waits.
    pub queue: String,
    /// How urgent it is.
    pub priority: i32,
    /// Its arguments, as JSON.
    #[serde(serialize_with = "as_json")]
    pub arguments: String,
    /// The key of which there is one at a time.
    pub unique: Option<String>,
    /// Where it stands.
    pub state: State,
    /// When it may be run, or might have been.
    pub run_at: Moment,
    /// How often it was begun.
    pub attempts: u32,
    /// How often it is begun at most.
    pub most_attempts: u32,
    /// How often its worker was lost.
    pub losses: u32,
    /// Who holds it.
    pub worker: Option<String>,
    /// When it came.
    pub created: Moment,
    /// When it was begun last.
    pub started: Option<Moment>,
    /// When it came to its end.
    pub finished: Option<Moment>,
    /// Why it failed last.
    pub error: Option<String>,
}

impl Job {
    /// How long its last attempt took, if it came to its end.
    pub fn took(&self) -> Option<Duration> {
        Some(self.finished?.since(self.started?))
    }
}

/// JSON within JSON, where it is any.
fn as_json<S: Serializer>(arguments: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<serde_json::Value>(arguments) {
        Ok(value) => value.serialize(serializer),
        Err(_) => serializer.serialize_str(arguments),
    }
}

impl FromRow for Job {
    fn from_row(row: Row) -> Result<Self> {
        let moment =
            |column: &str| -> Result<_> { Ok(row.get::<Option<i64>>(column)?.map(Moment::from_millis)) };
        let state: String = row.get("state")?;
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            queue: row.get("queue")?,
            priority: row.get::<i32>("precedence")?.saturating_neg(),
            arguments: row.get("arguments")?,
            unique: row.get("unique_of")?,
            state: State::from_word(&state).unwrap_or(State::Dead), // only a newer program writes others
            run_at: Moment::from_millis(row.get("run_at")?),
            attempts: row.get("attempts")?,
            most_attempts: row.get("most_attempts")?,
            losses: row.get("losses")?,
            worker: row.get("worker")?,
            created: Moment::from_millis(row.get("created")?),
            started: moment("started")?,
            finished: moment("finished")?,
            error: row.get("error")?,
        })
    }
}

/// How many jobs there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Their time has not come.
    pub waiting: u64,
    /// They may be run.
    pub ready: u64,
    /// Workers hold them.
    pub running: u64,
    /// They ran to success, and are not cleared away yet.
    pub done: u64,
    /// They failed too often.
    pub dead: u64,
    /// Nobody wanted them any more.
    pub cancelled: u64,
}

impl Counts {
    /// Those of `state`.
    pub fn of(&self, state: State) -> u64 {
        match state {
            State::Waiting => self.waiting,
            State::Ready => self.ready,
            State::Running => self.running,
            State::Done => self.done,
            State::Dead => self.dead,
            State::Cancelled => self.cancelled,
        }
    }

    fn of_mut(&mut self, state: State) -> &mut u64 {
        match state {
            State::Waiting => &mut self.waiting,
            State::Ready => &mut self.ready,
            State::Running => &mut self.running,
            State::Done => &mut self.done,
            State::Dead => &mut self.dead,
            State::Cancelled => &mut self.cancelled,
        }
    }
}

/// A schedule, as the table has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ScheduleRow {
    /// The job that it runs.
    pub name: String,
    /// When, with the time zone.
    pub expression: String,
    /// When it is due next.
    pub next: Option<Moment>,
    /// When it was due last.
    pub last: Option<Moment>,
}

impl Queue {
    /// The job `id`.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn find(&self, id: i64) -> Result<Option<Job>> {
        self.database.db().query_as("SELECT * FROM flagon_job WHERE id = ?", (id,)).optional().await
    }

    /// The newest `most` jobs: of `state`, or of any; of `name`, or of any.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn list(&self, state: Option<State>, name: Option<&str>, most: u32) -> Result<Vec<Job>> {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        if let Some(state) = state {
            conditions.push("state = ?");
            values.push(state.word());
        }
        if let Some(name) = name {
            conditions.push("name = ?");
            values.push(name);
        }
        let condition =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let select = format!("SELECT * FROM flagon_job {condition} ORDER BY id DESC LIMIT {most}");
        self.database.db().query_as(AssertSqlSafe(select), &values[..]).all().await
    }

    /// How many there are in each state.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn counts(&self) -> Result<Counts> {
        let select = "SELECT state, count(*) FROM flagon_job GROUP BY state";
        let rows: Vec<(String, u64)> = self.database.db().query_as(select, ()).all().await?;
        let mut counts = Counts::default();
        for (word, count) in rows {
            if let Some(state) = State::from_word(&word) {
                *counts.of_mut(state) = count;
            }
        }
        Ok(counts)
    }

    /// The schedules that any process has known.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        let select = "SELECT name, expression, next_at, last_at FROM flagon_job_schedule ORDER BY name";
        let rows: Vec<(String, String, Option<i64>, Option<i64>)> =
            self.database.db().query_as(select, ()).all().await?;
        let row = |(name, expression, next, last): (_, _, Option<i64>, Option<i64>)| ScheduleRow {
            name,
            expression,
            next: next.map(Moment::from_millis),
            last: last.map(Moment::from_millis),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// How many workers are alive.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn workers(&self, now: Moment) -> Result<u64> {
        let select = "SELECT count(*) FROM flagon_job_worker WHERE alive_until >= ?";
        self.database.db().query_as(select, (now.millis(),)).one().await
    }

    /// Whether `worker` is known.
    ///
    /// # Errors
    ///
    /// When the database can't be asked.
    pub async fn knows(&self, worker: &Worker) -> Result<bool> {
        let select = "SELECT count(*) FROM flagon_job_worker WHERE id = ?";
        Ok(self.database.db().query_as::<u64>(select, (worker.id(),)).one().await? == 1)
    }
}
