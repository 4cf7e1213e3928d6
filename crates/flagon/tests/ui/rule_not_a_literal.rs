use flagon::prelude::*;

const RULE: &str = "/";

#[get(RULE)]
async fn index() -> &'static str {
    "hello"
}

fn main() {}
