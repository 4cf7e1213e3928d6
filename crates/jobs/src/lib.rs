//! Work that is done later: a queue of jobs in the app's own database, SQLite or MySQL and MariaDB.
//!
//! In: jobs, put there within the transaction that needs them done. Out: the same jobs, each lent to one worker at a time, and again to
//! another when that one is lost. Never: knows an app, or what a job does; and never lets a worker that was thought dead keep what it
//! did.
//!
//! A job's effects and the word that it is done are one transaction on one database, and that word is refused to a worker which does not
//! hold the job any more ([`Queue::finish`]). So a job may be begun several times, and its effects are there once.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use flagon_jobs::{Fence, MIGRATIONS, Moment, NewJob, Queue, Worker};
//! use flagon_sql::{Database, Db, Terms, Transaction};
//!
//! let database = Database::open("sqlite::memory:")?;
//! MIGRATIONS.migrate(database.options()).await?;
//! let queue = Queue::new(&database);
//! queue.enqueue(&database.db(), &NewJob::new("greet", "{\"name\":\"Ada\"}"), Moment::now()).await?;
//!
//! let worker = Worker::of_this_process();
//! queue.register(&worker, Moment::now()).await?;
//! let claims = queue.claim(&worker, &[], 1, Moment::now()).await?;
//! let work = Transaction::new(&database, Terms::default());
//! // … what the job does, within `work` …
//! assert_eq!(queue.finish(&Db::within(&work), &claims[0], Moment::now()).await?, Fence::Held);
//! work.commit().await?;
//! # Ok::<(), flagon_sql::Error>(()) }).unwrap();
//! ```
//!
//! Modules in reading order; each uses only those above it.

mod moment;
mod backoff;
mod state;
mod tables;
mod job;
mod transaction;
mod worker;
mod queue;
mod claim;
mod outcome;
mod lost;
mod keeping;
mod schedule;
mod due;
mod listing;
#[cfg(feature = "command")]
pub mod command;

pub use backoff::Backoff;
pub use claim::Claim;
pub use due::Tick;
pub use job::{Enqueued, NewJob};
pub use listing::{Counts, Job, ScheduleRow};
pub use moment::Moment;
pub use outcome::{Fence, Verdict};
pub use queue::Queue;
pub use schedule::{Schedule, ScheduleError};
pub use state::State;
pub use tables::MIGRATIONS;
pub use worker::Worker;
