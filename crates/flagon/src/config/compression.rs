//! How answers are compressed: the `[compression]` table.

use serde::{Deserialize, Serialize};

use super::units;

/// How answers are compressed: the `[compression]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_COMPRESSION__MIN_SIZE".to_owned(), "4KiB".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert!(config.compression.enabled);
/// assert_eq!(config.compression.min_size, 4096);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CompressionConfig {
    /// Whether answers are compressed of which no view, blueprint or app says anything: true.
    pub enabled: bool,
    /// The smallest answer that is: 1 KiB. Below, there is more work in it than it saves.
    #[serde(with = "units::size")]
    pub min_size: u64,
    /// The largest answer that is, where its size is known beforehand: 8 MiB. Pack larger files beforehand: `app.css.br` beside
    /// `app.css` is sent by [`static_folder`](crate::Scaffold::static_folder).
    #[serde(with = "units::size")]
    pub max_size: u64,
    /// How many bodies may be compressed at once while they are sent, each of which holds up to 1 MiB: 256. More are sent as they are.
    pub streams: usize,
}

impl Default for CompressionConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self { enabled: true, min_size: 1024, max_size: 8 * 1024 * 1024, streams: 256 }
    }
}
