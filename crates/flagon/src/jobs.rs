//! Jobs: work that is done later, by functions with `#[job]`.
//!
//! See [the guide](crate::guide::jobs). This module is there with the feature `jobs`.

pub use flagon_jobs::{
    Backoff, Counts, Enqueued, Job as JobRow, Moment, Queue, Schedule, ScheduleError, ScheduleRow, State,
};

pub use crate::{
    job::{Job, current_job, give_up},
    job_registry::{JobEntry, JobFunction, JobInfo, JobOutcome, RunningJob},
    workers::Workers,
};

/// The list of jobs that [`Scaffold::jobs`](crate::Scaffold::jobs) takes: `jobs![welcome, mail::digest]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __jobs {
    ($($job:ty),* $(,)?) => { [$($crate::jobs::JobEntry::of::<$job>()),*] };
}

pub use __jobs as jobs;
