use flagon::prelude::*;

#[get("/a", defaults(pgae = 1))]
#[get("/a/<int:page>")]
async fn a(page: i64) -> String {
    page.to_string()
}

#[get("/b/<int:page>", defaults(page = 1))]
async fn b(page: i64) -> String {
    page.to_string()
}

#[get("/c", defaults(page = "one"))]
#[get("/c/<int:page>")]
async fn c(page: i64) -> String {
    page.to_string()
}

fn main() {}
