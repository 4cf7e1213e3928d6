//! A claim that was run, and what is written of it.

use std::{sync::Arc, time::Duration};

use flagon_jobs::{Claim, Moment, Verdict};

use super::attempt::{Ended, run};
use crate::current_app::CurrentApp;

/// Runs the job of `claim`, and writes how that ended.
pub(super) async fn run_and_note(app: &Arc<CurrentApp>, claim: &Claim) {
    let begun = std::time::Instant::now();
    let ended = run(app, claim).await;
    let seconds = begun.elapsed().as_secs_f64();
    let (job, name, attempt) = (claim.id, &*claim.name, claim.attempt);
    match ended {
        Ended::Done => {
            tracing::info!(target: "flagon::jobs", job, name, attempt, seconds, "a job is done");
        }
        Ended::Lost => {
            tracing::warn!(target: "flagon::jobs", job, name, attempt, seconds, "a job was somebody else's by its end, and was rolled back");
        }
        Ended::Failed { error, verdict } => {
            match verdict {
                Verdict::Again(at) => {
                    tracing::warn!(target: "flagon::jobs", job, name, attempt, seconds, error, again = %at, "a job failed");
                }
                Verdict::Dead => {
                    tracing::error!(target: "flagon::jobs", job, name, attempt, seconds, error, "a job is dead");
                }
            }
            note(app, claim, &error, verdict).await;
        }
    }
}

/// Writes that a job failed, as soon as the database takes it: until then it counts as running.
async fn note(app: &CurrentApp, claim: &Claim, error: &str, verdict: Verdict) {
    let mut pause = Duration::from_millis(50);
    while let Err(problem) = app.jobs.queue.fail(claim, error, verdict, Moment::now()).await {
        tracing::warn!(target: "flagon::jobs", job = claim.id, error = %problem, "that a job failed could not be written yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}
