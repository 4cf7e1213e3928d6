//! How long a value holds.

use flagon::prelude::*;

#[cached]
async fn for_ever() -> i32 {
    1
}

#[cached(ttl = "soon")]
async fn soon() -> i32 {
    1
}

#[cached(tag = "posts")]
async fn misspelt() -> i32 {
    1
}

#[get("/")]
#[cached(ttl = "1m", weight = heavy)]
async fn view() -> &'static str {
    ""
}

fn main() {}
