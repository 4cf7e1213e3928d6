//! How much the cache may keep: the `[cache]` table.

use serde::{Deserialize, Serialize};

use super::units;

/// How much the cache of the process may keep: the `[cache]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_CACHE__MEMORY".to_owned(), "1GB".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.cache.memory, 1_000_000_000);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CacheConfig {
    /// How many bytes of values and answers are kept: 32 MiB. What is used least makes room.
    #[serde(with = "units::size")]
    pub memory: usize,
}

impl Default for CacheConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self { memory: 32 * 1024 * 1024 }
    }
}
