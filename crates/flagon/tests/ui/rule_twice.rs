use flagon::prelude::*;

#[get("/")]
#[route("/", methods("POST", "GET"))]
async fn index() -> &'static str {
    "hello"
}

fn main() {}
