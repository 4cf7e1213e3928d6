use flagon::prelude::*;

#[get]
async fn index() -> &'static str {
    "hello"
}

fn main() {}
