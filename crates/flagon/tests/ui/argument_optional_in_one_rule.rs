use flagon::prelude::*;

#[get("/")]
#[get("/page/<int:page>")]
async fn index(page: i64) -> String {
    page.to_string()
}

fn main() {}
