//! Databases through the public API alone, each test on SQLite and on MariaDB.

#![expect(clippy::unwrap_used, reason = "tests")]

mod databases;
mod rows;
mod ordered;
mod spans;
mod transactions;
mod contention;
mod encrypted;
mod engines;
mod migrations;
mod advice;
#[cfg(feature = "sea-orm")]
mod orm;
