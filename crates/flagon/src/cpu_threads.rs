//! The threads that compute for requests: one per core, and no more computations begun than there are threads.
//!
//! In: closures. Out: what they give. Never: one that nobody waits for any more is begun.

use std::{
    any::Any,
    fmt,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{Semaphore, oneshot};

use crate::wanted::Wanted;

/// The pool, whose threads are started when something is to be computed first.
pub(crate) struct CpuThreads {
    size: usize,
    started: OnceLock<Option<Started>>,
}

struct Started {
    pool: ThreadPool,
    /// Who has one may begin: others wait where they can leave, not in the pool's queue.
    turns: Arc<Semaphore>,
}

impl CpuThreads {
    /// A pool of `size` threads, or of one per core.
    pub(crate) fn new(size: Option<NonZeroUsize>) -> Self {
        let size = size.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        Self { size, started: OnceLock::new() }
    }

    /// Runs `work` on the pool; iterators of rayon in it use all of its threads. A panic is given on as it is.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Box<dyn Any + Send>> {
        let Some(started) = self.started.get_or_init(|| Started::new(self.size)) else {
            // The system gives no threads: late is better than not at all.
            return catch_unwind(AssertUnwindSafe(work));
        };
        let turn = Arc::clone(&started.turns).acquire_owned().await;
        let (send, receive) = oneshot::channel();
        let (wanted, _waiting) = Wanted::pair();
        started.pool.spawn(move || {
            if !wanted.is_left() {
                let given = catch_unwind(AssertUnwindSafe(|| wanted.run(work)));
                drop(turn);
                let _ = send.send(given); // nobody waits for it
            }
        });
        match receive.await {
            Ok(given) => given,
            // The pool is gone, and so will be whoever waits here.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Started {
    fn new(size: usize) -> Option<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(size).thread_name(|at| format!("flagon-cpu-{at}"));
        let pool = pool.build().inspect_err(|error| {
            tracing::error!(target: "flagon::error", %error, "the system gives no threads to compute on");
        });
        Some(Self { pool: pool.ok()?, turns: Arc::new(Semaphore::new(size)) })
    }
}

impl fmt::Debug for CpuThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuThreads").field("size", &self.size).finish_non_exhaustive()
    }
}
