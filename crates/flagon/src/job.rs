//! Jobs to be done: from a call of a `#[job]` function to a row of the queue.
//!
//! In: arguments, and when. Out: a row, in the transaction of the request. Never: runs anything by itself.

use std::{
    borrow::Cow,
    error::Error as StdError,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use flagon_jobs::{Enqueued, Moment, NewJob};
use flagon_sql::Db;
use sha2::{Digest as _, Sha256};

use crate::{
    context::Context,
    error::{Error, ErrorKind, Result},
    job_registry::{JobFunction, RunningJob},
};

/// A job to be done: what a call of a `#[job]` function gives. Nothing happens before it is [enqueued](Self::enqueue).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use flagon::{jobs::jobs, prelude::*};
///
/// #[job]
/// async fn welcome(name: String) -> Result<()> {
///     db().execute("INSERT INTO mail (text) VALUES (?)", (format!("Welcome, {name}!"),)).await?;
///     Ok(())
/// }
///
/// #[post("/users")]
/// async fn register() -> Result<&'static str> {
///     welcome("Ada".into()).enqueue().await?; // there if this request is committed, and only then
///     welcome("Bob".into()).delay(Duration::from_secs(3600)).priority(5).enqueue().await?;
///     Ok("registered")
/// }
///
/// let app = App::new("docs").jobs(jobs![welcome]).routes(routes![register]);
/// ```
#[must_use = "a job is not done before it is enqueued: .enqueue().await?"]
#[derive(Debug, Clone)]
pub struct Job<J> {
    function: J,
    queue: Option<Cow<'static, str>>,
    priority: Option<i32>,
    unique: Option<String>,
    time: Time,
}

/// When a job may be run.
#[derive(Debug, Clone, Copy)]
enum Time {
    Now,
    After(Duration),
    At(SystemTime),
}

impl<J: JobFunction> Job<J> {
    /// Makes one of the arguments of a function: what `#[job]` writes.
    pub fn new(function: J) -> Self {
        Self { function, queue: None, priority: None, unique: None, time: Time::Now }
    }

    /// Lets it wait in another queue.
    pub fn queue(mut self, queue: impl Into<Cow<'static, str>>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// Makes it more urgent than others (above 0) or less (below).
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Lets it be run after this time and not before.
    pub fn delay(mut self, time: Duration) -> Self {
        self.time = Time::After(time);
        self
    }

    /// Lets it be run at this time and not before.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.time = Time::At(time);
        self
    }

    /// Adds it only if no job of this name and key is there that has not come to its end.
    pub fn unique(mut self, key: impl fmt::Display) -> Self {
        self.unique = Some(key.to_string());
        self
    }

    /// Puts it into the queue: in a request or a job within its transaction, so that it is there if that is committed, and only then;
    /// elsewhere at once.
    ///
    /// # Errors
    ///
    /// 500 when the app does not know the job, its arguments can't be JSON, or the database refuses it: as it does in a view whose
    /// method is safe, which may not write.
    ///
    /// # Panics
    ///
    /// Where no app is current: see [`enqueue_with`](Self::enqueue_with), and [`Application::app_context`](crate::Application::app_context).
    pub async fn enqueue(self) -> Result<Enqueued> {
        let Some(context) = Context::current() else { panic!("{WITHOUT_CONTEXT}") };
        let db = context.db();
        self.put(context, db).await
    }

    /// Puts it into the queue by a statement of `db`, such as that of [`current_app()`](crate::current_app), which is in no transaction: the
    /// job stays when the request fails.
    ///
    /// # Errors
    ///
    /// As [`enqueue`](Self::enqueue).
    ///
    /// # Panics
    ///
    /// Where no app is current.
    pub async fn enqueue_with(self, db: &Db) -> Result<Enqueued> {
        let Some(context) = Context::current() else { panic!("{WITHOUT_CONTEXT}") };
        self.put(context, db.clone()).await
    }

    async fn put(self, context: Arc<Context>, db: Db) -> Result<Enqueued> {
        let app = context.app();
        let name = J::INFO.name;
        if app.jobs.find(name).is_none() {
            return Err(Error::new(ErrorKind::Failed).with_source(format!(
                "the app does not know the job `{name}`, so no worker would find its function; give it to the app: \
                 .jobs(jobs![{name}])"
            )));
        }
        let now = Moment::now();
        let enqueued = app.jobs.queue.enqueue(&db, &self.into_row(now)?, now).await?;
        let woken = Arc::clone(app);
        db.after_commit(async move { woken.jobs.wake.notify_one() }).await;
        Ok(enqueued)
    }

    fn into_row(self, now: Moment) -> Result<NewJob> {
        let info = J::INFO;
        let arguments = serde_json::to_string(&self.function)?;
        let mut row = NewJob::new(info.name, arguments);
        let key = self.unique.or_else(|| self.function.unique());
        row.unique = key.map(|key| shortened(&format!("{}:{key}", info.name)));
        row.queue = self.queue.map_or_else(|| info.queue.to_owned(), Cow::into_owned);
        if row.queue.is_empty() || row.queue.chars().count() > LONGEST_QUEUE {
            return Err(Error::new(ErrorKind::Failed)
                .with_source("the name of a queue has between 1 and 64 characters"));
        }
        row.priority = self.priority.unwrap_or(info.priority);
        row.most_attempts = info.retries.saturating_add(1);
        row.run_at = match self.time {
            Time::Now => None,
            Time::After(time) => Some(now + time),
            Time::At(time) => Some(time.into()),
        };
        Ok(row)
    }

    /// Calls the function here and now, without the queue: for tests, and for jobs that call others.
    ///
    /// # Errors
    ///
    /// What the function gives.
    pub async fn call(self) -> Result<()> {
        self.function.call().await
    }
}

const LONGEST_QUEUE: usize = 64;

/// The longest key that stands there as it is.
const LONGEST_KEY: usize = 300;

/// `key`, or its beginning and its hash.
fn shortened(key: &str) -> String {
    if key.len() <= LONGEST_KEY {
        return key.to_owned();
    }
    let hash = Sha256::digest(key.as_bytes());
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("{}…{hash}", &key[..key.floor_char_boundary(LONGEST_KEY - 80)])
}

const WITHOUT_CONTEXT: &str = "enqueue() was called where no app is current.\n\nCall it from a view, a hook, a command or a job of the app, \
    or within app.app_context().scope(async { … }); in a test within client.block_on(app.app_context().scope(…)).";

/// The job that is being run, in a job.
///
/// # Examples
///
/// ```
/// use flagon::{jobs::current_job, prelude::*};
///
/// #[job]
/// async fn import(file: String) {
///     let job = current_job().expect("this is one");
///     println!("{file}: attempt {} of {}", job.attempt, job.most_attempts);
/// }
/// ```
pub fn current_job() -> Option<Arc<RunningJob>> {
    Context::current()?.job().cloned()
}

/// An error after which a job is not tried again: it goes to the dead ones with `why`.
///
/// # Examples
///
/// ```
/// use flagon::{jobs::give_up, prelude::*};
///
/// #[job]
/// async fn charge(card: String) -> Result<()> {
///     if card.is_empty() {
///         return Err(give_up("there is no card to charge"));
///     }
///     Ok(())
/// }
/// ```
#[track_caller]
pub fn give_up(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Failed).with_source(GivenUp(why.into()))
}

/// Why a job gave up.
#[derive(Debug)]
pub(crate) struct GivenUp(String);

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for GivenUp {}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_keys_stay_apart() {
        let (one, other) = ("ä".repeat(400) + "1", "ä".repeat(400) + "2");
        assert_ne!(shortened(&one), shortened(&other));
        assert!(shortened(&one).len() <= 300);
        assert_eq!(shortened("digest:7"), "digest:7");
    }
}
