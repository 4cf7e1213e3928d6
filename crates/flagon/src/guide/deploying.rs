//! The program in production.
//!
//! `cargo build --release` makes one program that is its own server; it needs beside it the `templates/`, `static/` and
//! `flagon.toml` that the app uses, or none of them if the templates are [in the program](crate::Scaffold::template).
//! Where the folder of [`root_path`](crate::App::root_path) is not there, they are looked for beside the program.
//!
//! ```toml
//! server_name = "example.org"
//! trusted_hosts = ["example.org"]
//!
//! [server]
//! host = "0.0.0.0"
//! port = 80
//! tls_port = 443
//! cert = "/etc/ssl/example.org.pem"
//! key = "/etc/ssl/private/example.org.pem"
//! ```
//!
//! - Behind a proxy, name it in `server.trusted_proxies`: only then `Forwarded` and `X-Forwarded-*` are believed.
//! - [`tls`](super::tls): several certificates, their renewal, redirects to HTTPS, certificates of clients.
//! - `--tls-port 8443` without a certificate makes one for development and says how to trust it.
//! - SIGTERM stops it gracefully: requests that run are answered, new ones refused.
//! - Logs go to stderr, as text or JSON: `log.format`, `log.level`, `log.access`.
//! - `debug` shows settings and source lines to whoever asks, so it is refused on addresses that other machines reach.
//! - [`App::cli`](crate::App::cli) adds commands, such as one that creates the tables.
//!
//! ```
//! use flagon::prelude::*;
//!
//! async fn init_db() -> Result<()> {
//!     println!("{} has its tables", current_app().name());
//!     Ok(())
//! }
//!
//! let app = App::new("blog").version(env!("CARGO_PKG_VERSION")).cli("init-db", "Creates the tables", init_db);
//! # app.build().unwrap();
//! ```
