use flagon::prelude::*;

#[get("/search?q=<q>")]
async fn search(q: String) -> String {
    q
}

fn main() {}
