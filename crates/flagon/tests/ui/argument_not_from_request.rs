use flagon::prelude::*;

struct Search {
    q: String,
}

#[get("/search")]
async fn search(search: Search) -> String {
    search.q
}

fn main() {}
