//! Workers: what runs the jobs of an app.
//!
//! In: an [`Application`](crate::Application) with jobs. Out: its jobs, run. Never: keeps what a job did that it does not hold any more.

mod attempt;
mod round;
mod crew;
mod care;
mod started;

pub use started::Workers;
pub(crate) use started::run_due;
