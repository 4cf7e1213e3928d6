//! What has to be done for the queue from time to time: saying that we are alive, looking for who is not, schedules, old rows.
//!
//! On a thread of its own, so that no job keeps it from saying so.

use std::{sync::Arc, time::Duration};

use flagon_jobs::{Moment, NewJob};
use flagon_sql::Result;
use tokio::time::{Instant, sleep};

use super::crew::Crew;
use crate::{current_app::CurrentApp, job_registry::JobInfo};

/// How often old rows are looked for.
const CLEARING: Duration = Duration::from_mins(10);

/// What a job has to come to its end by itself, once its row says that it is not ours.
const A_MOMENT: Duration = Duration::from_millis(200);

/// Cares for the queue, until it is dropped.
pub(super) async fn care(crew: &Arc<Crew>) {
    let beat = (crew.app.config.jobs.lost_after / 3).max(Duration::from_millis(10));
    let (mut next_beat, mut next_clearing) = (Instant::now(), Instant::now());
    loop {
        if Instant::now() >= next_beat {
            next_beat = Instant::now() + beat;
            told(keep_alive(crew).await);
        }
        let due = tick(&crew.app, Moment::now()).await;
        if Instant::now() >= next_clearing {
            next_clearing = Instant::now() + CLEARING;
            told(clear(&crew.app).await);
        }
        let until_due = due.map_or(beat, |due| due.since(Moment::now()));
        let until_beat = next_beat.saturating_duration_since(Instant::now());
        sleep(until_beat.min(until_due).max(Duration::from_millis(1))).await;
    }
}

fn told(done: Result<()>) {
    if let Err(error) = done {
        tracing::warn!(target: "flagon::jobs", error = %error, "the queue could not be cared for");
    }
}

/// Says that we are alive, and takes jobs from those who don't.
async fn keep_alive(crew: &Crew) -> Result<()> {
    let queue = &crew.app.jobs.queue;
    // What is begun after the answer was made is not in it.
    let running = crew.leases();
    match queue.beat(&crew.worker(), Moment::now()).await? {
        Some(held) if running.iter().any(|lease| !held.contains(lease)) => {
            sleep(A_MOMENT).await; // most have just come to their own end
            let is_ours = |lease: &(i64, i64)| held.contains(lease) || !running.contains(lease);
            let ours: Vec<_> = crew.leases().into_iter().filter(is_ours).collect();
            crew.stop_others(&ours);
        }
        Some(_) => (),
        None => {
            tracing::warn!(target: "flagon::jobs", "this worker was not heard of for too long: others have its jobs");
            crew.come_back().await?;
        }
    }
    if queue.take_from_lost(Moment::now()).await? > 0 {
        crew.app.jobs.wake.notify_one();
    }
    Ok(())
}

/// Enqueues what is due by its schedule; gives when the next is.
pub(super) async fn tick(app: &CurrentApp, now: Moment) -> Option<Moment> {
    let mut next: Option<Moment> = None;
    for (info, schedule) in &app.jobs.schedules {
        match app.jobs.queue.tick(schedule, &row(info), now).await {
            Ok(tick) => {
                next = next.into_iter().chain(tick.next).min();
                if tick.enqueued.is_some() {
                    app.jobs.wake.notify_one();
                }
            }
            Err(error) => {
                tracing::warn!(target: "flagon::jobs", name = info.name, error = %error, "a schedule could not be looked at");
            }
        }
    }
    next
}

/// The job of a schedule: one of a kind, so that a run which takes longer than its interval is not joined by the next.
fn row(info: &JobInfo) -> NewJob {
    let mut row = NewJob::new(info.name, "{}");
    info.queue.clone_into(&mut row.queue);
    row.priority = info.priority;
    row.most_attempts = info.retries.saturating_add(1);
    row.unique = Some(format!("{}:schedule", info.name));
    row
}

async fn clear(app: &CurrentApp) -> Result<()> {
    let (now, config) = (Moment::now(), &app.config.jobs);
    let count = app.jobs.queue.clear(now.before(config.keep), now.before(config.keep_dead)).await?;
    if count > 0 {
        tracing::info!(target: "flagon::jobs", count, "old jobs were cleared away");
    }
    Ok(())
}
