//! Where metrics can be read: the `[metrics]` table; and where the app says how it is: the `[health]` table.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Where metrics can be read: the `[metrics]` table. Without a word nowhere, and nothing is counted of requests.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_METRICS__ADDRESS".to_owned(), "127.0.0.1:9100".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.metrics.address.unwrap().port(), 9100);
/// assert!(config.metrics.path.is_none());
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MetricsConfig {
    /// The path at which the app itself gives them, such as `/metrics`: to programs on this machine, or to whoever has the token.
    pub path: Option<String>,
    /// What a reader has to show, as `Authorization: Bearer …`; with it readers may come from anywhere.
    pub token: Option<Secret>,
    /// An address of their own, at whose `/metrics` anybody gets them who can reach it, such as `127.0.0.1:9100`.
    pub address: Option<SocketAddr>,
}

impl MetricsConfig {
    /// Whether somebody can read them.
    pub(crate) fn is_on(&self) -> bool {
        self.path.is_some() || self.address.is_some()
    }
}

/// Where the app says how it is: the `[health]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_HEALTH__READY".to_owned(), "/readyz".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.health.ready.as_deref(), Some("/readyz"));
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HealthConfig {
    /// The path that says whether the process lives, such as `/healthz`: always 200, as long as anything is answered.
    pub live: Option<String>,
    /// The path that says whether the app should be sent requests, such as `/readyz`: 503 when it is about to stop, or one of its
    /// [checks](crate::App::ready_when) fails.
    pub ready: Option<String>,
}
