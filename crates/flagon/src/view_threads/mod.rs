//! The threads that plain `fn` views run on: so many, and so many views that wait for one.
//!
//! In: closures. Out: what they give, or [`Full`]. Never: a closure that nobody waits for any more is begun; and never more than
//! its bounds. The pool is the process's: a view that blocks needs no core, so one for each event loop would only leave threads
//! idle while views wait for others.

use std::{
    any::Any,
    cell::Cell,
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::{
    config::ConcurrencyConfig,
    metrics::{Metrics, float},
    wanted::{Waiting, Wanted},
};

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// The pool. Its threads end when it is dropped and what they do is done.
pub(crate) struct ViewThreads(Arc<Shared>);

struct Shared {
    most_threads: usize,
    longest_queue: usize,
    state: Mutex<State>,
    changed: Condvar,
    refused: AtomicU64,
}

#[derive(Default)]
struct State {
    /// What waits for a thread, by the order in which it came.
    waiting: BTreeMap<u64, Job>,
    next: u64,
    threads: usize,
    /// Threads that are at work; the others take what waits, also those that are only just starting.
    running: usize,
    is_closed: bool,
}

type Job = Box<dyn FnOnce() + Send>;

/// No thread came free in time, or too many wait for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// How long something waits for a thread.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// Until then, and only if not too many wait already.
    Until(Instant),
    /// As long as it takes: its own future decides.
    Endless,
}

/// How many threads there are, and what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewThreadCounts {
    /// Views that run.
    pub running: usize,
    /// Views that wait for a thread.
    pub waiting: usize,
    /// Threads that wait for a view.
    pub idle: usize,
}

impl ViewThreads {
    pub(crate) fn new(config: &ConcurrencyConfig) -> Self {
        Self(Arc::new(Shared {
            most_threads: config.view_threads.get(),
            longest_queue: config.view_queue,
            state: Mutex::default(),
            changed: Condvar::new(),
            refused: AtomicU64::new(0),
        }))
    }

    /// Runs `work` on a thread of the pool, within the event loop that this is called on. A panic is given on as it is.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        patience: Patience,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, Box<dyn Any + Send>>, Full> {
        let (send, mut receive) = oneshot::channel();
        let (wanted, waiting) = Wanted::pair();
        let runtime = Handle::current();
        let job = move || {
            let _entered = runtime.enter();
            let given = catch_unwind(AssertUnwindSafe(|| wanted.run(work)));
            let _ = send.send(given); // nobody waits for it
        };
        let place = self.enter(Box::new(job), patience, waiting)?;
        let given = match (patience, place.is_queued) {
            (Patience::Until(until), true) => match timeout_at(until, &mut receive).await {
                Ok(given) => given,
                Err(_) if place.leave() => return Err(self.0.refuse()),
                Err(_) => receive.await, // it has begun
            },
            _ => receive.await,
        };
        match given {
            Ok(given) => Ok(given),
            // The pool is gone, and so will be whoever waits here.
            Err(_) => std::future::pending().await,
        }
    }

    /// Puts `job` in line, and sees to it that a thread will take it.
    fn enter(&self, job: Job, patience: Patience, waiting: Waiting) -> Result<Place, Full> {
        let shared = &self.0;
        let mut state = shared.lock();
        let free = state.threads - state.running;
        let is_free = state.waiting.len() < free || state.threads < shared.most_threads;
        let behind = state.waiting.len().saturating_sub(free);
        if !is_free && matches!(patience, Patience::Until(_)) && behind >= shared.longest_queue {
            return Err(shared.refuse());
        }
        let ticket = state.next;
        state.next += 1;
        state.waiting.insert(ticket, job);
        if state.waiting.len() > free && state.threads < shared.most_threads {
            state.threads += 1;
            let of_thread = Arc::clone(shared);
            let started =
                thread::Builder::new().name("flagon-view".to_owned()).spawn(move || of_thread.work());
            if started.is_err() {
                state.threads -= 1;
                if state.threads == 0 {
                    let job = state.waiting.remove(&ticket);
                    drop(state);
                    drop(job); // outside of the lock: it may be anything
                    return Err(shared.refuse());
                }
            }
        }
        drop(state);
        shared.changed.notify_one();
        Ok(Place { shared: Arc::clone(shared), ticket, is_queued: !is_free, _waiting: waiting })
    }

    /// What the threads do.
    pub(crate) fn counts(&self) -> ViewThreadCounts {
        self.0.counts()
    }

    /// Counts them in `metrics`.
    pub(crate) fn measure(&self, metrics: &Metrics) {
        let shared = Arc::clone(&self.0);
        metrics.collect(move |out| {
            let counts = shared.counts();
            out.gauge("flagon_view_threads", "Threads for plain fn views, by what they do.");
            out.sample(&[("state", "running")], float(counts.running as u64));
            out.sample(&[("state", "idle")], float(counts.idle as u64));
            out.gauge("flagon_views_waiting", "Plain fn views that wait for a thread.");
            out.sample(&[], float(counts.waiting as u64));
            out.counter("flagon_views_refused_total", "Plain fn views that no thread came free for in time.");
            out.sample(&[], float(shared.refused.load(Ordering::Relaxed)));
        });
    }

    /// Whether this is a thread of such a pool, which may wait.
    pub(crate) fn is_here() -> bool {
        IS_OURS.get()
    }
}

impl Drop for ViewThreads {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn counts(&self) -> ViewThreadCounts {
        let state = self.lock();
        ViewThreadCounts {
            running: state.running,
            waiting: state.waiting.len(),
            idle: state.threads - state.running,
        }
    }

    fn refuse(&self) -> Full {
        self.refused.fetch_add(1, Ordering::Relaxed);
        Full
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a thread does: one job after the other, until none comes for a while.
    fn work(&self) {
        IS_OURS.set(true);
        while let Some(job) = self.next() {
            job();
            self.lock().running -= 1;
        }
    }

    /// Waits for something to do; `None` when the thread may end, which is then not counted any more.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some((_, job)) = state.waiting.pop_first() {
                state.running += 1;
                return Some(job);
            }
            if state.is_closed {
                state.threads -= 1;
                return None;
            }
            let (woken, waited) =
                self.changed.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if waited.timed_out() && state.waiting.is_empty() {
                state.threads -= 1;
                return None;
            }
        }
    }
}

/// A place in line, or that of what has begun; left by dropping it.
struct Place {
    shared: Arc<Shared>,
    ticket: u64,
    is_queued: bool,
    _waiting: Waiting,
}

impl Place {
    /// Leaves the line; `false` when it has begun.
    fn leave(&self) -> bool {
        let job = self.shared.lock().waiting.remove(&self.ticket);
        job.is_some() // dropped outside of the lock: it may be anything
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

impl fmt::Debug for ViewThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ViewThreads").field(&self.counts()).finish()
    }
}

/// How long a thread waits for work before it ends.
const IDLE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
