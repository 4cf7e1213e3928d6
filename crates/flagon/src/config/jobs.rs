//! How jobs are run: the `[jobs]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::units;

/// How jobs are run: the `[jobs]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_JOBS__WORKERS".to_owned(), "0".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.jobs.workers, 0); // served here, worked on elsewhere: `app jobs work`
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct JobsConfig {
    /// How many jobs the process that serves runs at a time: 4. With 0 it runs none, and `app jobs work` does in a process of its own.
    pub workers: u32,
    /// Of which queues: of all, without any.
    pub queues: Vec<String>,
    /// After which time a worker looks for jobs that another process has enqueued: 1 s. Those of its own process it begins at once.
    #[serde(with = "units::duration")]
    pub poll: Duration,
    /// For how long a worker is believed to be alive after it said so: 30 s; it says so three times as often. Then others run its jobs. The same
    /// in all processes.
    #[serde(with = "units::duration")]
    pub lost_after: Duration,
    /// How long running jobs are waited for at the end, and not longer than `server.timeouts.shutdown` leaves: 30 s. Then they are rolled back and
    /// handed back.
    #[serde(with = "units::duration")]
    pub drain: Duration,
    /// How long jobs that were done or cancelled are kept: 7 days.
    #[serde(with = "units::duration")]
    pub keep: Duration,
    /// How long dead ones are kept: 90 days.
    #[serde(with = "units::duration")]
    pub keep_dead: Duration,
}

impl Default for JobsConfig {
    /// The values named at each field.
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self {
            workers: 4,
            queues: Vec::new(),
            poll: Duration::from_secs(1),
            lost_after: Duration::from_secs(30),
            drain: Duration::from_secs(30),
            keep: 7 * day,
            keep_dead: 90 * day,
        }
    }
}
