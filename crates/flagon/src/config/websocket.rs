//! Limits and times of WebSockets: the `[websocket]` table.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::units;

/// Limits and times of WebSockets: the `[websocket]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_WEBSOCKET__MAX_MESSAGE".to_owned(), "64KiB".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.websocket.max_message, 65_536);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WebSocketConfig {
    /// The longest message that a client may send, in one frame or in many, in bytes: 1 MiB. A longer one closes with 1009.
    #[serde(with = "units::size")]
    pub max_message: usize,
    /// How many messages may wait for one client to take them: 64.
    pub queue: usize,
    /// How many bytes they may have together, unless there is only one: 1 MiB.
    #[serde(with = "units::size")]
    pub queue_bytes: usize,
    /// After how long without a word a client is pinged: 25 s, which keeps most proxies from cutting it off. 0 is never.
    #[serde(with = "units::duration")]
    pub heartbeat: Duration,
    /// How long a pinged client has to say something: 20 s. Then the connection is dropped.
    #[serde(with = "units::duration")]
    pub heartbeat_timeout: Duration,
    /// How long a client has to answer a close, and a view to end when its client is gone: 10 s.
    #[serde(with = "units::duration")]
    pub close_timeout: Duration,
}

impl Default for WebSocketConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            max_message: 1024 * 1024,
            queue: 64,
            queue_bytes: 1024 * 1024,
            heartbeat: Duration::from_secs(25),
            heartbeat_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(10),
        }
    }
}
