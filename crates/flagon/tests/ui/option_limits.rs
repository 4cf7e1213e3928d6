use flagon::prelude::*;

#[get("/a", rate_limit = "10/fortnight")]
async fn a() -> &'static str {
    "a"
}

#[get("/b", rate_limit = 10)]
async fn b() -> &'static str {
    "b"
}

#[get("/c", rate_limit_by = key)]
async fn c() -> &'static str {
    "c"
}

#[get("/d", idempotent)]
async fn d() -> &'static str {
    "d"
}

#[post("/e", idempotent = "always")]
async fn e() -> &'static str {
    "e"
}

#[get("/f", compress = "no")]
async fn f() -> &'static str {
    "f"
}

#[get("/g", compress)]
#[get("/h", compress = false)]
async fn g() -> &'static str {
    "g"
}

#[get("/i", health_check = true)]
async fn i() -> &'static str {
    "i"
}

#[get("/j", rate_limit = "1/second", rate_limit_by = by_nothing)]
async fn j() -> &'static str {
    "j"
}

fn by_nothing() -> Option<String> {
    None
}

fn main() {}
