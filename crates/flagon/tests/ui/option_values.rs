use flagon::prelude::*;

#[get("/a", endpoint)]
async fn a() -> &'static str {
    "a"
}

#[get("/b", endpoint = "blog.b")]
async fn b() -> &'static str {
    "b"
}

#[get("/c", strict_slashes = "no")]
async fn c() -> &'static str {
    "c"
}

#[get("/d", max_body = "1 MiB")]
async fn d() -> &'static str {
    "d"
}

#[get("/e", subdomain = "api", host = "example.org")]
async fn e() -> &'static str {
    "e"
}

#[get("/f" endpoint = "f")]
async fn f() -> &'static str {
    "f"
}

fn main() {}
