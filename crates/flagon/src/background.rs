//! What outlives the answer of its request: tasks on an event loop of their own, drained when the app ends.
//!
//! In: futures. Out: counts, and a drained loop. Never: keeps the loops that serve waiting, since none of them runs here.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use tokio::{
    runtime::{Builder, Handle},
    sync::{Notify, oneshot},
};

use crate::{
    metrics::{Metrics, float},
    shutdown::Shutdown,
};

/// The loop of an app's background tasks, started with the first of them. It ends when this is dropped, with what runs in it.
#[derive(Default)]
pub(crate) struct Background {
    started: OnceLock<Started>,
    counts: Arc<Counted>,
}

struct Started {
    runtime: Handle,
    #[expect(dead_code, reason = "dropping it ends the loop")]
    end: oneshot::Sender<()>,
}

/// How many background tasks an app has, and how they ended.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("docs").build().unwrap();
/// assert_eq!(app.current_app().background_tasks().running, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BackgroundCounts {
    /// Those that run.
    pub running: usize,
    /// Those that have ended, however they did.
    pub ended: u64,
    /// Those among them that gave an error.
    pub failed: u64,
    /// Those among them that panicked.
    pub panicked: u64,
}

#[derive(Default)]
struct Counted {
    counts: Mutex<BackgroundCounts>,
    ended: Notify,
}

/// How a background task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Failed,
    Panicked,
}

/// A task that runs, until this is dropped: with its future.
pub(crate) struct Counting(Arc<Counted>, End);

impl Background {
    /// The loop, and a count for one task more. The app's end waits for the tasks.
    ///
    /// # Errors
    ///
    /// When the system gives no thread or event loop.
    pub(crate) fn enter(&self, shutdown: &Shutdown) -> io::Result<(Handle, Counting)> {
        let runtime = if let Some(started) = self.started.get() {
            started.runtime.clone()
        } else {
            let started = Started::new()?; // if another thread is first, this one's loop ends at once
            let first = || {
                let done = self.done();
                shutdown.finish("background tasks", |_| done);
                started
            };
            self.started.get_or_init(first).runtime.clone()
        };
        self.counts.lock().running += 1;
        Ok((runtime, Counting(Arc::clone(&self.counts), End::Done)))
    }

    /// Counts them in `metrics`.
    pub(crate) fn measure(&self, metrics: &Metrics) {
        let counted = Arc::clone(&self.counts);
        metrics.collect(move |out| {
            let counts = *counted.lock();
            out.gauge("flagon_background_tasks", "Background tasks that run.");
            out.sample(&[], float(counts.running as u64));
            out.counter(
                "flagon_background_tasks_ended_total",
                "Background tasks that ended, by how they did.",
            );
            let done = counts.ended - counts.failed - counts.panicked;
            for (how, count) in [("done", done), ("failed", counts.failed), ("panicked", counts.panicked)] {
                out.sample(&[("how", how)], float(count));
            }
        });
    }

    pub(crate) fn counts(&self) -> BackgroundCounts {
        *self.counts.lock()
    }

    /// Waits until no task runs.
    pub(crate) fn done(&self) -> impl Future<Output = ()> + Send + use<> {
        let counts = Arc::clone(&self.counts);
        async move { counts.done().await }
    }
}

impl Started {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("flagon-background".to_owned()).spawn(move || {
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        })?;
        Ok(Self { runtime: handle, end })
    }
}

impl Counted {
    async fn done(&self) {
        loop {
            let ended = self.ended.notified();
            if self.lock().running == 0 {
                return;
            }
            ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BackgroundCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counting {
    /// Says how it ended.
    pub(crate) fn ended(mut self, end: End) {
        self.1 = end;
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        let mut counts = self.0.lock();
        counts.running -= 1;
        counts.ended += 1;
        match self.1 {
            End::Done => {}
            End::Failed => counts.failed += 1,
            End::Panicked => counts.panicked += 1,
        }
        let is_last = counts.running == 0;
        drop(counts);
        if is_last {
            self.0.ended.notify_waiters();
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Background").field(&self.counts()).finish()
    }
}
