//! What runs views, background tasks and computing, and who is told when an event loop stands still: the `[concurrency]` table.

use std::{num::NonZeroUsize, time::Duration};

use serde::{Deserialize, Serialize};

use super::units;

/// What runs views, background tasks and computing: the `[concurrency]` table. Each bound is for the process, not for each of its
/// event loops.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_CONCURRENCY__VIEW_THREADS".to_owned(), "8".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.concurrency.view_threads.get(), 8);
/// assert_eq!(config.concurrency.view_queue_time.as_secs(), 10);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConcurrencyConfig {
    /// How many plain `fn` views, and closures of [`blocking`](crate::blocking), run at once: 40, as many as Starlette gives to
    /// the plain functions of its apps. Threads are started when they are needed, and end after ten seconds without work.
    pub view_threads: NonZeroUsize,
    /// How many plain `fn` views may wait for a thread: 1,024. Those that come then are answered 503.
    pub view_queue: usize,
    /// How long a plain `fn` view waits for a thread, at the longest until its [`view_timeout`](super::Config::view_timeout): 10 s.
    /// Then it is answered 503.
    #[serde(with = "units::duration")]
    pub view_queue_time: Duration,
    /// How many threads compute for [`parallel`](crate::parallel()): one per core.
    pub cpu_threads: Option<NonZeroUsize>,
    /// Who is told of a view that holds its event loop: whoever develops.
    pub stall_watchdog: StallWatchdog,
    /// How long a view may hold its event loop before that is told: 50 ms.
    #[serde(with = "units::duration")]
    pub stall_after: Duration,
}

/// Who is told of a view that holds its event loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StallWatchdog {
    /// Whoever develops: in debug mode only.
    #[default]
    Debug,
    /// The log, in production too. It costs some 100 ns each time that a view goes on.
    Always,
    /// Nobody.
    Never,
}

impl Default for ConcurrencyConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            view_threads: NonZeroUsize::new(40).expect("40 is not 0"),
            view_queue: 1024,
            view_queue_time: Duration::from_secs(10),
            cpu_threads: None,
            stall_watchdog: StallWatchdog::Debug,
            stall_after: Duration::from_millis(50),
        }
    }
}
