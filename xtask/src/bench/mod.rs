//! How fast Flagon is beside others that do the same work.
//!
//! In: programs built for release. Out: a table of medians and ratios. Never: one program for a minute and then the next; rounds of all
//! in turn meet the same other load, so that ratios hold on a machine that is not quiet.

mod order;
mod served;
mod sql;
mod upstream;
mod port;

use std::path::Path;

use served::{Seen, Served};

use crate::{
    failure::Result,
    project::Project,
    terminal::{self, Look},
};

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

/// Measures ordering beside the standard library's sorts.
pub(crate) fn order(project: &Project) -> Result {
    order::run(project)
}

/// Measures requests that are passed on, beside nginx.
pub(crate) fn upstream(project: &Project, options: &Options) -> Result {
    upstream::run(project, options)
}

/// Measures `flagon port fix` beside 2to3.
pub(crate) fn port(project: &Project, options: &Options) -> Result {
    port::run(project, options)
}

/// Asks `servers` by `script` from the core `core`, in rounds of all in turn, and tells what was seen. The first is Flagon.
fn compare(case: &str, servers: &[Served], core: usize, script: &Path, options: &Options) -> Result {
    let mut seen = vec![Vec::<Seen>::new(); servers.len()];
    for server in servers {
        server.measure(core, script, options.connections, 1)?; // warm
    }
    for round in 0..options.rounds as usize {
        for place in 0..servers.len() {
            let place = (place + round) % servers.len();
            seen[place].push(servers[place].measure(core, script, options.connections, options.seconds)?);
        }
    }
    report(case, servers, &seen);
    Ok(())
}

fn report(case: &str, servers: &[Served], seen: &[Vec<Seen>]) {
    terminal::line(&terminal::paint(Look::Strong, case));
    let rate = |seen: &[Seen]| median(seen.iter().map(|seen| seen.per_second).collect());
    let cost = |seen: &[Seen]| median(seen.iter().map(|seen| seen.microseconds_each).collect());
    for (server, own) in servers.iter().zip(seen) {
        // Ratios of the same round, so that what else the machine did meets both.
        let ratio = |of: fn(&Seen) -> f64| {
            median(seen[0].iter().zip(own).map(|(flagon, own)| of(flagon) / of(own)).collect())
        };
        terminal::line(&format!(
            "  {:<22} {:>9.0} requests/s {:>8.1} µs of processor each   Flagon: {:.2} of its requests/s, {:.2} of its processor time",
            server.name,
            rate(own),
            cost(own),
            ratio(|seen| seen.per_second),
            ratio(|seen| seen.microseconds_each),
        ));
    }
}

/// The value in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
