use flagon::prelude::*;

#[post("/")]
async fn index() -> &'static str {
    flagon::background(async { 7 });
    "started"
}

fn main() {}
