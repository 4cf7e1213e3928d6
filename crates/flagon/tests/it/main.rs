//! Flagon through its public API alone; a module for each topic.

#![expect(clippy::unwrap_used, reason = "tests")]

mod blueprints;
#[cfg(feature = "cache")]
mod caching;
mod client;
mod compression;
mod methods;
mod metrics;
mod conditions;
mod context;
mod database;
mod files;
mod https;
mod idempotency;
#[cfg(feature = "jobs")]
mod jobs;
mod cookies;
mod debugger;
mod errors;
mod login;
mod logs;
mod panics;
mod nginx;
mod parity;
mod rate_limits;
mod secret_key;
mod sessions;
mod settings;
mod statuses;
mod streams;
mod sockets;
mod tasks;
mod templates;
mod tower;
mod trusted_hosts;
