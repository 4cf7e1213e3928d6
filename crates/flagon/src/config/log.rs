//! What is logged: the `[log]` table.

use serde::{Deserialize, Deserializer, Serialize, de};
use tracing_subscriber::filter::{LevelFilter, Targets};

/// What is logged, and how: the `[log]` table.
///
/// # Examples
///
/// ```
/// use flagon::config::AccessLog;
///
/// let variables = [("FLAGON_LOG__ACCESS".to_owned(), "off".to_owned())];
/// assert_eq!(flagon::Config::from_parts(None, variables)?.log.access, AccessLog::Off);
/// # Ok::<(), flagon::ConfigError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LogConfig {
    /// What is important enough, such as `info`, or `warn,blog=debug` by module: `info`. `FLAGON_LOG` sets it too.
    #[serde(deserialize_with = "level")]
    pub level: String,
    /// How it is written: for people.
    pub format: LogFormat,
    /// How each request is written: in the Common Log Format.
    pub access: AccessLog,
}

impl Default for LogConfig {
    /// The values named at each field.
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Human, access: AccessLog::Common }
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// How the access log is written, a line for each request.
///
/// Common and Combined are followed by three fields more: the time in milliseconds that the answer's head took, the request's
/// id and the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessLog {
    /// Not at all.
    Off,
    /// The Common Log Format: client, time, request, status, size.
    Common,
    /// Common, with the referrer and the browser.
    Combined,
    /// One JSON object a line.
    Json,
}

/// What `level` lets through.
///
/// # Errors
///
/// A sentence that goes on after the key's name.
pub(crate) fn filter(level: &str) -> Result<Targets, String> {
    let is_level = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    let parsed = level.parse().ok().filter(|_| level.split(',').all(is_level));
    parsed.ok_or_else(|| {
        format!(
            "must be a level (off, error, warn, info, debug, trace), or levels by module such as \
             \"warn,blog=debug\", but it is {level:?}"
        )
    })
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let level = String::deserialize(deserializer)?;
    filter(&level).map_err(de::Error::custom)?;
    Ok(level)
}
