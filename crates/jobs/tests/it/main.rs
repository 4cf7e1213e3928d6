//! The queue through its public API alone, on SQLite and on MariaDB.

#![expect(clippy::unwrap_used, reason = "tests")]

mod databases;
mod model;
mod schedules;
mod taking;
#[cfg(feature = "command")]
mod terminal;
