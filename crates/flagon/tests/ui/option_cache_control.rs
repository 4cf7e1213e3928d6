//! `cache_control` is read while compiling.

use flagon::prelude::*;

#[get("/a", cache_control = "public, max_age=60")]
async fn misspelt() {}

#[get("/b", cache_control = "max-age=1h")]
async fn no_seconds() {}

#[get("/c", cache_control = "no-store, max-age=60")]
async fn contradiction() {}

#[get("/d", cache_control = 60)]
async fn no_text() {}

#[get("/e", cache_control = "no-store")]
#[get("/f", cache_control = "no-cache")]
async fn twice() {}

fn main() {}
