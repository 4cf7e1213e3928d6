//! The loop that takes jobs and runs some at a time.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flagon_jobs::{Claim, Moment, Worker};
use flagon_sql::Result;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::round::run_and_note;
use crate::{current_app::CurrentApp, shutdown::Shutdown};

/// What the loop that runs jobs and the one that cares for the queue have in common.
pub(super) struct Crew {
    pub(super) app: Arc<CurrentApp>,
    /// Who we are at present.
    worker: Mutex<Worker>,
    running: Mutex<HashMap<i64, Held>>,
    /// Some job has ended.
    pub(super) freed: Notify,
    pub(super) stop: watch::Sender<Stop>,
    queues: Vec<String>,
    at_a_time: usize,
}

/// How far the end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Not at all.
    Run,
    /// Nothing more is begun, and what runs has so much time.
    Drain(Duration),
    /// Nothing runs any more.
    Over,
}

/// A job that runs here.
struct Held {
    lease: i64,
    task: JoinHandle<()>,
}

impl Crew {
    pub(super) fn new(app: &Arc<CurrentApp>, queues: Vec<String>, at_a_time: usize) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            worker: Mutex::new(Worker::of_this_process()),
            running: Mutex::default(),
            freed: Notify::new(),
            stop: watch::Sender::new(Stop::Run),
            queues,
            at_a_time,
        })
    }

    pub(super) fn worker(&self) -> Worker {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn running(&self) -> MutexGuard<'_, HashMap<i64, Held>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs jobs until the end is asked for, and then sees to what still runs.
    pub(super) async fn work(self: &Arc<Self>) {
        let mut stop = self.stop.subscribe();
        let mut pause = self.app.config.jobs.poll;
        loop {
            let wait = match self.take().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(target: "flagon::jobs", error = %error, "no jobs could be looked for");
                    pause = (pause * 2).clamp(Duration::from_millis(100), Duration::from_secs(10));
                    pause
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop != Stop::Run) => break,
                () = Shutdown::begun(self.app.shutdown()) => break,
                () = self.app.jobs.wake.notified(), if self.has_room() => (),
                () = self.freed.notified() => (),
                () = sleep(wait) => (),
            }
        }
        self.drain(&mut stop).await;
    }

    fn has_room(&self) -> bool {
        self.running().len() < self.at_a_time
    }

    /// Begins as many jobs as there is room for; gives how long to wait before looking again.
    async fn take(self: &Arc<Self>) -> Result<Duration> {
        let (queue, poll) = (&self.app.jobs.queue, self.app.config.jobs.poll);
        let room = self.at_a_time.saturating_sub(self.running().len());
        if room == 0 {
            return Ok(poll);
        }
        let next = queue.promote(Moment::now()).await?;
        for claim in queue.claim(&self.worker(), &self.queues, room, Moment::now()).await? {
            self.begin(claim);
        }
        let due = next.map_or(poll, |next| next.since(Moment::now()));
        Ok(due.clamp(Duration::from_millis(1), poll))
    }

    fn begin(self: &Arc<Self>, claim: Claim) {
        let (crew, id, lease) = (Arc::clone(self), claim.id, claim.lease);
        let mut running = self.running(); // held until it is among them
        let task = tokio::spawn(async move {
            run_and_note(&crew.app, &claim).await;
            crew.ended(claim.id, claim.lease);
        });
        running.insert(id, Held { lease, task });
    }

    fn ended(&self, id: i64, lease: i64) {
        let mut running = self.running();
        if running.get(&id).is_some_and(|held| held.lease == lease) {
            running.remove(&id);
        }
        drop(running);
        self.freed.notify_one();
    }

    /// Stops the jobs that others have now: all that are not among `held`.
    pub(super) fn stop_others(&self, held: &[(i64, i64)]) {
        self.running().retain(|id, running| {
            let is_ours = held.contains(&(*id, running.lease));
            if !is_ours && !running.task.is_finished() {
                tracing::warn!(target: "flagon::jobs", job = id, "a job was taken away or cancelled, and is stopped");
                running.task.abort(); // its transaction goes with it
            }
            is_ours
        });
        self.freed.notify_one();
    }

    /// The leases of what runs here.
    pub(super) fn leases(&self) -> Vec<(i64, i64)> {
        self.running().iter().map(|(id, held)| (*id, held.lease)).collect()
    }

    /// Goes on as another worker: the one we were was thought dead.
    pub(super) async fn come_back(&self) -> Result<()> {
        self.stop_others(&[]);
        let worker = Worker::of_this_process();
        self.app.jobs.queue.register(&worker, Moment::now()).await?;
        *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = worker;
        Ok(())
    }

    /// Gives what runs its time, and hands back what is not done by then.
    async fn drain(&self, stop: &mut watch::Receiver<Stop>) {
        // Where the app ends, it says later how much time is left.
        let most = self.app.config.jobs.drain;
        let asked = async {
            let stop = stop.wait_for(|stop| *stop != Stop::Run).await.map_or(Stop::Over, |stop| *stop);
            if let Stop::Drain(time) = stop {
                sleep(time.min(most)).await;
            }
        };
        tokio::select! {
            () = self.all_ended() => (),
            () = asked => (),
            () = sleep(most) => (),
        }
        let left: Vec<Held> = std::mem::take(&mut *self.running()).into_values().collect();
        if !left.is_empty() {
            tracing::warn!(target: "flagon::jobs", jobs = left.len(), "running jobs are rolled back and handed back");
        }
        for held in left {
            held.task.abort();
            let _ = held.task.await; // that it was stopped is known
        }
        match timeout(Duration::from_secs(5), self.app.jobs.queue.leave(&self.worker())).await {
            Ok(Ok(_)) => (),
            Ok(Err(error)) => {
                tracing::warn!(target: "flagon::jobs", error = %error, "jobs could not be handed back; others take them when this worker is not heard of");
            }
            Err(_) => {
                tracing::warn!(target: "flagon::jobs", "jobs could not be handed back in time; others take them when this worker is not heard of");
            }
        }
    }

    /// Ends it all within `time`, and returns when nothing runs any more.
    pub(super) async fn end(&self, time: Duration) {
        let ask = |stop: &mut Stop| {
            let runs = *stop == Stop::Run;
            *stop = if runs { Stop::Drain(time) } else { *stop };
            runs
        };
        self.stop.send_if_modified(ask);
        let _ = self.stop.subscribe().wait_for(|stop| *stop == Stop::Over).await; // the sender is `self`
    }

    async fn all_ended(&self) {
        while !self.running().is_empty() {
            self.freed.notified().await;
        }
    }
}

impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew")
            .field("worker", &self.worker())
            .field("at_a_time", &self.at_a_time)
            .finish_non_exhaustive()
    }
}
