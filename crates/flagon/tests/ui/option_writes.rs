//! `writes` is for safe methods, a word, and said once.

use flagon::prelude::*;

#[post("/a", writes)]
async fn not_safe() {}

#[get("/b", writes = true)]
async fn with_value() {}

#[get("/c", writes)]
#[get("/d", writes)]
async fn twice() {}

fn main() {}
