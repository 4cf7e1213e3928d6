use flagon::prelude::*;

struct Post {
    title: String,
}

#[get("/posts/<title>")]
async fn show(title: String) -> Post {
    Post { title }
}

#[get("/count")]
fn count() -> u32 {
    3
}

fn main() {}
