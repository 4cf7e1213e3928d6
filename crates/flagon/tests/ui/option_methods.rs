use flagon::prelude::*;

#[get("/a", methods("GET", "POST"))]
async fn a() -> &'static str {
    "a"
}

#[route("/b", methods())]
async fn b() -> &'static str {
    "b"
}

#[route("/c", methods("get"))]
async fn c() -> &'static str {
    "c"
}

#[route("/d", methods = ["GET"])]
async fn d() -> &'static str {
    "d"
}

#[route("/e", methods(GET))]
async fn e() -> &'static str {
    "e"
}

fn main() {}
