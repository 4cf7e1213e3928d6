//! How long the answers of idempotent views are kept: the `[idempotency]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::units;

/// How long the answers of idempotent views are kept: the `[idempotency]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_IDEMPOTENCY__EXPIRES".to_owned(), "2d".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.idempotency.expires.as_secs(), 2 * 24 * 60 * 60);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct IdempotencyConfig {
    /// How long the answer to a request is given again: 24 h.
    #[serde(with = "units::duration")]
    pub expires: Duration,
    /// The longest answer that is kept, in bytes of its body: 1 MiB. A longer one is an error, and what was done for it is undone.
    #[serde(with = "units::size")]
    pub max_answer: usize,
    /// How many bytes of answers are kept in memory, where no other store is given: 32 MiB.
    #[serde(with = "units::size")]
    pub memory: usize,
}

impl Default for IdempotencyConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self { expires: Duration::from_hours(24), max_answer: 1024 * 1024, memory: 32 * 1024 * 1024 }
    }
}
