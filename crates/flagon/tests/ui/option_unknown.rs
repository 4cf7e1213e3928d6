use flagon::prelude::*;

#[get("/", endpiont = "home")]
async fn index() -> &'static str {
    "hello"
}

#[get("/about", cache = 60)]
async fn about() -> &'static str {
    "about"
}

fn main() {}
