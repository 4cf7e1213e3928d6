use flagon::prelude::*;

#[get("/", endpoint = "home", endpoint = "index")]
async fn index() -> &'static str {
    "hello"
}

fn main() {}
