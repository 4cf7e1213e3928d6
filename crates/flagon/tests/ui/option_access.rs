use flagon::prelude::*;

#[get("/a", login_required = true)]
async fn a() {}

#[get("/b", roles)]
async fn b() {}

#[get("/c", roles = ["admin"])]
async fn c() {}

#[get("/d", roles())]
async fn d() {}

#[get("/e", roles = "admin", roles = "editor")]
async fn e() {}

fn main() {}
