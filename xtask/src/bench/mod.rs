//! How fast Flagon is beside others that do the same work.
//!
//! In: programs built for release. Out: a table of medians and ratios. Never: one program for a minute and then the next; rounds of all
//! in turn meet the same other load, so that ratios hold on a machine that is not quiet.

mod served;
mod sql;

use crate::{failure::Result, project::Project};

/// What to measure, and for how long.
#[derive(Debug)]
pub(crate) struct Options {
    /// How long each program is asked in a round.
    pub(crate) seconds: u32,
    /// How often each is asked.
    pub(crate) rounds: u32,
    /// How many connections ask, and how many to the database answer.
    pub(crate) connections: u32,
    /// Whether the programs are built before.
    pub(crate) build: Build,
}

/// Whether the programs are built before they are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// They are.
    Fresh,
    /// They are taken as they are.
    Kept,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 5, rounds: 5, connections: 32, build: Build::Fresh }
    }
}

/// Measures views with a database beside axum with sqlx and actix-web with diesel-async.
pub(crate) fn sql(project: &Project, options: &Options) -> Result {
    sql::run(project, options)
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
