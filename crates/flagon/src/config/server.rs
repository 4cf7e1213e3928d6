//! What the server is told: the `[server]` table.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use flagon_server::{Limits, Network, Timeouts};
use serde::{Deserialize, Serialize};

use super::{
    tls::{CertificateConfig, ClientCertificates, Hsts, HttpsRedirect},
    units,
};

/// What the server is told: the `[server]` table.
///
/// # Examples
///
/// ```
/// let variables = [("FLAGON_SERVER__TIMEOUTS__IDLE".to_owned(), "2m".to_owned())];
/// let config = flagon::Config::from_parts(None, variables)?;
/// assert_eq!(config.server.port, 8000);
/// assert_eq!(config.server.timeouts.idle.as_secs(), 120);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The name or address to listen at: `127.0.0.1`, so that only this machine reaches it; `0.0.0.0` or `::` for all.
    pub host: String,
    /// The port for HTTP: 8000. 0 lets the system choose.
    pub port: u16,
    /// The port for HTTPS; without one there is none.
    pub tls_port: Option<u16>,
    /// The PEM file of the certificate chain; without one a development certificate for `localhost` is made.
    pub cert: Option<PathBuf>,
    /// The PEM file of the certificate's private key.
    pub key: Option<PathBuf>,
    /// More certificates: each client is shown the one for the name that it asks for, and that of `cert` for other names.
    pub certificates: Vec<CertificateConfig>,
    /// The certificates that clients show; without this table they are not asked.
    pub client_certificates: Option<ClientCertificates>,
    /// Whether requests over plain HTTP are sent to HTTPS; without this table they are answered.
    pub https_redirect: Option<HttpsRedirect>,
    /// What browsers are told to remember of HTTPS, with each answer over TLS; without this table nothing.
    pub hsts: Option<Hsts>,
    /// How many threads serve: one per core.
    pub threads: Option<NonZeroUsize>,
    /// Addresses (`10.0.0.7`) and networks (`10.0.0.0/8`) of proxies whose `Forwarded` and `X-Forwarded-*` are believed.
    /// They must set or remove each of these fields, since one that a client sent through them would be believed as well.
    #[serde(with = "networks")]
    pub trusted_proxies: Vec<Network>,
    /// Whether `debug` may be on where other machines can reach the server: whoever sees an error then
    /// sees source lines and configuration.
    pub allow_remote_debug: bool,
    /// What is too much.
    #[serde(with = "LimitsTable")]
    pub limits: Limits,
    /// What is too long.
    #[serde(with = "TimeoutsTable")]
    pub timeouts: Timeouts,
}

impl Default for ServerConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            tls_port: None,
            cert: None,
            key: None,
            certificates: Vec::new(),
            client_certificates: None,
            https_redirect: None,
            hsts: None,
            threads: None,
            trusted_proxies: Vec::new(),
            allow_remote_debug: false,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}

/// The keys of `[server.limits]`, see [`Limits`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Limits", default = "Limits::default")]
struct LimitsTable {
    #[serde(with = "units::size")]
    head: usize,
    headers: usize,
    #[serde(with = "units::size")]
    body: u64,
    #[serde(with = "units::size")]
    body_rate: u64,
    #[serde(with = "units::size")]
    answer_rate: u64,
    #[serde(with = "units::size")]
    drain: u64,
    connections: usize,
    connections_per_address: usize,
    requests: usize,
    queue: usize,
    streams: u32,
    resets_per_second: u32,
    control_frames_per_second: u32,
    logged_frames: usize,
}

/// The keys of `[server.timeouts]`, see [`Timeouts`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Timeouts", default = "Timeouts::default")]
struct TimeoutsTable {
    #[serde(with = "units::duration")]
    handshake: Duration,
    #[serde(with = "units::duration")]
    head: Duration,
    #[serde(with = "units::duration")]
    body: Duration,
    #[serde(with = "units::duration")]
    queue: Duration,
    #[serde(with = "units::duration")]
    idle: Duration,
    #[serde(with = "units::duration")]
    write: Duration,
    #[serde(with = "units::duration")]
    unready: Duration,
    #[serde(with = "units::duration")]
    shutdown: Duration,
}

mod networks {
    use flagon_server::Network;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(networks: &[Network], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(networks.iter().map(ToString::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
        let read = |text: String| {
            text.parse().map_err(|error| de::Error::custom(format!("has {text:?}, which is {error}")))
        };
        Vec::deserialize(deserializer)?.into_iter().map(read).collect()
    }
}
