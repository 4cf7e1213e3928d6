//! What jobs are: functions with a name, and what is said about them.
//!
//! In: the types that `#[job]` writes. Out: [`Jobs`], in which workers find the function of a job by its name. Never: a database.

use std::{fmt, time::Duration};

use flagon_jobs::{Backoff, Queue, Schedule};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use crate::error::{Error, Result};

/// A job: what `#[job]` makes of a function. Its fields are the arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no job",
    label = "not a job",
    note = "a job is a function with `#[job]` above it; `jobs!` takes its name"
)]
pub trait JobFunction: Serialize + DeserializeOwned + Send + 'static {
    /// What is said about it.
    const INFO: JobInfo;

    /// The key of which there is one job at a time, when it has one.
    fn unique(&self) -> Option<String>;

    /// Calls the function.
    fn call(self) -> BoxFuture<'static, Result<()>>;
}

/// The key of a job of which there is one with the same arguments.
pub fn unique_by_arguments(job: &impl Serialize) -> Option<String> {
    serde_json::to_string(job).ok()
}

/// What the function of a job may give: nothing, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "a job can't give `{Self}`",
    label = "this is nobody's to take",
    note = "a job gives nothing, or a `Result<()>`: what it finds out, it writes to the database"
)]
pub trait JobOutcome {
    /// Whether it went well.
    ///
    /// # Errors
    ///
    /// When it did not.
    fn into_job_outcome(self) -> Result<()>;
}

impl JobOutcome for () {
    fn into_job_outcome(self) -> Result<()> {
        Ok(())
    }
}

impl<E: Into<Error>> JobOutcome for Result<(), E> {
    fn into_job_outcome(self) -> Result<()> {
        self.map_err(E::into)
    }
}

/// What is said about a job: the options of `#[job]`.
#[derive(Debug, Clone, Copy)]
pub struct JobInfo {
    pub(crate) name: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) priority: i32,
    pub(crate) retries: u32,
    pub(crate) backoff: Backoff,
    pub(crate) timeout: Duration,
    pub(crate) is_autocommit: bool,
    pub(crate) schedule: Option<(&'static str, &'static str)>,
    place: (&'static str, u32),
}

impl JobInfo {
    /// What holds where nothing is said: queue `default`, priority 0, 5 retries of which the first is after 10 s, a timeout of 10 minutes.
    pub const fn new(name: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            queue: "default",
            priority: 0,
            retries: 5,
            backoff: Backoff::from(Duration::from_secs(10)),
            timeout: Duration::from_mins(10),
            is_autocommit: false,
            schedule: None,
            place: (file, line),
        }
    }

    /// In another queue.
    #[must_use]
    pub const fn queue(mut self, queue: &'static str) -> Self {
        self.queue = queue;
        self
    }

    /// More or less urgent than 0.
    #[must_use]
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Tried again so often when it fails.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Tried again first after so many milliseconds at most.
    #[must_use]
    pub const fn backoff(mut self, millis: u64) -> Self {
        self.backoff = Backoff::from(Duration::from_millis(millis));
        self
    }

    /// Given up after so many milliseconds.
    #[must_use]
    pub const fn timeout(mut self, millis: u64) -> Self {
        self.timeout = Duration::from_millis(millis);
        self
    }

    /// With each statement on its own.
    #[must_use]
    pub const fn autocommit(mut self) -> Self {
        self.is_autocommit = true;
        self
    }

    /// Done again and again.
    #[must_use]
    pub const fn schedule(mut self, expression: &'static str, zone: &'static str) -> Self {
        self.schedule = Some((expression, zone));
        self
    }
}

/// A job as an app knows it: what `jobs!` makes.
#[derive(Clone, Copy)]
pub struct JobEntry {
    pub(crate) info: JobInfo,
    /// Calls the function with arguments in JSON.
    pub(crate) call: fn(&str) -> Result<BoxFuture<'static, Result<()>>, serde_json::Error>,
}

impl JobEntry {
    /// The entry of `J`.
    pub fn of<J: JobFunction>() -> Self {
        Self { info: J::INFO, call: |arguments| Ok(serde_json::from_str::<J>(arguments)?.call()) }
    }
}

impl fmt::Debug for JobEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.info.fmt(f)
    }
}

/// The jobs of an app.
pub(crate) struct Jobs {
    entries: Vec<JobEntry>,
    pub(crate) schedules: Vec<(JobInfo, Schedule)>,
    pub(crate) queue: Queue,
    /// Woken when this process has enqueued something.
    pub(crate) wake: Notify,
}

impl Jobs {
    /// Takes `entries`.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong: two of a name, or a schedule that is none.
    pub(crate) fn new(mut entries: Vec<JobEntry>, queue: Queue) -> Result<Self, String> {
        entries.sort_by_key(|entry| entry.info.name);
        if let Some([one, other]) =
            entries.array_windows().find(|[one, other]| one.info.name == other.info.name)
        {
            let ((file, line), (other_file, other_line)) = (one.info.place, other.info.place);
            return Err(if (file, line) == (other_file, other_line) {
                format!("the job `{}` was given to the app twice; name it in one `jobs!`", one.info.name)
            } else {
                format!(
                    "two jobs are called `{}` ({file}:{line} and {other_file}:{other_line}); give one another name: #[job(name = \"…\")]",
                    one.info.name
                )
            });
        }
        let mut schedules = Vec::new();
        for JobEntry { info, .. } in &entries {
            if let Some((expression, zone)) = info.schedule {
                let schedule = Schedule::parse(expression, zone).map_err(|error| {
                    let ((file, line), name) = (info.place, info.name);
                    format!("the job `{name}` ({file}:{line}) has no schedule by \"{expression}\" in \"{zone}\":\n{error}")
                })?;
                schedules.push((*info, schedule));
            }
        }
        Ok(Self { entries, schedules, queue, wake: Notify::new() })
    }

    /// The job called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&JobEntry> {
        let place = self.entries.binary_search_by_key(&name, |entry| entry.info.name).ok()?;
        Some(&self.entries[place])
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| entry.info.name)).finish()
    }
}

/// A job that is just being run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunningJob {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// How many there are at most.
    pub most_attempts: u32,
    pub(crate) is_autocommit: bool,
}
