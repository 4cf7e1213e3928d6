//! The options of a job, and what it stands above.

use flagon::prelude::*;

#[job(retires = 3)] // sic
async fn misspelt() {}

#[job(backoff = "10")]
async fn without_unit() {}

#[job(retries = "many")]
async fn words() {}

#[job(time_zone = "Europe/Vienna")]
async fn without_times() {}

#[job(queue = "a", queue = "b")]
async fn twice() {}

#[job]
struct Mail;

fn main() {}
