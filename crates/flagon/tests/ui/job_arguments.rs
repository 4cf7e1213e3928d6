//! The arguments of a job are owned, kept by their names, and read back.

use flagon::prelude::*;

#[job]
async fn borrowed(to: &str, ids: &[i64]) {}

#[job]
async fn generic<T: Serialize>(value: T) {}

#[job]
async fn pattern((a, b): (i32, i32)) {}

#[job(cron = "0 3 * * *")]
async fn nightly(user: i64) {}

fn main() {}
