//! What can be cached: an async function of arguments that gives a value for many.

use flagon::prelude::*;

struct NotClone;

#[cached(ttl = "1m")]
async fn not_clone() -> NotClone {
    NotClone
}

#[cached(ttl = "1m")]
fn not_async() -> i32 {
    1
}

#[cached(ttl = "1m")]
async fn nothing(id: i64) {}

#[cached(ttl = "1m")]
async fn generic<T: Serialize>(value: T) -> i32 {
    1
}

struct Posts;

impl Posts {
    #[cached(ttl = "1m")]
    async fn all(&self) -> i32 {
        1
    }
}

fn main() {}
