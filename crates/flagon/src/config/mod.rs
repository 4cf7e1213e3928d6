//! The configuration of an app: defaults < TOML file < environment < code < command line.
//!
//! In: `flagon.toml`, `FLAGON_*` variables, what the app and its user say. Out: [`Config`], whose fields have types.
//! Never: passes over a key that it does not know.
//!
//! The file is `flagon.toml` in the app's [`root_path`](crate::App::root_path), or the one that `--config` or
//! `FLAGON_CONFIG` names:
//!
//! ```toml
//! debug = false
//! server_name = "example.org"
//! max_content_length = "8MiB"
//!
//! [server]
//! host = "0.0.0.0"
//! port = 80
//! tls_port = 443
//! cert = "/etc/ssl/example.org.pem"
//! key = "/etc/ssl/private/example.org.pem"
//! trusted_proxies = ["10.0.0.0/8"]
//! timeouts.idle = "2m"
//! limits.connections = 50_000
//! https_redirect.status = 308
//! hsts.max_age = "365d"
//!
//! [[server.certificates]] # one more, for other names
//! cert = "/etc/ssl/example.net.pem"
//! key = "/etc/ssl/private/example.net.pem"
//!
//! [concurrency]
//! view_threads = 20
//!
//! [log]
//! level = "warn,blog=debug"
//! access = "combined"
//!
//! [app] # the app's own, see `Config::app`
//! greeting = "hello"
//! ```
//!
//! A variable is named as the key's path, with two underscores between the levels: `FLAGON_SERVER__PORT=80`,
//! `FLAGON_SERVER__TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7`. Times are written `30s`, `5m`, `1h30m`, or as a
//! number of seconds; sizes `64KiB`, `2MiB`, `1GB`, or as a number of bytes.

mod source;
mod error;
mod secret;
mod units;
mod same_site;
mod nearest;
mod node;
mod file;
mod typed;
mod tls;
mod server;
mod csrf;
mod remember;
mod log;
mod compression;
mod concurrency;
mod idempotency;
mod websocket;
mod metrics;
#[cfg(feature = "sql")]
mod database;
#[cfg(feature = "cache")]
mod cache;
#[cfg(feature = "jobs")]
mod jobs;
mod trusted_hosts;
mod app_values;
mod layers;
pub(crate) mod environment;

use std::{path::Path, time::Duration};

use flagon_http::cookie::SameSite;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[cfg(feature = "cache")]
pub use cache::CacheConfig;
pub use compression::CompressionConfig;
pub use concurrency::{ConcurrencyConfig, StallWatchdog};
pub use csrf::{CsrfConfig, CsrfTokens};
#[cfg(feature = "sql")]
pub use database::{DatabaseUrls, SqlConfig};
pub use error::ConfigError;
pub use flagon_server::{Limits, Network, Timeouts};
pub use idempotency::IdempotencyConfig;
#[cfg(feature = "jobs")]
pub use jobs::JobsConfig;
pub use log::{AccessLog, LogConfig, LogFormat};
pub use metrics::{HealthConfig, MetricsConfig};
pub use remember::RememberTokens;
pub use secret::Secret;
pub use server::ServerConfig;
pub use tls::{CertificateConfig, ClientCertificates, Demand, Hsts, HttpsRedirect, RedirectStatus};
pub use websocket::WebSocketConfig;

pub(crate) use file::File;
pub(crate) use layers::{Layers, shown_settings};
pub(crate) use log::filter;
pub(crate) use secret::masked;
pub(crate) use source::Source;
pub(crate) use trusted_hosts::{is_trusted, name as host_name};

/// What an app can be told from outside: Flask's names, in lower case, where Flask has one.
///
/// # Examples
///
/// ```
/// use flagon::prelude::*;
///
/// let app = App::new("blog").configure(|config| config.max_content_length = 8 * 1024 * 1024);
/// assert_eq!(app.build().unwrap().current_app().config().max_content_length, 8_388_608);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own, with Flask's name")]
pub struct Config {
    /// Whether errors are shown to the client, with source lines and values: never in production.
    pub debug: bool,
    /// What sessions and tokens are signed with: long, random, and known to nobody else. Without one, debug mode makes
    /// one and keeps it in the user's data folder; otherwise what needs a key fails.
    pub secret_key: Option<Secret>,
    /// Keys that were used before, whose signatures are still believed: for changing `secret_key` without losing every
    /// session.
    pub secret_key_fallbacks: Vec<Secret>,
    /// The name of the session's cookie: `session`. One that begins with `__Host-` can't be planted from a subdomain.
    pub session_cookie_name: String,
    /// The domain whose subdomains share the cookie; without one, only the very host gets it back.
    pub session_cookie_domain: Option<String>,
    /// The path below which the cookie is sent: `/`.
    pub session_cookie_path: Option<String>,
    /// Whether the cookie is hidden from scripts: yes.
    pub session_cookie_httponly: bool,
    /// Whether the cookie is sent over HTTPS only. Without a word: if it was set over HTTPS.
    pub session_cookie_secure: Option<bool>,
    /// Which requests from other sites carry the cookie: `Lax`. `None` (`"unset"` in a file) leaves it to the browser.
    #[serde(with = "same_site")]
    pub session_cookie_samesite: Option<SameSite>,
    /// Whether there is one cookie for each site that embeds the page: no.
    pub session_cookie_partitioned: bool,
    /// Whether the lifetime of a permanent session begins anew with each request that looks at it: yes.
    pub session_refresh_each_request: bool,
    /// How long a permanent session lasts, and the longest that any cookie of a session is believed: 31 days.
    #[serde(with = "units::duration")]
    pub permanent_session_lifetime: Duration,
    /// The name of the cookie of a remembered login: `remember_token`, as Flask-Login's. Its domain, path and like are those of the
    /// session's cookie.
    pub remember_cookie_name: String,
    /// How long a login is remembered: 31 days.
    #[serde(with = "units::duration")]
    pub remember_cookie_duration: Duration,
    /// How the cookies of remembered logins are written.
    pub remember_cookie_tokens: RememberTokens,
    /// The host, and port if not the scheme's own, that the app is reached at: for `url_for` with `_external`
    /// outside a request, and for subdomains.
    pub server_name: Option<String>,
    /// The scheme of `url_for` with `_external` outside a request: `http`.
    pub preferred_url_scheme: String,
    /// The hosts that the app answers for, without ports; `.example.org` is the domain and all below it. Empty: any.
    /// Others get 400.
    pub trusted_hosts: Vec<String>,
    /// The longest request body that a view takes, in bytes: 2 MiB; a view can say otherwise with `max_body`.
    #[serde(with = "units::size")]
    pub max_content_length: u64,
    /// How many bytes the names and texts of a multipart form may have together: 512 KiB. Files do not count.
    #[serde(with = "units::size")]
    pub max_form_memory_size: usize,
    /// How many fields a form may have, files among them: 1000.
    pub max_form_parts: usize,
    /// How long a text of a form may be unless its type is [`Text`](crate::Text): 20,000 characters, which fit into a `TEXT` of
    /// MySQL whatever their script. Counted as browsers do for `maxlength`: in code units of UTF-16, a line break once.
    pub max_form_field_length: usize,
    /// How long a view may take to begin its answer: 30 s; `None` (`"none"` in a file) for as long as it likes.
    #[serde(with = "units::optional_duration")]
    pub view_timeout: Option<Duration>,
    /// How long caches may use a file that was sent without asking whether it changed: `None` for not at all.
    #[serde(with = "units::optional_duration")]
    pub send_file_max_age_default: Option<Duration>,
    /// The URL of the database: `sqlite://app.db`, a file beside the app's templates; nothing is opened before it is needed. See
    /// [`sql::Options`](crate::sql::Options) for others, such as `mysql://user:password@host/name`.
    #[cfg(feature = "sql")]
    pub database: DatabaseUrls,
    /// How the database is used.
    #[cfg(feature = "sql")]
    pub sql: SqlConfig,
    /// How much the cache of the process may keep.
    #[cfg(feature = "cache")]
    pub cache: CacheConfig,
    /// How jobs are run.
    #[cfg(feature = "jobs")]
    pub jobs: JobsConfig,
    /// What the server is told.
    pub server: ServerConfig,
    /// How long answers to requests that may be repeated are kept.
    pub idempotency: IdempotencyConfig,
    /// Where metrics can be read.
    pub metrics: MetricsConfig,
    /// Where the app says how it is.
    pub health: HealthConfig,
    /// Limits and times of WebSockets.
    pub websocket: WebSocketConfig,
    /// How answers are compressed.
    pub compression: CompressionConfig,
    /// What runs views, background tasks and computing.
    pub concurrency: ConcurrencyConfig,
    /// What is logged.
    pub log: LogConfig,
    /// What the check against forged requests is told.
    pub csrf: CsrfConfig,
    #[serde(skip_deserializing)]
    app: app_values::AppValues,
}

impl Default for Config {
    /// The values named at each field.
    fn default() -> Self {
        Self {
            debug: false,
            secret_key: None,
            secret_key_fallbacks: Vec::new(),
            session_cookie_name: "session".to_owned(),
            session_cookie_domain: None,
            session_cookie_path: None,
            session_cookie_httponly: true,
            session_cookie_secure: None,
            session_cookie_samesite: Some(SameSite::Lax),
            session_cookie_partitioned: false,
            session_refresh_each_request: true,
            permanent_session_lifetime: Duration::from_hours(31 * 24),
            remember_cookie_name: "remember_token".to_owned(),
            remember_cookie_duration: Duration::from_hours(31 * 24),
            remember_cookie_tokens: RememberTokens::default(),
            server_name: None,
            preferred_url_scheme: "http".to_owned(),
            trusted_hosts: Vec::new(),
            max_content_length: 2 * 1024 * 1024,
            max_form_memory_size: 512 * 1024,
            max_form_parts: 1000,
            max_form_field_length: 20_000,
            view_timeout: Some(Duration::from_secs(30)),
            send_file_max_age_default: None,
            #[cfg(feature = "sql")]
            database: "sqlite://app.db".into(),
            #[cfg(feature = "sql")]
            sql: SqlConfig::default(),
            #[cfg(feature = "cache")]
            cache: CacheConfig::default(),
            #[cfg(feature = "jobs")]
            jobs: JobsConfig::default(),
            server: ServerConfig::default(),
            idempotency: IdempotencyConfig::default(),
            metrics: MetricsConfig::default(),
            health: HealthConfig::default(),
            websocket: WebSocketConfig::default(),
            compression: CompressionConfig::default(),
            concurrency: ConcurrencyConfig::default(),
            log: LogConfig::default(),
            csrf: CsrfConfig::default(),
            app: app_values::AppValues::default(),
        }
    }
}

impl Config {
    /// Reads the configuration as [`App::main`](crate::App::main) does, for apps that are served otherwise: the file that
    /// `FLAGON_CONFIG` names, or `flagon.toml` in `folder` if there is one, then the `FLAGON_*` variables.
    ///
    /// # Errors
    ///
    /// When the file can't be read, a key is not known, or a value has the wrong type.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use flagon::{Config, prelude::*};
    ///
    /// let app = App::new("blog").with_config(Config::load(".".as_ref())?).build().unwrap();
    /// # Ok::<(), flagon::ConfigError>(())
    /// ```
    pub fn load(folder: &Path) -> Result<Self, ConfigError> {
        Ok(Layers::load(None, folder)?.config)
    }

    /// Reads the configuration from `file`, if there is one, and from `variables`, whatever the process was
    /// started with: for tests.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    ///
    /// # Examples
    ///
    /// ```
    /// let config = flagon::Config::from_parts(None, [("FLAGON_DEBUG".to_owned(), "1".to_owned())])?;
    /// assert!(config.debug);
    /// # Ok::<(), flagon::ConfigError>(())
    /// ```
    pub fn from_parts(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file = file.map(|path| File::Named(path.to_owned()));
        Ok(Layers::read(file.as_ref(), variables)?.config)
    }

    /// The app's own settings, the `[app]` table, as a type of the app's. It is made anew each time: what is
    /// looked at in every request is better kept by [`App::state`](crate::App::state).
    ///
    /// # Errors
    ///
    /// When a key is not known to `T`, a value has another type, or one is missing that has no default.
    ///
    /// # Examples
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Settings {
    ///     greeting: String,
    ///     smtp_password: Option<flagon::Secret>,
    /// }
    ///
    /// let variables = [("FLAGON_APP__GREETING".to_owned(), "hello".to_owned())];
    /// let settings: Settings = flagon::Config::from_parts(None, variables)?.app()?;
    /// assert_eq!(settings.greeting, "hello");
    /// assert!(settings.smtp_password.is_none());
    /// # Ok::<(), flagon::ConfigError>(())
    /// ```
    pub fn app<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.app.typed()
    }

    /// Sets one of the app's own settings; `key` is its dotted path below `app`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// let mut config = flagon::Config::default();
    /// config.set_app("greeting", "hello");
    /// assert_eq!(config.app::<HashMap<String, String>>()?["greeting"], "hello");
    /// # Ok::<(), flagon::ConfigError>(())
    /// ```
    pub fn set_app(&mut self, key: &str, value: impl Into<toml::Value>) {
        self.app.set(key, value.into());
    }

    fn from_tree(mut root: node::Node) -> Result<Self, ConfigError> {
        let app = app_values::AppValues::new(root.take("app"));
        Ok(Self { app, ..typed::typed(&root, "")? })
    }
}

impl Layers {
    /// Reads what this process is told: the file that was asked for by `named` or `FLAGON_CONFIG`, or the one in `folder`
    /// if it is there, then the variables.
    pub(crate) fn load(named: Option<&Path>, folder: &Path) -> Result<Self, ConfigError> {
        let variables = environment::variables();
        let named = named.map(Path::to_owned).or_else(|| environment::named_file(&variables));
        let file = named.map_or_else(|| File::IfThere(folder.join("flagon.toml")), File::Named);
        Self::read(Some(&file), variables)
    }
}

#[cfg(test)]
mod tests;
